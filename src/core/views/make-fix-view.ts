import { clockText, HOUR, type Instant, instantOf, msBetween, plus } from '../base/instant.ts';
import type { PlaneStanding } from '../coverage/coverage.ts';
import { coverageOf } from '../coverage/standing.ts';
import { readAt } from '../life/clocks.ts';
import { debtsOf } from '../life/debts.ts';
import { isPaused } from '../life/decide.ts';
import { isRetiring, linesInUse } from '../life/evolve.ts';
import type { Facts } from '../life/facts.ts';
import { type Fix, type FixLine, type HandOffState, isOver, type Retirement } from '../life/fix.ts';
import { handOffText, stillWaiting } from '../life/hand-off.ts';
import type { Stage } from '../life/policy.ts';
import { gatesOf } from '../life/readiness.ts';
import { standings } from '../life/scope-of.ts';
import { sloClockAt } from '../life/urgency-for.ts';
import { ASSUMED_TARGET_MS, endsAbout, medianTargetMs } from '../rollout/estimate.ts';
import { actionsOf } from './actions.ts';
import { checklistView, closingNeeds, closingText } from './checklist.ts';
import { heldByFirst } from './comes-first.ts';
import { debtNeeds, debtView, overdueText } from './debts.ts';
import type { ClockView, CoverageView, FixView, HandOffView, StageView } from './fix-view.ts';
import { insightsOf } from './insights.ts';
import { lineViews } from './line-view.ts';
import { type Looked, lookAt } from './looked.ts';
import {
  driftNeeds,
  exposedSince,
  foreignSince,
  foreignText,
  needsOf,
  unheardSince,
  unheardText,
  withoutIt,
} from './needs.ts';
import { paceView } from './pace-view.ts';
import { rolloutRows, whereText } from './rollout-rows.ts';

/**
 * The one read model of a fix. `facts.plan` is the plan of its rollout when it has one; `facts.actor` is
 * who looks, which only the actions depend on.
 */
export function makeFixView(fix: Fix, facts: Facts, now: Instant): FixView {
  const seen = standings(fix, facts, now);
  const looked = lookAt(fix, facts, now);
  const clock = clockOf(fix, facts, looked, now);
  const slo = sloClockAt(fix, facts, now);
  const debts = debtsOf(fix, facts, now);
  const active = fix.rollout !== undefined && fix.rollout.endedAt === undefined;
  const checklist = checklistView(fix, facts, now);
  return {
    id: fix.id,
    version: fix.version,
    at: now,
    title: fix.title,
    severity: fix.severity,
    ...(fix.incident !== undefined && { incident: fix.incident }),
    ...(fix.symptom !== undefined && { symptom: fix.symptom }),
    reason: fix.reason,
    author: fix.author,
    component: fix.component,
    ...(fix.after !== undefined && { after: fix.after }),
    state: fix.state,
    paused: isPaused(fix),
    halted: fix.rollout?.halted !== undefined,
    haltedStrata: fix.rollout?.haltedStrata.map((h) => h.stratum) ?? [],
    headline: `${headline(fix, looked, { facts, seen, now })}${overdueText(debts, now)}`,
    needs: [
      ...needsOf(fix, facts, looked, now),
      ...debtNeeds(fix, debts, facts, now),
      ...driftNeeds(fix, seen),
      ...closingNeeds(fix, facts, now),
    ],
    ...(fix.handOff && { handOff: handOffView(fix, fix.handOff, facts, now) }),
    ...(debts.length > 0 && { debts: debts.map((debt) => debtView(debt, now)) }),
    ...(checklist && { checklist }),
    ...((active || isRetiring(fix)) && { brake: `fleetfix pause ${fix.id}` }),
    coverage: coverageView(fix, facts, seen, now),
    clock,
    ...(slo && { slo }),
    health: looked?.verdict ?? { kind: 'not enough data', because: 'nothing has been changed yet' },
    next: nextUp(fix, looked, facts, now),
    stages: stagesOf(fix, facts, looked, now),
    lines: lineViews(fix, facts, now),
    rollout: looked ? rolloutRows(fix, looked, now) : [],
    ...(looked && { pace: paceView(fix, looked) }),
    insights: insightsOf(fix, facts, { seen, looked, clock, now, debts }),
    waits: active && looked ? looked.step.wait : [],
    ...(fix.rollout ? { plan: fix.rollout.plan } : fix.approved && { plan: fix.approved.plan }),
    ...(fix.declined &&
      !fix.approved &&
      !fix.rollout && {
        declined: { plan: fix.declined.plan, by: fix.declined.by, reason: fix.declined.reason },
      }),
    handSteps: fix.handSteps,
    actions: actionsOf(fix, facts, now),
  };
}

