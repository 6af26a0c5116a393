import { createHash } from 'node:crypto';
import { HOUR, type Ms } from '../core/base/instant.ts';

/** The next number of a stream, at least 0 and below 1. */
export type Random = () => number;

/** A law of times: lognormal with this median; `sigma` is the spread of the logarithm (0: always the median). */
export type TimeLaw = { readonly medianMs: Ms; readonly sigma: number };

/**
 * An own stream of random numbers for each list of names: `stream(7, 'plane', uid, 'rollout', 2)`.
 * Streams do not touch each other, so one more plane or one more draw shifts nobody else's luck.
 */
export function stream(seed: number, ...names: (string | number)[]): Random {
  const state = createHash('sha256')
    .update(JSON.stringify([seed, ...names]))
    .digest();
  return sfc32([state.readInt32LE(0), state.readInt32LE(4), state.readInt32LE(8), state.readInt32LE(12)]);
}

/**
 * sfc32, the 32-bit Small Fast Counter generator of Chris Doty-Humphrey's PractRand: three mixing
 * words and a counter, so that no start can fall into a short cycle.
 */
function sfc32([a, b, c, counter]: [number, number, number, number]): Random {
  return () => {
    const output = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + output) | 0;
    return (output >>> 0) / 2 ** 32;
  };
}

/** True with this probability. Always draws, so that the rate does not shift what comes after. */
export const chance = (random: Random, probability: number): boolean => random() < probability;

/** A whole number of milliseconds, at least 1. */
export function lognormalMs(random: Random, law: TimeLaw): Ms {
  // Box-Muller; 1 - u keeps the logarithm away from 0.
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.max(1, Math.round(law.medianMs * Math.exp(law.sigma * normal)));
}

/** Time to the next event of a Poisson process, a whole number of at least 1 ms; Infinity when `perHour` is 0. */
export function exponentialMs(random: Random, perHour: number): Ms {
  const unit = -Math.log(1 - random());
  return perHour > 0 ? Math.max(1, Math.round((unit / perHour) * HOUR)) : Number.POSITIVE_INFINITY;
}

/** Picks from `items` in proportion to their weights. Throws RangeError when no weight is above 0. */
export function weightedPick<T>(
  items: readonly T[],
  weight: (item: T, index: number) => number,
): (at: number) => T {
  const ends: number[] = [];
  let total = 0;
  for (const [index, item] of items.entries()) {
    total += Math.max(0, weight(item, index));
    ends.push(total);
  }
  if (!(total > 0)) throw new RangeError('nothing to pick from: no item has a weight above 0');
  return (at) => {
    const sought = at * total;
    let low = 0;
    let high = ends.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle]! > sought) high = middle;
      else low = middle + 1;
    }
    return items[low]!;
  };
}

/** `length` random lower-case hex digits. */
export function hexDigits(random: Random, length: number): string {
  let text = '';
  while (text.length < length) text += Math.floor(random() * 16).toString(16);
  return text;
}
