import type { Digest, FixId, PlanId, Uid } from '../base/ids.ts';
import type { Instant, Ms } from '../base/instant.ts';

/**
 * What will be done, to whom, within which limits. A value: `id` and `hash` are derived from the
 * rest, approval and start name them, and nothing outside it is ever started.
 */
export type Plan = PlanBody & { readonly id: PlanId; readonly hash: string };

export type PlanBody = {
  readonly fix: FixId;
  readonly policy: string;
  /** When it was made; with `validUntil` part of the hash, so a plan made anew is another plan. */
  readonly at: Instant;
  readonly validUntil: Instant;
  readonly targets: readonly Target[];
  readonly leftOut: readonly LeftOut[];
  readonly waves: readonly WaveLimits[];
  readonly limits: Limits;
};

/** One control plane and the image it is to run. `from` is what ran when the plan was made, and where rollback goes. */
export type Target = {
  readonly uid: Uid;
  readonly name: string;
  readonly managementCluster: string;
  readonly component: string;
  readonly line: string;
  readonly digest: Digest;
  readonly from: Digest;
  /** The lever's value before us: absent when none was set, and then rollback removes ours. */
  readonly fromOverride?: Digest;
  /** From 1. */
  readonly wave: number;
};

/** An exposed control plane the plan does not touch, and why. It stays exposed. */
export type LeftOut = {
  readonly uid: Uid;
  readonly name: string;
  readonly because: string;
  readonly until?: Instant;
};

export type WaveLimits = { readonly size: number; readonly soakMs: Ms };

/** The policy schema refuses absent, zero or unreadable limits; one that comes here all the same counts as the smallest. */
export type Limits = {
  readonly inFlightPerManagementCluster: number;
  /** More failures than this in one wave halts. */
  readonly failedPerWaveMax: number;
  /** More failures than this on one management cluster halts. */
  readonly failedPerManagementClusterMax: number;
  /** A wave may pass with at most this many of its targets unknown. */
  readonly unknownMax: number;
  /** Told and not patched for longer than this is a failure. */
  readonly convergeWithinMs: Ms;
  readonly silentAfterMs: Ms;
};
