import type { Instant } from '../base/instant.ts';
import { waitsForBefore } from '../life/after.ts';
import type { Facts } from '../life/facts.ts';
import { planesByUid } from '../life/scope-of.ts';
import type { Looked } from './looked.ts';

/**
 * How many are not started for no other reason than that the fix this one comes after is on its way to their management cluster.
 * 0 when that will not come by itself, or when others are left for reasons that people must end.
 */
export function heldByFirst(looked: Looked, facts: Facts, now: Instant): number {
  const { before, fleet } = facts;
  if (before?.facts === undefined || before.fix.state === 'withdrawn' || before.fix.rollout?.halted) return 0;
  const waits = waitsForBefore(facts, now);
  const [planes, comesTo] = [planesByUid(fleet), new Set(before.facts.fleet.map((p) => p.managementCluster))];
  const left = looked.observed.filter(({ state }) => state === 'waiting' || state === 'silent');
  const isHeld = left.every(({ uid }) => {
    const plane = planes.get(uid);
    return plane !== undefined && comesTo.has(plane.managementCluster) && waits(plane) !== undefined;
  });
  return isHeld ? left.length : 0;
}
