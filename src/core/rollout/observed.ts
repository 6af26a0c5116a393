import type { Uid } from '../base/ids.ts';
import type { Instant } from '../base/instant.ts';

export const TARGET_STATES = [
  'waiting',
  'starting',
  'patched',
  'failed',
  'silent',
  'excluded',
  'gone',
  'rolling back',
  'rolled back',
] as const;

/**
 * waiting: not told yet. starting: told, not yet seen running the image. patched: seen running it and
 * healthy. failed: seen unhealthy since it was told, or not converged in time. silent: told, and its
 * agent is not heard. excluded: taken out by name. gone: deleted. rolling back, rolled back: as said.
 */
export type TargetState = (typeof TARGET_STATES)[number];

/** One target of the plan as it stands now. `since`: when that state began, by the hub's clock. */
export type ObservedTarget = {
  readonly uid: Uid;
  readonly state: TargetState;
  readonly since: Instant;
  readonly because?: string;
  /** Whether it ever failed in this rollout; going back does not undo it. */
  readonly broke: boolean;
  /** Why it may not be started now (upgrading, frozen, …); only while waiting. */
  readonly hold?: string;
  /** The plan does not fit it any more: only a new plan can reach it. Only while held. */
  readonly misfit?: true;
  /** Why it must go back; only while told. */
  readonly rollbackWanted?: string;
};

/** Everything `next` may look at besides the plan: the targets, in any order, and the people's brakes. */
export type Observed = {
  readonly targets: readonly ObservedTarget[];
  readonly paused?: { readonly by: string; readonly reason: string; readonly at: Instant };
  readonly halted?: { readonly because: string; readonly at: Instant };
  /** Waves whose soak a person ended early. */
  readonly advanced: readonly number[];
  /** Waves that have passed, with the instant; a passed wave never un-passes. */
  readonly passed: readonly { readonly wave: number; readonly at: Instant }[];
};
