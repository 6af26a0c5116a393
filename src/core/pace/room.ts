import { rateAtMost } from '../health/rate-at-most.ts';
import type { Pace } from './pace.ts';
import { type Counted, type Tally, tallySmall } from './tally.ts';

/** How much more may be out at once: of the whole, and of every guard set. */
export type Room = {
  /** The upper bound on the failure rate that is put down to the image. */
  readonly rateAtMost: number;
  /** Harm weight that may still be added; below 0 when there is too much out already. */
  left(): number;
  /** Whether there is any place left, by the whole, for those that weigh `times` what they would otherwise. */
  isOpen(times: number): boolean;
  /** Whether no healthy one of a cell fits any more into its large sets. */
  isClosed(cell: number): boolean;
  /** The cell of an index. */
  readonly cellOf: Int32Array;
  /** Takes what index i weighs out of the room of the whole and of all its sets; false, and nothing taken, where it does not fit. */
  take(index: number, weight: number): boolean;
};

/**
 * p̂·U ≤ H for the whole and for every guard set with its own budget. `background`: bad episodes a control plane
 * would have had in the window anyway, which are not put down to the image (four fifths of them).
 */
export function roomOf(it: Counted, count: Tally, pace: Pace, background: number): Room {
  const { large, cells, small, budgets, safeRates } = it.guards;
  const bound = (failed: number, seen: number): number =>
    Math.max(
      rateAtMost(0, seen, pace.delta),
      failed > 0 ? rateAtMost(failed, seen, pace.delta) - ATTRIBUTED * background : 0,
    );
  const rate = bound(count.failed, count.seen);
  // All failures may be of one set, and it has at least its part of the evidence of all: no set's bound is above this.
  const rateMost = bound(count.failed, pace.kappa * count.seen);
  const rates = new Float64Array(budgets.length).fill(Number.NaN);
  const counted = new Uint8Array(budgets.length);
  /** Harm weight added to each set since the count. */
  const added = new Float64Array(budgets.length);
  /** The least weight that did not fit any more into the large sets of a cell; what was taken is never given back. */
  const closed = new Float64Array(cells.sets.length).fill(Number.POSITIVE_INFINITY);
  let unknown = count.unknown;

  const fits = (set: number, weight: number): boolean => {
    const wanted = count.unknownIn[set]! + added[set]! + weight;
    // No rate is above 1, so this much is always within the budget.
    if (wanted <= budgets[set]!) return true;
    if (Number.isNaN(rates[set]!)) {
      const shared = (own: number, all: number): number => own + pace.kappa * (all - own);
      rates[set] = bound(shared(count.failedIn[set]!, count.failed), shared(count.seenIn[set]!, count.seen));
    }
    return rates[set]! * wanted <= budgets[set]!;
  };

  return {
    rateAtMost: rate,
    left: () => pace.harmBudget / rate - unknown,
    isClosed: (cell) => it.guards.lightest >= closed[cell]!,
    cellOf: cells.of,
    isOpen: (times) => rate * (unknown + it.guards.lightest * times) <= pace.harmBudget,
    take(index, weight) {
      if (rate * (unknown + weight) > pace.harmBudget) return false;
      const cell = cells.of[index]!;
      if (weight >= closed[cell]!) return false;
      for (const of of large) {
        if (fits(of[index]!, weight)) continue;
        closed[cell] = weight;
        return false;
      }
      for (const kind of small) {
        const set = kind.of[index]!;
        if (rateMost <= safeRates[set]!) continue;
        if (counted[set] === 0) {
          tallySmall(it, count, kind, set);
          counted[set] = 1;
        }
        if (!fits(set, weight)) return false;
      }
      unknown += weight;
      for (const of of large) added[of[index]!]! += weight;
      for (const kind of small) added[kind.of[index]!]! += weight;
      return true;
    },
  };
}

/** Of what was to be expected anyway, how much is taken off: not all, to stay on the safe side. */
const ATTRIBUTED = 0.8;
