// Goal: a range is read as git has it, whatever lies in it; what is not judged is said.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ChangedFile, ScopeChange } from '../../../core/scope/change.ts';
import { createTestSource } from '../test-source.ts';
import { createChangeSource } from './change-source.ts';

let source: Awaited<ReturnType<typeof createTestSource>>;
let dir: string;
let base: string;
const LONG = Array.from({ length: 40 }, (_, i) => `var v${i} = ${i}`).join('\n');

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'fleetfix-scope-'));
  source = await createTestSource();
  base = await source.commit({
    on: 'main',
    message: 'Begin',
    files: {
      'a/a.go': 'package a\n\nfunc F() {\n\ta()\n}\n',
      'a/other.go': 'package a\n',
      'a/a_test.go': 'package a\n\nfunc TestF() { F() }\n',
      'a/sub/b.go': 'package sub\n',
      'old.go': `package main\n\n${LONG}\n`,
      'vendor/x/x.go': 'package x\n',
    },
  });
});

afterAll(async () => {
  await source.dispose();
  rmSync(dir, { recursive: true, force: true });
});

const read = (from: string, to: string, isFromFork = false): Promise<ScopeChange> =>
  createChangeSource({ dir }).read(source.location, { from, to, isFromFork });
const fileIn = ({ files }: ScopeChange, path: string): ChangedFile | undefined =>
  files.find((one) => one.path === path);

test('texts, lines, neighbours and messages of a change', async () => {
  const now = 'package a\n\nfunc F() {\n\ta()\n\tb()\n}\n';
  const to = await source.commit({
    on: 'plain',
    from: base,
    message: 'Close it\n\nBecause.',
    files: { 'a/a.go': now },
  });
  const change = await read(base, to);
  expect(change.files).toEqual([
    {
      path: 'a/a.go',
      kind: 'changed',
      before: 'package a\n\nfunc F() {\n\ta()\n}\n',
      now,
      hunks: [{ was: { from: 4, count: 0 }, is: { from: 5, count: 1 } }],
    },
  ]);
  expect(change.neighbours.map(({ path }) => path)).toEqual(['a/a_test.go', 'a/other.go']);
  expect(change).toMatchObject({ from: base, to, title: 'Close it', commits: 1, warnings: [] });
});

test('a merge is read against its first parent, and has the title of the pull request', async () => {
  const side = await source.commit({
    on: 'side',
    from: base,
    message: 'One',
    files: { 'a/a.go': 'package a\n' },
  });
  const main = await source.commit({
    on: 'trunk',
    from: base,
    message: 'Other',
    files: { 'new.go': 'package main\n' },
  });
  const merge = await source.commit({
    on: 'trunk',
    from: main,
    merge: [side],
    message: 'Merge pull request #7 from a/b\n\nOCPBUGS-7: close it',
    files: { 'a/a.go': 'package a\n' },
  });
  const change = await read(`${merge}^1`, merge);
  expect(change.files.map(({ path }) => path)).toEqual(['a/a.go']);
  expect(change).toMatchObject({ title: 'OCPBUGS-7: close it', commits: 1 });
});

test('a rename is one file, with the lines that changed in it', async () => {
  const files = { 'old.go': null, 'new.go': `package main\n\n${LONG}\nvar more = 1\n` };
  const to = await source.commit({ on: 'moved', from: base, message: 'Move', files });
  const { files: found } = await read(base, to);
  expect(found).toMatchObject([{ path: 'new.go', wasAt: 'old.go', kind: 'changed' }]);
  expect(found[0]!.hunks).toEqual([{ was: { from: 42, count: 0 }, is: { from: 43, count: 1 } }]);
});

test('what is no text, too large, a link, a submodule or vendored is not judged, and said where it matters', async () => {
  const files = {
    'a.bin': Buffer.from([1, 0, 2]),
    'big.go': `package a\n${'// x\n'.repeat(300_000)}`,
    link: { mode: '120000', content: 'a/a.go' },
    module: { mode: '160000', content: base },
    'vendor/x/x.go': 'package x\n\nfunc X() {}\n',
    'latin\xe9.go': 'package a\n',
    'a/latin1.go': Buffer.from('package a\n\n// caf\xe9\nfunc G() {}\n', 'latin1'),
  } as const;
  const to = await source.commit({ on: 'odd', from: base, message: 'Odd', files });
  const change = await read(base, to);
  const unread = Object.fromEntries(change.files.map(({ path, unread: why }) => [path, why]));
  expect(unread).toEqual({
    'a.bin': 'binary',
    'big.go': 'large',
    link: 'link',
    module: 'submodule',
    'vendor/x/x.go': 'not needed',
    'latin\ufffd.go': 'name',
    'a/latin1.go': undefined,
  });
  expect(fileIn(change, 'a/latin1.go')!.now).toBe('package a\n\n// caf\ufffd\nfunc G() {}\n');
  for (const path of ['a.bin', 'big.go', 'latin\ufffd.go'])
    expect(
      change.warnings.some((text) => text.includes(path)),
      path,
    ).toBe(true);
});

test('lines that look like the head of a patch are lines', async () => {
  const text = 'diff --git a/x b/x\n@@ -1 +1 @@\n';
  const to = await source.commit({
    on: 'patchy',
    from: base,
    message: 'P',
    files: { 'a.patch': text, 'b.go': 'package b\n' },
  });
  const change = await read(base, to);
  expect(fileIn(change, 'a.patch')!.hunks).toEqual([
    { was: { from: 0, count: 0 }, is: { from: 1, count: 2 } },
  ]);
  expect(fileIn(change, 'b.go')!.hunks).toEqual([{ was: { from: 0, count: 0 }, is: { from: 1, count: 1 } }]);
});

test('an empty range has no file and says so', async () => {
  expect(await read(base, base)).toMatchObject({
    files: [],
    commits: 0,
    warnings: ['the range changes no file'],
  });
});

test('when both sides moved, A..B says so and A...B compares with where they went apart', async () => {
  const ours = await source.commit({
    on: 'ours',
    from: base,
    message: 'O',
    files: { 'ours.go': 'package o\n' },
  });
  const theirs = await source.commit({
    on: 'theirs',
    from: base,
    message: 'T',
    files: { 'theirs.go': 'package t\n' },
  });
  const apart = await read(ours, theirs);
  expect(apart.files.map(({ path, kind }) => [path, kind])).toEqual([
    ['ours.go', 'removed'],
    ['theirs.go', 'added'],
  ]);
  expect(apart.warnings[0]).toContain('is no ancestor');
  const fork = await read(ours, theirs, true);
  expect(fork).toMatchObject({ from: base, warnings: [] });
  expect(fork.files.map(({ path }) => path)).toEqual(['theirs.go']);
});

test.each([
  ['no-such', 'main', 'commit no-such does not exist'],
  ['main', 'f'.repeat(40), 'does not exist'],
])('%s..%s is refused', async (from, to, said) => {
  await expect(read(from, to)).rejects.toThrow(said);
});

test('a folder that is no repository is refused', async () => {
  await expect(createChangeSource({ dir }).read(dir, { from: 'a', to: 'b' })).rejects.toThrow(
    'is not a git repository',
  );
});
