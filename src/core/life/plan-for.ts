import type { ApproverRule } from '../approval/approval.ts';
import type { Uid } from '../base/ids.ts';
import { type Instant, plus } from '../base/instant.ts';
import type { ControlPlane } from '../fleet/control-plane.ts';
import { type Selector, selects } from '../fleet/selector.ts';
import { learnLaw } from '../pace/latency-law.ts';
import { USUAL } from '../pace/pace.ts';
import { moreApprovers } from '../pace/urgency.ts';
import { type Candidate, type LineImage, makePlan } from '../rollout/make-plan.ts';
import type { LeftOut, Plan } from '../rollout/plan.ts';
import type { Facts } from './facts.ts';
import type { Fix, FixLine } from './fix.ts';
import { isHalted } from './halted.ts';
import { lineImage } from './readiness.ts';
import { freezeOf, imagesByDigest, planesByUid, standings } from './scope-of.ts';
import { isBurning, pastLatencies, urgencyFor } from './urgency-for.ts';

/**
 * The plan for a fix as the fleet is now. A pure read: the same fix, facts and time give the same plan.
 * `exclude` picks control planes to leave out this time; `budget` is a harm budget in place of the policy's.
 */
export function planFor(fix: Fix, facts: Facts, now: Instant, asked: Asked = {}): Plan {
  const { exclude, budget } = asked;
  const planes = planesByUid(facts.fleet);
  const leftOut: LeftOut[] = [];
  const candidates: Candidate[] = [];
  const carrying = new Set<Uid>();
  for (const s of standings(fix, facts, now)) {
    const plane = planes.get(s.uid)!;
    if (s.standing === 'patched' || s.standing === 'native') carrying.add(s.uid);
    const out = (because: string) => leftOut.push({ uid: plane.uid, name: plane.name, because });
    if (s.standing === 'unknown') out(s.because.startsWith('nothing heard') ? 'agent silent' : s.because);
    else if (s.standing === 'excluded') out('left out by name');
    else if (s.standing !== 'exposed') continue;
    else if (exclude && selects(exclude, plane)) out('excluded by this plan');
    else if (s.line === undefined) out(s.because);
    else candidates.push(candidate(fix, plane, s.line, facts, now));
  }
  const { policy } = facts;
  const urgency = urgencyFor(fix, facts, candidates, now);
  const taken = new Set(candidates.map((c) => c.plane.uid));
  const changing = changedByOthers(facts);
  return makePlan({
    fix: fix.id,
    component: fix.component,
    policy: policy.name,
    candidates,
    leftOut,
    lineImages: Object.values(fix.lines).map((line) => deliverable(fix, line, facts, now)),
    images: imagesByDigest(facts.images),
    // Who runs the fix already, by an earlier plan or its release, would hide what the fix does.
    controls: facts.fleet.filter((p) => !taken.has(p.uid) && !changing.has(p.uid) && !carrying.has(p.uid)),
    stages: policy.stages,
    pace: {
      ...USUAL,
      law: learnLaw(pastLatencies(facts.others)),
      ...policy.pace,
      harmBudget: budget ?? policy.pace.harmBudget ?? urgency.computedBudget,
    },
    urgency,
    limits: {
      unknownMax: policy.unknownMax,
      convergeWithinMs: policy.convergeWithinMs,
      silentAfterMs: policy.silentAfterMs,
    },
    at: now,
    validUntil: plus(now, policy.planValidMs),
  });
}

/** What a person may ask of a plan. */
export type Asked = { readonly exclude?: Selector | undefined; readonly budget?: number | undefined };

function candidate(fix: Fix, plane: ControlPlane, line: string, facts: Facts, now: Instant): Candidate {
  const frozen = freezeOf(facts.policy, plane, now);
  return { plane, line, burning: isBurning(fix, plane), ...(frozen && { frozen }) };
}

/** Those that a rollout of another fix changes now: they are compared with nothing. */
const changedByOthers = ({ others }: Facts): ReadonlySet<Uid> =>
  new Set(
    others.flatMap(({ rollout }) =>
      rollout && rollout.endedAt === undefined ? Object.keys(rollout.targets) : [],
    ),
  );

/** The image a line may be given now; one that would bring along a fix that was halted may not. */
function deliverable(fix: Fix, line: FixLine, facts: Facts, now: Instant): LineImage {
  const image = lineImage({ fix, line, component: facts.component, policy: facts.policy, now });
  const bad = 'fixes' in image ? image.fixes.filter((id) => isHalted(facts.others, id)) : [];
  if (bad.length === 0) return image;
  return {
    line: line.line.name,
    missing: `its image brings ${bad.join(', ')}, which was halted: assemble it again`,
  };
}

/**
 * What a plan counted on and is not so any more: a gate that failed or a waiver that ended since it was
 * made. Undefined while every line it names may be given its image.
 */
export function unready(plan: Plan, fix: Fix, facts: Facts, now: Instant): string | undefined {
  const named = new Set(plan.targets.map((t) => t.line));
  for (const line of Object.values(fix.lines)) {
    const image = named.has(line.line.name) ? deliverable(fix, line, facts, now) : undefined;
    if (image && 'missing' in image) return `line ${image.line}: ${image.missing}`;
  }
  return undefined;
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
    if (planned !== undefined && line.notAffected)
      return `line ${line.line.name} is not affected, said ${line.notAffected.by}`;
  }
  if (fix.declined?.plan === plan.id) return `it was declined by ${fix.declined.by}: ${fix.declined.reason}`;
  return undefined;
}

/** Who must approve a plan: the policy's, and one more for every doubling of the budget the incident asks for. */
export const approversOf = (rule: ApproverRule, plan: Pick<Plan, 'pace' | 'urgency'>): ApproverRule => ({
  ...rule,
  count: Math.max(1, rule.count) + moreApprovers(plan.pace.harmBudget, plan.urgency.computedBudget),
});
