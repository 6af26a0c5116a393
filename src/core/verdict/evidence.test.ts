import { expect, it } from 'vitest';
import { evidenceOf } from './evidence.ts';
import type { TestRun } from './reports.ts';
import { verdictOf } from './verdict.ts';

const run = (name: string, outcome: TestRun['outcome'], failedBefore = 0): TestRun => ({
  ...{ suites: [], classname: '', name, file: '', seconds: 0, attachments: [], properties: {} },
  ...{ outcome, failedBefore },
});
const verdict = (...runs: readonly TestRun[]) =>
  verdictOf({
    read: [{ report: 'r.xml', runs, disagreements: [], hiddenFailures: 0, notes: [] }],
    unread: [],
    passedOver: [],
  });

it('a run of which something is known is evidence, with the names that matter', () => {
  expect(evidenceOf(verdict(run('a', 'passed', 1), run('b', 'failed'), run('c', 'skipped')))).toEqual({
    ok: true,
    value: {
      result: 'fail',
      note: '1 of 3 tests failed: b',
      counts: { tests: 3, failures: 1, skipped: 1, flaky: 1 },
      failed: ['b'],
      flaky: ['a'],
    },
  });
});

it('a run without a test is no evidence, and thousands of failures are kept short', () => {
  expect(evidenceOf(verdict(run('a', 'skipped')))).toEqual({
    ok: false,
    error: 'no test ran: all 1 were skipped',
  });
  const many = Array.from({ length: 3_000 }, (_, i) => run(`${i} ${'x'.repeat(900)}`, 'failed'));
  expect(JSON.stringify(evidenceOf(verdict(...many))).length).toBeLessThan(6_000);
});
