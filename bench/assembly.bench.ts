import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRepositories } from '../src/adapters/git/index.ts';
import type { Repository } from '../src/ports/repository.ts';
import { type Case, type Ground, layGround } from './assembly/cases.ts';
import { openBareMerges, openPlainGit, type PlainGit, type Took } from './assembly/plain-git.ts';
import type { Benches, Measured } from './bench.ts';

const ROUNDS = 3;
/** How many cases go the slow ways; one takes 16 s and more where 30,000 files are written. */
const SPARSE_CASES = 40;
const SLOW_CASES = 5;
const RATE_OVER = 10;

/**
 * One case after the other, and two at once. Each round opens the repository anew in an empty folder, so that nothing of
 * the case is remembered; a case that does not come out clean with the right tree ends the run.
 */
export const benches: Benches = {
  async run() {
    const dir = await mkdtemp(join(tmpdir(), 'fleetfix-bench-'));
    const ground = await layGround();
    try {
      return await measured(dir, ground);
    } finally {
      await ground.dispose();
      await rm(dir, { recursive: true, force: true });
    }
  },
};

/** What the assembly of each case took one after the other, the middle of the rounds. */
type Known = ReadonlyMap<Case, Took>;

/** `took`: until the candidate was kept. `wholeMs`: until signs that it is not right were looked for as well. */
type Ours = { readonly of: Case; readonly took: Took; readonly wholeMs: number; readonly endedMs: number };

async function measured(dir: string, ground: Ground): Promise<Measured[]> {
  const rounds = async (atOnce: number) => {
    const all: Ours[][] = [];
    for (let round = 0; round < ROUNDS; round += 1)
      all.push(await assembleAll(join(dir, `ours-${atOnce}-${round}`), ground, atOnce));
    return all;
  };
  const [alone, batch] = [await rounds(1), await rounds(2)];
  const known: Known = new Map(
    ground.cases.map((of, i) => {
      const took = alone.map((round) => round[i]!.took).sort((a, b) => a.ms - b.ms);
      return [of, took[Math.floor(ROUNDS / 2)]!];
    }),
  );
  const { isReal, what } = ground;
  const real = (promised: Measured['promised']) => (isReal ? promised : undefined);
  const limit = await bareMerges(dir, ground.location, known);
  const plain = await openPlainGit(dir, ground.location);
  const times = (samples: readonly Ours[][]) => samples.flat().map(({ took }) => took.ms);
  return [
    {
      what: `assembly of a line, one after the other (${what})`,
      unit: 'ms',
      promised: real({ atMost: 5 }),
      samples: times(alone),
    },
    {
      what: 'assembly of a line and its signs, one after the other',
      unit: 'ms',
      samples: alone.flat().map(({ wholeMs }) => wholeMs),
    },
    {
      what: 'assembly with signs, one after the other',
      unit: 'per s',
      promised: { atLeast: 10 },
      samples: rates(alone),
    },
    { what: 'assembly of a line, two at once', unit: 'ms', samples: times(batch) },
    {
      what: 'assembly with signs, two at once',
      unit: 'per s',
      promised: { atLeast: 10 },
      samples: rates(batch),
    },
    { what: 'the limit: the same merges alone over git merge-tree --stdin', unit: 'ms', samples: limit },
    ...(await compared(plain, { ...SPARSE, promised: real({ atLeast: 25 }) }, known)),
    ...(await compared(plain, { ...WORKTREE, promised: real({ atLeast: 1_000 }) }, known)),
    ...(await compared(plain, { ...CLONE, promised: real({ atLeast: 1_000 }) }, known)),
  ];
}

const SPARSE = { name: 'sparse', as: 'a sparse worktree and cherry-pick', cases: SPARSE_CASES } as const;
const WORKTREE = {
  name: 'worktree',
  as: 'git worktree add, cherry-pick, remove',
  cases: SLOW_CASES,
} as const;
const CLONE = { name: 'clone', as: 'git clone --shared, checkout, cherry-pick', cases: SLOW_CASES } as const;

