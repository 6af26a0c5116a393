import type { Change, Containment, SourceContainment } from '../../../core/assembly/assembly.ts';
import { type Commit, short } from '../../../core/base/ids.ts';
import { known } from '../change/change.ts';
import { groupOfChange } from '../change/steps.ts';
import type { Store } from '../objects/store.ts';
import { type Settled, settleGroup } from './settle.ts';

/** Whether `commit` has the change: the answer `assemble` builds on, without putting anything on. */
export async function contains(
  store: Store,
  work: { readonly commit: Commit; readonly change: Change; readonly branch: string },
): Promise<Containment> {
  const { tree } = await known(store, work.commit);
  const group = await groupOfChange(store, work.change, { onto: work.commit, branch: work.branch });
  const settled = await settleGroup(store, { group, onto: work.commit, tree, goesOn: true });
  const answered = new Map(settled.settled.map((one) => [one.step.source, answerOf(one)]));
  const of: SourceContainment[] = group.steps.map(({ source }) => ({
    source,
    ...(answered.get(source) ?? NO),
  }));
  return {
    ...summary(of, { commit: work.commit, undoneBy: settled.undoneBy }),
    warnings: settled.warnings.map(({ says }) => says),
  };
}

const NO = { contained: false, how: [], gitReverted: false } as const;

function answerOf(one: Settled): Omit<SourceContainment, 'source'> {
  if (one.did === 'nothing') return { contained: true, how: ['it changes no file'], gitReverted: false };
  if (one.did === 'picked') return NO;
  return {
    contained: true,
    how: one.how,
    gitReverted: false,
    ...(one.commit === undefined ? {} : { commit: one.commit }),
  };
}

function summary(
  of: readonly SourceContainment[],
  at: { readonly commit: Commit; readonly undoneBy: Commit | undefined },
): Omit<Containment, 'warnings'> {
  const has = of.filter((one) => one.contained);
  const contained = has.length === of.length && at.undoneBy === undefined;
  const how = [...new Set(has.flatMap((one) => one.how))];
  const commit = at.undoneBy ?? has.findLast((one) => one.commit !== undefined)?.commit;
  return {
    contained,
    how: contained ? how : [],
    ...(commit === undefined ? {} : { commit }),
    gitReverted: at.undoneBy !== undefined,
    because: because(of, has, at),
    of,
  };
}

function because(
  of: readonly SourceContainment[],
  has: readonly SourceContainment[],
  at: { readonly commit: Commit; readonly undoneBy: Commit | undefined },
): string {
  if (at.undoneBy !== undefined) return `it was there and was git-reverted by ${short(at.undoneBy)}`;
  if (has.length === of.length)
    return `${short(at.commit)} has it: ${[...new Set(has.flatMap((one) => one.how))].join(', ')}`;
  const lacks = of.filter((one) => !one.contained).map((one) => short(one.source));
  return has.length === 0
    ? `${short(at.commit)} has none of it`
    : `${short(at.commit)} has ${has.length} of ${of.length} commits; it lacks ${lacks.slice(0, 5).join(', ')}`;
}
