// biome-ignore-all lint/a11y/useSemanticElements: the WAI-ARIA grid pattern on elements that may flow; a table cannot
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid is one tab stop, and its cells, not its rows, take the focus
import { type CSSProperties, type KeyboardEvent, memo, useEffect, useMemo, useRef, useState } from 'react';
import { toneClass } from '../parts/state-mark.tsx';
import { rowStateText, rowText } from '../rollout-words.ts';
import { lookOf, sentence } from '../words.ts';
import {
  BLOCKS_FROM,
  type Block,
  blockText,
  type Cell,
  cellsOf,
  cellText,
  changedCells,
  changesText,
  countsText,
  isException,
  lineStep,
  nextIndex,
  type RowBlocks,
  sortedCounts,
} from './grid-model.ts';

const ANNOUNCE_MS = 5_000;
/** A block with more cells than this shows counts only: its marks would be a texture, not a list. */
const MARKS_MAX = 150;

/** What Enter opens: one control plane, or all of one management cluster in one row. */
export type Opened = { readonly cell: Cell } | { readonly block: Block };

/** The marks of a block by state, as few elements as there are states: 5,000 cells stay light. */
function Marks({ block }: { block: Block }) {
  if (block.cells.length > MARKS_MAX) return null;
  return (
    <span className="ff-marks" aria-hidden>
      {sortedCounts(block.counts).map(([state, count]) => (
        <span key={state} className={toneClass(lookOf(state).tone)}>
          {lookOf(state).glyph.repeat(count)}
        </span>
      ))}
    </span>
  );
}

/** Short for the eye, a sentence for the ear. */
function BlockHead({ block }: { block: Block }) {
  const odd = sortedCounts(block.counts).filter(([state]) => isException(state));
  return (
    <>
      <span className="pf-v6-screen-reader">{blockText(block)}</span>
      <span className="ff-block-head" aria-hidden>
        <span className="ff-block-name">{block.cluster}</span>
        <span className="ff-subtle">
          {block.counts.patched ?? 0}/{block.cells.length}
        </span>
        {odd.map(([state, count]) => (
          <strong key={state} className={toneClass(lookOf(state).tone)}>
            {count}
            {lookOf(state).glyph}
          </strong>
        ))}
      </span>
    </>
  );
}

type Drawn = {
  readonly block: Block;
  /** Index in the grid's order of the first thing in here. */
  readonly first: number;
  /** Index of the one tab stop; anything else when it is not in here. */
  readonly active: number;
  readonly changed: ReadonlySet<string>;
};

const sameDrawing = (a: Drawn, b: Drawn): boolean =>
  a.block.key === b.block.key && a.first === b.first && a.active === b.active && a.changed === b.changed;

/** One management cluster as a row of cells, each a control plane. */
const CellRow = memo(function CellRow({ block, first, active, changed }: Drawn) {
  return (
    <div role="row" className="ff-block">
      <div role="rowheader">
        <BlockHead block={block} />
      </div>
      {block.cells.map((cell, i) => {
        const look = lookOf(cell.state);
        return (
          <div
            key={cell.name}
            role="gridcell"
            data-unit={first + i}
            data-name={cell.name}
            tabIndex={first + i === active ? 0 : -1}
            aria-label={cellText(cell)}
            title={cellText(cell)}
            className={`ff-cell ${toneClass(look.tone)} ${changed.has(cell.name) ? 'ff-changed' : ''}`}
          >
            {look.glyph}
          </div>
        );
      })}
    </div>
  );
}, sameDrawing);

/** One management cluster as a single cell with its counts. */
const BlockCell = memo(function BlockCell({ block, first, active, changed }: Drawn) {
  const flash = block.cells.some((cell) => changed.has(cell.name));
  return (
    <div
      role="gridcell"
      className={`ff-block ff-block-cell ${flash ? 'ff-changed' : ''}`}
      data-unit={first}
      data-name={block.cluster}
      tabIndex={first === active ? 0 : -1}
    >
      <BlockHead block={block} />
      <Marks block={block} />
    </div>
  );
}, sameDrawing);

const NOTHING: ReadonlySet<string> = new Set();
const inside = (active: number, first: number, count: number): number =>
  active >= first && active < first + count ? active : -1;

type Numbered = { readonly row: RowBlocks; readonly blocks: readonly { block: Block; first: number }[] };

/** Numbers everything that can have the focus, in the order of the page. */
function numbered(rows: readonly RowBlocks[], asBlocks: boolean): Numbered[] {
  let next = 0;
  return rows.map((row) => ({
    row,
    blocks: row.blocks.map((block) => {
      const first = next;
      next += asBlocks ? 1 : block.cells.length;
      return { block, first };
    }),
  }));
}

/** Columns as wide as the row's largest block, within reason: rows of few cells stay small. */
function widthFor(blocks: Numbered['blocks'], asBlocks: boolean): string {
  const most = Math.max(0, ...blocks.map(({ block }) => block.cells.length));
  const rem = asBlocks ? 2 + most * 0.6 : 1 + most * 1.55;
  return `${Math.min(Math.max(rem, 10), asBlocks ? 14 : 20)}rem`;
}

function RowHead({ row }: { row: RowBlocks }) {
  const counts: Record<string, number> = {};
  for (const block of row.blocks)
    for (const [state, count] of Object.entries(block.counts)) counts[state] = (counts[state] ?? 0) + count;
  return (
    <div role="row" className="ff-grid-row-head">
      <div role="rowheader">
        <strong>{sentence(rowText(row.name))}</strong> {rowStateText(row.state)}
        <span className="ff-subtle"> · {countsText(counts)}</span>
      </div>
    </div>
  );
}

