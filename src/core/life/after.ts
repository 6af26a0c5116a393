import type { Uid } from '../base/ids.ts';
import { type Instant, msBetween } from '../base/instant.ts';
import type { ControlPlane } from '../fleet/control-plane.ts';
import type { Event } from './event.ts';
import { outOf } from './evolve.ts';
import type { Before, Facts } from './facts.ts';
import type { Fix, Rollout } from './fix.ts';
import { standings } from './scope-of.ts';

// One repair may need two components, as HyperShift's operator and the control planes it drives. Each is a fix of its own,
// with its own image, evidence and approval; `after` says which must be there first.

/**
 * Why a control plane is not started yet for the sake of the fix that comes before; undefined: it may be. Management cluster
 * by management cluster, so that the first canary of the one makes way for the first of the other.
 */
export function waitsForBefore(
  { before }: Pick<Facts, 'before'>,
  now: Instant,
): (plane: Pick<ControlPlane, 'managementCluster'>) => string | undefined {
  if (before === undefined) return () => undefined;
  const ended = endedShort(before);
  if (ended !== undefined) return () => ended;
  const { lacking, seen } = placesOf(before, now);
  const { id, component } = before.fix;
  const everywhere = before.facts!.component.perManagementCluster === true;
  return ({ managementCluster }) => {
    if (lacking.has(managementCluster)) return `waits until ${id} is in place on ${managementCluster}`;
    const unseen = everywhere && !seen.has(managementCluster);
    return unseen
      ? `waits for ${id}: no agent reports ${component} of ${managementCluster}, so nobody knows which image it runs`
      : undefined;
  };
}

/** It will not come by itself any more. */
function endedShort({ fix, facts }: Before): string | undefined {
  const { id, component, policy } = fix;
  if (facts === undefined)
    return `waits for ${id}, whose component ${component} or policy ${policy} is not configured any more`;
  if (fix.state === 'withdrawn') return `waits for ${id}, which was withdrawn`;
  return fix.rollout?.halted === undefined ? undefined : `waits for ${id}, which was halted`;
}

/** Where some control plane lacks it, or nobody knows, and where its component was seen at all. */
function placesOf({ fix, facts }: Before, now: Instant) {
  const clusterOf = new Map(facts!.fleet.map((p) => [p.uid, p.managementCluster]));
  const lacking = standings(fix, facts!, now).filter(
    (s) => s.standing === 'exposed' || s.standing === 'unknown',
  );
  return {
    lacking: new Set(lacking.map((s) => clusterOf.get(s.uid)!)),
    seen: new Set(clusterOf.values()),
  };
}

/**
 * What follows when the fix below is taken back: this one was never tried without it, so it goes back too, all of it after a
 * halt, otherwise what is on the same management cluster. Empty: nothing follows, or it has followed.
 */
export function afterBackBelow(fix: Fix, { before, fleet }: Pick<Facts, 'before' | 'fleet'>): Event[] {
  const { rollout } = fix;
  const below = before?.fix.rollout;
  if (below === undefined || rollout === undefined || rollout.halted || fix.retirement || fix.closed)
    return [];
  const there = outOf(rollout);
  // One that was begun in spite of it, with a reason, is people's own doing.
  if (below.halted !== undefined && msBetween(below.halted.at, rollout.startedAt) <= 0) {
    const because = `${before!.fix.id}, which it stands on, was halted: ${below.halted.because}`;
    const over = rollout.endedAt !== undefined;
    if (over && there.length === 0) return [];
    const back: Event = { type: 'RollbackAsked', targets: there, reason: because };
    return [{ type: 'Halted', because, all: true }, ...(over ? [back] : [])];
  }
  return placesTakenBack(before!, below, { rollout, fleet }).map(
    ([place, targets]): Event => ({
      type: 'RollbackAsked',
      targets,
      reason: `${before!.fix.id}, which it stands on, was taken back on ${place}`,
    }),
  );
}

/** Management clusters where something of the fix below went back after this one was started there, and who was started. */
function placesTakenBack(
  { facts }: Before,
  below: Rollout,
  { rollout, fleet }: { readonly rollout: Rollout; readonly fleet: readonly ControlPlane[] },
): [string, Uid[]][] {
  const backAt = new Map<string, Instant>();
  for (const { uid, managementCluster } of facts?.fleet ?? []) {
    const told = below.targets[uid];
    if (told?.state !== 'rolling back' && told?.state !== 'rolled back') continue;
    const known = backAt.get(managementCluster);
    if (known === undefined || known < told.toldAt) backAt.set(managementCluster, told.toldAt);
  }
  if (backAt.size === 0) return [];
  const out = new Set(outOf(rollout));
  const struck = fleet.filter(({ uid, managementCluster: place }) => {
    const at = out.has(uid) ? backAt.get(place) : undefined;
    return at !== undefined && at >= rollout.targets[uid]!.startedAt;
  });
  return [...Map.groupBy(struck, (p) => p.managementCluster)]
    .map(([place, planes]): [string, Uid[]] => [place, planes.map((p) => p.uid)])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
