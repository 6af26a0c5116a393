import type { Commit } from '../../../core/base/ids.ts';
import { pathsOf, touching } from '../objects/paths-of.ts';
import type { Store } from '../objects/store.ts';

/** Own commits of a line that touch the same paths as a source and have its patch id. */
export type PatchTwins = (source: Commit) => Promise<Commit[]>;

/**
 * Asks one line for the twins of any of `sources`. The line is walked once for all of them, when the first is asked
 * for: a change may have hundreds of commits.
 */
export function patchTwinsOn(store: Store, onto: Commit, sources: readonly Commit[]): PatchTwins {
  let walked: Promise<ReadonlyMap<string, readonly Commit[]>> | undefined;
  return async (source) => {
    const paths = await pathsOf(store, source);
    if (!isWorthIt(paths)) return [];
    walked ??= ownByPaths(store, onto, sources);
    const alike = (await walked).get(setKey(paths)) ?? [];
    if (alike.length === 0) return [];
    const ids = await patchIds(store, [source, ...alike]);
    const wanted = ids.get(source);
    return wanted === undefined ? [] : alike.filter((id) => ids.get(id) === wanted);
  };
}

/** Commits of `onto` that are in no source's history and touch the first path of one, by all paths they touch. */
async function ownByPaths(store: Store, onto: Commit, sources: readonly Commit[]) {
  const firsts = new Set<string>();
  for (const source of sources) {
    const paths = await pathsOf(store, source);
    if (isWorthIt(paths)) firsts.add([...paths][0]!);
  }
  const flags = ['--no-merges', `--max-count=${2_000 * Math.min(firsts.size, 10)}`];
  const near = await touching(store, { from: [onto], not: sources, paths: firsts, flags });
  const found = new Map<string, Commit[]>();
  for (const id of near) {
    const key = setKey(await pathsOf(store, id));
    found.set(key, [...(found.get(key) ?? []), id]);
  }
  return found;
}

// A giant change is not worth the walk.
const isWorthIt = (paths: ReadonlySet<string>) => paths.size > 0 && paths.size <= PATHS_MAX;

// No path holds a NUL.
const setKey = (paths: ReadonlySet<string>) => [...paths].sort().join('\0');

const PATHS_MAX = 5_000;

/**
 * Patch ids (`git patch-id --verbatim`: white space counts, since it is code in some languages) of commits; one without a textual difference has none. Empty when a blob
 * is missing or the differences are too large to keep: one signal less, never a wrong one.
 */
async function patchIds(store: Store, ids: readonly Commit[]): Promise<ReadonlyMap<Commit, string>> {
  const args = ['diff-tree', '--stdin', '-p', '--root', '--full-index', '--no-renames', '--no-ext-diff'];
  const diffs = await store.git.run(args, { input: `${ids.join('\n')}\n`, keepBytesMax: DIFF_BYTES_MAX });
  if (diffs.code !== 0 || diffs.truncated) return new Map();
  // git 2.38 has only patch ids that are blind to white space.
  const ran = await store.git.run(['patch-id', '--verbatim'], { input: diffs.stdout });
  if (ran.code !== 0) return new Map();
  const lines = ran.stdout.toString('latin1').split('\n').filter(Boolean);
  return new Map(lines.map((line) => line.split(' ') as [string, string]).map(([patch, id]) => [id, patch]));
}

const DIFF_BYTES_MAX = 64 * 1024 * 1024;
