import {
  type Oddity,
  presenceOf,
  type Shown,
  showsAbsence,
  type Told,
  toldBoth,
} from '../../../core/assembly/presence.ts';
import { type Commit, short } from '../../../core/base/ids.ts';
import type { Group, Step } from '../change/steps.ts';
import type { NotClean } from '../conflicts/sides.ts';
import { askHistory, mayBeUndone, patchIdsOf } from '../history/signals.ts';
import { applyDelta } from '../objects/merge.ts';
import type { Store } from '../objects/store.ts';
import { hasAll, probe } from './probe.ts';

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
  const toldOf = (step: Step) => asAsked(step, history.get(step.source) ?? { how: [] });
  const unsure = steps.filter((step) => toldOf(step).how.length === 0 && toldOf(step).undoneBy === undefined);
  const together =
    unsure.length > 1 && unsure.length <= TOGETHER_MAX
      ? await hasAll(
          store,
          unsure.map((step) => step.delta),
          work.tree,
        )
      : false;
  const isEachTold = steps.length > 1 && steps.every((step) => toldOf(step).how.length > 0);
  if (isEachTold && !(await addSomething(store, steps, work.tree)))
    return { settled: steps.map((step) => asTold(step, toldOf(step))), tree: work.tree, warnings: [] };
  const settled: Settled[] = [];
  const warnings: Warning[] = [];
  let tree = work.tree;
  let undoneBy: Commit | undefined;
  let stopped: GroupSettled['stopped'];
  for (const step of steps) {
    const told = toldOf(step);
    if (together && unsure.includes(step)) {
      settled.push({ did: 'present', step, how: ['reverse pick'] });
      continue;
    }
    // A later commit of the change may have rewritten what this one did.
    const isSure = steps.length > 1 && told.how.includes('ancestry');
    const at = { onto: work.onto, tree, from: work.tree };
    const one = await settleStep(store, { step, askPatchId, told, isSure, ...at });
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
 * Whether the steps, put on together, go on cleanly and change the tree. Of a change that history finds commit by
 * commit, the later ones may have rewritten what the earlier did: only all of them can say that history is wrong, and a
 * conflict says nothing.
 */
async function addSomething(store: Store, steps: readonly Step[], from: string): Promise<boolean> {
  let tree = from;
  for (const { delta } of steps) {
    const merged = await applyDelta(store, delta, tree);
    if (!merged.clean) return false;
    tree = merged.tree;
  }
  return tree !== from;
}

const asTold = (step: Step, { how, commit }: Told): Settled => ({
  did: 'present',
  step,
  how,
  ...(commit === undefined ? {} : { commit }),
});

const undone = (undoneBy: Commit | undefined) => (undoneBy === undefined ? {} : { undoneBy });

/** For a git revert the question is turned round: it is there when the commit was undone. */
function asAsked(step: Step, told: Told): Told {
  if (!step.isRevert) return told;
  return told.undoneBy === undefined ? { how: [] } : { how: ['trailer'], commit: told.undoneBy };
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
    readonly told: Told;
    /** Whether history alone decides. */
    readonly isSure: boolean;
    readonly onto: Commit;
    readonly tree: string;
    readonly from: string;
  },
): Promise<StepSettled> {
  const { step, tree, from } = work;
  let { told } = work;
  if (work.isSure) return { settled: asTold(step, told), warnings: [] };
  const isSuspected = told.how.length > 0 || told.undoneBy !== undefined;
  const { forward, ...content } = await probe(store, { delta: step.delta, tree, from, isSuspected });
  const shown: Shown = { ...content, isClean: forward.clean };
  if (shown.verdict !== 'nothing' && !step.isRevert && (await isOpen(store, shown, work)))
    told = toldBoth(told, await work.askPatchId(step.source));
  const presence = presenceOf(told, shown);
  if (presence.is === 'nothing') return { settled: { did: 'nothing', step }, warnings: [] };
  const warnings = presence.odd.map((odd) => warningOf(odd, step, { told, is: presence.is }));
  if (presence.is === 'present') return { settled: asTold(step, { ...told, how: presence.how }), warnings };
  const said = { warnings, ...undone(told.undoneBy) };
  if (!forward.clean) return { stopped: { step, merged: forward }, ...said };
  return { settled: { did: 'picked', step, tree: forward.tree }, ...said };
}

/** Whether the patch ids of the line are worth asking: the content is there, or does not say, or was taken away. */
async function isOpen(
  store: Store,
  shown: Shown,
  { told, onto, step }: { readonly told: Told; readonly onto: Commit; readonly step: Step },
): Promise<boolean> {
  if (!showsAbsence(shown)) return true;
  return told.how.length === 0 && told.undoneBy === undefined && mayBeUndone(store, onto, step.source);
}

/** People leave out parts of a back-port on purpose; and some forget one. */
function warningOf(
  odd: Oddity,
  step: Step,
  { told, is }: { readonly told: Told; readonly is: 'present' | 'absent' },
): Warning {
  const id = short(step.source);
  const said = `${told.how.join(', ')} says ${id} is on the line as ${short(told.commit ?? '')}`;
  switch (odd) {
    case 'git-reverted':
      return {
        says: `${id} was on the line and was git-reverted by ${short(told.undoneBy!)}`,
        so: 'this puts it back',
      };
    case 'contradicted':
      return { says: `${said}, but its content is not there`, so: 'it was picked' };
    case 'partly there':
      if (is === 'absent')
        return { says: `a part of ${id} is on the line already`, so: 'the pick adds the rest' };
      return {
        says: `${said}, and only a part of its content is there`,
        so: 'the rest is not put on: look whether it was left out on purpose',
      };
  }
}
