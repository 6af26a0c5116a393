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
  /** What is wrong with it; only while waiting. */
  readonly unwell?: string;
  /** Nothing is heard of it; only while waiting. */
  readonly unheard?: true;
  /** Shows the incident's symptom; only while waiting. */
  readonly burning?: true;
  /** It showed the symptom when it was told, and does no longer. */
  readonly recovered?: true;
  /** It failed while it ran the image, which may be the first that was seen of it. */
  readonly ran?: true;
  /** It runs the image and fell ill long after it began to. */
  readonly ill?: true;
  /** Why it must go back; only while told. */
  readonly rollbackWanted?: string;
};

/** What is to be said of one that is not told; nothing in it: it may be started, and is compared with. */
export type SeenOther = {
  /** Deleted, taken out by name, or beyond this plan. */
  readonly out?: 'gone' | 'excluded' | 'misfit';
  /** Why it may not be started now. */
  readonly hold?: string;
  /** In a bad episode. */
  readonly unwell?: string;
  readonly unheard?: true;
  /** Shows the incident's symptom. */
  readonly burning?: true;
};
