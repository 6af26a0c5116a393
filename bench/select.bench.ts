import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestSource } from '../src/adapters/git/test-source.ts';
import { openTrees } from '../src/adapters/select/index.ts';
import { selectTests } from '../src/core/select/select.ts';
import type { Benches, Measured } from './bench.ts';

const RANGES = 10;
const PACKAGES = 1_000;

/**
 * Selecting tests for the last merges of FLEETFIX_SELECT_REPO, each as the first question of a fresh process would be:
 * with an empty memory, then with what the first one remembered. Without a repository: of one that is made up here.
 */
export const benches: Benches = {
  async run() {
    const dir = mkdtempSync(join(tmpdir(), 'fleetfix-bench-select-'));
    const repo = process.env.FLEETFIX_SELECT_REPO;
    const made = repo === undefined ? await madeUp() : undefined;
    try {
      return await measured(repo ?? made!.location, { dir, isReal: repo !== undefined });
    } finally {
      await made?.dispose();
      rmSync(dir, { recursive: true, force: true });
    }
  },
};

async function measured(
  repo: string,
  { dir, isReal }: { readonly dir: string; readonly isReal: boolean },
): Promise<Measured[]> {
  const commits = execFileSync('git', [
    '-C',
    repo,
    'rev-list',
    '--first-parent',
    '-n',
    `${RANGES + 1}`,
    'HEAD',
  ])
    .toString()
    .trim()
    .split('\n');
  const cold: number[] = [];
  const warm: number[] = [];
  for (let i = 0; i < RANGES; i += 1) {
    const cacheDir = join(dir, `${i}`);
    const range = `${commits[i + 1]}..${commits[i]}`;
    cold.push(await once(repo, range, cacheDir));
    warm.push(await once(repo, range, cacheDir));
  }
  const where = isReal ? 'a real repository' : `${PACKAGES} packages`;
  const promised = { atMost: 3_000 };
  return [
    { what: `tests for a change, first question (${where})`, unit: 'ms', promised, samples: cold },
    { what: `tests for a change, asked again (${where})`, unit: 'ms', promised, samples: warm },
  ];
}

async function once(repo: string, range: string, cacheDir: string): Promise<number> {
  const beganMs = performance.now();
  const trees = await openTrees(repo, { cacheDir });
  const { from, to } = await trees.resolve(range);
  const { surveyed, texts } = await trees.survey(from, to);
  const { all } = selectTests({
    range: { from, to },
    surveyed,
    texts,
    suites: [],
    history: [],
    warnings: [],
    ms: 0,
  });
  const tookMs = performance.now() - beganMs;
  if (all === 0) throw new Error(`${repo} has no tests: there is nothing to choose from`);
  return tookMs;
}

/** Packages in a row, each with a test, each importing the one before and one far away. */
async function madeUp() {
  const source = await createTestSource();
  const file = (i: number, more: string) =>
    `package p${i}\n\nimport (\n${[i - 1, i >> 1]
      .filter((n) => n >= 0 && n !== i)
      .map((n) => `\t_ "example.com/m/p${n}"\n`)
      .join('')})\n\nvar x = "${more}"\n`;
  const files: Record<string, string> = { 'go.mod': 'module example.com/m\n' };
  for (let i = 0; i < PACKAGES; i += 1) {
    files[`p${i}/p.go`] = file(i, 'one');
    files[`p${i}/p_test.go`] = `package p${i}\n`;
  }
  await source.commit({ on: 'main', message: 'All', files });
  for (let n = 0; n < RANGES; n += 1) {
    const i = Math.floor((PACKAGES * n) / RANGES);
    await source.commit({
      on: 'main',
      message: `Change ${n}`,
      files: { [`p${i}/p.go`]: file(i, `two ${n}`) },
    });
  }
  return source;
}
