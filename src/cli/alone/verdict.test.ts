// Goal: reports are read as one verdict from the command line, and what is written for Polarion is what they say.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readReports } from '../../adapters/junit/files.ts';
import { readPolarion } from '../../adapters/junit/polarion.ts';
import { instantOf } from '../../core/base/instant.ts';
import type { Verdict } from '../../core/verdict/verdict.ts';
import { run } from '../run.ts';
import type { ExportAnswer } from './verdict-export.ts';
import { caseMapSchema } from './verdict-map.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'fleetfix-verdict-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const write = (name: string, content: string) => {
  mkdirSync(join(dir, name, '..'), { recursive: true });
  writeFileSync(join(dir, name), content);
  return join(dir, name);
};

async function verdict(args: readonly string[], readBack = readPolarion) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const exit = await run(['verdict', ...args], {
    stdout,
    stderr,
    stdin: Readable.from([]),
    env: { HOME: dir },
    isTty: false,
    fetch: () => Promise.reject(new Error('no hub is asked')),
    now: () => instantOf(0),
    alone: {
      open: () => Promise.reject(new Error('no repository is read')),
      reports: async (paths) => readReports(paths),
      readPolarion: async (xml) => readBack(xml),
    },
  });
  const text = (stream: PassThrough) => (stream.read() ?? '').toString() as string;
  return { exit, out: text(stdout), err: text(stderr) };
}

const PASS = '<testcase classname="K" name="a" time="1.5"/>';
const FLAKY = '<testcase classname="K" name="f"><flakyFailure message="first time"/></testcase>';
const FAIL = '<testcase classname="K" name="b"><failure message="want 1&#10;got 2"/></testcase>';
const SKIP = '<testcase classname="K" name="s"><skipped message="no cluster"/></testcase>';
const report = (name: string, ...cases: readonly string[]) =>
  write(name, `<testsuite name="K">${cases.join('')}</testsuite>`);

const read = async (...args: readonly string[]) => {
  const { exit, out } = await verdict(['read', ...args, '-o', 'json']);
  return { exit, answer: JSON.parse(out) as Verdict };
};

test('a run that passes, fails or says nothing has its own exit code', async () => {
  expect(await read(report('pass.xml', PASS, SKIP, FLAKY))).toMatchObject({
    exit: 0,
    answer: {
      result: 'pass',
      because: '2 of 3 tests passed, 1 skipped, 1 flaky',
      flaky: { first: [{ test: 'K > f', reason: 'first time' }] },
      skipped: { first: [{ test: 'K > s', reason: 'no cluster' }] },
    },
  });
  expect(await read(report('fail.xml', PASS, FAIL))).toMatchObject({ exit: 5, answer: { result: 'fail' } });
  expect(await read(write('none.xml', '<testsuite tests="12" failures="0"/>'))).toMatchObject({
    exit: 4,
    answer: {
      result: 'none',
      because: 'no test ran',
      disagreements: { first: [{ claimed: 12, counted: 0 }] },
    },
  });
});

test('the policy is in flags', async () => {
  const flaky = report('flaky.xml', PASS, FLAKY);
  expect((await read(flaky, '--flaky', 'fails')).exit).toBe(5);
  const twice = report('twice.xml', FAIL, FAIL.replace(/<failure.*?\/>/, ''));
  expect((await read(twice)).exit).toBe(0);
  expect((await read(twice, '--repeated', 'separate')).exit).toBe(5);
  const lying = write('lying.xml', `<testsuite tests="3">${PASS}</testsuite>`);
  expect((await read(lying)).exit).toBe(0);
  expect((await read(lying, '--totals', 'must-agree')).exit).toBe(5);
  expect((await verdict(['read', flaky, '--flaky', 'perhaps'])).exit).toBe(2);
});

