import { type Instant, plus } from '../base/instant.ts';
import { type Selector, selects } from '../fleet/selector.ts';
import { type Candidate, makePlan } from '../rollout/make-plan.ts';
import type { LeftOut, Plan } from '../rollout/plan.ts';
import type { Facts } from './facts.ts';
import type { Fix } from './fix.ts';
import { lineImage } from './readiness.ts';
import { freezeOf, imagesByDigest, planesByUid, standings } from './scope-of.ts';

/**
 * The plan for a fix as the fleet is now. A pure read: the same fix, facts and time give the same plan.
 * `exclude` picks control planes to leave out this time.
 */
export function planFor(fix: Fix, facts: Facts, now: Instant, exclude?: Selector): Plan {
  const planes = planesByUid(facts.fleet);
  const leftOut: LeftOut[] = [];
  const candidates: Candidate[] = [];
  for (const s of standings(fix, facts, now)) {
    const plane = planes.get(s.uid)!;
    const out = (because: string) => leftOut.push({ uid: plane.uid, name: plane.name, because });
    if (s.standing === 'unknown') out(s.because.startsWith('nothing heard') ? 'agent silent' : s.because);
    else if (s.standing === 'excluded') out('left out by name');
    else if (s.standing !== 'exposed') continue;
    else if (exclude && selects(exclude, plane)) out('excluded by this plan');
    else if (s.line === undefined) out(s.because);
    else candidates.push(candidate(plane, s.line, facts, now));
  }
  const { policy } = facts;
  return makePlan({
    fix: fix.id,
    component: fix.component,
    policy: policy.name,
    candidates,
    leftOut,
    lineImages: Object.values(fix.lines).map((line) =>
      lineImage({ fix, line, component: facts.component, policy, now }),
    ),
    images: imagesByDigest(facts.images),
    waves: policy.waves,
    limits: {
      inFlightPerManagementCluster: policy.inFlightPerManagementCluster,
      failedPerWaveMax: policy.failedPerWaveMax,
      failedPerManagementClusterMax: policy.failedPerManagementClusterMax,
      unknownMax: policy.unknownMax,
      convergeWithinMs: policy.convergeWithinMs,
      silentAfterMs: policy.silentAfterMs,
    },
    at: now,
    validUntil: plus(now, policy.planValidMs),
  });
}

function candidate(plane: Facts['fleet'][number], line: string, facts: Facts, now: Instant): Candidate {
  const frozen = freezeOf(facts.policy, plane, now);
  return { plane, line, ...(frozen && { frozen }) };
}

/**
 * Why a plan may not be used any more; undefined while it may. What narrows it (a target that is gone
 * or held) does not void it: starting looks at each target again.
 */
export function staleness(plan: Plan, fix: Fix, now: Instant): string | undefined {
  if (plan.fix !== fix.id) return `it is a plan for ${plan.fix}`;
  if (plan.validUntil <= now) return `it was valid until ${plan.validUntil}`;
  for (const line of Object.values(fix.lines)) {
    const planned = plan.targets.find((t) => t.line === line.line.name)?.digest;
    const built = line.build?.state === 'done' ? line.build.digest : undefined;
    if (planned !== undefined && planned !== built) return `line ${line.line.name} has another image now`;
  }
  if (fix.declined?.plan === plan.id) return `it was declined by ${fix.declined.by}: ${fix.declined.reason}`;
  return undefined;
}
