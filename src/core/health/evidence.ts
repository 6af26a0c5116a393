/**
 * The rate ratios the test looks for, each with the same weight: 4, 8, … 4,096 times the bad episodes
 * of the control planes without the image.
 */
export const RATIOS: readonly number[] = Array.from({ length: 11 }, (_, i) => 4 * 2 ** i);

/**
 * What speaks against the fix, for several scopes at once: natural logarithms of the likelihood ratios,
 * `RATIOS.length` for each scope, one scope after the other. All zeros: nothing is known.
 */
export type Evidence = Float64Array;

export const noEvidence = (scopes: number): Evidence => new Float64Array(scopes * RATIOS.length);

/**
 * The arms an episode was drawn from, in expected bad episodes an hour: those that run the image in
 * their risk window, and those comparable without it.
 */
export type Arms = { readonly treated: number; readonly control: number };

/**
 * One bad episode in one scope. `margin`: the rate ratio that is tolerated. Each factor has mean at most 1
 * while the image does no more than that, whatever is looked at and when, so the product is an e-process:
 * it reaches 1/α with probability at most α (Lindon and Malek, NeurIPS 2022).
 */
export function weigh(evidence: Evidence, scope: number, arms: Arms, what: What): void {
  const { treated: t, control: c } = arms;
  if (!(t > 0)) return;
  for (let i = 0; i < RATIOS.length; i += 1) {
    const ratio = RATIOS[i]!;
    const shared = (what.margin * t + c) / (ratio * t + c);
    const factor = what.treated ? (ratio / what.margin) * shared : shared;
    evidence[scope * RATIOS.length + i]! += Math.log(factor);
  }
}

type What = { readonly treated: boolean; readonly margin: number };

/**
 * One episode of a changed control plane where there is nothing left to compare it with. `share`: how much of it
 * counts, 0 to 1, because others were struck with it.
 */
export function weighAlone(evidence: Evidence, scope: number, share = 1): void {
  for (let i = 0; i < RATIOS.length; i += 1)
    evidence[scope * RATIOS.length + i]! += share * Math.log(RATIOS[i]!);
}

/** Time without a comparison: `expected` is an upper bound on the episodes that it would have had anyway. */
export function passAlone(evidence: Evidence, scope: number, expected: number): void {
  for (let i = 0; i < RATIOS.length; i += 1)
    evidence[scope * RATIOS.length + i]! -= (RATIOS[i]! - 1) * expected;
}

/** The e-value of a scope: 1 says nothing, 1/α is enough to halt. Never infinite. */
export function eValue(evidence: Evidence, scope: number): number {
  let sum = 0;
  for (let i = 0; i < RATIOS.length; i += 1)
    sum += Math.exp(Math.min(LARGEST, evidence[scope * RATIOS.length + i]!));
  return sum / RATIOS.length;
}

/** e to this is near the largest number there is. */
const LARGEST = 700;
