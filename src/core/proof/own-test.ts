import type { Judged } from './judged.ts';
import { type GateResult, someFindings, type TestCounts } from './proof.ts';

/** What a report calls a test. `file` and `classname` are empty where it does not say; paths count from the tree. */
export type CaseName = { readonly file: string; readonly classname: string; readonly name: string };

/** Two runs of a test have the same. */
export const caseKey = ({ file, classname, name }: CaseName): string =>
  JSON.stringify([file, classname, name]);

/**
 * How one run of a command went. Without counts no report was read: the exit code is all that is known. `ended`: the command
 * ended by itself with an exit code of its own; absent: whatever it was to run, it did not, or not to its end.
 */
export type CommandRun = {
  readonly result: 'pass' | 'fail';
  readonly note: string;
  readonly counts?: TestCounts;
  readonly ended?: true;
  /** Tests it was asked to name: of the run without the fix those that failed, of the run with it those of them seen to pass. */
  readonly cases?: readonly CaseName[];
};

/** The tests a fix brings, run on what is deployed and on the candidate. Not run where there was no need to. */
export type OwnTestRuns = {
  /** Paths of tests that the fix adds or changes. */
  readonly tests: readonly string[];
  /** Whether the command writes a report that tells tests that failed from tests that never ran. */
  readonly reports: boolean;
  readonly without?: CommandRun;
  readonly with?: CommandRun;
};

/**
 * Whether the fix's own tests show the fault: they must fail on what is deployed and pass on the candidate; with a report, at
 * least one by name. A fix without a test, and one whose tests do not even run without it, is a question for a person.
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
  const { counts, note, ended } = runs.without;
  if (ended !== true) return is('unclear', `its tests were not run without the fix: ${note}`);
  if (runs.reports && (counts?.failures ?? 0) === 0)
    return is('unclear', `without the fix its tests do not run: ${note}`);
  if (runs.reports && !isShown(runs))
    return is(
      'unclear',
      `none of the tests that failed without the fix is seen to pass with it (${note}): they may not have run`,
    );
  const how = runs.reports ? '' : ' (by exit code alone: the gate names no report)';
  return is('pass', `without the fix ${note}; with it ${runs.with.note}${how}`);
}

/**
 * Whether a test that failed without the fix is seen to pass with it. A file that is reported as a test is none: it fails where
 * it cannot be loaded, and the tests in it then never ran.
 */
function isShown({ tests, without, with: withIt }: OwnTestRuns): boolean {
  const isFile = ({ name, file }: CaseName) =>
    [file, ...tests].some((path) => path !== '' && (name === path || name.endsWith(`/${path}`)));
  const failed = new Set(without?.cases?.filter((one) => !isFile(one)).map(caseKey));
  return withIt?.cases?.some((one) => failed.has(caseKey(one))) ?? false;
}
