import { type Commit, short } from '../../../core/base/ids.ts';
import type { Group, Step } from '../change/steps.ts';
import type { NotClean } from '../conflicts/sides.ts';
import { askHistory, mayBeUndone, patchIdsOf, type Seen } from '../history/signals.ts';
import { applyDelta } from '../objects/merge.ts';
import type { Store } from '../objects/store.ts';
import { hasAll, type Probe, probe } from './probe.ts';

/** What became of one step. */
export type Settled =
  | { readonly did: 'picked'; readonly step: Step; readonly tree: string }
  | {
      readonly did: 'present';
      readonly step: Step;
      readonly how: readonly string[];
      readonly commit?: Commit;
    }
  | { readonly did: 'nothing'; readonly step: Step };

/** A group put onto a tree: `tree` after it, or where and how it stopped. */
export type GroupSettled = {
  readonly settled: readonly Settled[];
  readonly tree: string;
  readonly stopped?: { readonly step: Step; readonly merged: NotClean };
  readonly undoneBy?: Commit;
  readonly warnings: readonly Warning[];
};

/** Where history and content say different things: `says`, and `so` what a pick made of it. */
export type Warning = { readonly says: string; readonly so: string };

// Beyond this the question "are all there together" costs more than it tells.
const TOGETHER_MAX = 40;

/**
 * Puts a group onto `tree` step by step, leaving out what the line has.
 *
 * History is asked of `onto`, content of `tree`. Signals of history that rest on a message or a time alone
 * must not be contradicted by the content; a git revert on the line makes its commit absent whatever
 * else says it was there. With `goesOn` the steps after one that conflicts are looked at too, as if it were not of
 * the group; `stopped` is then the first of those.
 */
export async function settleGroup(
  store: Store,
  work: {
    readonly group: Group;
    readonly onto: Commit;
    readonly tree: string;
    readonly goesOn?: boolean;
  },
): Promise<GroupSettled> {
  const { steps } = work.group;
  const sources = steps.map((step) => step.source);
  const history = await askHistory(store, work.onto, sources);
  const askPatchId = patchIdsOf(store, work.onto, sources);
  const seenOf = (step: Step) => asAsked(step, history.get(step.source) ?? { how: [] });
  const unsure = steps.filter((step) => seenOf(step).how.length === 0 && seenOf(step).undoneBy === undefined);
  const together =
    unsure.length > 1 && unsure.length <= TOGETHER_MAX
      ? await hasAll(
          store,
          unsure.map((step) => step.delta),
          work.tree,
        )
      : false;
  const onLine = await areAllOnLine(store, steps, { seenOf, tree: work.tree });
  if (onLine) return { settled: onLine, tree: work.tree, warnings: [] };
  const settled: Settled[] = [];
  const warnings: Warning[] = [];
  let tree = work.tree;
  let undoneBy: Commit | undefined;
  let stopped: GroupSettled['stopped'];
  for (const step of steps) {
    const seen = seenOf(step);
    if (together && unsure.includes(step)) {
      settled.push({ did: 'present', step, how: ['reverse pick'] });
      continue;
    }
    // A later commit of the change may have rewritten what this one did.
    const isSure = steps.length > 1 && seen.how.includes('ancestry');
    const at = { onto: work.onto, tree, from: work.tree };
    const one = await settleStep(store, { step, askPatchId, seen, isSure, ...at });
    undoneBy = one.undoneBy ?? undoneBy;
    warnings.push(...one.warnings);
    if ('stopped' in one) {
      stopped ??= one.stopped;
      if (work.goesOn) continue;
      break;
    }
    settled.push(one.settled);
    if (one.settled.did === 'picked') tree = one.settled.tree;
  }
  return { settled, tree, warnings, ...(stopped && { stopped }), ...undone(undoneBy) };
}

/**
 * A change of several commits that history finds one by one: the later ones may have rewritten what the earlier
 * did, so only all of them together, put on again, can say that history is wrong.
 */
async function areAllOnLine(
  store: Store,
  steps: readonly Step[],
  at: { readonly seenOf: (step: Step) => Seen; readonly tree: string },
): Promise<Settled[] | undefined> {
  if (steps.length < 2 || steps.some((step) => at.seenOf(step).how.length === 0)) return undefined;
  let tree = at.tree;
  for (const { delta } of steps) {
    const merged = await applyDelta(store, delta, tree);
    // The content does not say; history does.
    if (!merged.clean) {
      tree = at.tree;
      break;
    }
    tree = merged.tree;
  }
  if (tree !== at.tree) return undefined;
  return steps.map((step) => {
    const { how, commit } = at.seenOf(step);
    return { did: 'present', step, how, ...(commit === undefined ? {} : { commit }) };
  });
}

