// Goal: the verdict on a run says no more than its reports do: properties of every set of reports.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isFailed } from './merge.ts';
import type { Outcome, Report, Reports, TestRun } from './reports.ts';
import { LISTED_MAX, testsOf, USUAL_VERDICT, type VerdictPolicy, verdictOf } from './verdict.ts';

const run = (name: string, outcome: Outcome, more: Partial<TestRun> = {}): TestRun => ({
  suites: ['s'],
  classname: '',
  name,
  file: '',
  outcome,
  failedBefore: 0,
  seconds: 1,
  attachments: [],
  properties: {},
  ...more,
});
const report = (name: string, runs: readonly TestRun[], more: Partial<Report> = {}): Report => ({
  report: name,
  runs,
  disagreements: [],
  hiddenFailures: 0,
  notes: [],
  ...more,
});
const reports = (...read: readonly Report[]): Reports => ({ read, unread: [], passedOver: [] });
const one = (...runs: readonly TestRun[]) => reports(report('r.xml', runs));

const outcome = fc.constantFrom<Outcome>('passed', 'failed', 'errored', 'skipped');
const anyRun = fc
  .record({
    name: fc.constantFrom('a', 'b', 'c', 'd'),
    outcome,
    suites: fc.constantFrom(['s'], ['t']),
    failedBefore: fc.constantFrom(0, 0, 0, 1),
    beganMs: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
  })
  .map(({ name, outcome: ended, beganMs, ...more }) =>
    run(name, ended, { ...more, ...(beganMs !== undefined && { beganMs }) }),
  );
const anyReports = fc
  .array(fc.array(anyRun, { maxLength: 8 }), { maxLength: 4 })
  .map((all) => reports(...all.map((runs, i) => report(`r${i}.xml`, runs))));
const anyPolicy = fc.record<VerdictPolicy>({
  flaky: fc.constantFrom('passes', 'fails'),
  repeated: fc.constantFrom('retry', 'separate'),
  totals: fc.constantFrom('told', 'must-agree'),
});
const runsIn = ({ read }: Reports) => read.flatMap(({ runs }) => runs);

it('every test is passed, failed or skipped, and every run is counted once', () => {
  fc.assert(
    fc.property(anyReports, anyPolicy, (given, policy) => {
      const { counts, failed, flaky, skipped } = verdictOf(given, policy);
      expect(counts.passed + counts.failures + counts.skipped).toBe(counts.tests);
      expect(counts.runs).toBe(runsIn(given).length);
      expect([failed.of, flaky.of, skipped.of]).toEqual([counts.failures, counts.flaky, counts.skipped]);
    }),
  );
});

it('nothing passes in which a test failed at last, or nothing ran', () => {
  fc.assert(
    fc.property(anyReports, anyPolicy, (given, policy) => {
      const verdict = verdictOf(given, policy);
      const atLast = testsOf(given, policy).some((test) => isFailed(test.outcome));
      const ran = runsIn(given).some((one) => one.outcome !== 'skipped');
      if (atLast) expect(verdict.result).toBe('fail');
      if (!ran) expect(verdict.result).toBe('none');
      if (verdict.result === 'pass') expect(verdict.counts.passed).toBeGreaterThan(0);
    }),
  );
});

it('when no run failed and one ran, it passes; when every run counts for itself, one failure fails', () => {
  fc.assert(
    fc.property(anyReports, (given) => {
      const runs = runsIn(given);
      const failed = runs.some((one) => isFailed(one.outcome));
      const separate = verdictOf(given, { ...USUAL_VERDICT, repeated: 'separate' });
      if (failed) expect(separate.result).toBe('fail');
      else
        expect(verdictOf(given).result).toBe(runs.some((one) => one.outcome === 'passed') ? 'pass' : 'none');
    }),
  );
});

it('a policy that is stricter never turns anything into a pass', () => {
  fc.assert(
    fc.property(anyReports, (given) => {
      if (verdictOf(given).result === 'pass') return;
      for (const stricter of [
        { flaky: 'fails' },
        { repeated: 'separate' },
        { totals: 'must-agree' },
      ] as const)
        expect(verdictOf(given, { ...USUAL_VERDICT, ...stricter }).result).not.toBe('pass');
    }),
  );
});

it('a failure of another test fails, and a report that cannot be read lets nothing pass', () => {
  fc.assert(
    fc.property(anyReports, anyPolicy, (given, policy) => {
      const worse = { ...given, read: [...given.read, report('more.xml', [run('new', 'failed')])] };
      expect(verdictOf(worse, policy).result).toBe('fail');
      const unread = { ...given, unread: [{ report: 'x.xml', because: 'it is empty' }] };
      expect(verdictOf(unread, policy).result).not.toBe('pass');
    }),
  );
});

it('runs in one report or, in the same order, in one for each, come to the same', () => {
  fc.assert(
    fc.property(fc.array(anyRun, { maxLength: 12 }), (runs) => {
      const { because: _, reports: _r, ...together } = verdictOf(one(...runs));
      const apart = verdictOf(reports(...runs.map((each) => report('r.xml', [each]))));
      expect(apart).toMatchObject(together);
    }),
  );
});

