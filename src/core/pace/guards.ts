import { type Field, SETS } from '../health/field.ts';
import { setBudget } from './pace.ts';

/**
 * The guard sets of a rollout with their harm budgets, numbered through over all kinds. A kind whose sets are all too
 * small to use up any budget is left out: it can never say no.
 */
export type Guards = {
  /** Kinds of few and large sets: for each, the set that an index is in. Counted at every step, by cells. */
  readonly large: readonly Int32Array[];
  /** Control planes that are in the same large sets and the same stratum are in one cell. */
  readonly cells: Cells;
  /** Kinds of many small sets: counted only when one of them is asked about. */
  readonly small: readonly SmallSets[];
  readonly budgets: Float64Array;
  /** The least that a break of a target counts for. */
  readonly lightest: number;
};

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
  const heaviest = field.weight.reduce((most, w) => Math.max(most, w), 1);
  const large: Int32Array[] = [];
  const small: SmallSets[] = [];
  const budgets: number[] = [];
  for (const kind of SETS) {
    const { of, sizes } = field.sets[kind];
    const mine = Array.from(sizes, (size) => setBudget(harmBudget, size / total));
    if (!mine.some((budget, set) => sizes[set]! * heaviest > budget)) continue;
    const first = budgets.length;
    for (const budget of mine) budgets.push(budget);
    const numbered = of.map((set) => set + first);
    if (total / sizes.length >= SMALL) large.push(numbered);
    else small.push({ of: numbered, first, ...membersOf(of, sizes, field.targets) });
  }
  const lightest = field.weight.subarray(0, field.targets).reduce((least, w) => Math.min(least, w), Infinity);
  return { large, cells: cellsOf(field, large), small, budgets: Float64Array.from(budgets), lightest };
}

function cellsOf(field: Field, large: readonly Int32Array[]): Cells {
  const numbers = new Map<string, number>();
  const sets: number[][] = [];
  const stratum: number[] = [];
  const of = new Int32Array(field.targets);
  for (let i = 0; i < field.targets; i += 1) {
    const mine = large.map((kind) => kind[i]!);
    const s = field.sets.stratum.of[i]!;
    const key = `${s}/${mine.join('/')}`;
    const known = numbers.get(key);
    of[i] = known ?? sets.length;
    if (known !== undefined) continue;
    numbers.set(key, sets.length);
    sets.push(mine);
    stratum.push(s);
  }
  return { of, sets, stratum };
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
