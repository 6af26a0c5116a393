/**
 * The largest failure rate that `failed` of `seen` still leave possible, with probability at least 1 − δ at every
 * look at once: Robbins' Beta-mixture confidence sequence. `seen` may be fractional (evidence credit).
 * 1 while nothing was seen, or when a count cannot be read.
 */
export function rateAtMost(failed: number, seen: number, delta: number): number {
  if (!(seen > 0 && seen < Number.POSITIVE_INFINITY && failed >= 0 && delta > 0 && delta < 1)) return 1;
  const most = Math.min(failed, seen);
  const left = seen - most;
  const room = Math.log(1 / delta);
  if (most === 0) return -Math.expm1(-(room + Math.log1p(seen)) / seen);
  const beta = logGamma(1 + most) + logGamma(1 + left) - logGamma(2 + seen);
  // Rises above the observed rate and is below the bound exactly where p is still possible.
  const against = (p: number): number => beta - most * Math.log(p) - left * Math.log1p(-p) - room;
  let low = most / seen;
  let high = 1;
  for (let i = 0; i < STEPS; i += 1) {
    const middle = (low + high) / 2;
    if (against(middle) < 0) low = middle;
    else high = middle;
  }
  return high;
}

const STEPS = 40;

/** Lanczos' approximation (g = 7), good to about 15 digits for x ≥ 1. */
function logGamma(x: number): number {
  let sum = LANCZOS[0]!;
  for (let i = 1; i < LANCZOS.length; i += 1) sum += LANCZOS[i]! / (x - 1 + i);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];
