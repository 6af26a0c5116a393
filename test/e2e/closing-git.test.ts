// Goal: what git knows of a merged pull request is enough, over real repositories: merged, squashed, taken over one by one, and those
// that did not bring the change.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRepositories } from '../../src/adapters/git/index.ts';
import type { LinkItem } from '../../src/core/proof/closing-item.ts';
import { lookAt } from '../../src/hub/loops/looks/look-at.ts';
import type { LookRun } from '../../src/hub/loops/looks/look-run.ts';
import { memoryLinks } from '../../src/ports/testing-links.ts';

const dir = mkdtempSync(join(tmpdir(), 'fleetfix-closing-'));
const work = join(dir, 'work');
const who = ['-c', 'user.name=lease authors', '-c', 'user.email=authors@example.com'];
const git = (...args: string[]) =>
  execFileSync('git', [...who, ...args], { cwd: work, encoding: 'utf8' }).trim();
function commit(file: string, text: string, message = file): string {
  writeFileSync(join(work, file), text);
  git('add', '--all');
  git('commit', '--quiet', '-m', message);
  return git('rev-parse', 'HEAD');
}

const LOCATION = 'https://github.com/example/lease.git';
const item: LinkItem = { name: 'upstream', kind: 'pull-request', contains: 'change' };
let change: string;
let later: string;
let squashed: string;
let last: string;

beforeAll(() => {
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', work]);
  commit('a.txt', 'one\n');
  git('switch', '--quiet', '--create', 'topic');
  change = commit('fix.txt', 'the fix\n', 'fix: give leases back');
  git('switch', '--quiet', 'main');
  commit('b.txt', 'two\n');
  git('merge', '--quiet', '--no-ff', '-m', 'Merge pull request #7 from example/topic', 'topic');
  git('switch', '--quiet', '--create', 'other');
  later = commit('c.txt', 'three\n');
  git('switch', '--quiet', 'main');
  git('merge', '--quiet', '--no-ff', '-m', 'Merge pull request #8 from example/other', 'other');
  squashed = commit('d.txt', 'four\n', 'Four things (#9)');
  // As a forge takes commits over one by one: nothing in them names the pull request.
  commit('e.txt', 'five\n');
  last = commit('f.txt', 'six\n');
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function look(
  number: number,
  of: string,
  merged?: { readonly commit: string; readonly commits: number },
) {
  const repositories = createRepositories({ dir: join(dir, 'copies') });
  const links = memoryLinks({
    hosts: ['github.com'],
    pulls: merged
      ? {
          [`github.com/example/lease#${number}`]: {
            repository: 'example/lease',
            merged: true,
            state: 'closed',
            branch: 'main',
            ...merged,
          },
        }
      : {},
  });
  const found = await lookAt({
    // The repository has an address on that host; here it lies in a folder.
    parts: { repositories: { open: () => repositories.open(work) } },
    component: { repository: LOCATION, branch: 'main' },
    it: { fix: { id: 'FIX-1', lines: {}, change: { kind: 'commits', commits: [of] } } },
    task: {
      do: 'look',
      item: item.name,
      link: `https://github.com/example/lease/pull/${number}`,
      sought: [],
    },
    item,
    links,
    signal: new AbortController().signal,
  } as unknown as LookRun);
  return { ...found, asked: links.asked.length };
}

test('a merged pull request that brought the change, without a word of its forge', async () => {
  expect(await look(7, change)).toMatchObject({
    result: 'pass',
    because: `merged into main, says git: ${change.slice(0, 12)}, with the change`,
    asked: 0,
  });
});

test('one that was merged after the change did not bring it', async () => {
  expect(await look(8, change)).toMatchObject({ result: 'fail', asked: 0 });
  expect((await look(8, change)).because).toContain('the change was there before it: another one brought it');
  expect(await look(8, later)).toMatchObject({ result: 'pass' });
});

test('one commit of all, named by its subject', async () => {
  expect(await look(9, squashed)).toMatchObject({ result: 'pass', asked: 0 });
  expect((await look(9, change)).because).toContain('another one brought it');
});

test('one that git cannot tell is asked of its forge, and held against git', async () => {
  const five = git('rev-parse', `${last}^`);
  expect(await look(10, five, { commit: last, commits: 2 })).toMatchObject({ result: 'pass', asked: 1 });
  expect((await look(10, five, { commit: last, commits: 1 })).because).toContain('another one brought it');
  expect((await look(10, five, { commit: 'f'.repeat(40), commits: 1 })).because).toContain('nobody can tell');
  expect(await look(11, five)).toMatchObject({ result: 'fail', status: 404, asked: 1 });
});

test('a change that was taken back by a git revert is not there', async () => {
  git('revert', '--no-edit', squashed);
  expect(await look(9, squashed)).toMatchObject({
    result: 'fail',
    because: expect.stringContaining('but main has it git-reverted since'),
  });
});