function handOffView(fix: Fix, it: HandOffState, facts: Facts, now: Instant): HandOffView {
  const { at, told, acknowledged } = it;
  const waiting = isOver(fix.state) ? [] : stillWaiting(fix, facts, now);
  const digests = it.digests.filter((digest) => waiting.includes(digest));
  const text = handOffText(fix, facts, now) ?? 'nothing that was handed off waits for people now';
  return { at, digests, told, ...(acknowledged && { acknowledged }), text };
}

function headline(
  fix: Fix,
  looked: Looked | undefined,
  {
    facts,
    seen,
    now,
  }: { readonly facts: Facts; readonly seen: readonly PlaneStanding[]; readonly now: Instant },
): string {
  const { rollout } = fix;
  if (fix.closed)
    return `${fix.state === 'withdrawn' ? 'Withdrawn' : 'Closed'}: ${fix.closed.as.replace(/^withdrawn: /, '')}`;
  if (fix.state === 'retired') return retiredText(fix.retirement);
  if (fix.retirement) return retiringText(fix.retirement);
  const since = exposedSince(fix, seen).length;
  const foreign = foreignSince(fix, seen).length;
  const unheard = unheardSince(fix, seen).length;
  const drifted = [
    ...(since > 0 ? [withoutIt(since)] : []),
    ...(foreign > 0 ? [foreignText(foreign)] : []),
    ...(unheard > 0 ? [unheardText(unheard)] : []),
  ];
  if (drifted.length > 0) return `Covered once; ${drifted.join(', ')} by now`;
  if (fix.state === 'covered')
    return 'Covered: every exposed control plane is patched or accounted for by name';
  if (rollout?.halted && rollout.endedAt) return `Halted and rolled back: ${rollout.halted.because}`;
  if (rollout?.halted) return `Halted, rolling back: ${rollout.halted.because}`;
  if (rollout && looked && rollout.endedAt === undefined) return rollingOut(fix, looked, facts, now);
  if (rollout?.endedAt && !fix.approved) return 'Rolled out, not covered yet: every stage has passed';
  const waiting = fix.clocks.find((c) => c.endedAt === undefined && c.personFor !== undefined);
  const what = waiting ? `, waiting for ${waiting.personFor}` : '';
  return `${fix.state[0]!.toUpperCase()}${fix.state.slice(1)}${what}`;
}

/** What was kept is still there, since nothing else brings its control plane the fix. */
const retiredText = (retirement: Retirement | undefined): string => {
  const kept = retirement?.kept.length ?? 0;
  return kept === 0
    ? 'Retired: the release contains the fix'
    : `Retired, but for ${kept} ${kept === 1 ? 'override that stays: its release lacks' : 'overrides that stay: their releases lack'} the fix`;
};

function retiringText({ paused, removed, told, broke = {} }: Retirement): string {
  if (paused) return `Retirement paused by ${paused.by}: ${paused.reason}`;
  const back = new Set(removed);
  const left = Object.keys(told).filter((uid) => !back.has(uid));
  const broken = left.filter((uid) => broke[uid] !== undefined).length;
  const moving = left.length - broken;
  return [
    `Covered, retiring: ${removed.length} overrides gone`,
    ...(moving > 0 ? [`${moving} on their way`] : []),
    ...(broken > 0 ? [`${broken} broke`] : []),
  ].join(', ');
}

function rollingOut(fix: Fix, looked: Looked, facts: Facts, now: Instant): string {
  const where = whereText(looked, now);
  const { paused } = fix.rollout!;
  if (paused) return `Paused by ${paused.by}${where && ` in ${where}`}: ${paused.reason}`;
  const held = looked.step.done ? heldByFirst(looked, facts, now) : 0;
  if (held > 0) return `Rolling out, ${held} not started: ${fix.after} comes first`;
  if (looked.step.done) return 'Rolled out, not covered yet: every stage has passed';
  const halted = fix.rollout!.haltedStrata.map((h) => h.stratum);
  const but = halted.length > 0 ? `, without ${halted.join(', ')}: halted there` : '';
  return `Rolling out, ${where || `budget ${looked.plan.pace.harmBudget}`}${but}`;
}

function rolloutBy(fix: Fix, looked: Looked): string {
  const told = Object.keys(fix.rollout!.targets).length;
  return `${told} of ${looked.plan.targets.length} started, budget ${looked.plan.pace.harmBudget}`;
}

function coverageView(fix: Fix, facts: Facts, seen: readonly PlaneStanding[], now: Instant): CoverageView {
  const hourAgo = plus(now, -HOUR);
  const told = Object.values(fix.rollout?.targets ?? {});
  const planned = new Set(facts.plan?.id === fix.rollout?.plan ? facts.plan?.targets.map((t) => t.uid) : []);
  const exposed = seen.filter(
    (s) => s.standing === 'exposed' || s.standing === 'unknown' || s.standing === 'excluded',
  );
  return {
    ...coverageOf(seen),
    patchedLastHour: told.filter((t) => t.state === 'patched' && t.since > hourAgo).length,
    notInPlan: fix.rollout === undefined ? 0 : exposed.filter((s) => !planned.has(s.uid)).length,
  };
}

