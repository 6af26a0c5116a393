import type { Uid } from '../base/ids.ts';
import type { Event } from './event.ts';
import { isDelivering, outOf } from './evolve.ts';
import type { Fix, Rollout } from './fix.ts';

// A fix may be delivered by several plans, one after the other: a second line was ready later, somebody was upgraded. What
// an earlier one put in place can be taken back as well; its rollout is then taken up again, with its own plan.

/** What an earlier rollout still has in place, but for those that a later one was told about. */
function leftOf(fix: Fix, rollout: Rollout): Uid[] {
  const later = [...(fix.earlier ?? []), ...(fix.rollout ? [fix.rollout] : [])].filter(
    (r) => r.startedAt > rollout.startedAt,
  );
  return outOf(rollout).filter((uid) => later.every((r) => r.targets[uid] === undefined));
}

/** Earlier rollouts that were not taken back yet, newest first. */
const notTakenBack = (fix: Fix): Rollout[] =>
  (fix.earlier ?? []).filter((r) => r.halted === undefined && leftOf(fix, r).length > 0).reverse();

/** Whether anything of an earlier plan is in place. */
export const hasEarlier = (fix: Fix): boolean => notTakenBack(fix).length > 0;

/** The next earlier rollout that is taken back, when all of the fix is to go back and the later ones are. Empty: none is. */
export function takeUpNext(fix: Fix): Event[] {
  const [next] = notTakenBack(fix);
  if (fix.takeBack === undefined || next === undefined || isDelivering(fix)) return [];
  return [
    { type: 'RolloutTakenUp', plan: next.plan },
    { type: 'Halted', because: fix.takeBack },
    { type: 'RollbackAsked', targets: leftOf(fix, next), reason: fix.takeBack },
  ];
}

/** To take back one that an earlier plan changed, by uid; undefined: none did. */
export function takeUpFor(fix: Fix, uid: Uid, reason: string): Event[] | undefined {
  const rollout = (fix.earlier ?? []).find((r) => leftOf(fix, r).includes(uid));
  if (rollout === undefined) return undefined;
  return [
    { type: 'RolloutTakenUp', plan: rollout.plan },
    { type: 'RollbackAsked', targets: [uid], reason },
  ];
}
