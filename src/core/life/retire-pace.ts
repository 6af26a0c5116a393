import type { Uid } from '../base/ids.ts';
import { HOUR, type Instant, type Ms, msBetween, plus } from '../base/instant.ts';
import { limitOf } from '../base/limit.ts';
import { type ControlPlane, isSilent, pastRate } from '../fleet/control-plane.ts';
import { expectedIn } from '../health/cohorts.ts';
import { USUAL_RATE } from '../health/field.ts';
import { eValueOf, PAST_FACTOR } from '../health/slow-burn.ts';
import { creditOf } from '../pace/credit.ts';
import { type Pace, paceOf, USUAL } from '../pace/pace.ts';
import { ORDER_VALID_MS } from '../rollout/order.ts';
import type { Event } from './event.ts';
import type { Facts } from './facts.ts';
import type { Fix, Retirement } from './fix.ts';
import { planesByUid } from './scope-of.ts';
import { figure } from './step-of.ts';

/** As in a plan: what the policy does not name is the usual, what it names and cannot be read is the smallest. */
export const paceOfRetirement = ({ policy }: Facts): Pace => paceOf({ ...USUAL, ...policy.pace });

/**
 * What has become of those that were told, as far as it is not known yet: back on their release's image and well, deleted, or
 * broken. `drop`: whose override is still there. Silence says nothing, and neither does an upgrade that runs.
 */
export function seenOf(
  { retirement, component }: Fix,
  { fleet, policy }: Pick<Facts, 'fleet' | 'policy'>,
  { drop, windowMs, now }: { readonly drop: ReadonlySet<Uid>; readonly windowMs: Ms; readonly now: Instant },
): Event[] {
  const planes = planesByUid(fleet);
  const removed = new Set(retirement!.removed);
  const gone: Uid[] = [];
  const broke: { uid: Uid; because: string }[] = [];
  for (const [uid, toldAt] of Object.entries(retirement!.told)) {
    const plane = planes.get(uid);
    if (plane === undefined) {
      if (!removed.has(uid)) gone.push(uid);
      continue;
    }
    if (drop.has(uid) || plane.reportedAt <= toldAt || plane.upgrading) continue;
    if (isSilent(plane, policy.silentAfterMs, now)) continue;
    const runs = plane.components[component]?.digest !== undefined;
    if (runs && plane.unhealthy === undefined && !removed.has(uid)) gone.push(uid);
    // Long after its override went, falling ill is not put down to that.
    if (isOutOfWindow(retirement!, uid, windowMs, now)) continue;
    const late = !removed.has(uid) && msBetween(toldAt, now) > limitOf(policy.convergeWithinMs, 0);
    const ill = plane.unhealthy !== undefined && (runs || late);
    const because = ill
      ? plane.unhealthy
      : late && !runs
        ? 'did not run its release\u2019s image in time'
        : undefined;
    if (because !== undefined && retirement!.broke?.[uid] === undefined) broke.push({ uid, because });
  }
  return [
    ...(gone.length > 0 ? [{ type: 'OverridesGone', targets: gone } as const] : []),
    ...(broke.length > 0 ? [{ type: 'RetirementBroke', targets: broke } as const] : []),
  ];
}

const isOutOfWindow = ({ removedAt }: Retirement, uid: Uid, windowMs: Ms, now: Instant): boolean =>
  removedAt?.[uid] !== undefined && msBetween(removedAt[uid], now) > windowMs;

/** Broke since a person last let it go on. */
const isCounted = ({ broke, resumedAt }: Retirement, uid: Uid): boolean =>
  broke?.[uid] !== undefined && (resumedAt === undefined || broke[uid].at > resumedAt);

/** Broke, and has for as long as a break is put down to the removal: it was weighed, and nothing more is to be learnt from it. */
const isWeighed = ({ broke }: Retirement, uid: Uid, windowMs: Ms, now: Instant): boolean =>
  broke?.[uid] !== undefined && msBetween(broke[uid].at, now) > windowMs;

const isExcused = (it: Retirement, uid: Uid): boolean => it.broke?.[uid] !== undefined && !isCounted(it, uid);

/**
 * Whether it must stop: one of the one-box broke, or more broke later than their past explains. Tested again at every look,
 * and an e-value, so that looking often makes no alarm. Empty: it may go on, or is stopped already.
 */
