import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  commitsChange,
  lines,
  type RepositoryWorld,
  repositoryContract,
  workOf,
} from '../../ports/repository.contract.ts';
import { SourceProblem } from '../../ports/repository.ts';
import { git } from './test-source.ts';
import { createTestWorld } from './test-world.ts';

repositoryContract('git', createTestWorld);

let world: RepositoryWorld & { readonly dir: string };
beforeAll(async () => {
  world = await createTestWorld();
});
afterAll(() => world.dispose());

test('a folder with a worktree, its .git and a file URL are one repository', async () => {
  const source = await world.source();
  const tip = await source.commit({ on: 'main', message: 'One', files: { a: 'a\n' } });
  const tree = join(world.dir, 'worktree');
  await source.git('clone', '--quiet', source.location, tree);
  for (const location of [tree, join(tree, '.git'), `file://${tree}`]) {
    const repository = await world.repositories.open(location);
    expect(await repository.resolve('origin/main')).toBe(tip);
    expect(await repository.resolve('main')).toBe(tip);
  }
});

test('a linked worktree gives its own HEAD', async () => {
  const source = await world.source();
  const [one, two] = await source.commits([
    { on: 'main', message: 'One', files: { a: 'a\n' } },
    { on: 'main', message: 'Two', files: { a: 'b\n' } },
  ]);
  const linked = join(world.dir, 'linked');
  await source.git('worktree', 'add', '--quiet', '--detach', linked, one!);
  const repository = await world.repositories.open(linked);
  expect([await repository.resolve('HEAD'), await repository.resolve('main')]).toEqual([one, two]);
});

test('a repository without a commit is refused, whatever its HEAD says', async () => {
  const source = await world.source();
  await expect(world.repositories.open(source.location)).rejects.toThrow(
    /is empty.*Next: push a first commit/,
  );
});

test('an unborn HEAD does not matter when there are other branches', async () => {
  const source = await world.source();
  const tip = await source.commit({ on: 'release', message: 'One', files: { a: 'a\n' } });
  const repository = await world.repositories.open(source.location);
  expect([await repository.resolve('HEAD'), await repository.resolve('release')]).toEqual([undefined, tip]);
});

test('a copy outlives its source: what a candidate was made from is never lost', async () => {
  const source = await world.source();
  const base = await source.commit({ on: 'main', message: 'One', files: { 'a.txt': lines() } });
  const fix = await source.commit({ on: 'main', message: 'Fix', files: { 'a.txt': lines({ 2: 'x' }) } });
  const repository = await world.repositories.open(source.location);
  await rm(source.location, { recursive: true });
  expect((await repository.assemble(workOf(base, commitsChange(fix)))).outcome).toBe('clean');
});

test('a branch that was deleted, or became the start of another, is followed', async () => {
  const source = await world.source();
  const tip = await source.commit({ on: 'topic', message: 'One', files: { a: 'a\n' } });
  await source.git('branch', 'gone', tip);
  await (await world.repositories.open(source.location)).publish('FIX-1', 'kept', tip);
  await source.git('branch', '-D', 'gone');
  await source.git('branch', '-m', 'topic', 'topic/one');
  const repository = await world.repositories.open(source.location);
  expect(await repository.resolve('gone')).toBeUndefined();
  expect(await repository.resolve('topic')).toBeUndefined();
  expect(await repository.resolve('topic/one')).toBe(tip);
  expect(await repository.resolve('fleetfix/FIX-1/kept')).toBe(tip);
});

test("the source's hooks, configuration and attributes run nothing and change nothing", async () => {
  const source = await world.source();
  const base = await source.commit({
    on: 'main',
    message: 'One',
    files: { 'a.txt': lines(), '.gitattributes': 'a.txt merge=evil filter=evil\n' },
  });
  const fix = await source.commit({ on: 'main', message: 'Fix', files: { 'a.txt': lines({ 2: 'x' }) } });
  const proof = join(world.dir, 'ran');
  for (const key of ['core.fsmonitor', 'merge.evil.driver', 'filter.evil.smudge', 'core.sshCommand'])
    await source.git('config', key, `touch ${proof}`);
  mkdirSync(join(source.location, 'hooks'), { recursive: true });
  writeFileSync(join(source.location, 'hooks', 'reference-transaction'), `#!/bin/sh\ntouch ${proof}\n`, {
    mode: 0o755,
  });
  const repository = await world.repositories.open(source.location);
  const made = await repository.assemble(workOf(base, commitsChange(fix)));
  await repository.publish('FIX-1', '4.17', made.commit!);
  await (await repository.checkout(made.commit!)).dispose();
  expect(readdirSync(world.dir)).not.toContain('ran');
});

