// Goal: what a report claims of its tests is kept within bounds, so that no report spoils what is known of the others.
import { expect, test } from 'vitest';
import type { TestRun } from '../verdict/reports.ts';
import { RUN_TESTS_KEPT, TEST_SECONDS_MAX, TESTS_KEPT, timesOf } from './test-times.ts';

const run = (name: string, seconds: number, more: Partial<TestRun> = {}): TestRun => ({
  ...({ suites: [], classname: '', file: '', outcome: 'passed', failedBefore: 0, attachments: [] } as const),
  ...{ name, seconds, properties: {}, ...more },
});
const secondsOf = (...runs: readonly TestRun[]) =>
  timesOf(runs, (text) => text).tests.map(({ seconds }) => seconds);

test.each([
  ['as it is', [run('a', 1.5)], [1.5]],
  ['not longer than 30 days', [run('a', 1e308)], [TEST_SECONDS_MAX]],
  ['of several tries, together not longer either', [run('a', 1e308), run('a', 1e308)], [TEST_SECONDS_MAX]],
  ['no number', [run('a', Number.NaN), run('b', Number.POSITIVE_INFINITY)], [0, TEST_SECONDS_MAX]],
  ['below nothing', [run('a', -5)], [0]],
])('the time of a test is kept: %s', (_, runs, want) => {
  expect(TEST_SECONDS_MAX).toBe(2_592_000);
  expect(secondsOf(...runs)).toEqual(want);
});

test('one report brings a fifth of what is kept of a component, and says how many tests more it has', () => {
  const runs = Array.from({ length: RUN_TESTS_KEPT + 3 }, (_, n) => run(`t${n}`, 1));
  const { tests, leftOut } = timesOf(runs, (text) => text);
  expect(tests).toHaveLength(TESTS_KEPT / 5);
  expect(leftOut).toBe(3);
  expect(timesOf(runs.slice(3), (text) => text).leftOut).toBe(0);
});
