// Goal: a fix's own tests count only where they tell the candidate from what is deployed.
import { expect, test } from 'vitest';
import { judgeOwnTest, type OwnTestRuns, type TestRun } from './own-test.ts';

const counts = (tests: number, failures: number) => ({ tests, failures, skipped: 0 });
const PASSED: TestRun = { result: 'pass', note: '3 tests passed', counts: counts(3, 0) };
const FAILED: TestRun = { result: 'fail', note: '1 of 3 tests failed: a', counts: counts(3, 1) };
const BROKEN: TestRun = { result: 'fail', note: 'exit code 2: cannot build' };
const OK: TestRun = { result: 'pass', note: 'exit code 0' };
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
  ['are none', { tests: [] }, 'unclear', 'the fix brings no automated test'],
])('tests that %s', (_, over, result, note) => {
  expect(judge(over)).toMatchObject({ result, note });
});

test('the tests are named, the first of them', () => {
  expect(judge({}).findings).toEqual([{ path: 'a_test.go', text: 'a test that the fix brings' }]);
  const many = judge({ tests: Array.from({ length: 50 }, (_, i) => `t${i}`) }).findings!;
  expect([many.length, many.at(-1)]).toEqual([20, { text: 'and 31 more' }]);
});
