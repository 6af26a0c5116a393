import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { countsOf } from './gate-report.ts';
import { readInMemory } from './read.ts';

const read = (xml: string | Buffer) => {
  const report = readInMemory(xml);
  if (!report.ok) throw new Error(report.error);
  return countsOf(report.value);
};
const fault = (xml: string | Buffer) => {
  const report = readInMemory(xml);
  return report.ok ? 'no fault' : report.error;
};
const counts = (xml: string) => {
  const { tests, failures, skipped } = read(xml);
  return [tests, failures, skipped];
};

describe('tests are counted from the cases of', () => {
  it.each<[string, string, number[]]>([
    [
      'gotestsum',
      `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="3" failures="1" errors="0" time="0.5">
  <testsuite tests="3" failures="1" time="0.4" name="example.com/op/pkg" timestamp="2026-11-21T20:31:07Z">
    <properties><property name="go.version" value="go1.25"></property></properties>
    <testcase classname="example.com/op/pkg" name="TestA" time="0.1"></testcase>
    <testcase classname="example.com/op/pkg" name="TestB" time="0.1"><failure message="Failed" type="">want 1</failure></testcase>
    <testcase classname="example.com/op/pkg" name="TestC" time="0"><skipped message="short"></skipped></testcase>
  </testsuite>
</testsuites>`,
      [3, 1, 1],
    ],
    [
      'pytest',
      `<testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="0" skipped="0" tests="2">
<testcase classname="tests.test_a" name="test_ok" time="0.001" /><testcase classname="tests.test_a" name="test_setup">
<error message="failed on setup">E   fixture 'x' not found</error></testcase></testsuite></testsuites>`,
      [2, 1, 0],
    ],
    [
      'a single suite as root (surefire), where a test that passed on the second try passed',
      `<testsuite name="S" tests="3" failures="1"><testcase name="flaky"><flakyFailure message="x"/></testcase>
<testcase name="bad"><failure/><rerunFailure/></testcase><testcase name="ok"/></testsuite>`,
      [3, 1, 0],
    ],
    [
      'suites in suites (mocha, ginkgo)',
      `<testsuites><testsuite name="a"><testsuite name="b"><testsuite name="c"><testcase name="1"><failure/></testcase>
</testsuite><testcase name="2"/></testsuite></testsuite><testsuite name="d"/></testsuites>`,
      [2, 1, 0],
    ],
    [
      'googletest, which says by status what did not run',
      `<testsuites><testsuite name="s"><testcase name="a" status="run" result="completed"/>
<testcase name="b" status="notrun" result="suppressed"/></testsuite></testsuites>`,
      [2, 0, 1],
    ],
    [
      'tools that say by status alone that a test failed',
      '<testsuite><testcase name="a" status="FAILED"/><testcase name="b" status="passed"/></testsuite>',
      [2, 1, 0],
    ],
    [
      'a test both skipped and failed, which failed',
      '<testsuite><testcase name="a"><skipped/><failure/></testcase></testsuite>',
      [1, 1, 0],
    ],
    [
      'a suite that broke before its tests',
      '<testsuites><testsuite name="s" errors="1"><error message="BeforeSuite"/></testsuite></testsuites>',
      [1, 1, 0],
    ],
    [
      'a wrapper nobody knows',
      '<testsuites><group><testcase name="a"><failure/></testcase></group></testsuites>',
      [1, 1, 0],
    ],
    [
      'names in a namespace',
      '<j:testsuite xmlns:j="urn:x"><j:testcase name="a"><j:failure/></j:testcase></j:testsuite>',
      [1, 1, 0],
    ],
    [
      'an untrue total',
      '<testsuites tests="900" failures="0"><testsuite><testcase name="a"/></testsuite></testsuites>',
      [1, 0, 0],
    ],
    ['an empty report', '<testsuites tests="900"/>', [0, 0, 0]],
  ])('%s', (_what, xml, expected) => {
    expect(counts(xml)).toEqual(expected);
  });

  it('the test runner of Node, as it writes them today', () => {
    const dir = mkdtempSync(join(tmpdir(), 'junit-test-'));
    const file = join(dir, 'a.test.mjs');
    writeFileSync(
      file,
      `import { test, describe } from 'node:test';
       test('ok', () => {});
       test('bad \\u001b[31m<&>', () => { throw new Error('x'); });
       describe('deep', () => { test('skipped', { skip: true }, () => {}); test('in', () => {}); });`,
    );
    const script = `try { process.stdout.write(require('node:child_process').execFileSync(process.execPath,
      ['--test', '--test-reporter=junit', ${JSON.stringify(file)}], { env: {} })) } catch (e) { process.stdout.write(e.stdout) }`;
    const xml = execFileSync(process.execPath, ['-e', script], { env: {}, encoding: 'utf8' });
    rmSync(dir, { recursive: true });
    expect(xml).toContain('<testcase');
    expect(counts(xml)).toEqual([4, 1, 1]);
    expect(read(xml).failed[0]).toContain('<&>');
  });
});

