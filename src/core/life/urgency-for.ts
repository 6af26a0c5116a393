import { HOUR, type Instant, type Ms, msBetween } from '../base/instant.ts';
import type { ControlPlane } from '../fleet/control-plane.ts';
import { USUAL } from '../pace/pace.ts';
import { burningSeverity, type SloClock, sloClockOf } from '../pace/slo.ts';
import { BAD_SHARE, type Stakes, type Urgency, urgencyOf } from '../pace/urgency.ts';
import type { Candidate } from '../rollout/make-plan.ts';
import type { Facts } from './facts.ts';
import type { Fix } from './fix.ts';
import type { Severity } from './policy.ts';

/** Whether a control plane shows what the incident does to them. Without a symptom nobody can tell. */
export const isBurning = (fix: Pick<Fix, 'symptom'>, plane: Pick<ControlPlane, 'unhealthy'>): boolean =>
  fix.symptom !== undefined && plane.unhealthy?.toLowerCase().includes(fix.symptom.toLowerCase()) === true;

/** How many of the fleet burn now. */
export const burningIn = (fix: Pick<Fix, 'symptom'>, fleet: readonly ControlPlane[]): number =>
  fleet.filter((plane) => isBurning(fix, plane)).length;

/** Hours since it was declared, an hour at least: a rate of the first minutes says nothing. */
export const hoursSince = ({ declaredAt }: Pick<Fix, 'declaredAt'>, now: Instant): number =>
  Math.max(1, msBetween(declaredAt, now) / HOUR);

/** The share of the targets that is taken to burn where no symptom was given to count by. */
const ASSUMED_BURNING: Readonly<Record<Severity, number>> = { critical: 0.01, high: 0.001, moderate: 0 };

/** What the incident asks for: from those that burn now and how fast there are more, or from its severity. */
export function urgencyFor(
  fix: Fix,
  facts: Pick<Facts, 'others' | 'policy'>,
  candidates: readonly Candidate[],
  now: Instant,
): Urgency {
  const targets = candidates.length;
  const counted = candidates.filter((c) => c.burning).length;
  const assumed = Math.round(targets * ASSUMED_BURNING[fix.severity]);
  const burning = fix.symptom === undefined ? assumed : counted;
  const hazardPerHour =
    fix.symptom === undefined || targets === 0 ? 0 : counted / targets / hoursSince(fix, now);
  const clock = facts.policy.slo && sloClockOf(facts.policy.slo, burning, msBetween(fix.declaredAt, now));
  const urgency = atLeastOne(candidates, {
    targets,
    burning,
    hazardPerHour,
    severity: burningSeverity(clock),
    badShare: badShare(facts.others),
    burningWeight: USUAL.burningWeight,
  });
  if (fix.symptom !== undefined) return urgency;
  const because = `no symptom was given to count by; for severity ${fix.severity}, ${assumed} of ${targets} are assumed to burn`;
  return { ...urgency, because };
}

/** The budget has room for the least that can be tried: where all of a management cluster depend on one, that is all of them. */
function atLeastOne(candidates: readonly Candidate[], stakes: Stakes): Urgency {
  const urgency = urgencyOf(stakes);
  const least = candidates.reduce(
    (low, { plane }) => Math.min(low, plane.served?.planes ?? 1),
    Number.POSITIVE_INFINITY,
  );
  if (candidates.length === 0 || least <= urgency.computedBudget) return urgency;
  return { ...urgency, computedBudget: least };
}

/** The incident's clock against what is promised; undefined where nothing is, or nobody can tell what burns. */
export function sloClockAt(
  fix: Fix,
  { policy, fleet }: Pick<Facts, 'policy' | 'fleet'>,
  now: Instant,
): SloClock | undefined {
  if (policy.slo === undefined || fix.symptom === undefined) return undefined;
  return sloClockOf(policy.slo, burningIn(fix, fleet), msBetween(fix.declaredAt, fix.coveredAt ?? now));
}

/** The share of fixes that were halted, pulled towards the usual by as much as twenty fixes weigh. */
function badShare(others: readonly Fix[]): number {
  const delivered = others.filter((f) => f.rollout?.endedAt !== undefined);
  const bad = delivered.filter((f) => f.rollout?.halted !== undefined).length;
  return (bad + 20 * BAD_SHARE) / (delivered.length + 20);
}

/** How long breaks took to show in fixes of the same component that were halted. */
export const pastLatencies = (others: readonly Fix[]): Ms[] =>
  others.flatMap(({ rollout }) =>
    rollout?.halted === undefined
      ? []
      : Object.values(rollout.targets).flatMap((t) =>
          t.broke && t.brokeAt !== undefined && t.ranAt !== undefined ? [msBetween(t.ranAt, t.brokeAt)] : [],
        ),
  );