it('when all runs of a test say when they began, the order of the reports is nothing', () => {
  const timed = fc
    .array(fc.tuple(fc.constantFrom('a', 'b'), outcome), { maxLength: 6 })
    .map((all) => all.map(([name, ended], i) => report(`r${i}.xml`, [run(name, ended, { beganMs: i })])));
  fc.assert(
    fc.property(timed, (given) => {
      const forth = verdictOf(reports(...given));
      const back = verdictOf(reports(...given.toReversed()));
      expect([back.result, back.counts]).toEqual([forth.result, forth.counts]);
    }),
  );
});

it.each<[string, readonly TestRun[], readonly (string | number)[]]>([
  ['failed, then passed', [run('a', 'failed'), run('a', 'passed')], ['pass', 1, 1]],
  ['passed, then failed', [run('a', 'passed'), run('a', 'failed')], ['fail', 1, 0]],
  ['failed, then skipped', [run('a', 'failed'), run('a', 'skipped')], ['fail', 1, 0]],
  ['skipped, then passed', [run('a', 'skipped'), run('a', 'passed')], ['pass', 1, 0]],
  ['passed after tries inside it', [run('a', 'passed', { failedBefore: 2 })], ['pass', 1, 1]],
  [
    'the same name in another suite',
    [run('a', 'failed'), run('a', 'passed', { suites: ['t'] })],
    ['fail', 2, 0],
  ],
  [
    'the same name in another class',
    [run('a', 'failed'), run('a', 'passed', { classname: 'K' })],
    ['fail', 2, 0],
  ],
  [
    'the same name in another file',
    [run('a', 'failed'), run('a', 'passed', { file: 'b.js' })],
    ['fail', 2, 0],
  ],
  [
    'the same name on another host',
    [run('a', 'failed', { host: 'chromium' }), run('a', 'passed', { host: 'firefox' })],
    ['fail', 2, 0],
  ],
  ['a suite called as a test', [run('a', 'failed', { isSuite: true }), run('a', 'passed')], ['fail', 2, 0]],
])('%s', (_what, runs, expected) => {
  const { result, counts } = verdictOf(one(...runs));
  expect([result, counts.tests, counts.flaky]).toEqual(expected);
});

it('a flaky test is named with the runs that failed and why, and fails where the policy says so', () => {
  const runs = [run('a', 'failed', { reason: 'timed out' }), run('a', 'passed')];
  expect(verdictOf(one(...runs)).flaky.first).toEqual([
    { test: 's > a', report: 'r.xml', runs: 2, reason: 'timed out', failedRuns: 1 },
  ]);
  const strict = verdictOf(one(...runs), { ...USUAL_VERDICT, flaky: 'fails' });
  expect(strict).toMatchObject({ result: 'fail', because: '1 of 1 tests failed: s > a', flaky: { of: 1 } });
});

it.each<[string, Reports, string, string]>([
  ['no report', reports(), 'none', 'no test ran: there is no report'],
  ['a report without a test', one(), 'none', 'no test ran'],
  ['only skipped tests', one(run('a', 'skipped')), 'none', 'no test ran: all 1 were skipped'],
  [
    'totals that claim failures',
    reports(report('r.xml', [run('a', 'passed')], { hiddenFailures: 2 })),
    'fail',
    'totals of r.xml claim 2 failures that its cases do not show',
  ],
])('%s: no pass', (_what, given, result, because) => {
  expect(verdictOf(given)).toMatchObject({ result, because });
});

it('totals that claim more tests are told, and fail where the policy says so', () => {
  const lie = { suite: 's', of: 'tests', claimed: 900, counted: 1 } as const;
  const given = reports(report('r.xml', [run('a', 'passed')], { disagreements: [lie] }));
  expect(verdictOf(given)).toMatchObject({
    result: 'pass',
    disagreements: { first: [{ report: 'r.xml', ...lie }] },
  });
  expect(verdictOf(given, { ...USUAL_VERDICT, totals: 'must-agree' })).toMatchObject({
    result: 'fail',
    because: 'r.xml, suite s claims 900 tests and its cases show 1',
  });
});

it('no list is longer than its limit, and each says how many there are', () => {
  const many = Array.from({ length: LISTED_MAX + 7 }, (_, i) =>
    run(`t${i}`, i % 2 ? 'failed' : 'skipped', { attachments: [{ path: `${i}`, standing: 'there' }] }),
  );
  const flaky = Array.from({ length: 2 * LISTED_MAX }, (_, i) => run(`f${i}`, 'passed', { failedBefore: 1 }));
  const verdict = verdictOf(one(...many, ...many.map((r) => ({ ...r, suites: ['u'] })), ...flaky));
  for (const list of [verdict.failed, verdict.skipped, verdict.flaky, verdict.attachments]) {
    expect(list.first).toHaveLength(LISTED_MAX);
    expect(list.of).toBeGreaterThan(LISTED_MAX);
  }
});
