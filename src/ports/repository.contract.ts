import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Change } from '../core/assembly/assembly.ts';
import type { Commit } from '../core/base/ids.ts';
import { type AssemblyWork, type Repositories, type Repository, SourceProblem } from './repository.ts';

/** One commit of a test repository. `files`: content, content with a mode, or null to remove; paths are latin1-kept bytes. */
export type TestCommit = {
  readonly on: string;
  readonly message: string;
  readonly from?: Commit;
  readonly merge?: readonly Commit[];
  readonly author?: string;
  /** Author time; each commit is a minute after the last when not given. */
  readonly seconds?: number;
  readonly files?: Readonly<
    Record<string, string | Buffer | null | { readonly mode: string; readonly content: string | Buffer }>
  >;
};

/** A repository that a test writes and a `Repositories` opens. */
export type TestSource = {
  readonly location: string;
  commit(commit: TestCommit): Promise<Commit>;
  commits(list: readonly TestCommit[]): Promise<Commit[]>;
  /** Any git command on it. */
  git(...args: string[]): Promise<string>;
};

export type RepositoryWorld = {
  readonly repositories: Repositories;
  /** The same over another, empty store: as if on another machine. */
  readonly elsewhere: Repositories;
  source(): Promise<TestSource>;
  dispose(): Promise<void>;
};

/** Twenty lines of which tests change some: far enough apart for edits not to meet. */
export const lines = (changed: Readonly<Record<number, string>> = {}) =>
  Array.from({ length: 20 }, (_, i) => `${changed[i + 1] ?? `line ${i + 1}`}\n`).join('');

export const commitsChange = (...commits: Commit[]): Change => ({ kind: 'commits', commits });

/** Work on a line with nothing carried, and what differs. */
export const workOf = (onto: Commit, change: Change, more: Partial<AssemblyWork> = {}): AssemblyWork => ({
  fix: 'FIX-1',
  line: '4.17',
  change,
  branch: 'main',
  onto,
  carry: [],
  prerequisites: [],
  ...more,
});

