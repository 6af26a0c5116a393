import type { Instant } from '../core/base/instant.ts';

/** The only way time enters. The system's clock in production, a stepped one in a simulated world. */
export interface Clock {
  now(): Instant;
  /** Calls `wake` once at `at` or as soon after as can be; returns how to call it off. */
  at(at: Instant, wake: () => void): () => void;
}
