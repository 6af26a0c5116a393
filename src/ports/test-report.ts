import type { Result } from '../core/base/result.ts';
import type { CaseName } from '../core/proof/own-test.ts';
import type { TestCounts } from '../core/proof/proof.ts';
import type { TestTime } from '../core/select/test-times.ts';

/** Cases that are to be named: those that failed, or those of these that were seen to pass. */
export type CasesAsked =
  | { readonly tell: 'failed' }
  | { readonly tell: 'passed'; readonly of: readonly CaseName[] };

/** What is asked of a report. `homes`: what the tree is called that the tests ran in; paths in it are told from there. */
export type ReportAsked = {
  readonly homes: readonly string[];
  readonly cases?: CasesAsked;
  readonly times?: true;
};

/** `leftOut`: so many more tests than are told. */
export type ReportTimes = { readonly tests: readonly TestTime[]; readonly leftOut: number };

/**
 * What a test report says. `failed`: names of tests that failed, the first few of them. `claimedFailures`: how many more
 * failures the totals of its suites claim than its tests show: a suite broke before they ran. `cases`, `times`: as asked.
 */
export type TestReport = TestCounts & {
  readonly failed: readonly string[];
  readonly claimedFailures: number;
  readonly cases?: readonly CaseName[];
  readonly times?: ReportTimes;
};

/** Reads a report's file; the adapter `junit` does. The error is one line for people. */
export type ReadReport = (path: string, asked: ReportAsked) => Promise<Result<TestReport, string>>;

/** Of a larger report nothing is read. */
export const REPORT_BYTES_MAX = 256 * 1024 * 1024;
