import { HOUR, type Ms } from '../base/instant.ts';
import { rateAtMost } from './rate-at-most.ts';

/** One control plane the incident had broken: when it was seen so, when it ran the image, when it was well again. */
export type Burner = {
  readonly fromMs: number;
  readonly ranAtMs?: number | undefined;
  readonly recoveredAtMs?: number | undefined;
};

/** Whether those that the incident broke recover faster with the image than without it. */
export type Efficacy = {
  /** How many have run the image long enough to say something. */
  readonly treated: number;
  readonly recovered: number;
  /** Recoveries without the image, among all while they did not run it. */
  readonly recoveredWithout: number;
  /** The rate ratio of recoveries is at least this, with probability 1 − δ at every look. */
  readonly ratioAtLeast: number;
};

/** How long one must have run the image to have had its time: half of what a fix does has shown by then. */
export const ripeMs = (pace: { readonly windowMs: Ms; readonly law: { readonly medianMs: Ms } }): Ms =>
  Math.min(pace.windowMs, pace.law.medianMs);

/** So many must have had their time before anything is said. */
export const TREATED_MIN = 10;
/** A fix that fixes makes recoveries at least this much faster. */
export const RATIO_MIN = 1.5;

/**
 * The mirror of the test for harm: recoveries of those that burn, with the image against without it (others, and
 * themselves before). `ripeMs`: how long one must have run it to count as having had its time.
 */
export function efficacyOf(
  burners: readonly Burner[],
  it: { readonly nowMs: number; readonly ripeMs: Ms; readonly delta: number },
): Efficacy {
  let treated = 0;
  let recovered = 0;
  let recoveredWithout = 0;
  let hoursWith = 0;
  let hoursWithout = 0;
  for (const b of burners) {
    const end = b.recoveredAtMs ?? it.nowMs;
    const ran = b.ranAtMs ?? Number.POSITIVE_INFINITY;
    hoursWithout += Math.max(0, Math.min(end, ran) - b.fromMs) / HOUR;
    if (b.recoveredAtMs !== undefined && b.recoveredAtMs < ran) recoveredWithout += 1;
    if (ran >= end) continue;
    hoursWith += (end - ran) / HOUR;
    if (b.recoveredAtMs !== undefined) recovered += 1;
    if (b.recoveredAtMs !== undefined || it.nowMs - ran >= it.ripeMs) treated += 1;
  }
  const share = 1 - rateAtMost(recoveredWithout, recovered + recoveredWithout, it.delta);
  const ratioAtLeast =
    share >= 1
      ? Number.MAX_SAFE_INTEGER
      : hoursWith > 0
        ? (share / (1 - share)) * (hoursWithout / hoursWith)
        : 0;
  return { treated, recovered, recoveredWithout, ratioAtLeast };
}

/**
 * Whether enough have had the image to say that it does not help them. Where nobody recovers without it there may be
 * little to compare with; then it is enough that half of those that had their time recovered.
 */
export function doesNotFix({ treated, recovered, recoveredWithout, ratioAtLeast }: Efficacy): boolean {
  if (treated < TREATED_MIN || ratioAtLeast >= RATIO_MIN) return false;
  return recoveredWithout > 0 || 2 * recovered < treated;
}
