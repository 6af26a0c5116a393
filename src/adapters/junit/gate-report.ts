import { constants } from 'node:fs';
import { sep } from 'node:path';
import { fail, ok, type Result } from '../../core/base/result.ts';
import { type CaseName, caseKey } from '../../core/proof/own-test.ts';
import { timesOf } from '../../core/select/test-times.ts';
import { isFailed } from '../../core/verdict/merge.ts';
import type { Report, TestRun } from '../../core/verdict/reports.ts';
import {
  type CasesAsked,
  REPORT_BYTES_MAX,
  type ReportAsked,
  type TestReport,
} from '../../ports/test-report.ts';
import { fileSource } from './files.ts';
import { readReportFrom } from './read-report.ts';

/**
 * Reads the report of a gate's run from its file, piece by piece. A case failed when it has a `failure` or `error` (element or
 * attribute) or a status that says so; retries that passed in the end (`flakyFailure`, `rerunFailure` beside none) passed. The
 * same test twice is two: a verdict (core/verdict) is what puts runs together. The error is one line, with line and column
 * where there is one. It blocks: `readReport` of index.ts keeps that away from everything else.
 */
export function gateReportIn(path: string, { homes, cases, times }: ReportAsked): Result<TestReport, string> {
  // A link could name a file of this machine, and a pipe would be waited for.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  try {
    const report = readReportFrom(fileSource(path, REPORT_BYTES_MAX, flags));
    if (!report.ok) return fail(report.error.because);
    const { runs } = report.value;
    const inTree = (text: string) => homes.reduce((left, home) => left.replaceAll(home + sep, ''), text);
    return ok({
      ...countsOf(report.value),
      ...(cases && { cases: casesOf(runs, inTree, cases) }),
      ...(times && { times: timesOf(runs, inTree) }),
    });
  } catch (problem) {
    return fail((problem as NodeJS.ErrnoException).code ?? (problem as Error).message);
  }
}

const NAMES_MAX = 5;
/** Names are shown to people; a text of megabytes is no name. */
const TEXT_MAX = 200;

/** Counted from the cases. The totals of suites are written in many ways, so they can only make a report worse, never better. */
export function countsOf({ runs, hiddenFailures }: Pick<Report, 'runs' | 'hiddenFailures'>): TestReport {
  const failed = runs.filter(({ outcome }) => isFailed(outcome));
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

const CASES_MAX = 1_000;

/** By what they are called in whichever tree they run. */
function casesOf(runs: readonly TestRun[], inTree: (text: string) => string, asked: CasesAsked): CaseName[] {
  const cases = runs
    .filter(({ isSuite }) => isSuite !== true)
    .map(({ outcome, file, classname, name }) => ({
      outcome,
      called: { file: inTree(file), classname: inTree(classname), name: inTree(name) },
    }));
  const named = (is: (outcome: TestRun['outcome']) => boolean) =>
    new Map(cases.filter(({ outcome }) => is(outcome)).map(({ called }) => [caseKey(called), called]));
  if (asked.tell === 'failed') return [...named(isFailed).values()].slice(0, CASES_MAX);
  const passed = named((outcome) => outcome === 'passed');
  const others = named((outcome) => outcome !== 'passed');
  return asked.of.filter((one) => passed.has(caseKey(one)) && !others.has(caseKey(one)));
}
