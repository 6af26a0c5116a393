import type { Commit } from '../../core/base/ids.ts';
import { nulParts } from './path-text.ts';
import type { Store } from './store.ts';

/** Paths a commit changed against its first parent, as latin1-kept bytes. Renames count as both paths. */
export async function changedPaths(
  store: Store,
  ids: readonly Commit[],
): Promise<ReadonlyMap<Commit, ReadonlySet<string>>> {
  if (ids.length === 0) return new Map();
  const args = ['diff-tree', '--stdin', '-r', '-z', '--raw', '--no-renames', '--root', '--no-abbrev'];
  const out = await store.git.read(args, { input: `${ids.join('\n')}\n` });
  const found = new Map<Commit, Set<string>>(ids.map((id) => [id, new Set()]));
  let current: Set<string> | undefined;
  const parts = nulParts(out);
  for (let i = 0; i < parts.length; i += 1) {
    const part = parts[i]!.toString('latin1');
    if (part.startsWith(':')) {
      i += 1;
      current?.add(parts[i]?.toString('latin1') ?? '');
    } else current = found.get(part.trim()) ?? current;
  }
  return found;
}

/** Commits of `from` without `not` that touch one of the paths, newest first, at most `max`. */
export async function touching(
  store: Store,
  work: {
    readonly from: Commit;
    readonly not: readonly Commit[];
    readonly paths: Iterable<string>;
    readonly flags: readonly string[];
  },
): Promise<Commit[]> {
  // Standard input separates by lines, so a path with a line break cannot be asked for.
  const paths = [...work.paths].filter((path) => !path.includes('\n'));
  if (paths.length === 0) return [];
  const lines = [work.from, ...work.not.map((id) => `^${id}`), '--', ...paths, ''];
  const out = await store.git.read(['rev-list', ...work.flags, '--stdin'], {
    input: Buffer.from(lines.join('\n'), 'latin1'),
  });
  return out.toString('latin1').split('\n').filter(Boolean);
}

/**
 * Patch ids (`git patch-id --stable`) of commits; one without a textual difference has none. Empty when a blob
 * is missing or the differences are too large to keep: one signal less, never a wrong one.
 */
export async function patchIds(store: Store, ids: readonly Commit[]): Promise<ReadonlyMap<Commit, string>> {
  if (ids.length === 0) return new Map();
  const args = ['diff-tree', '--stdin', '-p', '--root', '--full-index', '--no-renames', '--no-ext-diff'];
  const diffs = await store.git.run(args, { input: `${ids.join('\n')}\n`, keepBytesMax: DIFF_BYTES_MAX });
  if (diffs.code !== 0 || diffs.truncated) return new Map();
  const out = await store.git.read(['patch-id', '--stable'], { input: diffs.stdout });
  const lines = out.toString('latin1').split('\n').filter(Boolean);
  return new Map(lines.map((line) => line.split(' ') as [string, string]).map(([patch, id]) => [id, patch]));
}

const DIFF_BYTES_MAX = 64 * 1024 * 1024;
