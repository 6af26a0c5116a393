import type { Digest, FixId, PlanId, Uid } from '../base/ids.ts';
import type { Instant, Ms } from '../base/instant.ts';
import type { Pace } from '../pace/pace.ts';
import type { Urgency } from '../pace/urgency.ts';

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
  /** In the random order in which they are started, fixed by fix and uid. */
  readonly targets: readonly Target[];
  /** Control planes the plan does not touch, drawn at random, to compare with. */
  readonly controls: readonly Control[];
  readonly leftOut: readonly LeftOut[];
  /** At least one; people's named subsets, in order. */
  readonly stages: readonly Stage[];
  readonly pace: Pace;
  readonly urgency: Urgency;
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
  readonly stage: number;
} & Membership;

/** What a control plane is compared and budgeted by. */
export type Membership = {
  readonly region: string;
  readonly customer: string;
  /** Platform and minor version, `aws 4.19`. */
  readonly stratum: string;
  /** What a break of it counts for; absent: 1. */
  readonly weight?: number;
  /** Bad episodes an hour in its own past; absent where none is known. */
  readonly rate?: number;
};

export type Control = { readonly uid: Uid; readonly managementCluster: string } & Membership;

/** An exposed control plane the plan does not touch, and why. It stays exposed. */
export type LeftOut = {
  readonly uid: Uid;
  readonly name: string;
  readonly because: string;
  readonly until?: Instant;
};

/** `soakMs`: how long the last of it runs the image before the next stage, at least. */
export type Stage = {
  readonly name: string;
  readonly size: number;
  readonly soakMs: Ms;
  /** The next stage waits for a person's word. */
  readonly approval: boolean;
};

/** The policy schema refuses absent, zero or unreadable limits; one that comes here all the same counts as the smallest. */
export type Limits = {
  /** A stage may pass with at most this many of its targets unknown. */
  readonly unknownMax: number;
  /** Told and not patched for longer than this is a failure. */
  readonly convergeWithinMs: Ms;
  readonly silentAfterMs: Ms;
};
