import { type Field, SETS } from '../health/field.ts';
import { SET_BUDGET_MIN, setBudget } from './pace.ts';

/**
 * The guard sets of a rollout with their harm budgets, numbered through over all kinds. A kind whose sets are all too
 * small to use up any budget is left out: it can never say no.
 */
export type Guards = {
  /** Kinds of few and large sets: for each, the set that an index is in. Counted at every step, by cells. */
  readonly large: readonly Int32Array[];
  /** The sets of the large kinds, with the whole before them: see `Columns`. */
  readonly columns: Columns;
  /** Control planes that are in the same large sets and the same stratum are in one cell. */
  readonly cells: Cells;
  /** Kinds of many small sets: counted only when one of them is asked about. */
  readonly small: readonly SmallSets[];
  readonly budgets: Float64Array;
  /** At a failure rate up to this a set is never full, were everything in it out. */
  readonly safeRates: Float64Array;
  /** The least that a break of a target counts for. */
  readonly lightest: number;
};

/** The sums that are kept of the whole (column 0) and of every set of a large kind: set s of kind k is column s + shifts[k]. */
export type Columns = { readonly shifts: readonly number[]; readonly sets: Int32Array };

/** `of[i]`: the cell of an index. `sets[c]`, `stratum[c]`: what those in cell c are in. */
export type Cells = {
  readonly of: Int32Array;
  readonly sets: readonly (readonly number[])[];
  readonly stratum: readonly number[];
};

/** `members[starts[s] … starts[s + 1] − 1]`: the targets of the kind's set s, which is numbered `first + s`. */
export type SmallSets = {
  readonly of: Int32Array;
  readonly first: number;
  readonly starts: Int32Array;
  readonly members: Int32Array;
};

/** Sets that hold fewer targets than this on average are small. */
const SMALL = 200;

/** The whole's budget by the root of each set's share; computed once for a plan. */
export function guardsOf(field: Field, harmBudget: number): Guards {
  const total = Math.max(1, field.targets);
  const { heaviest } = field;
  const large: Int32Array[] = [];
  const small: SmallSets[] = [];
  const budgets: number[] = [];
  const safeRates: number[] = [];
  const shifts: number[] = [];
  const columns: number[] = [-1];
  for (const kind of SETS) {
    const { of, sizes } = field.sets[kind];
    const largest = sizes.reduce((most, size) => Math.max(most, size), 0);
    if (largest * heaviest <= Math.min(harmBudget, SET_BUDGET_MIN)) continue;
    const mine = budgetsOf(field, of, sizes, harmBudget);
    if (!mine.some((budget, set) => sizes[set]! * heaviest > budget)) continue;
    const first = budgets.length;
    for (const budget of mine) budgets.push(budget);
    for (const rate of safeRatesOf(field, of, mine)) safeRates.push(rate);
    const numbered = new Int32Array(of.length);
    for (let i = 0; i < of.length; i += 1) numbered[i] = of[i]! + first;
    if (total / sizes.length >= SMALL) {
      large.push(numbered);
      shifts.push(columns.length - first);
      for (let s = 0; s < sizes.length; s += 1) columns.push(first + s);
    } else small.push({ of: numbered, first, ...membersOf(of, sizes, field.targets) });
  }
  const lightest = field.weight
    .subarray(0, field.targets)
    .reduce((least, w) => Math.min(least, w), Number.POSITIVE_INFINITY);
  return {
    large,
    columns: { shifts, sets: Int32Array.from(columns) },
    cells: cellsOf(field, large),
    small,
    budgets: Float64Array.from(budgets),
    safeRates: Float64Array.from(safeRates),
    lightest,
  };
}

/** One of a set is the least that can be tried there, so no set's budget is below what its heaviest weighs. */
function budgetsOf({ weight, targets }: Field, of: Int32Array, sizes: Float64Array, harmBudget: number) {
  const total = Math.max(1, targets);
  const budgets = Array.from(sizes, (size) => setBudget(harmBudget, size / total));
  for (let i = 0; i < targets; i += 1) {
    const set = of[i]!;
    if (weight[i]! > budgets[set]!) budgets[set] = Math.min(harmBudget, weight[i]!);
  }
  return budgets;
}

function safeRatesOf({ weight, targets }: Field, of: Int32Array, budgets: readonly number[]): Float64Array {
  const all = new Float64Array(budgets.length);
  for (let i = 0; i < targets; i += 1) all[of[i]!]! += weight[i]!;
  return all.map((sum, set) => budgets[set]! / sum);
}

function cellsOf(field: Field, large: readonly Int32Array[]): Cells {
  const all = field.sets.stratum.of.subarray(0, field.targets);
  let cut: Cut = { of: new Int32Array(field.targets), firsts: field.targets > 0 ? [0] : [] };
  for (const kind of [all, ...large]) cut = cutBy(cut, kind);
  const sets = cut.firsts.map((i) => large.map((kind) => kind[i]!));
  return { of: cut.of, sets, stratum: cut.firsts.map((i) => all[i]!) };
}

/** Parts, numbered as their first members come: which one an index is in, and the first index of each. */
type Cut = { readonly of: Int32Array; readonly firsts: readonly number[] };

/** Cuts every part by what its members are of one kind. */
function cutBy(parts: Cut, kind: Int32Array): Cut {
  const numbers = kind.reduce((most, set) => Math.max(most, set), 0) + 1;
  const known = new Map<number, number>();
  const of = new Int32Array(parts.of.length);
  const firsts: number[] = [];
  for (let i = 0; i < of.length; i += 1) {
    const key = parts.of[i]! * numbers + kind[i]!;
    const part = known.get(key) ?? firsts.push(i) - 1;
    if (part === firsts.length - 1) known.set(key, part);
    of[i] = part;
  }
  return { of, firsts };
}

function membersOf(of: Int32Array, sizes: Float64Array, targets: number) {
  const starts = new Int32Array(sizes.length + 1);
  for (let s = 0; s < sizes.length; s += 1) starts[s + 1] = starts[s]! + sizes[s]!;
  const next = starts.slice();
  const members = new Int32Array(targets);
  for (let i = 0; i < targets; i += 1) {
    members[next[of[i]!]!] = i;
    next[of[i]!]! += 1;
  }
  return { starts, members };
}