/** Cells that changed since the grid was last drawn, and, at most every 5 s, a sentence about them. */
function useChanges(rows: readonly RowBlocks[]): { changed: ReadonlySet<string>; said: string } {
  const before = useRef(rows);
  const pending = useRef<Cell[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [changed, setChanged] = useState(NOTHING);
  const [said, setSaid] = useState('');
  useEffect(() => {
    const cells = changedCells(before.current, rows);
    before.current = rows;
    if (cells.length === 0) return;
    setChanged(new Set(cells.map((cell) => cell.name)));
    pending.current.push(...cells);
    if (timer.current !== undefined) return;
    const say = (): void => {
      timer.current = undefined;
      if (pending.current.length === 0) return;
      setSaid(changesText(pending.current));
      pending.current = [];
      timer.current = setTimeout(say, ANNOUNCE_MS);
    };
    say();
  }, [rows]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return { changed, said };
}

type Props = {
  /** The fix, for the name of the grid. */
  readonly fix: string;
  readonly rows: readonly RowBlocks[];
  readonly onOpen: (opened: Opened) => void;
};

/**
 * Rows of the rollout, in them management clusters, in them control planes: one tab stop, arrows move, Enter opens,
 * `f` goes to the next exception. From BLOCKS_FROM cells on a management cluster is one cell.
 */
export function RolloutGrid({ fix, rows, onOpen }: Props) {
  const asBlocks = cellsOf(rows).length >= BLOCKS_FROM;
  const shown = useMemo(() => numbered(rows, asBlocks), [rows, asBlocks]);
  const units = useMemo<Opened[]>(() => {
    const blocks = rows.flatMap((row) => row.blocks);
    return asBlocks
      ? blocks.map((block) => ({ block }))
      : blocks.flatMap((block) => block.cells.map((cell) => ({ cell })));
  }, [rows, asBlocks]);
  const { changed, said } = useChanges(rows);
  const [active, setActive] = useState(0);
  const root = useRef<HTMLDivElement>(null);

  const elements = (): HTMLElement[] => [...root.current!.querySelectorAll<HTMLElement>('[data-unit]')];
  const focus = (index: number | undefined): void => {
    if (index === undefined || units[index] === undefined) return;
    setActive(index);
    elements()[index]?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.metaKey) return;
    const to = target(event, {
      units,
      active,
      boxes: () => elements().map((e) => e.getBoundingClientRect()),
    });
    if (to === undefined) return;
    event.preventDefault();
    if (to === 'open') onOpen(units[active]!);
    else focus(to);
  };
  const unitAt = (node: EventTarget): number | undefined => {
    const unit = node instanceof Element ? node.closest<HTMLElement>('[data-unit]') : null;
    return unit === null ? undefined : Number(unit.dataset.unit);
  };

  const Unit = asBlocks ? BlockCell : CellRow;
  return (
    <>
      <div role="status" className="pf-v6-screen-reader">
        {said}
      </div>
      <div
        ref={root}
        role="grid"
        aria-label={`Control planes of ${fix} by stage and management cluster`}
        aria-readonly
        className={asBlocks ? 'ff-grid ff-grid-blocks' : 'ff-grid'}
        onKeyDown={onKeyDown}
        onFocus={(event) => {
          const unit = unitAt(event.target);
          if (unit !== undefined) setActive(unit);
        }}
        onClick={(event) => {
          const unit = unitAt(event.target);
          if (unit !== undefined) onOpen(units[unit]!);
        }}
      >
        {shown.map(({ row, blocks }) => (
          <div
            key={row.name}
            role="rowgroup"
            aria-label={sentence(rowText(row.name))}
            className="ff-grid-row"
          >
            <RowHead row={row} />
            <div
              className="ff-blocks"
              role={asBlocks ? 'row' : 'presentation'}
              style={{ '--ff-wide': widthFor(blocks, asBlocks) } as CSSProperties}
            >
              {blocks.map(({ block, first }) => (
                <Unit
                  key={block.cluster}
                  block={block}
                  first={first}
                  active={inside(active, first, asBlocks ? 1 : block.cells.length)}
                  changed={block.cells.some((cell) => changed.has(cell.name)) ? changed : NOTHING}
                />
              ))}
            </div>
          </div>
        ))}
      </div>
    </>
  );
}

type Standing = {
  readonly units: readonly Opened[];
  readonly active: number;
  readonly boxes: () => DOMRect[];
};

const isOdd = (opened: Opened): boolean =>
  'cell' in opened
    ? isException(opened.cell.state)
    : opened.block.cells.some((cell) => isException(cell.state));

/** Where a key leads: an index, `open`, or nowhere. */
function target(event: KeyboardEvent, { units, active, boxes }: Standing): number | 'open' | undefined {
  const last = units.length - 1;
  switch (event.key) {
    case 'ArrowRight':
      return Math.min(last, active + 1);
    case 'ArrowLeft':
      return Math.max(0, active - 1);
    case 'ArrowDown':
      return lineStep(boxes(), active, 'down');
    case 'ArrowUp':
      return lineStep(boxes(), active, 'up');
    case 'Home':
      return 0;
    case 'End':
      return last;
    case 'f':
      return event.ctrlKey ? undefined : nextIndex(units, active, isOdd);
    case 'Enter':
    case ' ':
      return 'open';
    default:
      return undefined;
  }
}
