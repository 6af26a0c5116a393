import type { Grid } from '../../../src/core/views/list-view.ts';
import { rowText } from '../rollout-words.ts';
import { countText } from '../words.ts';

/** One control plane of the plan, as the grid draws it. */
export type Cell = {
  readonly name: string;
  readonly cluster: string;
  /** The row of the rollout it is in: `burning`, `one-box` or the name of a stage. */
  readonly row: string;
  readonly state: string;
};
/** The cells of one management cluster in one row. `key` changes when anything that is drawn changes. */
export type Block = {
  readonly row: string;
  readonly cluster: string;
  readonly cells: readonly Cell[];
  readonly counts: Readonly<Record<string, number>>;
  readonly key: string;
};
export type RowBlocks = { readonly name: string; readonly state: string; readonly blocks: readonly Block[] };

/** From this many cells on, the grid's unit is the block, so that the page stays light. */
export const BLOCKS_FROM = 1_500;

const EXCEPTIONS: ReadonlySet<string> = new Set(['failed', 'silent', 'rolling back', 'rolled back']);
/** What is wrong comes first, what is done last. */
const ORDER = [
  'failed',
  'rolled back',
  'rolling back',
  'silent',
  'starting',
  'paused',
  'waiting',
  'excluded',
];

export const isException = (state: string): boolean => EXCEPTIONS.has(state);
/** Orders states: what is wrong before what is done. */
export const rank = (state: string): number => {
  const at = ORDER.indexOf(state);
  return at === -1 ? ORDER.length : at;
};

/** A target that waits in a row that is paused or halted is shown as paused: that is what it waits for. */
const shownState = (state: string, rowState: string): string =>
  state === 'waiting' && /^(paused|halted)/.test(rowState) ? 'paused' : state;

/** Counts by state, what is wrong first. */
export const sortedCounts = (counts: Readonly<Record<string, number>>): [string, number][] =>
  Object.entries(counts).sort(([a], [b]) => rank(a) - rank(b));

export function countStates(cells: readonly Cell[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const cell of cells) counts[cell.state] = (counts[cell.state] ?? 0) + 1;
  return counts;
}

function blockOf(row: string, cluster: string, cells: readonly Cell[]): Block {
  const key = cells.map((cell) => `${cell.name}=${cell.state}`).join(' ');
  return { row, cluster, cells, counts: countStates(cells), key };
}

/** Rows in order, and in each its management clusters by name, cells in plan order. */
export function blocksOf(grid: Grid): RowBlocks[] {
  return grid.rows.map(({ name: row, state, cells }) => {
    const byCluster = new Map<string, Cell[]>();
    for (const [name, cluster, cellState] of cells) {
      const list = byCluster.get(cluster) ?? [];
      list.push({ name, cluster, row, state: shownState(cellState, state) });
      byCluster.set(cluster, list);
    }
    const names = [...byCluster.keys()].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    return { name: row, state, blocks: names.map((name) => blockOf(row, name, byCluster.get(name)!)) };
  });
}

export const cellsOf = (rows: readonly RowBlocks[]): Cell[] =>
  rows.flatMap((row) => row.blocks.flatMap((block) => block.cells));

/** `17 of 20 patched, 1 failed, 2 starting`. */
export function countsText(counts: Readonly<Record<string, number>>): string {
  const total = Object.values(counts).reduce((a, b) => a + b, 0);
  const others = sortedCounts(counts).filter(([state]) => state !== 'patched' && state !== 'waiting');
  return [
    `${counts.patched ?? 0} of ${total} patched`,
    ...others.map(([state, count]) => `${count} ${state}`),
  ].join(', ');
}

/** What a screen reader says of a block. */
export const blockText = (block: Block): string =>
  `${rowText(block.row)}, ${block.cluster}, ${countsText(block.counts)}`;

export const cellText = (cell: Cell): string =>
  `${cell.name}, ${cell.cluster}, ${rowText(cell.row)}, ${cell.state}`;

/** Cells whose state differs, or undefined when there is nothing to compare with. */
export function changedCells(before: readonly RowBlocks[], after: readonly RowBlocks[]): Cell[] {
  const states = new Map<string, string>();
  for (const cell of cellsOf(before)) states.set(cell.name, cell.state);
  return cellsOf(after).filter((cell) => states.has(cell.name) && states.get(cell.name) !== cell.state);
}

/** `3 control planes changed: 1 failed, 2 patched.` Each control plane counts once, by where it is now. */
export function changesText(changed: readonly Cell[]): string {
  const last = [...new Map(changed.map((cell) => [cell.name, cell])).values()];
  const parts = sortedCounts(countStates(last)).map(([state, count]) => `${count} ${state}`);
  return `${countText(last.length, 'control plane')} changed: ${parts.join(', ')}.`;
}

/** The index after `from` (going round) for which `is` holds, or undefined. */
export function nextIndex<T>(
  items: readonly T[],
  from: number,
  is: (item: T) => boolean,
): number | undefined {
  for (let step = 1; step <= items.length; step++) {
    const index = (from + step) % items.length;
    if (is(items[index]!)) return index;
  }
  return undefined;
}

export type Box = {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
};

/**
 * The box one visual line above or below `from`, nearest in the horizontal; `from` when there is none.
 * The grid flows into whatever width there is, so up and down are decided by what is seen.
 */
export function lineStep(boxes: readonly Box[], from: number, direction: 'up' | 'down'): number {
  const here = boxes[from];
  if (here === undefined) return from;
  const sign = direction === 'down' ? 1 : -1;
  const center = here.left + here.width / 2;
  let best = from;
  let bestCost = Number.POSITIVE_INFINITY;
  boxes.forEach((box, index) => {
    const rise = sign * (box.top - here.top);
    if (rise < here.height / 2) return;
    // A line is always nearer than any place on the line after it.
    const cost = rise * 10_000 + Math.abs(box.left + box.width / 2 - center);
    if (cost < bestCost) {
      best = index;
      bestCost = cost;
    }
  });
  return best;
}
