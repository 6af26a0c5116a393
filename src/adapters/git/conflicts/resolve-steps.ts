import type { PathClass, Proposal } from '../../../core/assembly/assembly.ts';
import { mergeAdjacent } from '../../../core/assembly/merge-adjacent.ts';
import type { Step } from '../change/steps.ts';
import { pathText } from '../objects/path-text.ts';
import type { Store } from '../objects/store.ts';
import { editTree, type TreeEdit } from './edit-tree.ts';
import { type Bench, openBench } from './memo-merge.ts';
import { type NotClean, readTexts, type Sides, sidesAt } from './sides.ts';

/**
 * How paths in conflict are settled: `adjacent` puts edits that only touch, and import blocks, side by side;
 * what that does not settle stays as the line has it when its class is in `leave`.
 */
export type How = { readonly adjacent: boolean; readonly leave: readonly PathClass[] };

/** A file in which edits were put side by side at so many places. */
type SideBySide = { readonly path: string; readonly places: number; readonly imports: boolean };

/** The tree after each step, and what a person must know of how conflicts on the way were settled. */
export type Resolved = {
  readonly trees: readonly string[];
  readonly left: Proposal['left'];
  readonly sideBySide: readonly SideBySide[];
};

/**
 * Puts all steps onto `tree`, settling every conflict on the way as `how` says.
 *
 * Undefined when one conflict cannot be settled so, or time has run out. Objects are written
 * where the store writes.
 */
export async function resolveSteps(
  store: Store,
  work: {
    readonly tree: string;
    readonly steps: readonly Pick<Step, 'delta'>[];
    readonly how: How;
    readonly bench?: Bench;
  },
): Promise<Resolved | undefined> {
  const { bench = openBench(store, Number.POSITIVE_INFINITY), how } = work;
  const left = new Map<string, Proposal['left'][number]>();
  const sideBySide = new Map<string, SideBySide>();
  const trees: string[] = [];
  let tree = work.tree;
  for (const step of work.steps) {
    if (bench.isOver()) return undefined;
    const merged = await bench.merge(step.delta, tree);
    if (!merged.clean) {
      const settled = await settleConflicts(store, merged, { how, bench });
      if (!settled) return undefined;
      for (const one of settled.left) left.set(one.path, one);
      for (const one of settled.sideBySide) sideBySide.set(one.path, added(sideBySide.get(one.path), one));
      tree = await editTree(store, merged.tree, settled.edits);
    } else tree = merged.tree;
    trees.push(tree);
  }
  return { trees, left: [...left.values()], sideBySide: [...sideBySide.values()] };
}

const added = (before: SideBySide | undefined, one: SideBySide): SideBySide => ({
  path: one.path,
  places: (before?.places ?? 0) + one.places,
  imports: one.imports || (before?.imports ?? false),
});

type Settled = {
  readonly edits: readonly TreeEdit[];
  readonly left: Proposal['left'];
  readonly sideBySide: readonly SideBySide[];
};

/** Stops at the first path that cannot be settled. */
async function settleConflicts(
  store: Store,
  merged: NotClean,
  { how, bench }: { readonly how: How; readonly bench: Bench },
): Promise<Settled | undefined> {
  const edits: TreeEdit[] = [];
  const left: Proposal['left'][number][] = [];
  const sideBySide: SideBySide[] = [];
  for (const [i, bytes] of merged.paths.entries()) {
    const at = {
      bytes,
      path: pathText(bytes),
      kind: merged.conflicts[i]!.kind,
      class: bench.classOf(pathText(bytes)),
      sides: sidesAt(merged, bytes),
    };
    if (!mayBeSettled(at, how) || bench.isOver()) return undefined;
    const merge = how.adjacent ? await mergeFile(store, at) : undefined;
    if (merge) {
      edits.push(merge.edit);
      sideBySide.push(merge.sideBySide);
      continue;
    }
    if (!isLeft(at, how)) return undefined;
    edits.push(asOnLine(at));
    left.push({ path: at.path, class: at.class });
  }
  return { edits, left, sideBySide };
}

type Conflicted = {
  readonly bytes: Buffer;
  readonly path: string;
  readonly kind: string;
  readonly class: PathClass;
  readonly sides: Sides;
};

const mayBeSettled = (at: Conflicted, how: How) => isLeft(at, how) || (how.adjacent && at.kind === 'content');

// In other conflicts git moves files to made-up names, and what the line has is not where it was.
const LEAVABLE = ['content', 'binary', 'add/add', 'modify/delete', 'rename/delete'];

function isLeft({ kind, sides, class: of }: Conflicted, how: How): boolean {
  return how.leave.includes(of) && LEAVABLE.includes(kind) && sides.ours?.mode !== '160000';
}

/** Under the name the path has after the merge: renames the change makes are kept. */
function asOnLine({ bytes, sides: { ours } }: Conflicted): TreeEdit {
  const path = bytes.toString('latin1');
  return ours ? { path, entry: { mode: ours.mode, id: ours.blob } } : { path };
}

/** Undefined for links, binary files, changed modes, and when both sides changed the same lines. */
async function mergeFile(
  store: Store,
  { bytes, path, sides }: Conflicted,
): Promise<{ readonly edit: TreeEdit; readonly sideBySide: SideBySide } | undefined> {
  const mode = sides.ours?.mode;
  if (mode === undefined || mode !== sides.base?.mode || mode !== sides.theirs?.mode) return undefined;
  const { texts } = await readTexts(store, sides);
  const merged = texts && mergeAdjacent(texts, path);
  if (!merged) return undefined;
  const id = store.writeBlob(Buffer.from(merged.lines.join(''), 'latin1'));
  return {
    edit: { path: bytes.toString('latin1'), entry: { mode, id } },
    sideBySide: { path, places: merged.places, imports: merged.imports },
  };
}
