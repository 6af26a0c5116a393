import { type Choice, type Chosen, costOf } from './choice.ts';
import { type Bounds, openBounds } from './lower-bound.ts';

/**
 * How much work one answer, and all answers together, may take: boxes of choices that are looked into, times the
 * square of the number of lines. For 60 lines that are about 1,400 boxes an answer, and a few seconds in all.
 */
const WORK_MAX = 5_000_000;
const WORK_IN_ALL_MAX = 4 * WORK_MAX;
/** Up to so many lines the search always ends: each box decides one more base, so there are less than 2^(n+1). */
export const EXACT_LINES_MAX = 16;

/**
 * The best choice of at most `k` bases for each `k` from `first.length` to the number of lines: branch and bound
 * over the Lagrangian bound. Exact when it ends within its limit of work, as it does up to 16 lines whatever the
 * costs; else each answer has a bound that was proven for it.
 *
 * `first`: bases that serve every line; the search starts from it.
 */
export function solveMedian(choice: Choice, first: readonly number[], boxesMax?: number): Chosen[] {
  const n = choice.weights.length;
  const each = boxesMax ?? Math.ceil(WORK_MAX / n ** 2);
  let left = boxesMax ?? Math.ceil(WORK_IN_ALL_MAX / n ** 2);
  const bounds = openBounds(choice);
  const solved: Chosen[] = [];
  let start = first;
  for (let k = first.length; k <= n; k += 1) {
    const isSmall = boxesMax === undefined && n <= EXACT_LINES_MAX;
    const limit = isSmall ? 2 ** (n + 1) : Math.min(each, Math.max(1, left));
    const found = search(choice, { k, start: improved(choice, grown(choice, start, k)), limit, bounds });
    solved.push({ bases: found.bases, cost: found.cost, bound: found.bound });
    start = found.bases;
    left -= found.looked;
    // More bases than that cannot cost less than nothing.
    if (found.cost === 0) break;
  }
  return solved;
}

type Task = {
  readonly k: number;
  readonly start: readonly number[];
  readonly limit: number;
  readonly bounds: Bounds;
};

/** `open` are bases that are taken, `shut` those that are not; the rest is undecided. */
type Box = { readonly open: readonly number[]; readonly shut: ReadonlySet<number>; readonly bound: number };

function search(choice: Choice, { k, start, limit, bounds }: Task): Chosen & { looked: number } {
  let best = { bases: start, cost: costOf(choice, start) };
  const take = (bases: readonly number[]) => {
    const cost = costOf(choice, bases);
    if (cost < best.cost) best = { bases, cost };
  };
  const boxes: Box[] = [{ open: [], shut: new Set(), bound: 0 }];
  let looked = 0;
  while (boxes.length > 0 && looked < limit) {
    looked += 1;
    const box = boxes.pop()!;
    if (box.bound >= best.cost) continue;
    const closer = bounds.tighten(box, { k, best: best.cost, isRoot: looked === 1 });
    if (closer === undefined) continue;
    take(closer.guess);
    if (closer.bound >= best.cost) continue;
    if (closer.open.length === k || closer.free.length === 0) {
      take(closer.open);
      continue;
    }
    const next = closer.free[0]!;
    boxes.push({ open: closer.open, shut: new Set([...closer.shut, next]), bound: closer.bound });
    boxes.push({ open: [...closer.open, next], shut: closer.shut, bound: closer.bound });
  }
  const bound = boxes.reduce((least, box) => Math.min(least, box.bound), best.cost);
  return { bases: [...best.bases].sort((a, b) => a - b), cost: best.cost, bound, looked };
}

/** Adds, one by one up to `k`, the base that saves most. */
function grown(choice: Choice, start: readonly number[], k: number): readonly number[] {
  let bases = start;
  while (bases.length < k) {
    const before = costOf(choice, bases);
    let best = { bases, cost: before };
    for (const base of choice.weights.keys()) {
      if (bases.includes(base)) continue;
      const cost = costOf(choice, [...bases, base]);
      if (cost < best.cost) best = { bases: [...bases, base], cost };
    }
    if (best.cost === before) return bases;
    bases = best.bases;
  }
  return bases;
}

/** Exchanges one base for another as long as that saves something. */
function improved(choice: Choice, start: readonly number[]): readonly number[] {
  let bases = start;
  for (;;) {
    const found = bestExchange(choice, bases);
    if (found === undefined) return bases;
    bases = [...bases.filter((base) => base !== found.out), found.in];
  }
}

/** The exchange that saves most. Each line is served by its nearest base, or the second when that one goes. */
function bestExchange(choice: Choice, bases: readonly number[]): { out: number; in: number } | undefined {
  const { costs, weights } = choice;
  const lines = weights.map((weight, line) => ({ weight, line, ...twoNearest(costs, bases, line) }));
  let best = { cost: costOf(choice, bases), out: -1, in: -1 };
  for (const base of weights.keys()) {
    if (bases.includes(base)) continue;
    for (const out of bases) {
      let cost = 0;
      for (const { weight, line, first, second } of lines) {
        const least = Math.min(costs[base]![line]!, first.base === out ? second : first.cost);
        cost += least === Number.POSITIVE_INFINITY ? least : weight * least;
        if (cost >= best.cost) break;
      }
      if (cost < best.cost) best = { cost, out, in: base };
    }
  }
  return best.out < 0 ? undefined : best;
}

function twoNearest(costs: Choice['costs'], bases: readonly number[], line: number) {
  let first = { base: -1, cost: Number.POSITIVE_INFINITY };
  let second = Number.POSITIVE_INFINITY;
  for (const base of bases) {
    const cost = costs[base]![line]!;
    if (cost < first.cost) {
      second = first.cost;
      first = { base, cost };
    } else second = Math.min(second, cost);
  }
  return { first, second };
}