export function judgeRetirement({ retirement }: Fix, pace: Pace, facts: Facts, now: Instant): Event[] {
  const it = retirement!;
  const broke = Object.keys(it.told).filter((uid) => isCounted(it, uid));
  if (it.paused || broke.length === 0) return [];
  const planes = planesByUid(facts.fleet);
  const expected = Object.keys(it.told).reduce(
    (sum, uid) => sum + expectedIn(rateOf(planes.get(uid)), watchedMs(it, uid, pace.windowMs, now)),
    0,
  );
  const e = eValueOf(broke.length, PAST_FACTOR * expected);
  const isFirst = countsOf(it, pace, planes, now).proven < pace.oneBox / 2;
  if (!isFirst && e < 1 / pace.alpha) return [];
  const { because } = it.broke![broke[0]!]!;
  const told = Object.keys(it.told).length;
  const against = isFirst ? 'one of the first' : `evidence ${figure(e)} (limit ${figure(1 / pace.alpha)})`;
  return [
    {
      type: 'Paused',
      reason: `${broke.length} of ${told} broke after their override went (${because}): ${against}`,
    },
  ];
}

const rateOf = (plane: ControlPlane | undefined): number =>
  plane?.past === undefined ? USUAL_RATE : pastRate(plane.past);

/** For how long what happens to it was put down to the removal, since a person last let it go on. */
function watchedMs(it: Retirement, uid: Uid, windowMs: Ms, now: Instant): Ms {
  const toldAt = it.told[uid]!;
  const from = it.resumedAt !== undefined && it.resumedAt > toldAt ? it.resumedAt : toldAt;
  return Math.min(windowMs, Math.max(0, msBetween(from, now)));
}

type Counts = {
  /** Credit of those that are well without, in control planes. */
  readonly proven: number;
  /** Those whose outcome is not known, in control planes. */
  readonly unknown: number;
  readonly told: number;
  /** On their way, by management cluster. */
  readonly busy: Map<string, number>;
};

function countsOf(it: Retirement, pace: Pace, planes: ReadonlyMap<Uid, ControlPlane>, now: Instant): Counts {
  const credit = creditOf(pace);
  const busy = new Map<string, number>();
  let [proven, unknown, told] = [0, 0, 0];
  for (const [uid, toldAt] of Object.entries(it.told)) {
    const plane = planes.get(uid);
    if (plane === undefined || isExcused(it, uid) || isWeighed(it, uid, pace.windowMs, now)) continue;
    const removedAt = it.removedAt?.[uid];
    // An order that ran out moves nothing any more; who is to be told anew is none of them.
    if (removedAt === undefined && hasRunOut(toldAt, now) && !isCounted(it, uid)) continue;
    told += 1;
    const shown = removedAt === undefined || isCounted(it, uid) ? 0 : credit(msBetween(removedAt, now));
    proven += shown;
    unknown += 1 - shown;
    if (removedAt === undefined || isCounted(it, uid))
      busy.set(plane.managementCluster, (busy.get(plane.managementCluster) ?? 0) + 1);
  }
  return { proven, unknown, told, busy };
}

const hasRunOut = (toldAt: Instant, now: Instant): boolean => plus(toldAt, ORDER_VALID_MS) <= now;

/** Whether an order may be given (anew): none was, or it was not carried out while it was good. */
export const isDue = (toldAt: Instant | undefined, now: Instant): boolean =>
  toldAt === undefined || hasRunOut(toldAt, now);

/** What may still be told now. `takes` counts those it takes. */
export type Room = { readonly moving: number; takes(plane: ControlPlane): boolean };

/**
 * The one-box until half of it has shown that it is well, then as many of unknown outcome as have shown it: each wave is at most
 * twice the one before. Never more on their way in a management cluster, or told in an hour, than the policy has.
 */
export function roomOfRetirement(it: Retirement, pace: Pace, facts: Facts, now: Instant): Room {
  const { proven, unknown, told, busy } = countsOf(it, pace, planesByUid(facts.fleet), now);
  let moving = [...busy.values()].reduce((sum, n) => sum + n, 0);
  const isOneBox = proven < pace.oneBox / 2;
  const most = Math.floor(isOneBox ? pace.oneBox - told : Math.max(pace.oneBox, proven) - unknown);
  const lastHour = Object.values(it.told).filter((at) => msBetween(at, now) < HOUR).length;
  let left = Math.min(most, (pace.maxPerHour ?? Number.POSITIVE_INFINITY) - lastHour);
  return {
    get moving() {
      return moving;
    },
    takes(plane) {
      const used = busy.get(plane.managementCluster) ?? 0;
      if (left <= 0 || used >= pace.inFlightPerManagementCluster) return false;
      busy.set(plane.managementCluster, used + 1);
      left -= 1;
      moving += 1;
      return true;
    },
  };
}

/** Whether nothing more of it is to be judged: all are back or broken, and have been for as long as a break is put down to it. */
export function isOverFor(it: Retirement, pace: Pace, { fleet }: Facts, now: Instant): boolean {
  if (it.paused) return false;
  const planes = planesByUid(fleet);
  return Object.keys(it.told).every(
    (uid) =>
      !planes.has(uid) ||
      isExcused(it, uid) ||
      isWeighed(it, uid, pace.windowMs, now) ||
      isOutOfWindow(it, uid, pace.windowMs, now),
  );
}
