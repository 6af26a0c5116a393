import type { Commit } from '../../../core/base/ids.ts';
import { deltaOf } from './merge.ts';
import type { Store } from './store.ts';

/** Paths a commit changed against its first parent, bytes as latin1; a rename counts as both. */
export async function pathsOf(store: Store, id: Commit): Promise<ReadonlySet<string>> {
  const { from, to } = await deltaOf(store, id);
  return new Set((await store.trees.changed(from, to)).map((one) => one.path));
}

/** Commits below `from`, without what is below `not`, that touch one of the paths, newest first. */
export async function touching(
  store: Store,
  work: {
    readonly from: readonly Commit[];
    readonly not?: readonly Commit[];
    /** Bytes as latin1. */
    readonly paths: Iterable<string>;
    readonly flags: readonly string[];
  },
): Promise<Commit[]> {
  // Standard input separates by lines, so a path with a line break cannot be asked for.
  const paths = [...work.paths].filter((path) => !path.includes('\n'));
  if (paths.length === 0 || work.from.length === 0) return [];
  const lines = [...work.from, ...(work.not ?? []).map((id) => `^${id}`), '--', ...paths, ''];
  const out = await store.git.read(['rev-list', ...work.flags, '--stdin'], {
    input: Buffer.from(lines.join('\n'), 'latin1'),
  });
  return out.toString('latin1').split('\n').filter(Boolean);
}