test('lines with any name have refs of their own', async () => {
  const source = await world.source();
  const tip = await source.commit({ on: 'main', message: 'One', files: { a: 'a\n' } });
  const repository = await world.repositories.open(source.location);
  for (const line of ['a', 'a/b', 'a b', '..', '-x', 'x.lock', '@{0}', 'é', '4.17.3', '%2F'])
    await repository.publish('FIX-3', line, tip);
  const copy = readdirSync(join(world.dir, 'one', 'copies')).filter((name) => name.endsWith('.git'));
  const refs = copy.flatMap((name) => {
    try {
      return readdirSync(join(world.dir, 'one', 'copies', name, 'refs/heads/fleetfix/FIX-3'));
    } catch {
      return [];
    }
  });
  expect(refs).toHaveLength(10);
  await expect(repository.publish('FIX-3', '', tip)).rejects.toThrow(SourceProblem);
  await expect(repository.publish('../x' as 'FIX-1', 'a', tip)).rejects.toThrow(SourceProblem);
});

test('a lock left by a process that was killed does not block', async () => {
  const source = await world.source();
  const tip = await source.commit({ on: 'main', message: 'One', files: { a: 'a\n' } });
  await world.repositories.open(source.location);
  const copies = join(world.dir, 'one', 'copies');
  const newest = readdirSync(copies).filter((name) => name.endsWith('.git'));
  // No process has this id: it is larger than any system gives.
  for (const name of newest)
    writeFileSync(
      join(copies, name.replace('.git', '.lock')),
      JSON.stringify({ pid: 2 ** 30, host: hostname(), started: '1' }),
    );
  expect(await (await world.repositories.open(source.location)).resolve('main')).toBe(tip);
});

test('a missing blob that a merge needs is named; one no side changed does not stop it', async () => {
  const source = await world.source();
  const base = await source.commit({
    on: 'main',
    message: 'One',
    files: { 'a.txt': lines(), 'gone.bin': lines({ 1: 'gone' }), 'b.txt': lines() },
  });
  const line = await source.commit({
    on: 'line',
    from: base,
    message: 'Line',
    files: { 'a.txt': lines({ 10: 'line' }), 'gone.bin': null, 'new.bin': lines({ 1: 'new' }) },
  });
  const fix = await source.commit({
    on: 'main',
    from: base,
    message: 'Fix',
    files: { 'a.txt': lines({ 2: 'x' }), 'gone.bin': null },
  });
  const drop = async (path: string) => {
    const blob = (await source.git('rev-parse', `${base}:${path}`)).trim();
    await rm(join(source.location, 'objects', blob.slice(0, 2), blob.slice(2)));
    return blob;
  };
  // Loose objects, so that single ones can be taken away.
  const packs = join(source.location, 'objects/pack');
  for (const name of readdirSync(packs).filter((one) => one.endsWith('.pack'))) {
    const pack = readFileSync(join(packs, name));
    for (const part of readdirSync(packs))
      if (part.startsWith(name.slice(0, -5))) await rm(join(packs, part));
    await git(source.location, ['unpack-objects', '-q'], pack);
  }
  await drop('gone.bin');
  const repository = await world.repositories.open(source.location);
  const made = await repository.assemble(workOf(line, commitsChange(fix)));
  expect(made.outcome).toBe('clean');
  const needed = await drop('a.txt');
  const refused = await (await world.elsewhere.open(source.location)).assemble(
    workOf(line, commitsChange(fix)),
  );
  expect(refused.outcome).toBe('refused');
  expect(refused.because).toMatch(new RegExp(`object ${needed} is missing.*Next: `));
});
