// Goal: on real back-ports, every case that plain plumbing picks cleanly gives exactly the merged tree, and is
// found contained in its own result. Needs a clone of the repository the cases are from, so it runs on request.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commitsChange, workOf } from '../../ports/repository.contract.ts';
import { createRepositories } from './index.ts';

const casesFile = process.env.FLEETFIX_BACKPORTS;
const clone = process.env.FLEETFIX_BACKPORTS_REPO;
const why = 'set FLEETFIX_BACKPORTS (JSON lines) and FLEETFIX_BACKPORTS_REPO (a clone) to run it';

type Case = {
  readonly id: string;
  readonly class: string;
  readonly source_commits: string[];
  readonly base: string;
  readonly result_commit: string;
  readonly result_tree: string;
};

test('real back-ports give the merged tree and are found in it', async (context) => {
  if (!casesFile || !clone) return context.skip(why);
  const cases = readFileSync(casesFile!, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Case);
  const clean = cases.filter((one) => one.class === 'clean-identical');
  const dir = await mkdtemp(join(tmpdir(), 'fleetfix-backports-'));
  try {
    const repository = await createRepositories({ dir }).open(clone!);
    const differ: string[] = [];
    const notFound: string[] = [];
    for (const one of clean) {
      const change = commitsChange(...one.source_commits);
      const made = await repository.assemble(workOf(one.base, change));
      if (made.tree !== one.result_tree) differ.push(`${one.id}: ${made.outcome}, ${made.because}`);
      const again = await repository.assemble(workOf(one.result_commit, change));
      if (again.outcome !== 'contained') notFound.push(`${one.id}: ${again.outcome}, ${again.because}`);
    }
    expect(clean.length).toBeGreaterThan(0);
    expect({ differ, notFound }).toEqual({ differ: [], notFound: [] });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}, 3_600_000);
