import { MINUTE, type Ms } from '../base/instant.ts';

/** How long a break takes to show, from the moment the image runs: lognormal. */
export type LatencyLaw = { readonly medianMs: Ms; readonly sigma: number };

/** The slow law: half by 30 minutes, 90 % by 65. Assumed where too little is known. */
export const SLOW: LatencyLaw = { medianMs: 30 * MINUTE, sigma: 0.6 };

/** Breaks seen before a law of their own is believed. */
export const LEARNED_FROM = 30;

/** F(age): the probability that a break has become visible by `ageMs` since the image ran; 0 for no age. */
export function shownBy(law: LatencyLaw, ageMs: Ms): number {
  if (!(ageMs > 0)) return 0;
  return normalBelow(Math.log(ageMs / law.medianMs) / law.sigma);
}

/**
 * The law that past breaks of a signal show, never faster than what was seen: the logarithms' mean and spread,
 * moved later until 80 % have shown no sooner than 80 % of the data had. The slow law for fewer than
 * `LEARNED_FROM`, and for what cannot be read.
 */
export function learnLaw(latenciesMs: readonly Ms[]): LatencyLaw {
  const sorted = latenciesMs.filter((ms) => Number.isFinite(ms) && ms > 0).sort((a, b) => a - b);
  if (sorted.length < LEARNED_FROM) return SLOW;
  const logs = sorted.map((ms) => Math.log(ms));
  const mean = logs.reduce((sum, l) => sum + l, 0) / logs.length;
  const spread = Math.sqrt(logs.reduce((sum, l) => sum + (l - mean) ** 2, 0) / (logs.length - 1));
  const sigma = Math.max(SIGMA_MIN, spread);
  const late = logs[Math.ceil(0.8 * logs.length) - 1]!;
  return { medianMs: Math.round(Math.exp(Math.max(mean, late - sigma * Z80))), sigma };
}

/** A law that steps from nothing to all would give no credit until the very moment, and then all of it. */
const SIGMA_MIN = 0.2;
/** 80 % of a normal law lie below this many standard deviations. */
const Z80 = 0.8416212335729143;

/** The standard normal distribution function, to 1.5e-7 (Abramowitz and Stegun 7.1.26). */
function normalBelow(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const poly =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const tail = (poly * Math.exp(-x * x)) / 2;
  return z < 0 ? tail : 1 - tail;
}
