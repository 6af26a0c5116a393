// Goal: on real merges no test package is missed that the go command says is built from a changed file.
// Method: each of the last merges of FLEETFIX_SELECT_REPO is selected for, and held against `go list -deps -test` at the
// merge, without tags and with those of FLEETFIX_SELECT_TAGS. Set FLEETFIX_SELECT_MERGES for another number than 100, and
// FLEETFIX_SELECT_LISTS to a folder that keeps what the go command said.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { goLists, testsBuiltFrom } from './test-go-list.ts';
import { selecting } from './test-select.ts';

const {
  FLEETFIX_SELECT_REPO: repo,
  FLEETFIX_SELECT_MERGES: merges = '100',
  FLEETFIX_SELECT_TAGS: tags = 'e2e,e2ev2,backuprestore,integration,reqserving,envtest',
  FLEETFIX_SELECT_LISTS: kept,
} = process.env;
const GO = 'go';
const HOURS_4 = 4 * 60 * 60 * 1_000;

const dir = mkdtempSync(join(tmpdir(), 'fleetfix-go-list-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const hasGo = (() => {
  try {
    return execFileSync(GO, ['version']).length > 0;
  } catch {
    return false;
  }
})();

test('no test package is missed that go builds from a changed file, in the last merges of a real repository', {
  timeout: HOURS_4,
}, async (context) => {
  if (!repo) return context.skip('FLEETFIX_SELECT_REPO names no repository to compare on');
  if (!hasGo) return context.skip('there is no go command');
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', repo, ...args], { maxBuffer: 1 << 28 })
      .toString()
      .trim()
      .split('\n')
      .filter(Boolean);
  const commits = git('rev-list', '--first-parent', '-n', String(Number(merges) + 1), 'HEAD');
  const lists = goLists({ source: repo, dir: join(dir, 'clone'), ...(kept && { kept }) });
  const select = selecting({ location: repo });
  const missed: string[] = [];
  const sum = { merges: 0, expected: 0, extra: 0, selected: 0, all: 0 };
  const shares: number[] = [];
  for (const [i, to] of commits.slice(0, -1).entries()) {
    const from = commits[i + 1]!;
    const changed = new Set(git('diff', '--name-only', '--no-renames', from, to));
    const expected = new Set<string>();
    for (const some of [[], tags.split(',')])
      for (const id of testsBuiltFrom(await lists.listAt(to, '', some), changed)) expected.add(id);
    const { tests, all } = await select.between(from, to);
    const selected = new Set(tests.filter(({ language }) => language === 'go').map(({ id }) => id));
    missed.push(...[...expected].filter((id) => !selected.has(id)).map((id) => `${to.slice(0, 10)} ${id}`));
    // Tests of other modules are not asked for here.
    const inTop = tests.filter(({ command }) => command.startsWith('go test'));
    sum.merges += 1;
    sum.expected += expected.size;
    sum.selected += inTop.length;
    sum.extra += inTop.filter(({ id }) => !expected.has(id)).length;
    sum.all += all;
    shares.push(tests.length / all);
  }
  select.dispose();
  const middle = shares.toSorted((a, b) => a - b)[shares.length >> 1]!;
  console.log(`${JSON.stringify(sum)}, the middle selection is ${(100 * middle).toFixed(1)} % of all tests`);
  expect(sum.merges).toBe(commits.length - 1);
  expect(sum.expected).toBeGreaterThan(0);
  expect(missed).toEqual([]);
});
