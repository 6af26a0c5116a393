import type { Digest, Uid } from '../base/ids.ts';

export const STANDINGS = ['patched', 'native', 'unaffected', 'exposed', 'excluded', 'unknown'] as const;

/**
 * Where one control plane stands towards one fix, by the digest that runs.
 *
 * patched: runs an image of ours that contains the fix. native: its release image contains it.
 * unaffected: a person said, with a reason, that its line has no such defect. excluded: exposed, and
 * accounted for by name. unknown: silent, or nobody knows what is in the image it runs. exposed: the rest.
 */
export type Standing = (typeof STANDINGS)[number];

/**
 * Counts over the whole fleet. `exposed` is the denominator: patched + waiting + excluded + unknown.
 * native and unaffected stand outside it. Unknown never counts as done.
 */
export type Coverage = {
  readonly exposed: number;
  readonly patched: number;
  readonly waiting: number;
  readonly excluded: number;
  readonly unknown: number;
  readonly native: number;
  readonly unaffected: number;
  /** 0–100, rounded down: patched of exposed; 100 when nothing is exposed. */
  readonly percent: number;
};

export type PlaneStanding = {
  readonly uid: Uid;
  readonly standing: Standing;
  readonly because: string;
  readonly digest?: Digest;
  readonly line?: string;
};