test('on a screen all of it is told, without what a terminal would obey', async () => {
  const file = write(
    'screen.xml',
    `<testsuite name="K" tests="9">${FAIL}${SKIP}${FLAKY}<testcase name="\u001b[31mred&#x9b;2J"><failure message="x\u0007"/><system-out>[[ATTACHMENT|a.png]]</system-out></testcase></testsuite>`,
  );
  const { out, exit } = await verdict(['read', file]);
  expect(exit).toBe(5);
  expect(out).toContain('fail: 2 of 4 tests failed: K > b, K > red');
  expect(out).toMatch(/K > b +\S+screen\.xml +want 1 got 2/);
  expect(out).toMatch(/K > f +1 +\S+screen\.xml +first time/);
  expect(out).toMatch(/K > s +no cluster/);
  expect(out).toContain('suite K: claims 9 tests, its cases show 4');
  expect(out).toMatch(/a\.png +missing +K > red/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u0080-\u009f]/);
});

test('a file that is named twice, and one that is not there, are wrong use', async () => {
  const file = report('one.xml', PASS);
  expect((await verdict(['read', file, file])).exit).toBe(2);
  expect((await verdict(['read', join(dir, 'gone.xml')])).err).toContain('gone.xml is not there');
  expect((await read(file, `${dir}/./one.xml`)).answer.counts.runs).toBe(1);
});

const polarion = (files: readonly string[], ...more: readonly string[]) =>
  verdict(['export', ...files, '--format', 'polarion', '--project', 'OPR', '--testrun', 'hotfix', ...more]);

test('a run is written for Polarion with ids from a map and of tests themselves, and the rest is told', async () => {
  const own =
    '<testcase classname="K" name="o"><properties><property name="polarion-testcase-id" value="OPR-7"/></properties></testcase>';
  const file = report('export.xml', PASS, FAIL, SKIP, FLAKY, own);
  const map = write(
    'map.yaml',
    'cases:\n  - { test: a, class: K, id: OPR-1, parameters: { arch: arm64 } }\n  - { test: b, id: OPR-2 }\n  - { test: f, id: OPR-3 }\n  - { test: x, id: OPR-9 }\n',
  );
  const out = join(dir, 'polarion.xml');
  const answer = await polarion(
    [file],
    '--map',
    map,
    '--out',
    out,
    '--without-id',
    'leave-out',
    '-o',
    'json',
    '--custom',
    'plannedin=4_20',
    '--response',
    'name=fleetfix',
    '--finished',
  );
  expect(answer.exit).toBe(0);
  expect(JSON.parse(answer.out) as ExportAnswer).toMatchObject({
    result: 'fail',
    cases: { passed: 3, failed: 1, blocked: 0, waiting: 0 },
    withoutId: [{ test: 'K > s', outcome: 'skipped' }],
    unused: ['x'],
  });
  const written = readPolarion(readFileSync(out, 'utf8'));
  expect(written).toMatchObject({
    ok: true,
    value: {
      properties: [
        ['polarion-project-id', 'OPR'],
        ['polarion-testrun-id', 'hotfix'],
        ['polarion-set-testrun-finished', 'true'],
        ['polarion-lookup-method', 'id'],
        ['polarion-custom-plannedin', '4_20'],
        ['polarion-response-name', 'fleetfix'],
      ],
      suite: 'OPR hotfix',
      cases: [
        { id: 'OPR-1', name: 'a', outcome: 'passed', parameters: { arch: 'arm64' }, seconds: 1.5 },
        { id: 'OPR-2', name: 'b', outcome: 'failed', message: 'want 1\ngot 2' },
        { id: 'OPR-3', outcome: 'passed', comment: 'flaky: 1 of its runs failed before it passed' },
        { id: 'OPR-7', outcome: 'passed' },
      ],
    },
  });
  expect(readdirSync(dir).filter((name) => name.endsWith('.part'))).toEqual([]);
});

test('nothing is written when a test has no id, a report cannot be read, or no test ran', async () => {
  const out = join(dir, 'never.xml');
  const file = report('noid.xml', PASS);
  expect(await polarion([file], '--out', out)).toMatchObject({
    exit: 4,
    err: expect.stringContaining('1 test without an id; nothing was written: K > a'),
  });
  const half = write('half.xml', '<testsuite><testcase name="a">');
  expect((await polarion([file, half], '--out', out, '--lookup', 'name')).err).toContain(
    'half.xml cannot be read',
  );
  const empty = write('empty.xml', '<testsuite/>');
  expect((await polarion([empty], '--out', out)).err).toContain('no test ran; nothing was written');
  expect((await polarion([file], '--out', out, '--without-id', 'leave-out')).err).toContain(
    'no test has an id',
  );
  expect(existsSync(out)).toBe(false);
});

