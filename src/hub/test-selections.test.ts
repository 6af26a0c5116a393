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
import type { Repository } from '../ports/repository.ts';
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

const asked = () => ({ repository, from, to, branch: 'main' });
const SUITES = 'suites:\n  - name: boot\n    paths: [Dockerfile]\n    command: make boot\n';

test('tests nearest first, what nothing covers, and that no map is kept', async () => {
  const found = await createTestSelections({ trees, log }).of(asked(), 20_000);
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
  const before = await selections.of(asked(), 20_000);
  commit({ '.fleetfix/suites.yaml': SUITES });
  repository = await repositories.open(source);
  const after = await selections.of(asked(), 20_000);
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
  const found = await createTestSelections({ trees, log }).of(asked(), 20_000);
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
  const found = await createTestSelections({ trees, log }).of(asked(), 20_000);
  expect(found).toMatchObject({ known: true, suites: [], notCovered: [{ path: 'Dockerfile' }] });
});

test('the same two commits are looked at once', async () => {
  const selections = createTestSelections({ trees, log });
  opened = 0;
  const [one, two] = await Promise.all([selections.of(asked(), 20_000), selections.of(asked(), 20_000)]);
  expect(await selections.of(asked(), 20_000)).toEqual(one);
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
  expect(await selections.of(asked(), 20_000)).toMatchObject({ known: true });
});

test('a commit that is not there is said, and tried anew by the next', async () => {
  const selections = createTestSelections({ trees, log });
  opened = 0;
  for (const _ of [1, 2]) {
    const found = await selections.of({ ...asked(), to: 'f'.repeat(40) }, 20_000);
    expect(found).toMatchObject({ known: false });
    expect(found.known || found.because).toMatch(/^git (ls|diff)-tree: /);
  }
  expect(opened).toBe(2);
});

test('a hub without a copy says so', async () => {
  const { gitDir: _, ...rest } = repository;
  const found = await createTestSelections({ trees, log }).of({ ...asked(), repository: rest }, 20_000);
  expect(found).toEqual({
    known: false,
    because: 'this hub has no copy of the repository that it could read',
  });
});
