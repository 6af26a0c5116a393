import type { Uid } from '../base/ids.ts';
import type { Instant } from '../base/instant.ts';

/**
 * What to do now. `because` is one line a person can read; no step is without it.
 * `askAgainAt` is absent only when nothing can change by time alone.
 */
export type Step = {
  readonly start: readonly Uid[];
  readonly rollback: readonly Uid[];
  readonly wait: readonly Waiting[];
  /** Waves that have just passed. */
  readonly pass: readonly number[];
  readonly halt?: string;
  readonly done: boolean;
  readonly because: string;
  readonly askAgainAt?: Instant;
};

/** What is waited for, since when, when it ends by itself, and who can end it. */
export type Waiting = {
  readonly for: string;
  readonly since: Instant;
  readonly endsAt?: Instant;
  readonly whoCan: readonly string[];
};
