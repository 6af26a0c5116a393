// Goal: the tests of a candidate are found in the hub's own copy, once, in bounded time; the map of suites is the one
// that its branch has now. Method: a real repository, and the adapters that a hub has.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRepositories } from '../adapters/git/index.ts';
import { openTrees } from '../adapters/select/index.ts';
import { TIMES_KEPT, type TimedTest } from '../core/select/test-times.ts';
import type { Repository } from '../ports/repository.ts';
import type { TestTimes } from '../ports/test-times.ts';
import { createTestSelections } from './test-selections.ts';

const dir = mkdtempSync(join(tmpdir(), 'fleetfix-selections-'));
const source = join(dir, 'source');
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example', ...args], {
    cwd: source,
    encoding: 'utf8',
  }).trim();
const commit = (files: Readonly<Record<string, string>>) => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(source, path, '..'), { recursive: true });
    writeFileSync(join(source, path), text);
  }
  git('add', '-A');
  git('commit', '-qm', 'x');
  return git('rev-parse', 'HEAD');
};

const log = pino({ level: 'silent' });
let opened = 0;
const trees = (gitDir: string) => {
  opened += 1;
  return openTrees(gitDir, { cacheDir: join(dir, 'cache') });
};
const repositories = createRepositories({ dir: join(dir, 'copies') });
let repository: Repository;
let from: string;
let to: string;

beforeAll(async () => {
  mkdirSync(source);
  git('init', '-q', '-b', 'main', '.');
  from = commit({ 'go.mod': 'module a\n', 'a.go': 'package a\n', 'a_test.go': 'package a\n' });
  to = commit({ 'a.go': 'package a\n\nvar B int\n', Dockerfile: 'FROM scratch\n' });
  repository = await repositories.open(source);
});

const asked = () => ({ repository, from, to, branch: 'main', component: 'a' });
const SUITES = 'suites:\n  - name: boot\n    paths: [Dockerfile]\n    command: make boot\n';

test('tests nearest first, what nothing covers, and that no map is kept', async () => {
  const found = await createTestSelections({ trees, log }).of(asked(), 120_000);
  expect(found).toMatchObject({
    known: true,
    range: { from, to },
    all: 1,
    tests: [{ command: 'go test .', distance: 0 }],
    suites: [],
    notCovered: [{ path: 'Dockerfile' }],
  });
  expect(found).not.toHaveProperty('map');
});

test('the map of suites is the one at the tip of the branch, and a new one counts', async () => {
  const selections = createTestSelections({ trees, log });
  const before = await selections.of(asked(), 120_000);
  commit({ '.fleetfix/suites.yaml': SUITES });
  repository = await repositories.open(source);
  const after = await selections.of(asked(), 120_000);
  expect(before).toMatchObject({ suites: [] });
  expect(after).toMatchObject({
    map: '.fleetfix/suites.yaml of main',
    suites: [{ name: 'boot', command: 'make boot' }],
    notCovered: [],
  });
});

test.each([
  ['suites: 3\n', 'suites: '],
  [`${SUITES}${SUITES.slice(8)}`, 'two suites are called boot'],
  [': : :\n- x', 'the whole: '],
  [`# ${'x'.repeat(1024 * 1024)}\n`, 'the whole: '],
])('a map that cannot be used is named, and the tests are there all the same', async (text, why) => {
  commit({ '.fleetfix/suites.yaml': text });
  repository = await repositories.open(source);
  const found = await createTestSelections({ trees, log }).of(asked(), 120_000);
  expect(found).toMatchObject({ known: true, tests: [{ command: 'go test .' }], suites: [] });
  expect(found.known && found.warnings[0]).toContain(`.fleetfix/suites.yaml of main is not used: ${why}`);
});

test('a link in place of the map leads nowhere', async () => {
  const outside = join(dir, 'outside.yaml');
  writeFileSync(outside, SUITES);
  rmSync(join(source, '.fleetfix/suites.yaml'));
  symlinkSync(outside, join(source, '.fleetfix/suites.yaml'));
  commit({});
  repository = await repositories.open(source);
  const found = await createTestSelections({ trees, log }).of(asked(), 120_000);
  expect(found).toMatchObject({ known: true, suites: [], notCovered: [{ path: 'Dockerfile' }] });
});

test('the same two commits are looked at once', async () => {
  const selections = createTestSelections({ trees, log });
  opened = 0;
  const [one, two] = await Promise.all([selections.of(asked(), 120_000), selections.of(asked(), 120_000)]);
  expect(await selections.of(asked(), 120_000)).toEqual(one);
  expect(two).toEqual(one);
  expect(opened).toBe(1);
});

test('what takes too long is not waited for, and is there for who asks again', async () => {
  let go = () => {};
  const gate = new Promise<void>((resolve) => {
    go = resolve;
  });
  const selections = createTestSelections({ trees: (at) => gate.then(() => trees(at)), log });
  expect(await selections.of(asked(), 0)).toEqual({
    known: false,
    because: 'it takes longer than 0 s and goes on: ask again',
  });
  go();
  expect(await selections.of(asked(), 120_000)).toMatchObject({ known: true });
});

test('a commit that is not there is said, and tried anew by the next', async () => {
  const selections = createTestSelections({ trees, log });
  opened = 0;
  for (const _ of [1, 2]) {
    const found = await selections.of({ ...asked(), to: 'f'.repeat(40) }, 120_000);
    expect(found).toMatchObject({ known: false });
    expect(found.known || found.because).toMatch(/^git (ls|diff)-tree: /);
  }
  expect(opened).toBe(2);
});

