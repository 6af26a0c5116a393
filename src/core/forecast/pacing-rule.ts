import type { ModelFleet } from './model-fleet.ts';

/** Where a control plane is, as a number in `ModelView.state`. Told is applying, also while it waits in line. */
export const STATE = { untouched: 0, applying: 1, running: 2, goingBack: 3, back: 4, failed: 5 } as const;

/**
 * What a rule may know: what could be observed, and nothing of what the model has in store. The arrays are the
 * model's own and change with it; the lists are of one step and are emptied after it. A rule writes to none.
 */
export type ModelView = {
  readonly fleet: ModelFleet;
  /** By index: one of `STATE`. */
  readonly state: Uint8Array;
  /** By index: the minute since when it runs the fix (or ran it, until it went back); −1 before. */
  readonly runningSince: Float64Array;
  /** By index: 1 while it is in a bad state, whatever the cause; also those burning. */
  readonly unhealthy: Uint8Array;
  /**
   * Since the step before: began to run, became unhealthy, became healthy, came back from it, failed to run it.
   * What was unhealthy at minute 0 is in no list. One that is in both recovered first and fell ill again.
   */
  readonly ran: readonly number[];
  readonly fellIll: readonly number[];
  readonly recovered: readonly number[];
  readonly cameBack: readonly number[];
  readonly failed: readonly number[];
};

/** What a rule wants now. Indices of `start` must be untouched, those of `rollback` applying, running or failed. */
export type RuleStep = {
  readonly start: readonly number[];
  /** Goes back one by one while the rollout goes on. */
  readonly rollback: readonly number[];
  /** Judged bad: the rule is not asked again, and everything goes back as its `undo` says. */
  readonly halted?: boolean;
  /** It will never want anything again. */
  readonly done?: boolean;
};

/** A way to pace a rollout, for one run: it may keep what it counts. Asked once a tick, from minute 0 on. */
export type PacingRule = {
  step(view: ModelView, minute: number): RuleStep;
  /** How a halt is undone. Absent: at once, at most a third of a management cluster at a time. */
  readonly undo?: Undo;
};

/** How long until a halt is undone, and the share of a management cluster that goes back at a time (at least one). */
export type Undo = { readonly delayMin: number; readonly managementClusterShare: number };

export const UNDO_AT_ONCE: Undo = { delayMin: 0, managementClusterShare: 1 / 3 };

/** A step that wants nothing. */
export const NOTHING: RuleStep = { start: [], rollback: [] };