async function assembleAll(dir: string, ground: Ground, atOnce: number): Promise<Ours[]> {
  const repository = await createRepositories({ dir, searchMs: 0 }).open(ground.location);
  // The first question reads the history; merges are left for the first case.
  await repository.commitsOf({ kind: 'commits', commits: ground.cases[0]!.commits }, 'main');
  const began = performance.now();
  const done: Ours[] = [];
  const todo = ground.cases.entries();
  const worker = async () => {
    for (const [i, of] of todo) {
      done[i] = { of, ...(await assembleOne(repository, of)), endedMs: performance.now() - began };
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  await rm(dir, { recursive: true, force: true });
  return done;
}

async function assembleOne(repository: Repository, one: Case): Promise<Pick<Ours, 'took' | 'wholeMs'>> {
  const work = { line: 'bench', branch: 'main', carry: [], prerequisites: [], onto: one.onto };
  const began = performance.now();
  const made = await repository.assemble({ ...work, change: { kind: 'commits', commits: one.commits } });
  const wholeMs = performance.now() - began;
  if (made.outcome !== 'clean' || !made.commit) throw new Error(`not clean: ${made.because}`);
  if (one.tree !== undefined && made.tree !== one.tree) throw new Error(`another tree: ${made.because}`);
  return { took: { ms: made.ms, tree: made.tree! }, wholeMs };
}

/** Lines a second, over each ten that ended one after the other. */
function rates(rounds: readonly Ours[][]): number[] {
  return rounds.flatMap((round) => {
    const ends = [0, ...round.map((one) => one.endedMs).sort((a, b) => a - b)];
    const last = Math.floor((ends.length - 1) / RATE_OVER);
    return Array.from({ length: last }, (_, i) => {
      const ms = ends[(i + 1) * RATE_OVER]! - ends[i * RATE_OVER]!;
      return (RATE_OVER * 1_000) / ms;
    });
  });
}

async function bareMerges(dir: string, from: string, known: Known): Promise<number[]> {
  const merges = await openBareMerges(dir, from);
  try {
    const samples: number[] = [];
    for (const [one, { tree }] of known) {
      const measure = await merges.prepare(one);
      samples.push(sameTree('merge-tree', await measure(), tree).ms);
    }
    return samples;
  } finally {
    merges.close();
  }
}

/** What a slow way needed, and how many times as fast ours is: case by case, on every so-manieth case. */
async function compared(
  plain: PlainGit,
  way: {
    readonly name: 'worktree' | 'sparse' | 'clone';
    readonly as: string;
    readonly cases: number;
    readonly promised?: Measured['promised'];
  },
  known: Known,
): Promise<Measured[]> {
  const samples: number[] = [];
  const times: number[] = [];
  let lacks = 0;
  let failed = 0;
  for (const [one, ours] of spread([...known], way.cases)) {
    const took = await plain[way.name](one).catch((problem: Error) => problem);
    if (took instanceof Error) {
      // In a clone that lacks files git cannot do every case.
      failed += 1;
      if (failed > way.cases) throw took;
      continue;
    }
    const { ms } = sameTree(way.as, took, ours.tree);
    samples.push(ms);
    times.push(ms / ours.ms);
    if (way.name !== 'sparse') lacks = Math.max(lacks, (await plain.lacks(one.onto)).length);
    if (samples.length === way.cases) break;
  }
  const without =
    (lacks === 0 ? '' : `, without ${lacks} files that the clone lacks`) +
    (failed === 0 ? '' : `, ${failed} cases it could not do passed over`);
  return [
    { what: `${way.as}${without}`, unit: 'ms', samples },
    {
      what: `assembly beside ${way.as}, the same cases`,
      unit: 'times',
      promised: way.promised,
      samples: times,
    },
  ];
}

/** All of them, so that the first `count` lie evenly among them. */
function spread<Item>(all: readonly Item[], count: number): Item[] {
  const every = Math.max(1, Math.floor(all.length / count));
  return all
    .map((item, i) => ({ item, turn: i % every }))
    .sort((a, b) => a.turn - b.turn)
    .map(({ item }) => item);
}

function sameTree(way: string, took: Took, tree: string): Took {
  if (took.tree === tree) return took;
  throw new Error(`${way} made the tree ${took.tree} where the assembly made ${tree}`);
}
