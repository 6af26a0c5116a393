import type { Shown } from '../../../core/assembly/presence.ts';
import { applyDelta, type Delta, inverse, type Merged } from '../objects/merge.ts';
import type { Store } from '../objects/store.ts';
import { isPlainlyAbsent } from './plainly-absent.ts';

/** What the content of a tree shows of a delta; `forward` is the tree with the delta put on, or the conflicts. */
export type Probe = Omit<Shown, 'isClean'> & { readonly forward: Merged };

/**
 * Looks whether `tree` has the delta. A pick that is clean proves nothing: on 2 % of real back-ports a second
 * pick is clean and changes the tree again. So the reverse is tried as well:
 * - it changes nothing: there is nothing to take away, the delta is absent;
 * - it conflicts: unclear, history must say;
 * - it changes the tree, and putting the delta on again gives the tree back: present;
 * - it does not give the tree back, but taking it from the picked tree ends where taking it from this one did:
 *   the tree had a part of it, and the pick completes it;
 * - anything else would put the delta on twice: present, since a fix applied twice must never slip through.
 *
 * `from`: the tree that is asked, when it differs from the one that is picked onto.
 */
export async function probe(
  store: Store,
  work: {
    readonly delta: Delta;
    readonly tree: string;
    readonly from?: string;
    /** History says that it is there: then nothing is left out. */
    readonly isSuspected?: boolean;
  },
): Promise<Probe> {
  const { delta, tree } = work;
  const asked = work.from ?? tree;
  if (delta.from === delta.to) return { verdict: 'nothing', forward: { clean: true, tree } };
  const forward = await applyDelta(store, delta, tree);
  if (forward.clean && forward.tree === tree) return { verdict: 'present', how: 'empty re-pick', forward };
  if (await isPlainlyAbsent(store, { delta, tree: asked, isSuspected: work.isSuspected ?? false }))
    return { verdict: 'absent', forward };
  const without = await applyDelta(store, inverse(delta), asked);
  if (!without.clean) return { verdict: 'unclear', forward };
  if (without.tree === asked) return { verdict: 'absent', forward };
  // An earlier step of the same change may have taken away what the line had: then it is needed again.
  if (asked !== tree && !(await canTakeAway(store, delta, tree))) return { verdict: 'absent', forward };
  const again = await applyDelta(store, delta, without.tree);
  if (again.clean && again.tree === asked) return { verdict: 'present', how: 'reverse pick', forward };
  if (!forward.clean) return { verdict: 'unclear', forward };
  const whole = asked === tree ? forward : await applyDelta(store, delta, asked);
  if (!whole.clean) return { verdict: 'unclear', forward };
  const back = await applyDelta(store, inverse(delta), whole.tree);
  if (back.clean && back.tree === without.tree) return { verdict: 'partly', forward };
  return { verdict: 'present', how: 'reverse pick', forward };
}

async function canTakeAway(store: Store, delta: Delta, tree: string): Promise<boolean> {
  const without = await applyDelta(store, inverse(delta), tree);
  return without.clean && without.tree !== tree;
}

/**
 * Whether the tree has all deltas together: taking them away newest first changes it, and putting them on
 * again gives it back. Finds changes whose later commits rewrite the earlier ones.
 */
export async function hasAll(store: Store, deltas: readonly Delta[], tree: string): Promise<boolean> {
  let at = tree;
  for (const delta of deltas.toReversed()) {
    const without = await applyDelta(store, inverse(delta), at);
    if (!without.clean) return false;
    at = without.tree;
  }
  if (at === tree) return false;
  for (const delta of deltas) {
    const again = await applyDelta(store, delta, at);
    if (!again.clean) return false;
    at = again.tree;
  }
  return at === tree;
}
