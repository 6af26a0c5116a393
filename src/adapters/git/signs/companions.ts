import { type Commit, short } from '../../../core/base/ids.ts';

/** What is asked of the graph of commits; every id that comes up must be known. */
export type Ancestry = {
  get(id: Commit): { readonly parents: readonly Commit[]; readonly subject: string } | undefined;
  /** Commits that have it as a parent. */
  childrenOf(id: Commit): readonly Commit[];
  isAncestor(ancestor: Commit, of: Commit): boolean;
  /** What a merge brought in from its other parents, oldest first, without merges. */
  broughtBy(merge: Commit): readonly { readonly id: Commit; readonly subject: string }[];
};

/** A branch of a pull request is short; a walk that goes on longer is on the way up a release line. */
const STEPS_MAX = 400;
/** A merge of more than this brings a branch of branches, not a change. */
const BROUGHT_MAX = 50;
const SHOWN_MAX = 3;

/**
 * Signs that a change leaves out commits of the pull request its commits came with. `isThere`: whether the
 * line has a commit already, by whatever is known of it.
 */
export function companionSigns(
  history: Ancestry,
  picked: readonly Commit[],
  isThere: (id: Commit) => boolean,
): string[] {
  const merges = new Set(picked.map((id) => mergeOf(history, id)).filter((id) => id !== undefined));
  return [...merges].flatMap((merge) => {
    const brought = history.broughtBy(merge);
    const left = brought.filter(({ id }) => !picked.includes(id) && !isThere(id));
    if (left.length === 0 || brought.length > BROUGHT_MAX) return [];
    const shown = left.slice(0, SHOWN_MAX).map(({ id, subject }) => `${short(id)} ${subject}`);
    const more = left.length > SHOWN_MAX ? `, and ${left.length - SHOWN_MAX} more` : '';
    const count = left.length === 1 ? 'one more commit that is' : `${left.length} more commits that are`;
    return [`${nameOf(history, merge)} brought in ${count} not picked: ${shown.join('; ')}${more}`];
  });
}

/** The first merge that took a commit in from the side; none for a commit that stands on the main line itself. */
function mergeOf(history: Ancestry, id: Commit): Commit | undefined {
  const seen = new Set([id]);
  let steps = 0;
  // Breadth first, so that the nearest merge is found first.
  for (const at of seen) {
    for (const child of history.childrenOf(at)) {
      steps += 1;
      if (steps > STEPS_MAX) return undefined;
      const first = history.get(child)?.parents[0];
      // A side branch that started at a commit of the main line also leads to a merge: it did not bring that commit.
      if (first !== undefined && first !== at && !history.isAncestor(id, first)) return child;
      seen.add(child);
    }
  }
  return undefined;
}

function nameOf(history: Ancestry, merge: Commit): string {
  const number = /^Merge pull request #(\d+) /.exec(history.get(merge)?.subject ?? '')?.[1];
  return number === undefined ? `merge ${short(merge)}` : `pull request #${number}`;
}
