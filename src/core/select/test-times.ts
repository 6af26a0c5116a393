import { sha256 } from '../base/hash.ts';
import { DAY, type Instant, SECOND } from '../base/instant.ts';
import { isFailed, isFlaky, mergeRuns, type Test } from '../verdict/merge.ts';
import type { TestRun } from '../verdict/reports.ts';

/** What a report calls a test. Paths count from the tree; what it does not say is empty. */
export type TestName = {
  /** Names of the suites around it, outermost first. */
  readonly suites: readonly string[];
  readonly file: string;
  readonly classname: string;
  readonly name: string;
};

/** flaky: failed first and passed at last, in one run. */
export const TIMED_RESULTS = ['passed', 'failed', 'flaky'] as const;
export type TimedResult = (typeof TIMED_RESULTS)[number];

/** How one test went in one run. `seconds`: of all its tries together. */
export type TestTime = TestName & { readonly seconds: number; readonly result: TimedResult };

/** So many runs of a test are kept, the latest. */
export const TIMES_KEPT = 20;
/** So many tests of a component are kept: those seen last. */
export const TESTS_KEPT = 100_000;
/** So many tests of one run are kept, its first: a report must not make a component forget all of its tests. */
export const RUN_TESTS_KEPT = TESTS_KEPT / 5;
/** A test took no longer, whatever its report says: 30 days. */
export const TEST_SECONDS_MAX = (30 * DAY) / SECOND;
/** A name holds so many characters at most, and so many suites around a test are kept: names are shown to people. */
const NAME_CHARS_MAX = 400;
const SUITES_MAX = 8;

/** So many seconds as are kept: a number in every case, from 0 to `TEST_SECONDS_MAX`. */
export const secondsKept = (seconds: number): number =>
  seconds > 0 ? Math.min(seconds, TEST_SECONDS_MAX) : 0;

/** One test of a component over its latest runs. */
export type TimedTest = TestName & {
  /** Names the test among those of its component. */
  readonly id: string;
  /** The middle of its runs. */
  readonly seconds: number;
  /** Of so many runs it failed in `failed`, and in `flaky` more it passed only when it was tried again. */
  readonly runs: number;
  readonly failed: number;
  readonly flaky: number;
  readonly seenAt: Instant;
  /** Latest first. Tests with the same `run` were run together. */
  readonly last: readonly { readonly run: number; readonly seconds: number; readonly result: TimedResult }[];
};

export const TIMES_ORDERS = ['slowest', 'failing', 'id'] as const;
export type TimesOrder = (typeof TIMES_ORDERS)[number];

/** `next`: where the following page begins; absent: this is the last one. */
export type TimedTestPage = {
  readonly items: readonly TimedTest[];
  readonly total: number;
  readonly next?: string;
};

/**
 * The tests of one report with how each went: runs of one test put together as for a verdict, without those that were
 * skipped and without suites that broke outside of their tests. `leftOut`: tests past the most that are kept of one run.
 */
export function timesOf(
  runs: readonly TestRun[],
  inTree: (text: string) => string,
): { readonly tests: readonly TestTime[]; readonly leftOut: number } {
  const placed = runs.map((run) => ({
    run: { ...run, seconds: secondsKept(run.seconds) },
    report: '',
    order: 0,
  }));
  const all = mergeRuns(placed, 'retry').filter(
    ({ outcome, isSuite }) => outcome !== 'skipped' && isSuite !== true,
  );
  return {
    tests: all.slice(0, RUN_TESTS_KEPT).map((test) => timeOf(test, (text) => cut(inTree(text)))),
    leftOut: Math.max(0, all.length - RUN_TESTS_KEPT),
  };
}

function timeOf(test: Test, nameOf: (text: string) => string): TestTime {
  const { suites, file, classname, name, seconds, outcome } = test;
  return {
    suites: suites.slice(0, SUITES_MAX).map(nameOf),
    file: nameOf(file),
    classname: nameOf(classname),
    name: nameOf(name),
    seconds: secondsKept(seconds),
    result: isFailed(outcome) ? 'failed' : isFlaky(test) ? 'flaky' : 'passed',
  };
}

/** Names that differ stay different: of what is cut, the hash remains. */
const cut = (text: string): string =>
  text.length <= NAME_CHARS_MAX
    ? text
    : `${text.slice(0, NAME_CHARS_MAX - 18).toWellFormed()}…#${sha256(text).slice(0, 16)}`;
