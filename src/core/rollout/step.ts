import type { Uid } from '../base/ids.ts';
import type { Instant } from '../base/instant.ts';
import type { Judged } from '../health/judge.ts';
import type { Counts } from './next.ts';

/**
 * What to do now. `because` is one line a person can read; no step is without it.
 * `askAgainAt` is absent only when nothing can change by time alone.
 */
export type Step = {
  readonly start: readonly Uid[];
  readonly rollback: readonly Uid[];
  readonly wait: readonly Waiting[];
  /** Stages that have just passed, from 1. */
  readonly pass: readonly number[];
  /** `stratum`: only that one is judged bad. */
  readonly halt?: { readonly because: string; readonly stratum?: string };
  /** Why a person is asked before anything more starts. */
  readonly pause?: string;
  readonly done: boolean;
  readonly because: string;
  readonly askAgainAt?: Instant;
  readonly counts: Counts;
  readonly judged: Judged;
};

/** What is waited for, since when, when it ends by itself, and who can end it. */
export type Waiting = {
  readonly for: string;
  readonly since: Instant;
  readonly endsAt?: Instant;
  readonly whoCan: readonly string[];
};
