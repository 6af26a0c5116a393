import { epochMs, type Instant, msBetween } from '../base/instant.ts';
import { isSilent } from '../fleet/control-plane.ts';
import { slowBurnOf, WATCH_MS } from '../health/slow-burn.ts';
import { pastRateOf } from '../rollout/make-plan.ts';
import type { Plan } from '../rollout/plan.ts';
import type { Event, TargetChange } from './event.ts';
import { foldMore } from './evolve.ts';
import type { Facts } from './facts.ts';
import type { Fix, Rollout } from './fix.ts';
import { planesByUid } from './scope-of.ts';
import { figure } from './step-of.ts';

/** Whether a rollout is over and still watched: not halted, not retired, and ended less than seven days ago. */
export const isWatched = (fix: Fix, now: Instant): boolean =>
  fix.rollout?.endedAt !== undefined &&
  fix.rollout.halted === undefined &&
  fix.retirement === undefined &&
  fix.closed === undefined &&
  msBetween(fix.rollout.endedAt, now) < WATCH_MS;

/**
 * What is seen of those that run the image after its rollout, and an alarm, once, when they fall ill more often than
 * their own past explains. People decide what follows; going back is still open.
 */
export function watch(fix: Fix, plan: Plan, facts: Facts, now: Instant): Event[] {
  if (!isWatched(fix, now)) return [];
  const changes = illChanges(fix.rollout!, plan, facts, now);
  const seen: Event[] = changes.length > 0 ? [{ type: 'TargetsObserved', changes }] : [];
  const rollout = foldMore(fix, seen, now).rollout!;
  if (rollout.slowBurn) return seen;
  const found = slowBurnOf({
    fromMs: epochMs(rollout.endedAt!),
    nowMs: epochMs(now),
    rate: rateOf(rollout, plan),
    episodesMs: rollout.late.map((l) => epochMs(l.at)),
  });
  if (found.e < 1 / plan.pace.alpha) return seen;
  const because = `${found.episodes} fell ill since the rollout ended, ${figure(found.expected)} were to be expected: evidence ${figure(found.e)} (alarm at ${figure(1 / plan.pace.alpha)})`;
  return [...seen, { type: 'SlowBurnSeen', because, ...found }];
}

function illChanges(rollout: Rollout, plan: Plan, facts: Facts, now: Instant): TargetChange[] {
  const planes = planesByUid(facts.fleet);
  return plan.targets.flatMap((target): TargetChange[] => {
    const told = rollout.targets[target.uid];
    const plane = planes.get(target.uid);
    if (told?.state !== 'patched' || plane === undefined) return [];
    if (isSilent(plane, plan.limits.silentAfterMs, now)) return [];
    const runs = plane.components[target.component]?.digest === target.digest;
    // What it is while it changes images says nothing of this one.
    if (!runs) return [];
    const ill = plane.unhealthy !== undefined;
    if (ill === (told.illAt !== undefined)) return [];
    return [{ uid: target.uid, to: 'patched', ...(ill && { ill: true, because: plane.unhealthy! }) }];
  });
}

/** Episodes an hour to be expected of those that run the image. */
const rateOf = (rollout: Rollout, plan: Plan): number =>
  plan.targets.reduce((sum, t) => sum + (rollout.targets[t.uid]?.state === 'patched' ? pastRateOf(t) : 0), 0);
