import { DAY, type Ms } from '../base/instant.ts';
import { expectedIn } from './cohorts.ts';
import { RATIOS } from './evidence.ts';

/** How long a finished rollout is watched for harm that comes slowly. */
export const WATCH_MS: Ms = 7 * DAY;
/** A guess about the past must not raise an alarm: the rate it gives is taken so many times. */
export const PAST_FACTOR = 3;

export type SlowBurn = { readonly e: number; readonly episodes: number; readonly expected: number };

/**
 * An e-detector (Shin, Ramdas and Rinaldo 2022): an e-process against the own past of those that run the image, begun
 * anew every day, and the sum of them all. It reaches 1/α for an image that does no harm less than once in 1/α days.
 * `episodesMs`: bad episodes since `fromMs`, one control plane at most one in two hours. `rate`: episodes an
 * hour to be expected of all of them together.
 */
export function slowBurnOf(it: {
  readonly fromMs: number;
  readonly nowMs: number;
  readonly rate: number;
  readonly episodesMs: readonly number[];
}): SlowBurn {
  let e = 0;
  for (let begin = it.fromMs; begin < it.nowMs; begin += DAY) {
    const seen = it.episodesMs.filter((ms) => ms > begin && ms <= it.nowMs).length;
    e += eValueOf(seen, PAST_FACTOR * expectedIn(it.rate, it.nowMs - begin));
  }
  return {
    e,
    episodes: it.episodesMs.length,
    expected: expectedIn(it.rate, Math.max(0, it.nowMs - it.fromMs)),
  };
}

/** The e-value of so many episodes where so many were to be expected at most. */
export const eValueOf = (seen: number, expected: number): number =>
  RATIOS.reduce((sum, g) => sum + Math.exp(Math.min(LARGEST, seen * Math.log(g) - (g - 1) * expected)), 0) /
  RATIOS.length;

/** e to this is near the largest number there is. */
const LARGEST = 700;
