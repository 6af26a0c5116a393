/** A key of draws: a seed and what the draws are for. Made by `keyOf`. */
export type DrawKey = number;

/** The next number of a sequence, above 0 and below 1. */
export type Draw = () => number;

/** lowbias32 (public domain): spreads every bit of a 32-bit number over all the others. */
function spread(bits: number): number {
  let x = bits | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return x ^ (x >>> 15);
}

/** The key of one purpose under a seed. Purposes do not disturb each other. Both are whole numbers; 32 bits of each count. */
export const keyOf = (seed: number, purpose: number): DrawKey =>
  spread(spread(seed) ^ Math.imul(purpose + 1, 0x9e3779b9));

/**
 * The draw of one index under a key: above 0, below 1, and the same whenever and in whatever order it is
 * asked for. So two policies under one seed meet the same luck with the same control plane.
 */
export const drawOf = (key: DrawKey, index: number): number =>
  ((spread(spread(index ^ key) + key) >>> 0) + 0.5) / 2 ** 32;

/** A sequence of draws under a key. */
export function drawsOf(key: DrawKey): Draw {
  let asked = 0;
  return () => {
    asked += 1;
    return drawOf(key, asked);
  };
}

/** Acklam's inverse of the normal distribution, within 1.2e-9 relative: the value below which a share `u` lies. */
export function normalAt(u: number): number {
  if (u > 0.5) return -normalAt(1 - u);
  if (u < 0.02425) return tailAt(Math.sqrt(-2 * Math.log(u)));
  const q = u - 0.5;
  const r = q * q;
  const above =
    ((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.357751867269) * r -
      30.66479806614716) *
      r +
    2.506628277459239;
  const below =
    ((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r -
      13.28068155288572) *
      r +
    1;
  return (above * q) / below;
}

function tailAt(q: number): number {
  const above =
    ((((-0.007784894002430293 * q - 0.3223964580411365) * q - 2.400758277161838) * q - 2.549732539343734) *
      q +
      4.374664141464968) *
      q +
    2.938163982698783;
  const below =
    (((0.007784695709041462 * q + 0.3224671290700398) * q + 2.445134137142996) * q + 3.754408661907416) * q +
    1;
  return above / below;
}

/** The lognormal value below which a share `u` lies; `median` in any unit, `sigma` of its logarithm. */
export const lognormalAt = (u: number, median: number, sigma: number): number =>
  sigma === 0 ? median : median * Math.exp(sigma * normalAt(u));

/** 1,024 equally likely values of a lognormal law, ascending: `table[floor(1024·u)]` is a draw, and cheap. */
export const lognormalTable = (median: number, sigma: number): Float64Array =>
  Float64Array.from({ length: 1024 }, (_, k) => lognormalAt((k + 0.5) / 1024, median, sigma));

/** The numbers 0 … size − 1 in a random order under a key (Fisher and Yates). */
export function shuffled(size: number, key: DrawKey): Int32Array {
  const order = new Int32Array(size);
  for (let index = 0; index < size; index += 1) order[index] = index;
  for (let last = size - 1; last > 0; last -= 1) {
    const other = Math.floor(drawOf(key, last) * (last + 1));
    const kept = order[last]!;
    order[last] = order[other]!;
    order[other] = kept;
  }
  return order;
}
