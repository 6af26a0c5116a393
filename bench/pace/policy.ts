import type { ModelFleet } from '../../src/core/forecast/model-fleet.ts';
import { type ModelView, type PacingRule, STATE } from '../../src/core/forecast/pacing-rule.ts';
import { keyOf, shuffled } from '../../src/core/forecast/random.ts';

/** A way to pace a rollout, by its name in the tables. `make` gives a fresh rule for one run. */
export type Policy = {
  readonly name: string;
  make(fleet: ModelFleet, seed: number): PacingRule;
  /** Whether it treats burning control planes in a way of its own; then harm depends on how many burn. */
  readonly mindsBurning?: boolean;
};

const PURPOSE_ORDER = 901;

/** The order of a policy that sorts by something that means nothing here, e.g. names. */
export const anyOrder = (fleet: ModelFleet, seed: number): number[] => [
  ...shuffled(fleet.size, keyOf(seed, PURPOSE_ORDER)),
];

/** Cuts an order at shares of the whole: 0.01 and 0.1 of 1,000 give 10, 90 and the other 900. */
export function cutAt(order: readonly number[], ends: readonly number[]): number[][] {
  const at = [0, ...ends.map((end) => Math.ceil(end * order.length)), order.length];
  return at.slice(1).map((end, i) => order.slice(at[i], end));
}

/** Since when each control plane is bad, by what fell ill and recovered during the rollout: −1 while it is not. */
export class Ills {
  readonly since: Float64Array;
  /** Those that are bad. */
  readonly now = new Set<number>();

  constructor(size: number) {
    this.since = new Float64Array(size).fill(-1);
  }

  note({ fellIll, recovered }: ModelView, minute: number): void {
    for (const index of recovered) {
      this.since[index] = -1;
      this.now.delete(index);
    }
    for (const index of fellIll) {
      this.since[index] = minute;
      this.now.add(index);
    }
  }

  has(index: number): boolean {
    return this.since[index]! >= 0;
  }

  /** How many of those run the fix and are bad for longer than an incident lasts: what a person takes for broken. */
  lasting(view: ModelView, among: readonly number[], minute: number): number {
    const lasts = (index: number) => this.has(index) && minute - this.since[index]! > 30;
    return among.filter((index) => view.state[index] === STATE.running && lasts(index)).length;
  }
}

/** Whether every one has come to its end: runs it, went back or failed. */
export const settled = ({ state }: ModelView, members: readonly number[]): boolean =>
  members.every((index) => state[index] !== STATE.untouched && state[index] !== STATE.applying);
