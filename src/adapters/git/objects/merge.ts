import type { Commit } from '../../../core/base/ids.ts';
import { MissingObject } from './git.ts';
import type { MergePrint } from './merger.ts';
import { pathText } from './path-text.ts';
import type { Store } from './store.ts';

/** One three-way merge of trees, in memory. `paths` are the conflicted ones as bytes. */
export type Merged =
  | { readonly clean: true; readonly tree: string }
  | {
      readonly clean: false;
      readonly conflicts: readonly { readonly path: string; readonly kind: string }[];
      readonly paths: readonly Buffer[];
      /** The merged tree; files in conflict hold conflict markers, or what one side has. */
      readonly tree: string;
      /** Every side of every conflicted path. `stage`: 1 is the base, 2 ours (the line), 3 theirs (the change). */
      readonly sides: readonly MergeSide[];
    };

export type MergeSide = {
  readonly path: Buffer;
  readonly stage: 1 | 2 | 3;
  readonly mode: string;
  readonly blob: string;
};

/** What a step does to a tree: everything between `from` and `to`. */
export type Delta = { readonly from: string; readonly to: string };

/** What a commit changed against its first parent. A root commit changed everything from nothing. */
export async function deltaOf(store: Store, id: Commit): Promise<Delta> {
  const commit = await store.commit(id);
  const parent = commit.parents[0];
  return {
    from: parent === undefined ? store.emptyTree : (await store.commit(parent)).tree,
    to: commit.tree,
  };
}

export const inverse = (delta: Delta): Delta => ({ from: delta.to, to: delta.from });

/**
 * Applies a delta to a tree as `git cherry-pick` would: merge-ort with its defaults, never `-X`.
 *
 * git 2.38 and 2.39 cannot be told the merge base, so both sides are given one common made-up
 * parent. All three made-up commits carry one date, so that the search for the base ends at once
 * and never walks real history (with an older date it would).
 */
export async function applyDelta(store: Store, delta: Delta, onto: string): Promise<Merged> {
  if (delta.from === delta.to || onto === delta.to) return { clean: true, tree: onto };
  if (onto === delta.from) return { clean: true, tree: delta.to };
  const base = madeUp(store, delta.from, []);
  const [ours, theirs] = [madeUp(store, onto, [base]), madeUp(store, delta.to, [base])];
  try {
    return mergedOf(await store.merge(ours, theirs));
  } catch (problem) {
    if (!(problem instanceof MissingObject)) throw problem;
    const { print, missing } = await store.mergeLacking(problem, ours, theirs);
    const result = mergedOf(print);
    // A conflict in what only stands in for a file is no conflict of the file.
    const needed = result.clean ? undefined : result.sides.find(({ blob }) => missing.has(blob))?.blob;
    if (needed !== undefined) throw new MissingObject(needed);
    return result;
  }
}

const mergedOf = ({ clean, tree, rest }: MergePrint): Merged =>
  clean ? { clean, tree } : conflictsIn(tree, rest);

const NOBODY = 'fleetfix <fleetfix@localhost> 0 +0000';

function madeUp(store: Store, tree: string, parents: readonly Commit[]): Commit {
  return store.writeCommit({ tree, parents, author: NOBODY, committer: NOBODY, message: '' });
}

/**
 * One part per side of a conflicted path (`<mode> <blob> <stage>TAB<path>`), an empty part, then messages: a count
 * of paths, the paths, git's short type and the text. The kind is the word in the text (`content`,
 * `modify/delete`), or `binary` where git says so.
 */
function conflictsIn(tree: string, parts: readonly Buffer[]): Merged {
  const end = parts.findIndex((part) => part.length === 0);
  const sides = (end < 0 ? parts : parts.slice(0, end)).map(sideOf);
  const kinds = end < 0 ? new Map<string, string>() : kindsIn(parts.slice(end + 1));
  const paths = new Set(sides.map((side) => side.path.toString('latin1')));
  const bytes = [...paths].map((path) => Buffer.from(path, 'latin1'));
  return {
    clean: false,
    conflicts: bytes.map((path) => ({
      path: pathText(path),
      kind: kinds.get(path.toString('latin1')) ?? 'content',
    })),
    paths: bytes,
    tree,
    sides,
  };
}

function sideOf(part: Buffer): MergeSide {
  const tab = part.indexOf(9);
  const [mode = '', blob = '', stage] = part.toString('latin1', 0, tab).split(' ');
  return { path: part.subarray(tab + 1), stage: Number(stage) as 1 | 2 | 3, mode, blob };
}

function kindsIn(parts: readonly Buffer[]): Map<string, string> {
  const kinds = new Map<string, string>();
  for (let i = 0; i < parts.length; ) {
    const count = Number(parts[i]?.toString('latin1'));
    if (!Number.isInteger(count) || count < 0) break;
    const paths = parts.slice(i + 1, i + 1 + count).map((path) => path.toString('latin1'));
    const type = parts[i + 1 + count]?.toString('latin1') ?? '';
    const text = parts[i + 2 + count]?.toString('latin1') ?? '';
    i += 3 + count;
    const kind = kindOf(type, text);
    if (kind === undefined) continue;
    for (const path of paths) if (kind === 'binary' || !kinds.has(path)) kinds.set(path, kind);
  }
  return kinds;
}

function kindOf(type: string, text: string): string | undefined {
  if (!type.startsWith('CONFLICT')) return undefined;
  if (type.includes('binary')) return 'binary';
  return /^CONFLICT \(([^)]*)\)/.exec(text)?.[1] ?? /\(([^)]*)\)/.exec(type)?.[1] ?? 'content';
}
