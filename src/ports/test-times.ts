import type { Digest, FixId } from '../core/base/ids.ts';
import type { Instant } from '../core/base/instant.ts';
import type { TestTime, TimedTestPage, TimesOrder } from '../core/select/test-times.ts';

/**
 * How long the tests of each component took and how they ended: of every test the latest `TIMES_KEPT` runs, of every
 * component the `TESTS_KEPT` tests that were seen last.
 */
export interface TestTimes {
  /** Keeps what one run of a gate told of its tests, all of it or nothing. A run that is known already changes nothing. */
  record(run: TimedRun): Promise<void>;
  /** Tests of a component; of one that nothing is known of, none. */
  page(component: string, query: TimesQuery): Promise<TimedTestPage>;
}

/** One run of a gate. Fix, line, gate, digest and attempt name it. */
export type TimedRun = {
  readonly component: string;
  readonly fix: FixId;
  readonly line: string;
  readonly gate: string;
  readonly digest: Digest;
  /** How many verdicts of the gate there were on this image before. */
  readonly attempt: number;
  readonly at: Instant;
  readonly tests: readonly TestTime[];
};

/** slowest: the longest first; failing: those that failed most often, then the flakiest; id: in an order that stays. */
export type TimesQuery = {
  readonly by: TimesOrder;
  readonly limit: number;
  /** `next` of the page before. */
  readonly after?: string;
};

/** What `next` looks like. */
export const TIMES_CURSOR = /^\d{1,21}(\.\d{1,25})?(e[+-]?\d{1,3})?~[0-9a-f]{32}$/;

/** Whether a page can have given this as `next`: its number is one that the database can hold, written as pages write it. */
export function isTimesCursor(text: string): boolean {
  const rank = text.split('~')[0]!;
  return TIMES_CURSOR.test(text) && Number.isFinite(Number(rank)) && String(Number(rank)) === rank;
}
