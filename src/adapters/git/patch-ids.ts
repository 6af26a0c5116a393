import type { Commit } from '../../core/base/ids.ts';
import { pathsOf, touching } from './paths-of.ts';
import type { Store } from './store.ts';

/** Own commits of `onto` that touch the same paths as the source and have its patch id. */
export async function patchTwins(
  store: Store,
  source: Commit,
  work: { readonly onto: Commit; readonly not: readonly Commit[] },
): Promise<Commit[]> {
  const paths = await pathsOf(store, source);
  // A giant change is not worth the walk.
  if (paths.size === 0 || paths.size > PATHS_MAX) return [];
  const flags = ['--no-merges', '--max-count=2000'];
  const near = await touching(store, {
    from: work.onto,
    not: work.not,
    paths: [...paths].slice(0, 1),
    flags,
  });
  const alike: Commit[] = [];
  for (const id of near) if (isSameSet(paths, await pathsOf(store, id))) alike.push(id);
  if (alike.length === 0) return [];
  const ids = await patchIds(store, [source, ...alike]);
  const wanted = ids.get(source);
  return wanted === undefined ? [] : alike.filter((id) => ids.get(id) === wanted);
}

const PATHS_MAX = 5_000;

const isSameSet = (a: ReadonlySet<string>, b: ReadonlySet<string>) =>
  a.size === b.size && [...a].every((path) => b.has(path));

/**
 * Patch ids (`git patch-id --stable`) of commits; one without a textual difference has none. Empty when a blob
 * is missing or the differences are too large to keep: one signal less, never a wrong one.
 */
async function patchIds(store: Store, ids: readonly Commit[]): Promise<ReadonlyMap<Commit, string>> {
  const args = ['diff-tree', '--stdin', '-p', '--root', '--full-index', '--no-renames', '--no-ext-diff'];
  const diffs = await store.git.run(args, { input: `${ids.join('\n')}\n`, keepBytesMax: DIFF_BYTES_MAX });
  if (diffs.code !== 0 || diffs.truncated) return new Map();
  const out = await store.git.read(['patch-id', '--stable'], { input: diffs.stdout });
  const lines = out.toString('latin1').split('\n').filter(Boolean);
  return new Map(lines.map((line) => line.split(' ') as [string, string]).map(([patch, id]) => [id, patch]));
}

const DIFF_BYTES_MAX = 64 * 1024 * 1024;