test('a file that is not what was meant is not kept, and the one before it stays', async () => {
  const out = write('kept.xml', 'before');
  const spoilt = (xml: string) => readPolarion(xml.replace('name="a"', 'name="z"'));
  const args = [
    'export',
    report('spoilt.xml', PASS),
    '--format',
    'polarion',
    '--project',
    'OPR',
    '--testrun',
    'r',
    '--lookup',
    'name',
    '--out',
  ];
  expect(await verdict([...args, out], spoilt)).toMatchObject({
    exit: 1,
    err: expect.stringContaining('what was written is not what was meant: case a is not what was meant'),
  });
  expect(readFileSync(out, 'utf8')).toBe('before');
  expect(readdirSync(dir).filter((name) => name.endsWith('.part'))).toEqual([]);
  expect(await verdict([...args, '-'], spoilt)).toMatchObject({ exit: 1, out: '' });
  const { out: printed, err } = await verdict([...args, '-']);
  expect(printed).toContain('<property name="polarion-testcase-id" value="a"/>');
  expect(err).toContain('written and read back: 1 case of 1 test: 1 passed');
});

test.each<[string, readonly string[], string]>([
  ['no test run', ['--project', 'P'], 'expected --testrun ID, or --title'],
  [
    'both',
    ['--project', 'P', '--testrun', 'r', '--title', 't', '--template', 'x'],
    'expected --testrun ID, or --title',
  ],
  ['a title alone', ['--project', 'P', '--title', 't'], '--template ID together'],
  [
    'custom without a field',
    ['--project', 'P', '--testrun', 'r', '--lookup', 'custom'],
    '--lookup-field ID together',
  ],
  [
    'finished or not',
    ['--project', 'P', '--testrun', 'r', '--finished', '--status', 'inprogress'],
    'different things',
  ],
  ['a field without a value', ['--project', 'P', '--testrun', 'r', '--custom', 'x'], 'expected NAME=VALUE'],
  [
    'a field twice',
    ['--project', 'P', '--testrun', 'r', '--custom', 'x=1', '--custom', 'x=2'],
    'x is given twice',
  ],
  ['a control character', ['--project', 'P\u0001', '--testrun', 'r'], 'polarion-project-id is empty, longer'],
])('%s is wrong use', async (_what, args, said) => {
  const { exit, err } = await verdict([
    'export',
    report('use.xml', PASS),
    '--format',
    'polarion',
    '--out',
    '-',
    ...args,
  ]);
  expect([exit, err]).toEqual([2, expect.stringContaining(said)]);
});

test.each([
  ['cases: [{ test: a }]', 'cases.0.id'],
  ['cases: [{ test: a, id: X, colour: red }]', 'cases.0'],
  ['cases: [{ test: a, id: "\\u0001" }]', 'control characters'],
  ['cases: [{ test: a, id: X }, { test: a, id: Y }]', 'a is there twice'],
  ['cases: [{ test: a, id: X, parameters: { "a b": c } }]', 'cases.0.parameters'],
  ['cases: {', 'is not YAML'],
])('a map with %j is refused', async (text, said) => {
  const { exit, err } = await polarion(
    [report('m.xml', PASS)],
    '--out',
    '-',
    '--map',
    write('bad.yaml', text),
  );
  expect([exit, err]).toEqual([2, expect.stringContaining(said)]);
});

test('the map that docs/verdicts.md shows is one', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/verdicts.md'), 'utf8');
  const shown = /^```\n(cases:[\s\S]*?)^```/m.exec(page);
  expect(caseMapSchema.safeParse(parse(shown?.[1] ?? '')).error?.issues ?? []).toEqual([]);
});
