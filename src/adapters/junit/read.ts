import { fail, ok, type Result } from '../../core/base/result.ts';
import type { TestCounts } from '../../core/proof/proof.ts';
import type { Report, TestRun } from '../../core/verdict/reports.ts';
import { readReportText } from './read-report.ts';

/**
 * What a JUnit report says, counted from its test cases. `failures` includes errors. `failed`: names of the
 * first failed tests. `claimedFailures`: how many more failures the totals of its suites claim; those are written
 * by the program under test's tools in many ways, so they can only make a report worse, never better.
 */
export type JunitReport = TestCounts & {
  readonly failed: readonly string[];
  readonly claimedFailures: number;
};

const BYTES_MAX = 20 * 1024 * 1024;
const TAGS_MAX = 1_000_000;
const NAMES_MAX = 5;
/** Names are shown to people; a text of megabytes is no name. */
const TEXT_MAX = 200;

/**
 * Reads a JUnit report of any dialect: `testsuites`, `testsuite` in any nesting, cases directly below the
 * root. A case failed when it has a `failure` or `error` (element or attribute) or a status that says so;
 * retries that passed in the end (`flakyFailure`, `rerunFailure` beside none) passed. The same test twice is two:
 * a verdict (core/verdict) is what puts runs together.
 * Entities beyond XML's five are not read, a DOCTYPE is refused, and so are more than 20 MB, a million tags, or 64 levels.
 * The error is one line, with line and column where there is one.
 * Takes up to seconds for megabytes: `readReport` keeps that away from everything else.
 */
export function readJunit(xml: Buffer | string): Result<JunitReport, string> {
  const report = readInMemory(xml);
  return report.ok ? ok(counted(report.value)) : report;
}

/** The runs of a report that is in memory, within the limits that `readJunit` states; the error is one line. */
export function readInMemory(xml: Buffer | string): Result<Omit<Report, 'report'>, string> {
  const bytes = typeof xml === 'string' ? Buffer.from(xml) : xml;
  if (bytes.length > BYTES_MAX) return fail(`it has ${bytes.length} bytes; at most ${BYTES_MAX} are read`);
  const report = readReportText(bytes, { limits: { tagsMax: TAGS_MAX } });
  return report.ok ? report : fail(report.error.because);
}

function counted({ runs, hiddenFailures }: Omit<Report, 'report'>): JunitReport {
  const failed = runs.filter(({ outcome }) => outcome === 'failed' || outcome === 'errored');
  return {
    tests: runs.length,
    failures: failed.length,
    skipped: runs.filter(({ outcome }) => outcome === 'skipped').length,
    failed: failed.slice(0, NAMES_MAX).map(shownName),
    claimedFailures: hiddenFailures,
  };
}

const shownName = ({ name, classname }: TestRun): string =>
  (name || classname || 'a test without a name').slice(0, TEXT_MAX);
