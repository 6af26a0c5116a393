import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { TestRun } from '../../core/verdict/reports.ts';
import { readOutput } from './output.ts';
import { readReportFrom, readReportText } from './read-report.ts';

const runsOf = (xml: string | Uint8Array): readonly TestRun[] => {
  const report = readReportText(typeof xml === 'string' ? Buffer.from(xml) : xml);
  if (!report.ok) throw new Error(report.error.because);
  return report.value.runs;
};
const only = (xml: string) => runsOf(`<testsuite name="s">${xml}</testsuite>`)[0]!;

it.each<[string, string, string, readonly string[]]>([
  ['UTF-8', 'utf8', '<?xml version="1.0" encoding="UTF-8"?>', []],
  ['a byte order mark', 'utf8', '\ufeff', []],
  ['UTF-16 with a mark', 'utf16le', '\ufeff<?xml version="1.0" encoding="UTF-16"?>', []],
  ['UTF-16 without a mark', 'utf16le', '<?xml version="1.0" encoding="UTF-16"?>', []],
  ['Latin-1, declared', 'latin1', "<?xml version='1.0' encoding='ISO-8859-1'?>", []],
  ['Windows-1252, declared', 'latin1', '<?xml version="1.0" encoding="windows-1252"?>', []],
  ['Latin-1, not declared', 'latin1', '', ['it is not UTF-8 and was read as Latin-1']],
  [
    'UTF-16 declared and UTF-8 written',
    'utf8',
    '<?xml version="1.0" encoding="utf-16"?>',
    ['it declares UTF-16 and is not'],
  ],
])('%s', (_what, encoding, head, notes) => {
  const xml = `${head}<testsuite><testcase name="größer"/></testsuite>`;
  const report = readReportText(Buffer.from(xml, encoding as BufferEncoding));
  expect(report).toMatchObject({ ok: true, value: { runs: [{ name: 'größer' }], notes } });
});

it('UTF-16 the other way round, and an encoding that is not read', () => {
  const xml = '<testsuite><testcase name="ü"/></testsuite>';
  expect(runsOf(Buffer.from(xml, 'utf16le').swap16())[0]?.name).toBe('ü');
  expect(readReportText(Buffer.from(`<?xml version="1.0" encoding="UTF-7"?>${xml}`))).toEqual({
    ok: false,
    error: {
      because: 'it declares the encoding UTF-7; expected UTF-8, UTF-16 or one of Latin',
      isOther: false,
    },
  });
});

it('bytes that are cut inside a character are put together again', () => {
  const bytes = Buffer.from(
    '<testsuite><testcase name="aßü€😀"><system-out>[[ATTACHMENT|ä/ö.png]]</system-out></testcase></testsuite>',
  );
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 9 }), (places) => {
      const at = [0, ...places.toSorted((a, b) => a - b), bytes.length];
      const pieces = at.slice(1).map((to, i) => bytes.subarray(at[i]!, to));
      expect(readReportFrom(() => pieces)).toEqual(readReportText(bytes));
    }),
  );
  expect(runsOf(bytes)[0]).toMatchObject({ name: 'aßü€😀', attachments: [{ path: 'ä/ö.png' }] });
});

it('nothing that is no report is read, and no bytes make it throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(readReportText(bytes).ok).toBe(false);
    }),
  );
  const parts = [
    '<testsuite>',
    '<testcase name="a">',
    '</testcase>',
    '<failure>',
    '</failure>',
    '<![CDATA[',
    ']]>',
    'x',
    '&amp;',
    '</testsuite>',
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 12 }), (some) => {
      readReportText(Buffer.from(`<testsuite>${some.join('')}`));
    }),
  );
});

it('names and reasons are free of colours, control characters and directions', () => {
  expect(
    only(
      '<testcase name="a\u001b[31mb\u0000c&#27;[0m\u202ed"><failure message="want \u001b[1m1\u0007"/></testcase>',
    ),
  ).toMatchObject({ name: 'abcd', reason: 'want 1' });
});

it('long names that differ at their end stay different tests', () => {
  const long = 'x'.repeat(5_000);
  const [a, b] = runsOf(`<testsuite><testcase name="${long}a"/><testcase name="${long}b"/></testsuite>`);
  expect(a!.name).not.toBe(b!.name);
  expect(a!.name.length).toBeLessThanOrEqual(1_000);
});

it('what failed is told apart: a failure, an error, a skip, one that is to do', () => {
  const outcome = (inner: string, attributes = '') =>
    only(`<testcase name="a"${attributes}>${inner}</testcase>`).outcome;
  expect(outcome('<failure/>')).toBe('failed');
  expect(outcome('<error/>')).toBe('errored');
  expect(outcome('<failure/><error/>')).toBe('failed');
  expect(outcome('<skipped/><failure/>')).toBe('failed');
  expect(outcome('<skipped type="todo"/><failure/>')).toBe('skipped');
  expect(outcome('', ' status="panicked"')).toBe('errored');
  expect(outcome('', ' status="pending"')).toBe('skipped');
  expect(outcome('<flakyFailure/>')).toBe('passed');
  expect(outcome('<failure/><rerunFailure/>')).toBe('failed');
});

