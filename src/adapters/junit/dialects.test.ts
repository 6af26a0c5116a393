// Goal: what ten and more frameworks write is understood as they mean it. The fixtures' README says which were really run.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { verdictOf } from '../../core/verdict/verdict.ts';
import { readReports } from './files.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');

const verdictOfFixture = (...names: string[]) => {
  const reports = readReports(names.map((name) => join(FIXTURES, name)));
  if (!reports.ok) throw new Error(reports.error);
  return verdictOf(reports.value);
};

type Expected = {
  readonly counts: readonly [tests: number, passed: number, failures: number, skipped: number, flaky: number];
  readonly failed: readonly string[];
  readonly flaky?: readonly string[];
  readonly skipped?: readonly (string | undefined)[];
};

it.each<[string, Expected]>([
  ['bats.xml', { counts: [3, 1, 1, 1, 0], failed: ['t.bats > breaks <&>'], skipped: ['no cluster'] }],
  [
    'ginkgo.xml',
    {
      counts: [7, 2, 3, 2, 1],
      failed: [
        'Nodes Suite > [It] node pool breaks [nodepool-lifecycle]',
        'Nodes Suite > [It] node pool panics [nodepool-lifecycle]',
        'Nodes Suite > [AfterSuite]',
      ],
      flaky: ['Nodes Suite > [It] node pool is flaky [nodepool-lifecycle]'],
      skipped: ['skipped - no AWS', 'pending'],
    },
  ],
  [
    'go-junit-report.xml',
    {
      counts: [5, 2, 2, 1, 0],
      failed: ['example.com/op/pkg > TestBad', 'example.com/op/pkg > TestBad/sub_<&>'],
      skipped: ['a_test.go:14: no cluster'],
    },
  ],
  [
    'gotestsum.xml',
    {
      counts: [5, 2, 2, 1, 1],
      failed: ['example.com/op/pkg > TestBad/sub_<&>', 'example.com/op/pkg > TestBad'],
      flaky: ['example.com/op/pkg > TestSometimes'],
      skipped: ['=== RUN   TestSkipped\n    a_test.go:14: no cluster\n--- SKIP: TestSkipped (0.00s)'],
    },
  ],
  [
    'gradle',
    { counts: [3, 2, 0, 1, 1], failed: [], flaky: ['example.PoolTest > sometimes()'], skipped: [undefined] },
  ],
  [
    'jest-junit.xml',
    {
      counts: [5, 2, 2, 1, 0],
      failed: ['node pool breaks <&> ü', 'Test suite failed to run > b.test.cjs'],
      skipped: [undefined],
    },
  ],
  ['mocha-junit-reporter.xml', { counts: [3, 2, 1, 0, 0], failed: ['node pool breaks <&> ü'] }],
  [
    'node-test.xml',
    {
      counts: [6, 3, 1, 2, 0],
      failed: ['node pool > breaks <&> ü'],
      skipped: ['no cluster', 'later'],
    },
  ],
  [
    'prow',
    {
      counts: [3, 2, 1, 0, 1],
      failed: ['e2e > [sig-node] pool drains'],
      flaky: ['e2e > [sig-node] pool scales'],
    },
  ],
  [
    'pytest.xml',
    {
      counts: [9, 3, 4, 2, 0],
      failed: ['pytest > test_b', 'test_a > test_bad', 'test_a > test_setup', 'test_a > test_teardown'],
      skipped: ['no cluster', 'known'],
    },
  ],
  [
    'surefire',
    {
      counts: [7, 3, 3, 1, 2],
      failed: ['ex.BrokenTest', 'ex.SomeTest > breaks', 'ex.SomeTest > bad'],
      flaky: ['ex.SomeTest > flaky', 'ex.SomeTest > flakyError'],
      skipped: ['no cluster'],
    },
  ],
  [
    'tap-junit.xml',
    {
      counts: [4, 1, 2, 1, 0],
      failed: ['Tap-Junit-Suite > breaks <&>', 'Tap-Junit-Suite > later'],
      skipped: [undefined],
    },
  ],
  [
    'vitest.xml',
    {
      counts: [7, 3, 2, 2, 0],
      failed: ['v.test.mjs > node pool > breaks <&> ü', 'w.test.mjs'],
      skipped: [undefined, undefined],
    },
  ],
])('%s', (name, { counts, failed, flaky = [], skipped = [] }) => {
  const verdict = verdictOfFixture(name);
  const { tests, passed, failures, skipped: left, flaky: unsure } = verdict.counts;
  expect([tests, passed, failures, left, unsure]).toEqual(counts);
  expect(verdict.failed.first.map(({ test }) => test)).toEqual(failed);
  expect(verdict.flaky.first.map(({ test }) => test)).toEqual(flaky);
  expect(verdict.skipped.first.map(({ reason }) => reason)).toEqual(skipped);
  expect(verdict.result).toBe(failures > 0 ? 'fail' : 'pass');
  expect(verdict.unread.first).toEqual([]);
});

it('totals that are not true are told, and those that count in another way are not', () => {
  const told = (name: string) =>
    verdictOfFixture(name).disagreements.first.map(
      ({ suite, of, claimed, counted }) => `${suite}: ${claimed} ${of}, not ${counted}`,
    );
  // Surefire counts anew when it runs failed tests again, and Mocha does not list what it skips.
  expect(told('surefire')).toEqual(['ex.SomeTest: 2 tests, not 6', 'ex.SomeTest: 0 skipped, not 1']);
  expect(told('mocha-junit-reporter.xml')).toEqual([
    'node pool: 3 tests, not 2',
    'Mocha Tests: 1 skipped, not 0',
  ]);
  for (const name of ['ginkgo.xml', 'gotestsum.xml', 'node-test.xml', 'pytest.xml', 'vitest.xml', 'bats.xml'])
    expect(told(name)).toEqual([]);
});

it('of a prow folder the XML of other tools is passed over by name, and files that tests name are looked for inside', () => {
  const verdict = verdictOfFixture('prow');
  expect(verdict.passedOver.first.map((path) => path.split('/').at(-1))).toEqual(['lint.xml', 'page.xml']);
  expect(verdict.reports.first.map(({ report, runs }) => [report.split('/').at(-1), runs])).toEqual([
    ['junit_e2e_1.xml', 3],
    ['junit_e2e_10.xml', 2],
    ['junit_operator.xml', 0],
  ]);
  expect(verdict.attachments.first).toEqual([
    { test: 'e2e > [sig-node] pool scales', path: 'artifacts/logs/scales.txt', standing: 'there' },
    { test: 'e2e > [sig-node] pool scales', path: '../../gotestsum.xml', standing: 'outside' },
  ]);
});

it('all of them together are one verdict', () => {
  const names = ['bats.xml', 'gotestsum.xml', 'prow', 'surefire', 'vitest.xml'];
  const together = verdictOfFixture(...names);
  const apart = names.map((name) => verdictOfFixture(name));
  for (const key of ['tests', 'passed', 'failures', 'skipped', 'flaky', 'runs'] as const)
    expect(together.counts[key]).toBe(apart.reduce((sum, { counts }) => sum + counts[key], 0));
});
