import { type Instant, msBetween } from '../base/instant.ts';
import type { ControlPlane } from '../fleet/control-plane.ts';
import type { Event } from './event.ts';
import type { Before, Facts } from './facts.ts';
import type { Fix } from './fix.ts';
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
 * What follows when the fix below is taken back: this one was never tried without it, so all of it goes back too. Empty: nothing
 * follows, or it has followed.
 */
export function afterHaltBelow(fix: Fix, { before }: Pick<Facts, 'before'>): Event[] {
  const { rollout } = fix;
  const below = before?.fix.rollout?.halted;
  if (below === undefined || rollout === undefined || rollout.halted || fix.retirement || fix.closed)
    return [];
  // One that was begun in spite of it, with a reason, is people's own doing.
  if (msBetween(below.at, rollout.startedAt) > 0) return [];
  const because = `${before!.fix.id}, which it stands on, was halted: ${below.because}`;
  const there = Object.entries(rollout.targets).filter(
    ([, t]) => t.state !== 'rolled back' && t.state !== 'gone',
  );
  const back: Event = { type: 'RollbackAsked', targets: there.map(([uid]) => uid), reason: because };
  const over = rollout.endedAt !== undefined;
  if (over && there.length === 0) return [];
  return [{ type: 'Halted', because, all: true }, ...(over ? [back] : [])];
}
