import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestSource } from '../../adapters/git/test-source.ts';
import { readCases } from '../../adapters/junit/cases.ts';
import { openTrees } from '../../adapters/select/index.ts';
import { instantOf } from '../../core/base/instant.ts';
import type { Selection } from '../../core/select/selection.ts';
import type { TimedTest } from '../../core/select/test-times.ts';
import { run } from '../run.ts';

let source: Awaited<ReturnType<typeof createTestSource>>;
let dir: string;

const go = (name: string, ...imports: readonly string[]) =>
  `package ${name}\n\n${imports.map((one) => `import _ "example.com/m/${one}"\n`).join('')}`;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'fleetfix-select-cli-'));
  source = await createTestSource();
  const files = {
    'go.mod': 'module example.com/m\n',
    'a/a.go': go('a'),
    'a/a_test.go': go('a'),
    'b/b.go': go('b', 'a'),
    'b/b_test.go': go('b'),
    'c/c.go': go('c', 'b'),
    'c/c_test.go': go('c'),
    'api/types.yaml': '1',
  };
  await source.commit({ on: 'main', message: 'One', files });
  await source.git('tag', 'v1', 'main');
  await source.commit({
    on: 'main',
    message: 'Two',
    files: { 'a/a.go': `${go('a')}// two\n`, 'api/types.yaml': '2' },
  });
  await source.commit({
    on: 'side',
    from: 'v1',
    message: 'Side',
    files: { 'c/c.go': `${go('c', 'b')}// side\n` },
  });
});

afterAll(async () => {
  await source.dispose();
  rmSync(dir, { recursive: true, force: true });
});

const fileOf = (name: string, text: string) => {
  const file = join(dir, name);
  writeFileSync(file, text);
  return file;
};

const noHub: typeof fetch = () => Promise.reject(new Error('no hub is asked'));

const selectTests = (...args: readonly string[]) => selectTestsAt(noHub, ...args);

async function selectTestsAt(fetch: typeof globalThis.fetch, ...args: readonly string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const repo = args.includes('--repo') ? [] : ['--repo', source.location];
  const range = args.some((arg) => arg.startsWith('--range')) ? [] : ['--range', 'v1..main'];
  const exit = await run(['select-tests', ...repo, ...range, ...args], {
    stdout,
    stderr,
    stdin: Readable.from([]),
    env: { HOME: dir, XDG_CACHE_HOME: join(dir, 'cache') },
    isTty: false,
    fetch,
    now: () => instantOf(0),
    alone: {
      open: () => Promise.reject(new Error('no copy is made')),
      trees: (location, cacheDir) => openTrees(location, { cacheDir }),
      junitCases: async (xml) => readCases(xml),
    },
  });
  const text = (stream: PassThrough) => (stream.read() ?? '').toString();
  return { exit, out: text(stdout), err: text(stderr) };
}

const json = async (...args: readonly string[]): Promise<Selection> =>
  JSON.parse((await selectTests(...args, '-o', 'json')).out);