it('the first failed tests are named as people know them', () => {
  const cases = ['a &lt;b&gt; &amp; &#99;&#x64; &nbsp;', '', 'c', 'd', 'e', 'f'];
  const xml = `<testsuite>${cases.map((name) => `<testcase classname="K" name="${name}"><failure/></testcase>`).join('')}</testsuite>`;
  expect(read(xml)).toMatchObject({
    failures: 6,
    failed: ['a <b> & cd &nbsp;', 'K', 'c', 'd', 'e'],
  });
});

it('what the totals claim is told, since a suite may have broken without a trace in its cases', () => {
  const xml = `<testsuites failures="1"><testsuite failures="1" errors="2"><testcase name="a"/></testsuite>
    <testsuite failures="1"/><testsuite failures="0" errors=""/></testsuites>`;
  expect(read(xml)).toMatchObject({ tests: 1, failures: 0, claimedFailures: 4 });
});

it.each([
  ['&#49;', 1],
  [' 3\t', 3],
  ['1,000', 1_000],
  ['1,000,000.0', 1_000_000],
  ['00000000000000002', 2],
  ['9'.repeat(400), Number.MAX_SAFE_INTEGER],
  ['-4', 1],
  ['x', 1],
  ['1,00', 1],
  ['٣', 1],
  ['0', 0],
  [' ', 0],
])('failures="%s" that no case shows are %i, and one when that is no number', (written, claimed) => {
  const xml = `<testsuite failures="${written}"><testcase name="a"/></testsuite>`;
  expect(read(xml)).toMatchObject({ tests: 1, failures: 0, claimedFailures: claimed });
});

it('a total that is no number cannot be made up for by another', () => {
  const xml = '<testsuite failures="-4" errors="4"><testcase name="a"/></testsuite>';
  expect(read(xml).claimedFailures).toBe(1);
  const report = readInMemory('<testsuite name="s" tests="x" skipped="-"><testcase name="a"/></testsuite>');
  expect(report.ok && report.value.disagreements).toEqual([
    { suite: 's', of: 'tests', claimed: Number.NaN, counted: 1 },
    { suite: 's', of: 'skipped', claimed: Number.NaN, counted: 0 },
  ]);
});

describe('a failure is seen', () => {
  it.each([
    ['in an element nobody knows', '<x><failure/></x>'],
    ['further down in one', '<x><y><error/></y></x>'],
    ['among the properties', '<properties><failure/></properties>'],
    ['in a property', '<properties><property name="a"><b><failure/></b></property></properties>'],
    ['in a run before', '<flakyFailure><failure/></flakyFailure>'],
    ['beside a skip, in it', '<skipped><failure/></skipped>'],
    ['in a test inside a skip', '<skipped><testcase name="b"><failure/></testcase></skipped>'],
    ['in a suite inside a test', '<testsuite><failure/></testsuite>'],
  ])('%s', (_where, xml) => {
    expect(read(`<testsuite><testcase name="a">${xml}</testcase></testsuite>`).failures).toBe(1);
  });

  it.each(['failed', ' failed\n', 'fail&#101;d', 'fail&#x000000000065;d', '&#8203;TimedOut', '&#32;error'])(
    'in status="%s"',
    (status) => {
      expect(counts(`<testsuite><testcase name="a" status="${status}"/></testsuite>`)).toEqual([1, 1, 0]);
    },
  );

  it('right below what a suite has beside its tests', () => {
    const xml = '<testsuite><properties><error/></properties><testcase name="a"/></testsuite>';
    expect(counts(xml)).toEqual([2, 1, 0]);
  });

  it('by the totals of a suite inside a test', () => {
    const xml = '<testsuite><testcase name="a"><testsuite failures="2"/></testcase></testsuite>';
    expect(read(xml).claimedFailures).toBe(2);
  });

  it('but not in output, which is what a test printed', () => {
    const printed = '<failure/><testcase><failure/></testcase>';
    for (const element of ['system-out', 'system-err', 'output'])
      expect(
        counts(`<testsuite><testcase name="a"><${element}>${printed}</${element}></testcase></testsuite>`),
      ).toEqual([1, 0, 0]);
    const before = `<flakyError><system-out>${printed}</system-out></flakyError>`;
    expect(counts(`<testsuite><testcase name="a">${before}</testcase></testsuite>`)).toEqual([1, 0, 0]);
  });
});

