import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readPolarion } from '../../adapters/junit/polarion.ts';
import type { Test } from './merge.ts';
import {
  type CasesWanted,
  type PolarionCase,
  type PolarionRun,
  polarionCases,
  polarionDifference,
  polarionXml,
} from './polarion.ts';
import type { Outcome } from './reports.ts';

const of = (name: string, outcome: Outcome = 'passed', more: Partial<Test> = {}): Test => ({
  suites: ['s'],
  classname: 'K',
  name,
  file: '',
  outcome,
  runs: 1,
  failedRuns: 0,
  seconds: 1,
  attachments: [],
  properties: {},
  report: 'r.xml',
  ...more,
});
const USUAL: CasesWanted = {
  map: [],
  idProperty: 'polarion-testcase-id',
  lookup: 'id',
  errors: 'failed',
  flaky: 'passes',
};
const cases = (tests: readonly Test[], more: Partial<CasesWanted> = {}) =>
  polarionCases(tests, { ...USUAL, ...more });
const own = (id: string, more: Record<string, string> = {}) => ({
  properties: { 'polarion-testcase-id': id, ...more },
});

// What a report can give once it is read: no control characters but tabs and line breaks.
const words = fc.string({
  unit: fc.constantFrom(...'ab <>&"\'ü€\n\t;#', '😀', '&amp;', '&#10;', ']]>', '<!--'),
  maxLength: 12,
});
const aCase = fc
  .record({
    id: words,
    project: fc.option(words, { nil: undefined }),
    name: words,
    classname: words,
    outcome: fc.constantFrom('passed', 'failed', 'blocked', 'waiting'),
    message: words,
    comment: fc.option(words, { nil: undefined }),
    parameters: fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), words, { maxKeys: 3 }),
    seconds: fc.double({ min: 0, max: 1e5, noNaN: true }),
  })
  .map(({ project, comment, ...rest }): PolarionCase => {
    return {
      ...rest,
      ...(project !== undefined && { project }),
      ...(comment !== undefined && { comment }),
    } as PolarionCase;
  })
  .map((one) => (one.outcome === 'passed' ? { ...one, message: '' } : one));
const aRun: fc.Arbitrary<PolarionRun> = fc.record({
  properties: fc.array(fc.tuple(words, words), { maxLength: 4 }),
  suite: words,
  cases: fc.array(aCase, { maxLength: 5 }),
});

it('what is written is what is read back, whatever the texts are', () => {
  fc.assert(
    fc.property(aRun, (run) => {
      const read = readPolarion(polarionXml(run));
      if (!read.ok) throw new Error(read.error);
      expect(polarionDifference(run, read.value)).toBeUndefined();
    }),
  );
});

it('a file that lost or changed anything is not taken for what was meant', () => {
  fc.assert(
    fc.property(
      aRun.filter(({ cases: all }) => all.length > 0),
      fc.nat(),
      fc.nat(3),
      (run, at, what) => {
        const i = at % run.cases.length;
        const one = run.cases[i]!;
        const changed = [
          { ...one, id: `${one.id}x` },
          { ...one, outcome: one.outcome === 'failed' ? ('passed' as const) : ('failed' as const) },
          { ...one, parameters: { ...one.parameters, added: 'x' } },
          { ...one, seconds: one.seconds + 1 },
        ][what]!;
        expect(polarionDifference(run, { ...run, cases: run.cases.with(i, changed) })).toBeDefined();
        expect(polarionDifference(run, { ...run, cases: run.cases.toSpliced(i, 1) })).toBeDefined();
      },
    ),
  );
});

it('ids are from the map, by name and nearer by class, else of the test itself', () => {
  const map = [
    { test: 'a', id: 'OPR-1' },
    { test: 'a', class: 'K', id: 'OPR-2', project: 'OTHER', parameters: { arch: 'arm64' } },
    { test: 'gone', id: 'OPR-9' },
  ];
  const found = cases(
    [of('a'), of('a', 'passed', { classname: 'L' }), of('b', 'failed', own('OPR-3')), of('c')],
    { map },
  );
  expect(found.cases.map(({ id, project, parameters }) => [id, project, parameters])).toEqual([
    ['OPR-2', 'OTHER', { arch: 'arm64' }],
    ['OPR-1', undefined, {}],
    ['OPR-3', undefined, {}],
  ]);
  expect(found.withoutId.map(({ name }) => name)).toEqual(['c']);
  expect(found.unused).toEqual([map[2]]);
});

it('an id of the map counts more than that of the test, and that is told', () => {
  const found = cases([of('a', 'passed', own('OPR-1'))], { map: [{ test: 'a', id: 'OPR-2' }] });
  expect(found.cases[0]?.id).toBe('OPR-2');
  expect(found.overruled).toEqual([{ test: 'K > a', own: 'OPR-1', id: 'OPR-2' }]);
});

it('looked up by name, every test has an id but a suite that broke', () => {
  const found = cases([of('a'), of('s', 'errored', { isSuite: true })], { lookup: 'name' });
  expect(found.cases.map(({ id }) => id)).toEqual(['a']);
  expect(found.withoutId.map(({ name }) => name)).toEqual(['s']);
});

it('tests of one case are one, as bad as the worst; with other parameters they are two', () => {
  const tests = [
    of('a', 'passed', own('X')),
    of('b', 'failed', { ...own('X'), reason: 'no' }),
    of('c', 'skipped', own('X')),
  ];
  expect(cases(tests).cases).toMatchObject([
    {
      id: 'X',
      name: 'b',
      outcome: 'failed',
      message: 'no',
      comment: 'K > a: passed; K > b: failed; K > c: waiting',
      seconds: 3,
    },
  ]);
  const apart = ['amd64', 'arm64'].map((arch) =>
    of(arch, 'passed', own('X', { 'polarion-parameter-arch': arch })),
  );
  expect(cases(apart).cases.map(({ parameters }) => parameters)).toEqual([
    { arch: 'amd64' },
    { arch: 'arm64' },
  ]);
});

it('an error fails or is blocked, a flaky test passes with a comment or fails, as it is wanted', () => {
  const outcome = (test: Test, more: Partial<CasesWanted> = {}) => cases([test], more).cases[0]!.outcome;
  const errored = of('a', 'errored', own('X'));
  expect([outcome(errored), outcome(errored, { errors: 'blocked' })]).toEqual(['failed', 'blocked']);
  const flaky = of('a', 'passed', { ...own('X'), failedRuns: 2, runs: 3 });
  expect(cases([flaky]).cases[0]).toMatchObject({
    outcome: 'passed',
    comment: 'flaky: 2 of its runs failed before it passed',
  });
  expect(outcome(flaky, { flaky: 'fails' })).toBe('failed');
});

it('a file for the importer has the elements it knows', () => {
  const xml = polarionXml({
    properties: [['polarion-project-id', 'OPR']],
    suite: 'run',
    cases: cases([of('a', 'failed', { ...own('OPR-1'), reason: 'want "1"\ngot <2>' })]).cases,
  });
  expect(xml).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <properties>
    <property name="polarion-project-id" value="OPR"/>
  </properties>
  <testsuite name="run" tests="1" failures="1" errors="0" skipped="0" time="1.0000">
    <testcase classname="K" name="a" time="1.0000">
      <failure type="failure" message="want &quot;1&quot;&#10;got &lt;2&gt;"/>
      <properties>
        <property name="polarion-testcase-id" value="OPR-1"/>
      </properties>
    </testcase>
  </testsuite>
</testsuites>
`);
});
