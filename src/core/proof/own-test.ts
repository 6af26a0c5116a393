import type { Judged } from './judged.ts';
import { type GateResult, someFindings, type TestCounts } from './proof.ts';

/** How one run of a command went. Without counts no report was read: the exit code is all that is known. */
export type TestRun = {
  readonly result: 'pass' | 'fail';
  readonly note: string;
  readonly counts?: TestCounts;
};

/** The tests a fix brings, run on what is deployed and on the candidate. Not run where there was no need to. */
export type OwnTestRuns = {
  /** Paths of tests that the fix adds or changes. */
  readonly tests: readonly string[];
  /** Whether the command writes a report that tells tests that failed from tests that never ran. */
  readonly reports: boolean;
  readonly without?: TestRun;
  readonly with?: TestRun;
};

/**
 * Whether the fix's own tests show the fault: they must fail on what is deployed and pass on the candidate. A fix without
 * a test, and one whose tests do not even run without it, is a question for a person.
 */
export function judgeOwnTest(runs: OwnTestRuns): Judged {
  const findings = someFindings(runs.tests.map((path) => ({ path, text: 'a test that the fix brings' })));
  const is = (result: GateResult, note: string): Judged => ({
    result,
    note,
    findings,
    ...(runs.with?.counts && { counts: runs.with.counts }),
  });
  if (runs.tests.length === 0) return is('unclear', 'the fix brings no automated test');
  if (runs.with?.result === 'fail') return is('fail', `with the fix: ${runs.with.note}`);
  if (runs.without?.result === 'pass')
    return is(
      'fail',
      `its tests pass without the fix too (${runs.without.note}): they do not show the fault`,
    );
  if (runs.with === undefined || runs.without === undefined) return is('unclear', 'its tests were not run');
  const { counts, note } = runs.without;
  if (runs.reports && (counts?.failures ?? 0) === 0)
    return is('unclear', `without the fix its tests do not run: ${note}`);
  const how = runs.reports ? '' : ' (by exit code alone: the gate names no report)';
  return is('pass', `without the fix ${note}; with it ${runs.with.note}${how}`);
}