describe('fleetfix select-tests', () => {
  test('says what to run, why, and what stays untested', async () => {
    const { exit, out, err } = await selectTests();
    expect([exit, err]).toEqual([0, '']);
    expect(out.split('\n').slice(1)).toEqual([
      '  3 of 3 tests selected',
      '',
      'DISTANCE  TIME  TEST  TAGS  BECAUSE',
      '0         -     a     -     a/a.go',
      '1         -     b     -     a → a/a.go',
      '2         -     c     -     b → a → a/a.go',
      '',
      'not covered: 1 changed file',
      '  api/types.yaml: not mapped: no test or suite is known to read it',
      '',
    ]);
  });

  test('gives JSON with every fact, and names for a pipe', async () => {
    const found = await json();
    expect(found).toMatchObject({
      range: {
        from: (await source.git('rev-parse', 'v1')).trim(),
        to: (await source.git('rev-parse', 'main')).trim(),
      },
      changed: [
        { path: 'a/a.go', kind: 'changed', as: 'go source' },
        { path: 'api/types.yaml', kind: 'changed', as: 'other' },
      ],
      suites: [],
      warnings: [],
      all: 3,
    });
    expect(found.ms).toBeGreaterThanOrEqual(0);
    expect((await selectTests('-o', 'name')).out).toBe('example.com/m/a\nexample.com/m/b\nexample.com/m/c\n');
  });

  test('A..B compares both; A...B begins where they parted; the first is said when A is not before B', async () => {
    const two = await json('--range', 'main..side');
    expect([two.changed.length, two.warnings.length]).toEqual([3, 1]);
    const three = await json('--range', 'main...side');
    expect([three.changed.map(({ path }) => path), three.warnings]).toEqual([['c/c.go'], []]);
  });

  test('the map gives suites for paths, with labels, minutes and owner; a path after ! is left out', async () => {
    const map = fileOf(
      'map.yaml',
      `suites:
  - name: lifecycle
    paths: ['{api,cmd}/**', '!api/*.md']
    labels: [lifecycle, aws]
    minutes: 45
    owner: team-a
    command: make e2e
  - name: other
    paths: [docs]
`,
    );
    const found = await json('--map', map);
    expect(found.suites).toEqual([
      {
        name: 'lifecycle',
        labels: ['lifecycle', 'aws'],
        minutes: 45,
        owner: 'team-a',
        command: 'make e2e',
        because: ['api/types.yaml'],
      },
    ]);
    expect(found.notCovered).toEqual([]);
    expect((await selectTests('--map', map)).out).toContain(
      'lifecycle  45m   team-a  lifecycle,aws  api/types.yaml',
    );
  });

  const REPORT = (b: string) => `<testsuites>
    <testsuite name="example.com/m/a"><testcase classname="example.com/m/a" name="TestA" time="60"/></testsuite>
    <testsuite name="example.com/m/b"><testcase classname="example.com/m/b" name="TestB" time="240">${b}</testcase></testsuite>
    <testsuite name="example.com/m/c"><testcase name="TestC" time="1,200.0"/><testcase name="TestD" time="600"><skipped/></testcase></testsuite>
  </testsuites>`;

  test('minutes and failures come from the history, and a budget says what it gives up', async () => {
    const runs = [fileOf('1.xml', REPORT('<failure/>')), fileOf('2.xml', REPORT(''))];
    const all = await json('--history', runs[0]!, '--history', runs[1]!);
    expect(all.tests.map(({ minutes, history }) => [minutes, history])).toEqual([
      [1, { failed: 0, runs: 2 }],
      [4, { failed: 1, runs: 2 }],
      [20, { failed: 0, runs: 2 }],
    ]);
    const few = await json('--history', ...runs, '--minutes', '6');
    expect(few.tests.map(({ path }) => path)).toEqual(['a', 'b']);
    // A weighs 1/4, b half of 1/2, c a quarter of 1/4.
    const { budget } = few;
    expect(budget).toMatchObject({ minutes: 6, used: 5, whole: 25, assumed: { tests: 0 }, cost: 0.1111 });
    expect(budget!.cut).toEqual([
      { id: 'example.com/m/c', kind: 'test', distance: 2, minutes: 20, chance: 0.1111 },
    ]);
    const { out } = await selectTests('--history', ...runs, '--minutes', '6');
    expect(out).toContain('2 of 3 tests selected: 5 of 6 minutes, all would take 25 minutes');
    expect(out).toContain(
      'cut: 1, which gives up 11.1 % of what the whole selection may be expected to find',
    );
  });

  const timed = (name: string, seconds: number, over: Partial<TimedTest> = {}): TimedTest => ({
    ...{ id: 'a'.repeat(32), suites: [name], file: '', classname: name, name: 'Test', seconds, runs: 1 },
    ...{ failed: 0, flaky: 0, seenAt: instantOf(0), last: [{ run: 7, seconds, result: 'passed' }] },
    ...over,
  });

  test("the hub's history is asked for page by page, of one component", async () => {
    const asked: string[] = [];
    const hub: typeof fetch = async (input) => {
      const url = new URL(input instanceof Request ? input.url : input);
      asked.push(`${url.pathname}${url.search}`);
      const isFirst = url.searchParams.get('after') === null;
      return Response.json(
        isFirst
          ? { items: [timed('example.com/m/a', 60), timed('example.com/m/a', 30)], total: 3, next: '0~b' }
          : {
              items: [timed('example.com/m/b', 240, { last: [{ run: 7, seconds: 240, result: 'failed' }] })],
              total: 3,
            },
      );
    };
    const { exit, out } = await selectTestsAt(hub, '--history-of', 'op', '-o', 'json');
    expect(exit).toBe(0);
    const found: Selection = JSON.parse(out);
    expect(found.tests.map(({ minutes, history }) => [minutes, history])).toEqual([
      [1.5, { failed: 0, runs: 1 }],
      [4, { failed: 1, runs: 1 }],
      [undefined, undefined],
    ]);
    expect(asked).toEqual([
      '/api/test-times?component=op&by=id&limit=1000',
      '/api/test-times?component=op&by=id&limit=1000&after=0%7Eb',
    ]);
    const both = await selectTestsAt(hub, '--history-of', 'op', '--history', 'x.xml');
    expect([both.exit, both.err]).toEqual([2, expect.stringContaining('expected one of them')]);
  });

  const NODE_20 = (file = '') => `<testsuites>
    <testcase name="adds numbers" time="60" classname="test"/>
    <testsuite name="lib"><testcase name="is 1.5 at most" time="30" classname="test" ${file}/></testsuite>
  </testsuites>`;
  const UNUSED =
    'times of 2 tests are known, and none names a file, package or class that a selected test has: have the report name the file of each test';

  test('reports that name neither file nor package are said to be of no use', async () => {
    const runs = [fileOf('n1.xml', NODE_20()), fileOf('n2.xml', NODE_20())];
    expect((await json('--history', ...runs)).warnings).toEqual([UNUSED]);
    const { out } = await selectTests('--history', ...runs, '--minutes', '2');
    expect(out.replaceAll(/\s+/g, ' ')).toContain(`warning: ${UNUSED}`);
    const mixed = await json('--history', fileOf('n3.xml', NODE_20('file="other/x.test.mjs"')));
    expect(mixed.warnings[0]).toContain('; 1 name none at all: have the report name the file');
  });

  test('no report is blamed where a selected test has a time, or those of others are named well', async () => {
    const known = '<testcase name="TestC" classname="example.com/m/c" time="60"/></testsuites>';
    const one = fileOf('n4.xml', NODE_20().replace('</testsuites>', known));
    expect((await json('--history', one)).warnings).toEqual([]);
    const others = ['example.com/m/d', 'test_d', 'tests.test_d.TestD', 'd/d.test.mjs'].map(
      (name) => `<testcase name="works" classname="${name}" time="1"/>`,
    );
    const two = fileOf('n5.xml', `<testsuite name="all">${others.join('')}</testsuite>`);
    expect((await json('--history', two)).warnings).toEqual([]);
  });

  test('without a history a budget counts a minute for each test, and says so', async () => {
    const { out } = await selectTests('--minutes', '2');
    expect(out).toContain('2 of 3 tests selected: 2 of 2 minutes');
    expect(out).toContain('3 tests without a measured time count 1 minute each');
  });

  test('a report that cannot be read is named and left out; when none can, nothing is answered', async () => {
    const [good, bad] = [fileOf('good.xml', REPORT('')), fileOf('bad.xml', '<!DOCTYPE x><testsuite/>')];
    const found = await json('--history', good, '--history', bad);
    expect([found.tests[0]!.minutes, found.warnings.length]).toEqual([1, 1]);
    const { exit, err } = await selectTests('--history', bad);
    expect(exit).toBe(2);
    expect(err).toContain('none of 1 files is a JUnit report');
  });
});

