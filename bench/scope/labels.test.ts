// Goal: what the scope gate learns from is what people did: brought a bug's change to a release, or never brought a feature's.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { labelled, labelOf } from './labels.ts';

const dir = mkdtempSync(join(tmpdir(), 'fleetfix-labels-'));
afterAll(() => rmSync(dir, { recursive: true }));

let second = 0;
function git(...args: string[]): string {
  second += 1;
  const date = new Date(Date.UTC(2026, 0, 5, 8, 0, second)).toISOString();
  const who = (kind: string) => ({
    [`GIT_${kind}_NAME`]: 'Author',
    [`GIT_${kind}_EMAIL`]: 'author@example.com',
    [`GIT_${kind}_DATE`]: date,
  });
  const env = { ...process.env, ...who('AUTHOR'), ...who('COMMITTER'), GIT_CONFIG_NOSYSTEM: '1' };
  return execFileSync('git', ['-C', dir, ...args], { env, encoding: 'utf8', stdio: 'pipe' }).trim();
}

function commitTo(file: string, subject: string): string {
  writeFileSync(join(dir, file), `${subject}\n`);
  git('add', '.');
  git('commit', '-qm', subject);
  return git('rev-parse', 'HEAD');
}

/** A pull request of one commit, merged into main as GitHub does; gives the commit. */
function pull(pr: number, branch: string, title: string): string {
  git('checkout', '-qb', branch, 'main');
  const commit = commitTo(`${pr}.txt`, `work of ${pr}`);
  git('checkout', '-q', 'main');
  git('merge', '-q', '--no-ff', '-m', `Merge pull request #${pr} from someone/${branch}\n\n${title}`, branch);
  return commit;
}

test('fixes are bugs that a release branch has too, features are what none has, and the rest is left out', () => {
  git('init', '-q', '-b', 'main');
  commitTo('a.txt', 'begin');
  git('branch', 'release-1.0');
  const picked = pull(1, 'one', 'OCPBUGS-1: a crash');
  pull(2, 'two', 'PLANE-2: a new field');
  const brought = pull(3, 'three', 'PLANE-3: brought back all the same');
  pull(4, 'four', 'OCPBUGS-4: never brought back');
  pull(5, 'five', 'OCPBUGS-5: brought by its number');
  pull(6, 'dependabot/six', 'PLANE-6: newer');
  git('checkout', '-q', 'release-1.0');
  for (const commit of [picked, brought]) git('cherry-pick', commit);
  git('checkout', '-qb', 'pick');
  commitTo('5.txt', 'written anew');
  git('checkout', '-q', 'release-1.0');
  const subject = 'Merge pull request #7 from bot/cherry-pick-5-to-release-1.0';
  git('merge', '-q', '--no-ff', '-m', subject, 'pick');
  const found = labelled(dir);
  expect(found.map(({ pr, label }) => [pr, label]).sort()).toEqual([
    [1, 'fix'],
    [2, 'feature'],
    [5, 'fix'],
  ]);
  const merges = git('log', '--merges', '--format=%H', 'main').split('\n');
  for (const { merge } of found) expect(merges).toContain(merge);
  expect(labelled(dir, '2026-02-01')).toEqual([]);
});

test.each([
  ['feat(api): a field', false, 'feature'],
  ['NO-JIRA: a field', false, undefined],
  ['PLANE-1: docs: how', false, undefined],
  ['a word', false, undefined],
  ['Fixed a crash', true, 'fix'],
  ['PLANE-1: feat: a field', true, undefined],
] as const)('%s, brought back: %s', (title, isBroughtBack, label) => {
  expect(labelOf(title, isBroughtBack)).toBe(label);
});