const undone = (undoneBy: Commit | undefined) => (undoneBy === undefined ? {} : { undoneBy });

/** For a git revert the question is turned round: it is there when the commit was undone. */
function asAsked(step: Step, seen: Seen): Seen {
  if (!step.isRevert) return seen;
  return seen.undoneBy === undefined ? { how: [] } : { how: ['trailer'], commit: seen.undoneBy };
}

type StepSettled = { readonly warnings: readonly Warning[]; readonly undoneBy?: Commit } & (
  | { readonly settled: Settled }
  | { readonly stopped: NonNullable<GroupSettled['stopped']> }
);

async function settleStep(
  store: Store,
  work: {
    readonly step: Step;
    readonly askPatchId: ReturnType<typeof patchIdsOf>;
    readonly seen: Seen;
    /** Whether history alone decides. */
    readonly isSure: boolean;
    readonly onto: Commit;
    readonly tree: string;
    readonly from: string;
  },
): Promise<StepSettled> {
  const { step, tree, from } = work;
  let { seen } = work;
  const found = (how: readonly string[], warnings: readonly Warning[] = []): StepSettled => ({
    settled: {
      did: 'present',
      step,
      how,
      ...(seen.commit === undefined ? {} : { commit: seen.commit }),
    },
    warnings,
  });
  if (work.isSure) return found(seen.how);
  const isSuspected = seen.how.length > 0 || seen.undoneBy !== undefined;
  const content = await probe(store, { delta: step.delta, tree, from, isSuspected });
  if (content.verdict === 'nothing') return { settled: { did: 'nothing', step }, warnings: [] };
  if (!step.isRevert && (await isOpen(store, content, work))) {
    seen = both(seen, await work.askPatchId(step.source));
  }
  if (seen.how.length > 0 && !isContradicted(content))
    return found(
      [...seen.how, ...(content.how ? [content.how] : [])],
      content.verdict === 'partly' ? [onlyPartly(step, seen)] : [],
    );
  const reverted = seen.undoneBy !== undefined;
  if (content.verdict === 'present' && (!reverted || content.how === 'empty re-pick'))
    return found([content.how!]);
  const said = { warnings: warningsOf(step, seen, content), ...undone(seen.undoneBy) };
  const { forward } = content;
  if (!forward.clean) return { stopped: { step, merged: forward }, ...said };
  return { settled: { did: 'picked', step, tree: forward.tree }, ...said };
}

/** Whether the patch ids of the line are worth asking: the content is there, or does not say, or was taken away. */
async function isOpen(
  store: Store,
  content: Probe,
  { seen, onto, step }: { readonly seen: Seen; readonly onto: Commit; readonly step: Step },
): Promise<boolean> {
  if (content.verdict !== 'absent' || !content.forward.clean) return true;
  return seen.how.length === 0 && seen.undoneBy === undefined && mayBeUndone(store, onto, step.source);
}

function both(seen: Seen, byPatch: Seen): Seen {
  if (byPatch.how.length === 0) return seen.how.length > 0 || seen.undoneBy !== undefined ? seen : byPatch;
  return { ...byPatch, ...(seen.how.length > 0 && seen), how: [...new Set([...seen.how, ...byPatch.how])] };
}

/** The pick is clean and the reverse finds nothing to take away: whatever a message says, it is not there. */
const isContradicted = (content: Probe) => content.verdict === 'absent' && content.forward.clean;

/** People leave out parts of a back-port on purpose; and some forget one. */
const onlyPartly = (step: Step, { how, commit }: Seen): Warning => ({
  says: `${how.join(', ')} says ${short(step.source)} is on the line as ${short(commit ?? '')}, and only a part of its content is there`,
  so: 'the rest is not put on: look whether it was left out on purpose',
});

function warningsOf(step: Step, seen: Seen, content: Probe): Warning[] {
  const id = short(step.source);
  const warnings: Warning[] = [];
  if (seen.undoneBy !== undefined)
    warnings.push({
      says: `${id} was on the line and was git-reverted by ${short(seen.undoneBy)}`,
      so: 'this puts it back',
    });
  if (seen.how.length > 0)
    warnings.push({
      says: `${seen.how.join(', ')} says ${id} is on the line as ${short(seen.commit ?? '')}, but its content is not there`,
      so: 'it was picked',
    });
  if (content.verdict === 'partly')
    warnings.push({ says: `a part of ${id} is on the line already`, so: 'the pick adds the rest' });
  return warnings;
}