it('runs before are counted where the report tells them', () => {
  const before = (inner: string) => only(`<testcase name="a">${inner}</testcase>`).failedBefore;
  expect(before('<flakyFailure/><flakyError><stackTrace>x</stackTrace></flakyError>')).toBe(2);
  expect(before('<failure/><rerunFailure/><rerunError/>')).toBe(2);
  expect(
    before('<system-err>Attempt #1 Failed.  Retrying ↺\nAttempt #2 Failed.  Retrying ↺</system-err>'),
  ).toBe(2);
  expect(before('<failure/><system-err>Attempt #1 Failed.  Retrying ↺</system-err>')).toBe(0);
});

it('a suite that broke outside its tests is a failure of its own, with its reason', () => {
  const runs = runsOf(
    '<testsuites><testsuite name="db"><error message="no database"/><testcase name="a"/></testsuite></testsuites>',
  );
  expect(runs).toMatchObject([
    { name: 'db', suites: [], outcome: 'errored', reason: 'no database', isSuite: true },
    { name: 'a', suites: ['db'], outcome: 'passed' },
  ]);
});

it('properties of a test are read in both spellings, and no more of them than fit', () => {
  const many = Array.from({ length: 200 }, (_, i) => `<property name="p${i}" value="v"/>`).join('');
  const run = only(
    `<testcase name="a"><properties><property name="id" value="A-1"/><property name="step">two &amp; three</property>${many}</properties></testcase>`,
  );
  expect(run.properties).toMatchObject({ id: 'A-1', step: 'two & three', p0: 'v' });
  expect(Object.keys(run.properties)).toHaveLength(50);
  expect(
    Object.getPrototypeOf(
      only('<testcase name="a"><property name="__proto__" value="x"/></testcase>').properties,
    ),
  ).toBe(Object.prototype);
});

it('marks in output are found wherever the output is cut, and only whole ones', () => {
  const output =
    'x[[ATTACHMENT|a b.png]] [[ATTACHMENT|\n]] [[ATTACHMENT|[[ATTACHMENT|c[1].png]][[ATTACHMENT]] Attempt #1 Failed.  Retrying Attempt #x Attempt #22 Failed. Retrying [[ATTACHMENT|';
  fc.assert(
    fc.property(fc.array(fc.nat(output.length), { maxLength: 12 }), (places) => {
      const reader = readOutput(10);
      const at = [0, ...places.toSorted((a, b) => a - b), output.length];
      for (const [i, from] of at.entries()) reader.take(output.slice(from, at[i + 1] ?? output.length));
      expect(reader.attachments).toEqual(['a b.png', '[[ATTACHMENT|c[1].png', 'c[1].png']);
      expect(reader.attemptsFailed).toBe(2);
    }),
  );
});

it('the same test in two browsers, as Playwright writes them, is two', () => {
  const runs = runsOf(
    '<testsuites><testsuite name="a.spec.ts" hostname="chromium"><testcase name="a"/></testsuite><testsuite name="a.spec.ts" hostname="firefox"><testcase name="a"/></testsuite></testsuites>',
  );
  expect(runs.map(({ host }) => host)).toEqual(['chromium', 'firefox']);
});

it('a message of half a million characters is read as an attribute, and one of more than a million is not', () => {
  const failure = (chars: number) =>
    `<testsuite><testcase name="a"><failure message="${'x'.repeat(chars)}"/></testcase></testsuite>`;
  expect(runsOf(failure(500_000))).toMatchObject([{ outcome: 'failed' }]);
  expect(readReportText(Buffer.from(failure(2_200_000)))).toEqual({
    ok: false,
    error: { because: 'line 1, column 31: a tag has more than 1000000 characters', isOther: false },
  });
});

it('a file named a million times is listed as often as fits', () => {
  const xml = `<testcase name="a"><system-out>${'[[ATTACHMENT|a.png]]'.repeat(100_000)}</system-out></testcase>`;
  expect(only(xml).attachments).toHaveLength(50);
});

it('when a suite began is read with its zone, as UTC without one, and not before 2000', () => {
  const began = (text: string) =>
    runsOf(`<testsuite timestamp="${text}"><testcase name="a"/></testsuite>`)[0]?.beganMs;
  const noon = Date.UTC(2026, 10, 20, 12);
  expect(began('2026-11-20T12:00:00')).toBe(noon);
  expect(began('2026-11-20T12:00:00.000Z')).toBe(noon);
  expect(began('2026-11-20T13:00:00+01:00')).toBe(noon);
  expect(began('2026-11-20 12:00:00')).toBe(noon);
  expect(began('2026-11-20T07:00:00.000000-05:00')).toBe(noon);
  expect(began('1970-01-01T00:00:00')).toBeUndefined();
  expect(began('yesterday')).toBeUndefined();
});