/** What every `Repositories` promises, on real repositories. */
export function repositoryContract(name: string, make: () => Promise<RepositoryWorld>): void {
  describe(`repositories by ${name}`, () => {
    let world: RepositoryWorld;
    let source: TestSource;
    let repository: Repository;
    let base: Commit;
    let fix: Commit;

    beforeAll(async () => {
      world = await make();
      source = await world.source();
      base = await source.commit({
        on: 'main',
        message: 'Begin',
        files: { 'a.txt': lines(), 'b.txt': 'b\n' },
      });
      await source.git('branch', 'release', base);
      const later = await source.commit({
        on: 'main',
        from: base,
        message: 'Later work',
        files: { 'c.txt': 'c\n' },
      });
      fix = await source.commit({
        on: 'main',
        from: later,
        message: 'Fix it',
        files: { 'a.txt': lines({ 3: 'fixed' }) },
      });
      repository = await world.repositories.open(source.location);
    });
    afterAll(() => world.dispose());

    test('a change goes onto the deployed commit and nothing else rides along', async () => {
      const made = await repository.assemble(workOf(base, commitsChange(fix)));
      expect(made).toMatchObject({
        onto: base,
        outcome: 'clean',
        picked: [fix],
        conflicts: [],
        passengers: [],
      });
      const tree = await repository.checkout(made.commit!);
      expect(readFileSync(join(tree.dir, 'a.txt'), 'utf8')).toBe(lines({ 3: 'fixed' }));
      expect(existsSync(join(tree.dir, 'c.txt'))).toBe(false);
      await tree.dispose();
      expect(existsSync(tree.dir)).toBe(false);
    });

    test('the same input gives the same commit id on two machines and when asked again', async () => {
      const work = workOf(base, commitsChange(fix));
      const other = await world.elsewhere.open(source.location);
      const [first, again, there] = [
        await repository.assemble(work),
        await repository.assemble(work),
        await other.assemble(work),
      ];
      expect(again.commit).toBe(first.commit);
      expect(there.commit).toBe(first.commit);
    });

    test('a candidate keeps author, date and message, and says where it is from', async () => {
      const made = await repository.assemble(workOf(base, commitsChange(fix)));
      expect(await repository.describe(made.commit!)).toEqual(await repository.describe(fix));
      expect((await repository.describe(fix)).author).toBe('Ada Example');
    });

    test('a change is contained in its own candidate', async () => {
      const made = await repository.assemble(workOf(base, commitsChange(fix)));
      const again = await repository.assemble(workOf(made.commit!, commitsChange(fix)));
      expect(again.outcome).toBe('contained');
      expect(again.contained).toMatchObject({ commit: made.commit, gitReverted: false });
      expect(again.commit).toBeUndefined();
    });

    test('a change is contained where it is in the history', async () => {
      const answer = await repository.assemble(workOf(fix, commitsChange(fix)));
      expect(answer).toMatchObject({
        outcome: 'contained',
        contained: { how: ['ancestry', 'empty re-pick'], commit: fix },
      });
    });

    test('names, tags, ids and steps back resolve to commits; anything else to nothing', async () => {
      await source.git('tag', '-a', '-m', 'one', 'v1', fix);
      const fresh = await world.repositories.open(source.location);
      for (const name of ['main', 'v1', 'origin/main', fix, fix.slice(0, 10), 'HEAD'])
        expect(await fresh.resolve(name)).toBe(fix);
      expect(await fresh.resolve('main~2')).toBe(base);
      for (const name of ['nope', '--all', '', 'main..v1', ':/Fix', '0'.repeat(40), 'main~50', 'a b', 'x\n'])
        expect(await fresh.resolve(name)).toBeUndefined();
    });

    test('opening again sees what is new', async () => {
      const next = await source.commit({ on: 'next', from: fix, message: 'Next', files: { 'd.txt': 'd\n' } });
      expect(await repository.resolve('next')).toBeUndefined();
      const fresh = await world.repositories.open(source.location);
      expect(await fresh.resolve('next')).toBe(next);
    });

    test('many openings of one location at once are one', async () => {
      const opened = await Promise.all(
        Array.from({ length: 8 }, () => world.elsewhere.open(source.location)),
      );
      expect(new Set(await Promise.all(opened.map((one) => one.resolve('main')))).size).toBe(1);
    });

    test('a range means its commits oldest first, and is refused the wrong way round', async () => {
      expect(await repository.commitsOf({ kind: 'range', from: base, to: fix }, 'main')).toHaveLength(2);
      expect((await repository.commitsOf({ kind: 'range', from: base, to: fix }, 'main'))[1]).toBe(fix);
      await expect(repository.commitsOf({ kind: 'range', from: fix, to: base }, 'main')).rejects.toThrow(
        /not an ancestor/,
      );
      await expect(repository.commitsOf({ kind: 'range', from: fix, to: fix }, 'main')).rejects.toThrow(
        /is empty/,
      );
    });

    test('a commit that does not exist is named', async () => {
      const nowhere = 'f'.repeat(40);
      await expect(repository.commitsOf(commitsChange(nowhere), 'main')).rejects.toThrow(nowhere);
      await expect(repository.checkout(nowhere)).rejects.toThrow(SourceProblem);
      await expect(repository.describe(nowhere)).rejects.toThrow(SourceProblem);
      await expect(repository.publish('FIX-1', '4.17', nowhere)).rejects.toThrow(SourceProblem);
      const refused = await repository.assemble(workOf(nowhere, commitsChange(fix)));
      expect(refused).toMatchObject({ outcome: 'refused', onto: nowhere });
      expect(refused.because).toContain(nowhere);
      expect((await repository.assemble(workOf(base, commitsChange(nowhere)))).because).toContain(nowhere);
    });

    test('a published candidate can be resolved, and publishing twice or at once is the same as once', async () => {
      const { commit } = await repository.assemble(workOf(base, commitsChange(fix)));
      await Promise.all(Array.from({ length: 5 }, () => repository.publish('FIX-1', '4.17', commit!)));
      expect(await repository.resolve('fleetfix/FIX-1/4.17')).toBe(commit);
      await world.repositories.open(source.location);
      expect(await repository.resolve('fleetfix/FIX-1/4.17')).toBe(commit);
    });

    test('of racing publishes one wins whole', async () => {
      await Promise.all([base, fix].map((commit) => repository.publish('FIX-2', 'race', commit)));
      expect([base, fix]).toContain(await repository.resolve('fleetfix/FIX-2/race'));
    });

    test('a checkout keeps modes and symbolic links and has no .git', async () => {
      const commit = await source.commit({
        on: 'modes',
        from: base,
        message: 'Modes',
        files: {
          'run.sh': { mode: '100755', content: '#!/bin/sh\n' },
          link: { mode: '120000', content: 'a.txt' },
          'bytes.bin': Buffer.from([0, 255, 10, 13]),
        },
      });
      const fresh = await world.repositories.open(source.location);
      const tree = await fresh.checkout(commit);
      expect(lstatSync(join(tree.dir, 'run.sh')).mode & 0o111).not.toBe(0);
      expect(lstatSync(join(tree.dir, 'a.txt')).mode & 0o111).toBe(0);
      expect(readlinkSync(join(tree.dir, 'link'))).toBe('a.txt');
      expect(readFileSync(join(tree.dir, 'bytes.bin'))).toEqual(Buffer.from([0, 255, 10, 13]));
      expect(existsSync(join(tree.dir, '.git'))).toBe(false);
      await tree.dispose();
    });

    test('a checkout of some paths writes those, takes each as it is spelled, and passes over what is not there', async () => {
      const files = { 'cmd/run.sh': 'run', 'cmds/other': 'other', '*': 'star', 'doc/a.md': 'a' };
      const commit = await source.commit({ on: 'paths', from: base, message: 'Paths', files });
      const fresh = await world.repositories.open(source.location);
      const tree = await fresh.checkout(commit, ['cmd', '*', 'nowhere']);
      expect(readdirSync(tree.dir).sort()).toEqual(['*', 'cmd']);
      expect(readFileSync(join(tree.dir, 'cmd', 'run.sh'), 'utf8')).toBe('run');
      await tree.dispose();
    });

    test.each([
      ['', /empty/],
      ['/nowhere/at/all', /does not exist/],
      ['--upload-pack=touch x', /looks like an option/],
      ['ext::sh -c touch% x', /transport helper/],
      ['git://localhost/x.git', /git, which is not allowed/],
      ['https://user:secret@127.0.0.1:1/x.git', /cannot be read/],
      ['file:///etc', /not a git repository/],
    ])('the location "%s" is refused with what, where and next', async (location, why) => {
      const problem = await world.repositories.open(location).catch((error: unknown) => error);
      expect(problem).toBeInstanceOf(SourceProblem);
      expect(String(problem)).toMatch(why);
      expect(String(problem)).toMatch(/Next: /);
      expect(String(problem)).not.toContain('secret');
    });
  });
}
