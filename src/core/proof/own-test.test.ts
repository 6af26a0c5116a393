// Goal: a fix's own tests count only where they tell the candidate from what is deployed.
import { expect, test } from 'vitest';
import { type CaseName, type CommandRun, judgeOwnTest, type OwnTestRuns } from './own-test.ts';

const counts = (tests: number, failures: number) => ({ tests, failures, skipped: 0 });
const called = (name: string): CaseName => ({ file: '', classname: 'pkg', name });
const A = { ended: true, cases: [called('a')] } as const;
const PASSED: CommandRun = { result: 'pass', note: '3 tests passed', counts: counts(3, 0), ...A };
const FAILED: CommandRun = { result: 'fail', note: '1 of 3 tests failed: a', counts: counts(3, 1), ...A };
const BROKEN: CommandRun = { result: 'fail', note: 'exit code 2: cannot build', ended: true };
const UNLAID: CommandRun = { result: 'fail', note: '"a_test.go" is no plain file' };
const OK: CommandRun = { result: 'pass', note: 'exit code 0', ended: true };
const NOT_SEEN =
  'none of the tests that failed without the fix is seen to pass with it (1 of 3 tests failed: a): they may not have run';
const judge = (over: Partial<OwnTestRuns>) =>
  judgeOwnTest({ tests: ['a_test.go'], reports: true, without: FAILED, with: PASSED, ...over });

test.each<[string, Partial<OwnTestRuns>, string, string]>([
  [
    'fail without it and pass with it',
    {},
    'pass',
    'without the fix 1 of 3 tests failed: a; with it 3 tests passed',
  ],
  [
    'tell by exit codes alone',
    { reports: false, without: BROKEN, with: OK },
    'pass',
    'without the fix exit code 2: cannot build; with it exit code 0 (by exit code alone: the gate names no report)',
  ],
  [
    'pass without it',
    { without: PASSED },
    'fail',
    'its tests pass without the fix too (3 tests passed): they do not show the fault',
  ],
  ['fail with it', { with: FAILED }, 'fail', 'with the fix: 1 of 3 tests failed: a'],
  ['fail both times', { without: BROKEN, with: BROKEN }, 'fail', 'with the fix: exit code 2: cannot build'],
  [
    'do not run without it',
    { without: BROKEN },
    'unclear',
    'without the fix its tests do not run: exit code 2: cannot build',
  ],
  [
    'break before any of them failed',
    { without: { ...BROKEN, counts: counts(2, 0) } },
    'unclear',
    'without the fix its tests do not run: exit code 2: cannot build',
  ],
  [
    'were never laid over what is deployed',
    { reports: false, without: UNLAID, with: OK },
    'unclear',
    'its tests were not run without the fix: "a_test.go" is no plain file',
  ],
  [
    'failed in a run that was cut off',
    { without: { result: 'fail', note: 'timed out after 1s', counts: counts(3, 1), cases: A.cases } },
    'unclear',
    'its tests were not run without the fix: timed out after 1s',
  ],
  ['fail without it and are not seen with it', { with: { ...PASSED, cases: [] } }, 'unclear', NOT_SEEN],
  [
    'fail without it, while others pass with it',
    { with: { ...PASSED, cases: [{ ...called('a'), classname: 'other' }] } },
    'unclear',
    NOT_SEEN,
  ],
  ['have no names', { without: { ...FAILED, cases: [] } }, 'unclear', NOT_SEEN],
  [
    'are a file that is told of as a test, since it cannot be loaded without the fix',
    {
      without: { ...FAILED, cases: [called('a_test.go')] },
      with: { ...PASSED, cases: [called('a_test.go')] },
    },
    'unclear',
    NOT_SEEN,
  ],
  ['are none', { tests: [] }, 'unclear', 'the fix brings no automated test'],
])('tests that %s', (_, over, result, note) => {
  expect(judge(over)).toMatchObject({ result, note });
});

test('the tests are named, the first of them', () => {
  expect(judge({}).findings).toEqual([{ path: 'a_test.go', text: 'a test that the fix brings' }]);
  const many = judge({ tests: Array.from({ length: 50 }, (_, i) => `t${i}`) }).findings!;
  expect([many.length, many.at(-1)]).toEqual([20, { text: 'and 31 more' }]);
});
