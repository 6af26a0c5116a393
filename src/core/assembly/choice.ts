/**
 * Which bases serve which lines, as numbers. `costs[b][d]`: what it costs one control plane of line d to be
 * served from base b, a whole number from 0, or Infinity when it may not; 0 for a line's own commit.
 * `weights[d]`: control planes of line d, a whole number from 0.
 */
export type Choice = {
  readonly costs: readonly (readonly number[])[];
  readonly weights: readonly number[];
};

/** The best found for one number of bases. `bound`: no choice of so many bases costs less. */
export type Chosen = { readonly bases: readonly number[]; readonly cost: number; readonly bound: number };

/** What it costs when each line takes its cheapest of these bases; Infinity when one has none. */
export function costOf({ costs, weights }: Choice, bases: readonly number[]): number {
  let sum = 0;
  for (const [line, weight] of weights.entries()) {
    const least = leastCost(costs, bases, line);
    if (least === Number.POSITIVE_INFINITY) return least;
    sum += weight * least;
  }
  return sum;
}

function leastCost(costs: Choice['costs'], bases: readonly number[], line: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (const base of bases) least = Math.min(least, costs[base]![line]!);
  return least;
}

/** The cheapest of the bases for a line; the first of those that cost the same. */
export function serverOf({ costs }: Choice, bases: readonly number[], line: number): number {
  return bases.reduce((best, base) => (costs[base]![line]! < costs[best]![line]! ? base : best));
}