function clockOf(fix: Fix, facts: Facts, looked: Looked | undefined, now: Instant): ClockView {
  const targetMs = facts.policy.severities[fix.severity].targets.covered;
  const end = fix.coveredAt ?? fix.closed?.at ?? now;
  const expectedAt = expected(fix, looked, now);
  return {
    declaredAt: fix.declaredAt,
    elapsedMs: msBetween(fix.declaredAt, end),
    targetMs,
    dueAt: plus(fix.declaredAt, targetMs),
    ...(expectedAt !== undefined && { expectedAt }),
    ...(fix.coveredAt !== undefined && { coveredAt: fix.coveredAt }),
  };
}

function expected(fix: Fix, looked: Looked | undefined, now: Instant): Instant | undefined {
  const { rollout } = fix;
  if (!looked || !rollout || rollout.endedAt || rollout.halted || rollout.paused || looked.step.done)
    return undefined;
  const targetMs = medianTargetMs(Object.values(rollout.targets)) ?? ASSUMED_TARGET_MS;
  return endsAbout({
    plan: looked.plan,
    from: now,
    told: Object.keys(rollout.targets).length,
    oneBox: looked.step.counts.oneBox,
    targetMs,
  });
}

function nextUp(fix: Fix, looked: Looked | undefined, facts: Facts, now: Instant): FixView['next'] {
  const nothing = (text: string) => ({ text, unless: unlessOf(fix) });
  const { rollout } = fix;
  if (fix.closed || fix.state === 'retired')
    return nothing(closingText(fix, facts, now) ?? 'nothing: it is over');
  if (fix.retirement?.paused) return nothing('no override goes until someone resumes');
  if (rollout?.halted && rollout.endedAt === undefined)
    return { text: 'changed control planes go back', unless: 'nothing stops a rollback' };
  if (rollout?.endedAt && !fix.coveredAt && !rollout.halted && !fix.approved) return nothing(LEFT_OVER);
  if (!looked || !rollout || rollout.endedAt) return nothing(beforeDelivery(fix));
  if (rollout.paused) return nothing('nothing starts until someone resumes or rolls back');
  if (looked.step.done) return nothing(LEFT_OVER);
  const wait = looked.step.wait[0];
  const limit = Math.round(1 / looked.plan.pace.alpha);
  const unless = `paused, or the evidence against it reaches ${limit}`;
  if (looked.step.start.length > 0)
    return { at: now, text: `${looked.step.start.length} more start`, unless };
  if (looked.soaksUntilMs !== undefined)
    return { at: instantOf(looked.soaksUntilMs), text: afterSoak(fix, looked), unless };
  if (wait?.endsAt === undefined)
    return { text: wait ? `waiting for ${wait.for}` : 'the last ones end', unless };
  return { at: wait.endsAt, text: `more start, with ${wait.for}`, unless };
}

/** What a machine does next goes on by itself; else it is people who move it. */
function unlessOf(fix: Fix): string {
  if (isRetiring(fix) && !fix.retirement?.paused) return 'paused, or one breaks';
  const clock = fix.clocks.find((c) => c.endedAt === undefined);
  const isMachines =
    clock !== undefined && clock.personFor === undefined && !fix.closed && fix.rollout === undefined;
  return isMachines ? 'something fails or asks for a person' : 'nothing moves by itself';
}

function afterSoak({ rollout }: Fix, { plan, open }: Looked): string {
  const { name, approval } = plan.stages[open]!;
  const following = plan.stages[open + 1];
  if (approval && !rollout!.advanced.includes(open + 1))
    return `the soak of stage ${name} ends, then a person decides`;
  return following ? `stage ${following.name} opens` : `the soak of stage ${name} ends`;
}

const LEFT_OVER = 'nothing: what is left must be planned again or accounted for by name';

function beforeDelivery(fix: Fix): string {
  const clock = fix.clocks.find((c) => c.endedAt === undefined);
  if (isRetiring(fix))
    return 'overrides go where the release has the fix, each wave once the one before is well';
  if (fix.state === 'covered') return 'the release will contain the fix, then it can be retired';
  if (clock?.personFor !== undefined) return `waiting for ${clock.personFor}`;
  if (clock === undefined && fix.rollout?.halted)
    return 'nothing: it went back, and an engineer decides what follows';
  return clock ? `${clock.stage} goes on` : 'waiting';
}