describe('what cannot be used', () => {
  test.each([
    [['--repo', join(tmpdir(), 'no-such-folder')], 'it is no folder'],
    [['--range', 'v1'], 'expected A..B'],
    [['--range', 'v1..nothing'], 'nothing is no commit of the repository'],
    [['--range=--all..v1'], '--all is no commit of the repository'],
    [['--range', 'v1..main:a'], 'main:a is no commit of the repository'],
    [['--minutes', '0'], 'expected a whole number from 1'],
    [['--history', join(tmpdir(), 'no-such-file.xml')], 'cannot be read: ENOENT'],
  ])('%j is refused', async (args, says) => {
    const { exit, err, out } = await selectTests(...args);
    expect([exit, out]).toEqual([2, '']);
    expect(err).toContain(says);
  });

  test('a folder without a repository is refused, even inside of one', async () => {
    const inner = join(dir, 'inner');
    mkdirSync(inner);
    const { exit, err } = await selectTests('--repo', inner);
    expect([exit, err.includes('it is not a git repository')]).toEqual([2, true]);
  });

  test.each([
    ['suites: [', 'is not YAML'],
    ['suites: {}', 'suites:'],
    ['suites: [{ name: a, paths: [b], when: c }]', 'when'],
    ['suites: [{ name: a, paths: [] }]', 'suites.0.paths'],
    ['suites: [{ name: a, paths: ["{a"] }]', 'a: {a is no glob'],
    ['suites: [{ name: a, paths: [b] }, { name: a, paths: [b] }]', 'two suites are called a'],
  ])('the map %s is refused by name', async (text, says) => {
    const { exit, err } = await selectTests('--map', fileOf('bad.yaml', text));
    expect(exit).toBe(2);
    expect(err).toContain(says);
  });
});
