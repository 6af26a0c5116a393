import { isFailed, isFlaky, mergeRuns, type PlacedRun, type Test } from './merge.ts';
import type { Attachment, Disagreement, Reports, Unread } from './reports.ts';

/** What counts against a run. */
export type VerdictPolicy = {
  /** A test that failed and passed at last. It is named in any case. */
  readonly flaky: 'passes' | 'fails';
  /** The same test more than once: tried again, or tests that share a name. */
  readonly repeated: 'retry' | 'separate';
  /** A report whose totals say other than its cases. More failures than its cases show fail in any case. */
  readonly totals: 'told' | 'must-agree';
};

export const USUAL_VERDICT: VerdictPolicy = { flaky: 'passes', repeated: 'retry', totals: 'told' };

type NamedTest = {
  /** Suite or class, and name, as people know it. */
  readonly test: string;
  readonly report: string;
  /** Elements of the reports that are about it. */
  readonly runs: number;
  readonly reason?: string;
};
type FlakyTest = NamedTest & { readonly failedRuns: number };

type VerdictCounts = {
  /** Tests, each once however often it ran; a suite that broke outside its tests is one. */
  readonly tests: number;
  readonly passed: number;
  readonly failures: number;
  readonly skipped: number;
  /** Passed at last; among `passed`, or among `failures` when the policy says so. */
  readonly flaky: number;
  /** Elements of the reports. */
  readonly runs: number;
};

/** A list that is cut: `of` is how many there are. */
export type Cut<T> = { readonly first: readonly T[]; readonly of: number };

/** What the reports of one run come to. `none`: they do not say that anything works. */
export type Verdict = {
  readonly result: 'pass' | 'fail' | 'none';
  readonly because: string;
  readonly counts: VerdictCounts;
  readonly failed: Cut<NamedTest>;
  readonly flaky: Cut<FlakyTest>;
  readonly skipped: Cut<NamedTest>;
  readonly disagreements: Cut<Disagreement>;
  readonly attachments: Cut<Attachment & { readonly test: string }>;
  readonly unread: Cut<Unread>;
  readonly reports: Cut<{
    readonly report: string;
    readonly runs: number;
    readonly notes: readonly string[];
  }>;
  readonly passedOver: Cut<string>;
  readonly seconds: number;
};

/** No list of a verdict is longer. */
export const LISTED_MAX = 500;

/** What the reports of one run say, all together. */
export function verdictOf(reports: Reports, policy: VerdictPolicy = USUAL_VERDICT): Verdict {
  return verdictOfTests(testsOf(reports, policy), reports, policy);
}

/** The tests of all reports, each once. */
export const testsOf = ({ read }: Reports, { repeated }: Pick<VerdictPolicy, 'repeated'>): Test[] =>
  mergeRuns(placed(read), repeated);

function* placed(read: Reports['read']): Generator<PlacedRun> {
  for (const [order, { report, runs }] of read.entries())
    for (const run of runs) yield { run, report, order };
}

/** As `verdictOf`, of tests that `testsOf` gave for the same reports. */
export function verdictOfTests(tests: readonly Test[], reports: Reports, policy: VerdictPolicy): Verdict {
  const flaky = tests.filter(isFlaky);
  const fails = (test: Test) => isFailed(test.outcome) || (policy.flaky === 'fails' && isFlaky(test));
  const failed = tests.filter(fails);
  const skipped = tests.filter(({ outcome }) => outcome === 'skipped');
  const disagreements = reports.read.flatMap(({ report, disagreements: found }) =>
    found.map((one) => ({ report, ...one })),
  );
  const counts: VerdictCounts = {
    tests: tests.length,
    passed: tests.length - failed.length - skipped.length,
    failures: failed.length,
    skipped: skipped.length,
    flaky: flaky.length,
    runs: tests.reduce((sum, { runs }) => sum + runs, 0),
  };
  return {
    ...judged(counts, disagreements, reports, failed, policy),
    counts,
    failed: cut(failed, named),
    flaky: cut(flaky, (test) => ({ ...named(test), failedRuns: test.failedRuns })),
    skipped: cut(skipped, named),
    disagreements: cut(disagreements),
    attachments: cutAttachments(tests),
    unread: cut(reports.unread),
    reports: cut(reports.read, ({ report, runs, notes }) => ({ report, runs: runs.length, notes })),
    passedOver: cut(reports.passedOver),
    seconds: Number(tests.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(3)),
  };
}

/** What is known to be wrong comes before what is not known. */
function judged(
  { tests, passed, failures, skipped, flaky }: VerdictCounts,
  disagreements: readonly Disagreement[],
  { read, unread }: Reports,
  failed: readonly Test[],
  policy: VerdictPolicy,
): Pick<Verdict, 'result' | 'because'> {
  const told = (result: Verdict['result'], because: string) => ({ result, because });
  if (failures > 0) {
    const names = failed.slice(0, 3).map(testName).join(', ');
    return told('fail', `${failures} of ${tests} tests failed: ${names}${failures > 3 ? ', …' : ''}`);
  }
  const hiding = read.find(({ hiddenFailures }) => hiddenFailures > 0);
  if (hiding)
    return told(
      'fail',
      `totals of ${hiding.report} claim ${hiding.hiddenFailures} failures that its cases do not show`,
    );
  const first = unread[0];
  if (first) return told('none', `${first.report} cannot be read: ${first.because}`);
  if (tests === 0) return told('none', read.length === 0 ? 'no test ran: there is no report' : 'no test ran');
  if (passed === 0) return told('none', `no test ran: all ${tests} were skipped`);
  const odd = disagreements[0];
  if (odd && policy.totals === 'must-agree')
    return told('fail', `${placeOf(odd)} claims ${odd.claimed} ${odd.of} and its cases show ${odd.counted}`);
  const more = [...(skipped > 0 ? [`${skipped} skipped`] : []), ...(flaky > 0 ? [`${flaky} flaky`] : [])];
  return told('pass', [`${passed} of ${tests} tests passed`, ...more].join(', '));
}

const placeOf = ({ report, suite }: Disagreement): string =>
  suite === '' ? report : `${report}, suite ${suite}`;

/** The class, else the nearest suite, and the name; the name alone when that has it already. */
export function testName({ suites, classname, name, isSuite }: Test): string {
  if (isSuite) return `${[...suites, name].filter((part) => part !== '').join(' > ')} (outside its tests)`;
  const around = classname || (suites.at(-1) ?? '');
  if (around === '' || name.includes(around)) return name || 'a test without a name';
  return name === '' ? around : `${around} > ${name}`;
}

const named = (test: Test): NamedTest => ({
  test: testName(test),
  report: test.report,
  runs: test.runs,
  ...(test.reason !== undefined && { reason: test.reason }),
});

function cut<T>(all: readonly T[]): Cut<T>;
function cut<T, U>(all: readonly T[], to: (one: T) => U): Cut<U>;
function cut<T, U>(all: readonly T[], to?: (one: T) => U): Cut<T | U> {
  const first = all.slice(0, LISTED_MAX);
  return { first: to ? first.map(to) : first, of: all.length };
}

function cutAttachments(tests: readonly Test[]): Verdict['attachments'] {
  const first: (Attachment & { test: string })[] = [];
  let of = 0;
  for (const test of tests) {
    of += test.attachments.length;
    for (const one of test.attachments)
      if (first.length < LISTED_MAX) first.push({ test: testName(test), ...one });
  }
  return { first, of };
}