test('a hub without a copy says so', async () => {
  const { gitDir: _, ...rest } = repository;
  const found = await createTestSelections({ trees, log }).of({ ...asked(), repository: rest }, 120_000);
  expect(found).toEqual({
    known: false,
    because: 'this hub has no copy of the repository that it could read',
  });
});

/** Times as a hub keeps them, two tests a page. */
const keeps = (tests: readonly TimedTest[]): TestTimes => ({
  record: () => Promise.reject(new Error('nothing is run here')),
  page: async (component, { after = '0' }) => {
    const from = Number(after);
    const of = component === 'a' ? tests : [];
    return {
      items: of.slice(from, from + 2),
      total: of.length,
      ...(of.length > from + 2 && { next: String(from + 2) }),
    };
  },
});
const timed = (name: string, last: TimedTest['last']): TimedTest => ({
  ...{ id: name, suites: ['a'], file: '', classname: 'a', name, seconds: 0, runs: last.length },
  ...{ failed: 0, flaky: 0, seenAt: '2026-11-21T20:00:00.000Z', last },
});

test('cases of one run add up to the time of their test, and the latest runs count', async () => {
  const runs = Array.from({ length: TIMES_KEPT + 5 }, (_, n) => 100 - n);
  const testTimes = keeps([
    timed(
      'A',
      runs.slice(0, 3).map((run) => ({ run, seconds: 60, result: 'passed' })),
    ),
    timed(
      'B',
      runs.slice(0, 2).map((run) => ({ run, seconds: 30, result: 'flaky' })),
    ),
    timed(
      'C',
      runs.slice(0, 1).map((run) => ({ run, seconds: 30, result: 'failed' })),
    ),
    timed(
      'D',
      runs.slice(3).map((run) => ({ run, seconds: 600, result: 'failed' })),
    ),
  ]);
  const selections = createTestSelections({ trees, testTimes, log });
  const found = await selections.of(asked(), 120_000);
  expect(found.known && found.tests[0]).toMatchObject({
    minutes: 10,
    history: { runs: TIMES_KEPT, failed: TIMES_KEPT - 2 },
  });
  // Of another component nothing is known.
  const other = await selections.of({ ...asked(), component: 'b' }, 120_000);
  expect(other.known && other.tests[0]).not.toHaveProperty('minutes');
  const tight = await selections.of({ ...asked(), minutes: 9 }, 120_000);
  expect(tight).toMatchObject({
    tests: [{ id: 'a' }],
    budget: { minutes: 9, used: 10, whole: 10, assumed: { tests: 0 }, cut: [] },
  });
  expect(await selections.of({ ...asked(), minutes: 10 }, 120_000)).toMatchObject({ tests: [{ id: 'a' }] });
});

test('times of tests that name no file are said to be of no use, and what has none is counted as before', async () => {
  const last = [{ run: 1, seconds: 60, result: 'passed' }] as const;
  const placeless = (name: string) => ({ ...timed(name, last), suites: ['lib'], classname: 'test' });
  const because =
    'times of 3 tests are known, and none names a file, package or class that a selected test has: have the report name the file of each test';
  const kept = [placeless('adds numbers'), placeless('is 1.5 at most'), placeless('works')];
  const selections = createTestSelections({ trees, testTimes: keeps(kept), log });
  expect(await selections.of({ ...asked(), minutes: 5 }, 120_000)).toMatchObject({
    tests: [{ id: 'a' }],
    budget: { used: 1, assumed: { tests: 1, minutes: 1 } },
    warnings: [because],
    timesUnused: because,
  });
  // The page of a hand-off, which has no minutes to keep, only says it.
  const page = await selections.of(asked(), 120_000);
  expect(page).toMatchObject({ warnings: [because] });
  expect(page).not.toHaveProperty('timesUnused');
  const one = createTestSelections({ trees, testTimes: keeps([...kept, timed('A', last)]), log });
  expect(await one.of(asked(), 120_000)).toMatchObject({ tests: [{ minutes: 1 }], warnings: [] });
});

test('tests are known without their times when those cannot be read, and that is said', async () => {
  const testTimes = { ...keeps([]), page: () => Promise.reject(new Error('the database is away')) };
  const found = await createTestSelections({ trees, testTimes, log }).of({ ...asked(), minutes: 5 }, 120_000);
  expect(found).toMatchObject({
    tests: [{ id: 'a' }],
    budget: { used: 1, assumed: { tests: 1, minutes: 1 } },
    warnings: ['how long tests took before is not known now: the database is away'],
  });
});

test('of several differences each has its answer, in their order, and what is kept of tests is read once', async () => {
  const last = [{ run: 1, seconds: 60, result: 'passed' }] as const;
  const kept = keeps(['A', 'B', 'C'].map((name) => timed(name, last)));
  let pages = 0;
  const testTimes: TestTimes = {
    ...kept,
    page: (...query) => {
      pages += 1;
      return kept.page(...query);
    },
  };
  const { branch, component } = asked();
  const lost = 'f'.repeat(40);
  const of = (...tips: readonly string[]) =>
    createTestSelections({ trees, testTimes, log }).ofEach(
      { repository, branch, component },
      tips.map((tip) => ({ from, to: tip })),
      120_000,
    );
  const found = await of(to, lost, to);
  const known = { known: true, tests: [{ id: 'a', minutes: 3 }] };
  expect(found).toMatchObject([
    known,
    { known: false, because: expect.stringMatching(/^git (ls|diff)-tree: /) },
    known,
  ]);
  expect(pages).toBe(2);
  // Nothing is read for nobody.
  expect(await of(lost)).toMatchObject([{ known: false }]);
  expect(await of()).toEqual([]);
  expect(pages).toBe(2);
});
