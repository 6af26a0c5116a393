import { diffLines } from '../../../core/assembly/line-diff.ts';
import type { Delta } from '../objects/merge.ts';
import type { Store } from '../objects/store.ts';
import { isTelling, textLines } from '../objects/text-lines.ts';
import type { ChangedEntry } from '../objects/trees.ts';

const PATHS_MAX = 40;

/**
 * Whether a tree plainly has nothing of a delta, told without a merge. False only means that it must be tried.
 *
 * Taking a delta away changes a tree only where the tree has what the delta put there. So it changes nothing when
 * each path is as it was before the delta; and a path that has moved on is no obstacle when every place of
 * the delta put in a telling line that the path has nowhere. A delta that only adds or takes away is always
 * tried, and so is any delta that history says is there (`isSuspected`): then only an untouched tree is plain.
 */
export async function isPlainlyAbsent(
  store: Store,
  work: { readonly delta: Delta; readonly tree: string; readonly isSuspected: boolean },
): Promise<boolean> {
  const changed = await store.trees.changed(work.delta.from, work.delta.to);
  if (changed.length > PATHS_MAX || !changed.some((one) => one.from && one.to)) return false;
  for (const one of changed) {
    // A change of the mode alone cannot be told by what a file holds.
    const isOfMode = one.from?.id === one.to?.id;
    // Not there, or in a folder that is missing: only those who read the folders can tell.
    const here =
      (await store.find(`${work.tree}:${one.path}`)) ?? (await store.trees.at(work.tree, one.path));
    if (here?.id === one.from?.id && !isOfMode) continue;
    if (work.isSuspected || !here || !(await lacksEveryPlace(store, one, here.id))) return false;
  }
  return true;
}

async function lacksEveryPlace(store: Store, { from, to }: ChangedEntry, here: string): Promise<boolean> {
  if (!from || !to) return false;
  const [before, after, ours] = await Promise.all([from.id, to.id, here].map((id) => textLines(store, id)));
  if (!before || !after || !ours) return false;
  const has = new Set(ours);
  return diffLines(before, after).every(({ at, until }) =>
    after.slice(at, until).some((line) => isTelling(line) && !has.has(line)),
  );
}