function stagesOf(fix: Fix, facts: Facts, looked: Looked | undefined, now: Instant): StageView[] {
  const { targets } = facts.policy.severities[fix.severity];
  const stages: StageView['stage'][] = ['assembly', 'build', 'proof', 'approval', 'rollout'];
  if (fix.retirement) stages.push('retirement');
  return stages.map((stage): StageView => {
    const clock = fix.clocks.find((c) => c.stage === stage);
    const targetMs = stage === 'retirement' ? undefined : targets[stage as Stage];
    const by = stageBy(fix, stage, looked, { facts, now });
    if (clock === undefined) {
      return {
        stage,
        state: 'waiting',
        machineMs: 0,
        peopleMs: 0,
        by,
        ...(targetMs !== undefined && { targetMs }),
      };
    }
    const read = readAt(clock, now);
    return {
      stage,
      state: stageState(fix, stage),
      startedAt: clock.startedAt,
      ...(clock.endedAt !== undefined && { endedAt: clock.endedAt }),
      tookMs: read.machineMs + read.peopleMs,
      machineMs: read.machineMs,
      peopleMs: read.peopleMs,
      ...(targetMs !== undefined && { targetMs }),
      by,
    };
  });
}

function stageState(fix: Fix, stage: StageView['stage']): StageView['state'] {
  if (stage === 'rollout' && fix.rollout?.halted) return 'halted';
  if (stage === 'rollout' && fix.rollout?.paused && !fix.rollout.endedAt) return 'paused';
  if (stage === 'retirement' && fix.retirement?.paused) return 'paused';
  const clock = fix.clocks.find((c) => c.stage === stage);
  if (clock === undefined) return 'waiting';
  if (clock.endedAt !== undefined) return 'done';
  const lines = linesInUse(fix);
  if (stage === 'build' && lines.some((l) => l.build?.state === 'failed')) return 'failed';
  return clock.personSince !== undefined ? 'waiting' : 'running';
}

function stageBy(
  fix: Fix,
  stage: StageView['stage'],
  looked: Looked | undefined,
  { facts, now }: { readonly facts: Facts; readonly now: Instant },
): string {
  // What is prepared runs on no clock of the fix.
  const lines = linesInUse(fix).filter((l) => !l.emptied);
  const built = lines.filter((l) => l.build?.state === 'done').length;
  switch (stage) {
    case 'assembly':
      return assemblyBy(lines);
    case 'build':
      return built > 0 ? `${built} image${built === 1 ? '' : 's'}` : '';
    case 'proof':
      return proofBy(fix, lines, facts, now);
    case 'approval':
      return approvalBy(fix);
    case 'rollout':
      return looked ? rolloutBy(fix, looked) : '';
    case 'retirement':
      return fix.retirement
        ? `${fix.retirement.removed.length} overrides gone, ${fix.retirement.kept.length} kept`
        : '';
  }
}

function assemblyBy(lines: readonly FixLine[]): string {
  const clean = lines
    .filter((l) => l.assembly?.outcome === 'clean' && !l.notAffected)
    .map((l) => l.line.name);
  const other = lines
    .filter((l) => l.notAffected || (l.assembly && l.assembly.outcome !== 'clean'))
    .map((l) => (l.notAffected ? `${l.line.name} not affected: ${l.notAffected.reason}` : otherOutcome(l)));
  return [clean.join(' '), other.length > 0 ? `(${other.join('; ')})` : ''].filter((s) => s !== '').join(' ');
}

function otherOutcome(line: FixLine): string {
  const { outcome, contained } = line.assembly!;
  if (outcome === 'contained')
    return `${line.line.name} has it already: ${contained?.how.join(', ') ?? 'contained'}`;
  return `${line.line.name} ${outcome}`;
}

function proofBy(fix: Fix, lines: readonly FixLine[], facts: Facts, now: Instant): string {
  // What only watches is no part of what was asked.
  const gates = lines.flatMap((line) =>
    gatesOf({
      fix,
      line,
      component: facts.component,
      policy: facts.policy,
      now: fix.coveredAt ?? fix.stateAt,
    }).filter(({ lane }) => lane !== 'shadow'),
  );
  if (gates.length === 0) return '';
  const met = gates.filter((g) => g.state === 'met').length;
  const waived = fix.waivers.map((w) => `; ${w.gate} WAIVED by ${w.by} until ${clockText(w.expiresAt, now)}`);
  return `${met} of ${gates.length} gates met${waived.join('')}`;
}

function approvalBy(fix: Fix): string {
  const plan = fix.rollout?.plan ?? fix.approved?.plan;
  const names = fix.approvals.filter((a) => plan === undefined || a.plan === plan).map((a) => a.by);
  if (names.length === 0) return fix.declined ? `declined by ${fix.declined.by}: ${fix.declined.reason}` : '';
  return `${names.join(', ')} · plan ${plan ?? fix.approvals.at(-1)!.plan}`;
}