describe('a report that is not read', () => {
  const suite = '<testsuite><testcase name="a"/></testsuite>';
  it.each<[string, string | Buffer, string]>([
    ['is empty', ' \n', 'it is empty'],
    ['is binary', Buffer.from([0, 1, 2, 0xff]), 'it is not text in UTF-8 or UTF-16'],
    ['is no XML', 'all tests passed', 'line 1, column 1: '],
    ['is JSON', '{"tests": 1}', 'line 1, column 1: '],
    [
      'ends in the middle',
      '<testsuite>\n  <testcase name="a">',
      'it ends in the middle: an element is never closed',
    ],
    [
      'closes what it did not open',
      '<testsuite>\n<testcase></failure></testcase></testsuite>',
      'line 2, column 11: expected </testcase>',
    ],
    ['has an attribute twice', '<testsuite name="a" name="b"/>', 'line 1, column'],
    ['has two roots', `${suite}${suite}`, 'it has several root elements; a report has one'],
    ['is another kind of XML', '<html><body/></html>', 'its root element is <html>; expected <testsuites>'],
    [
      'has a DOCTYPE',
      `<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a "aaaa">]>${suite}`,
      'line 2, column 1: a DOCTYPE or other declaration is not allowed',
    ],
    ['has a DOCTYPE further down', '<testsuite><!DOCTYPE x></testsuite>', 'column 12: a DOCTYPE'],
    ['has an endless comment', `${suite}\n<!-- `, 'line 2, column 1: this comment never ends'],
    ['has an endless CDATA section', '<testsuite><![CDATA[ ]]', 'column 12: this CDATA section never ends'],
    [
      'is nested too deeply',
      `${'<testsuite>'.repeat(100)}${'</testsuite>'.repeat(100)}`,
      'elements are nested deeper than 64',
    ],
    [
      'is too large',
      Buffer.alloc(20 * 1024 * 1024 + 1, ' '),
      'it has 20971521 bytes; at most 20971520 are read',
    ],
  ])('%s', (_what, xml, message) => {
    expect(fault(xml)).toContain(message);
  });
});

it('a fault of megabytes is told in a line', () => {
  expect(fault(`<testsuite>${'<'.repeat(900_000)}`).length).toBeLessThanOrEqual(200);
  const name = 'x'.repeat(1_000_000);
  expect(
    read(`<testsuite><testcase name="${name}"><failure/></testcase></testsuite>`).failed[0],
  ).toHaveLength(200);
});

describe('a report is read', () => {
  const xml = '<testsuite><testcase name="ü"><failure/></testcase></testsuite>';
  it.each<[string, string | Buffer, string]>([
    ['with a byte order mark', `\uFEFF${xml}`, 'ü'],
    ['in UTF-16', Buffer.from(`\uFEFF${xml}`, 'utf16le'), 'ü'],
    ['in UTF-16, the other way round', Buffer.from(`\uFEFF${xml}`, 'utf16le').swap16(), 'ü'],
    ['in Latin-1', Buffer.from(xml, 'latin1'), 'ü'],
    [
      'with a DOCTYPE in its output, which is text',
      `<testsuite><testcase name="a"><system-out><![CDATA[<!DOCTYPE html><x>]]></system-out><!-- <!DOCTYPE -->
        <failure/></testcase></testsuite>`,
      'a',
    ],
    [
      'with names that mean something to JavaScript',
      '<testsuite><a toString="x" __proto__="y"/><valueOf/><__proto__/><testcase name="a"><toString/><failure/></testcase></testsuite>',
      'a',
    ],
  ])('%s', (_what, text, name) => {
    expect(read(text)).toMatchObject({ tests: 1, failures: 1, failed: [name] });
  });

  it('with control characters and colours in its output', () => {
    expect(
      counts(
        '<testsuite><testcase name="a"><system-out>\u001b[31m\u0000x</system-out></testcase></testsuite>',
      ),
    ).toEqual([1, 0, 0]);
  });
});
