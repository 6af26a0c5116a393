import { quorum } from '../approval/approval.ts';
import { byVersion } from '../assembly/lines.ts';
import { short } from '../base/ids.ts';
import { durationText, type Instant } from '../base/instant.ts';
import { coverageOf } from '../coverage/standing.ts';
import type { ControlPlane } from '../fleet/control-plane.ts';
import type { Facts } from '../life/facts.ts';
import type { Fix } from '../life/fix.ts';
import { approversOf, staleness } from '../life/plan-for.ts';
import { groundOf } from '../life/rolling.ts';
import { planesByUid, standings } from '../life/scope-of.ts';
import { isBurning } from '../life/urgency-for.ts';
import { oneBoxSize } from '../pace/choose.ts';
import { moreApprovers, profileOf } from '../pace/urgency.ts';
import { ASSUMED_TARGET_MS, endsAbout } from '../rollout/estimate.ts';
import type { Plan } from '../rollout/plan.ts';
import { countBy } from './insights.ts';
import type { PlanView } from './plan-view.ts';

/** The plan as it is read before saying yes: every number is of the plan or of the fleet now. */
export function makePlanView(fix: Fix, plan: Plan, facts: Facts, now: Instant): PlanView {
  const coverage = coverageOf(standings(fix, facts, now));
  const planes = planesByUid(facts.fleet);
  const versions = countBy(plan.targets.map((t) => planes.get(t.uid)?.version ?? t.line));
  const digests = new Map(plan.targets.map((t) => [t.line, t.digest]));
  const stale = staleness(plan, fix, now);
  const rule = approversOf(facts.policy.approvers, plan);
  const profile = profileOf(plan.pace.harmBudget);
  const more = moreApprovers(plan.pace.harmBudget, plan.urgency.computedBudget);
  const { given } = quorum({ rule, plan: plan.id, approvals: fix.approvals, author: fix.author });
  return {
    id: plan.id,
    hash: plan.hash,
    fix: fix.id,
    fixVersion: fix.version,
    at: plan.at,
    validUntil: plan.validUntil,
    ...(stale !== undefined && { stale }),
    policy: plan.policy,
    exposed: coverage.exposed,
    inPlan: plan.targets.length,
    notInPlan: plan.leftOut.length,
    native: coverage.native,
    component: fix.component,
    ...(fix.after !== undefined && { after: fix.after }),
    managementClusters: new Set(plan.targets.map((t) => t.managementCluster)).size,
    versions: versions
      .map(([version, targets]) => ({ version, targets }))
      .sort((a, b) => byVersion(a.version, b.version)),
    digests: [...digests]
      .map(([line, digest]) => ({ line, digest }))
      .sort((a, b) => byVersion(a.line, b.line)),
    restarts: `${fix.component} on each target; about ${durationText(ASSUMED_TARGET_MS)} per target (assumed, not measured)`,
    nodes: 'not checked: nothing is known here about worker nodes',
    leavesOut: leavesOut(plan),
    harmBudget: plan.pace.harmBudget,
    ...(profile !== undefined && { profile }),
    computedBudget: plan.urgency.computedBudget,
    urgency: plan.urgency.because,
    oneBox: Math.min(plan.targets.length, oneBoxSize(plan.pace, groundOf(plan).field)),
    burning: plan.targets.filter((t) => isBurningNow(fix, planes.get(t.uid))).length,
    controls: plan.controls.length,
    minSoakMs: plan.pace.minSoakMs,
    ...(plan.pace.maxPerHour !== undefined && { maxPerHour: plan.pace.maxPerHour }),
    stages: plan.stages.map((s) => ({
      name: s.name,
      targets: s.size,
      soakMs: s.soakMs,
      approval: s.approval,
    })),
    inFlightPerManagementCluster: plan.pace.inFlightPerManagementCluster,
    stops: [
      `evidence against it of ${Math.round(1 / plan.pace.alpha)} or more halts and rolls back (one good fix in ${Math.round(1 / plan.pace.alpha)}, at most)`,
      'each one that breaks goes back at once',
    ],
    endsAbout: endsAbout({ plan, from: now, told: 0, oneBox: true, targetMs: ASSUMED_TARGET_MS }),
    undo: undoText(fix, plan),
    needs: {
      count: Math.max(1, rule.count),
      role: rule.role,
      given,
      notBy: fix.author,
      ...(more > 0 && { more }),
    },
  };
}

const isBurningNow = (fix: Fix, plane: ControlPlane | undefined): boolean =>
  plane !== undefined && isBurning(fix, plane);

function leavesOut(plan: Plan): PlanView['leavesOut'] {
  return countBy(plan.leftOut.map((l) => l.because)).map(([because, count]) => {
    const until = plan.leftOut.find((l) => l.because === because)?.until;
    return { because, count, ...(until !== undefined && { until }) };
  });
}

function undoText(fix: Fix, plan: Plan): string {
  const from = [...new Set(plan.targets.map((t) => t.from))];
  const back =
    from.length === 1
      ? `back to sha256:${short(from[0]!)}…`
      : `back to the ${from.length} images that ran before`;
  return `fleetfix rollback ${fix.id}: ${back}; re-exposes what was patched`;
}
