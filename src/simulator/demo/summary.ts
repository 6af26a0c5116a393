import type { FixId } from '../../core/base/ids.ts';
import { durationText, type Instant, MINUTE, msBetween } from '../../core/base/instant.ts';
import { coverageOf } from '../../core/coverage/standing.ts';
import type { Fix } from '../../core/life/fix.ts';
import { standings } from '../../core/life/scope-of.ts';
import type { Plan } from '../../core/rollout/plan.ts';
import { makeFixView } from '../../core/views/make-fix-view.ts';
import type { SimulatedHub } from '../simulated-hub.ts';
import type { PlayedFix } from './script.ts';

/** What one run of the demo came to. Times of people are simulated; times of machines are measured. */
export type Summary = {
  readonly seed: number;
  readonly planes: number;
  readonly fixes: readonly FixSummaryOf[];
};

export type FixSummaryOf = {
  readonly id: FixId;
  readonly title: string;
  readonly state: string;
  readonly closedAs: string;
  readonly stages: readonly {
    readonly stage: string;
    readonly startedAt: string | null;
    readonly endedAt: string | null;
    readonly machineMs: number;
    readonly peopleMs: number;
    readonly targetMs: number | null;
  }[];
  readonly coverage: {
    readonly exposed: number;
    readonly patched: number;
    readonly native: number;
    readonly unaffected: number;
    readonly excluded: number;
    readonly unknown: number;
    /** Those of `unknown`, by name. */
    readonly unknownNames: readonly string[];
  };
  readonly rollout: RolloutSummary;
  readonly handSteps: number;
  /** `decisions`: how many were made again from it. `same`: every one came out as recorded. */
  readonly ledger: {
    readonly events: number;
    readonly verified: boolean;
    readonly decisions: number;
    readonly same: boolean;
  };
};

export type RolloutSummary = {
  readonly waves: number;
  readonly halts: number;
  readonly rolledBack: number;
  readonly broken: number;
  /** Those of `broken` that the incident had broken already when they were told. */
  readonly brokenBurning: number;
  readonly told: number;
  readonly harmBudget: number | null;
  /** Told before all others, healthy; and told because they showed the symptom. */
  readonly oneBox: number;
  readonly burning: number;
  /** From start until so many of the plan's targets had run the image and still do; null where it did not come to that. */
  readonly t50Min: number | null;
  readonly t95Min: number | null;
  readonly t100Min: number | null;
  /** From start until every exposed one was patched or accounted for by name. */
  readonly coveredMin: number | null;
  readonly haltedMin: number | null;
};

export async function summarise(
  simulated: SimulatedHub,
  run: { readonly seed: number; readonly planes: number; readonly fixes: readonly PlayedFix[] },
): Promise<Summary> {
  const fixes: FixSummaryOf[] = [];
  for (const played of run.fixes) fixes.push(await summaryOf(simulated, played));
  return { seed: run.seed, planes: run.planes, fixes };
}

async function summaryOf({ hub, clock }: SimulatedHub, played: PlayedFix): Promise<FixSummaryOf> {
  const { id } = played;
  const it = (await hub.cases.open(id))!;
  const { fix, facts } = it;
  const view = makeFixView(fix, facts, clock.now());
  const verified = await hub.desk.verify(id);
  const again = await hub.desk.replay(id);
  const { decisions, same } = again.ok ? again.value : { decisions: 0, same: false };
  return {
    id,
    title: fix.title,
    state: fix.state,
    closedAs: fix.closed?.as ?? '',
    stages: view.stages.map((s) => ({
      stage: s.stage,
      startedAt: s.startedAt ?? null,
      endedAt: s.endedAt ?? null,
      machineMs: s.machineMs,
      peopleMs: s.peopleMs,
      targetMs: s.targetMs ?? null,
    })),
    coverage: coverageNow(it, clock.now(), played.unknown),
    rollout: rolloutOf(fix, facts.plan),
    handSteps: fix.handSteps,
    ledger: { events: verified.events, verified: verified.verified, decisions, same },
  };
}

/** What the ledger holds of the delivery of a plan; without one, nothing. */
export function rolloutOf(fix: Fix, plan: Plan | undefined): RolloutSummary {
  const { rollout } = fix;
  const told = Object.values(rollout?.targets ?? {});
  const broken = told.filter((t) => t.broke);
  const sinceStartMin = (at: Instant | undefined): number | null =>
    rollout === undefined || at === undefined ? null : Math.round(msBetween(rollout.startedAt, at) / MINUTE);
  const ran = told.flatMap((t) => (t.state === 'patched' ? (t.ranAt ?? []) : [])).sort();
  const whenShare = (share: number): number | null =>
    plan === undefined ? null : sinceStartMin(ran[Math.ceil(plan.targets.length * share) - 1]);
  return {
    waves: rollout?.waves ?? 0,
    halts: rollout?.halts ?? 0,
    rolledBack: told.filter((t) => t.state === 'rolled back').length,
    broken: broken.length,
    brokenBurning: broken.filter((t) => t.burned).length,
    told: told.length,
    harmBudget: plan?.pace.harmBudget ?? null,
    oneBox: told.filter((t) => t.oneBox).length,
    burning: told.filter((t) => t.burned).length,
    t50Min: whenShare(0.5),
    t95Min: whenShare(0.95),
    t100Min: whenShare(1),
    coveredMin: sinceStartMin(fix.coveredAt),
    haltedMin: sinceStartMin(rollout?.halted?.at),
  };
}

/** The coverage that ended the rollout. */
function coverageNow(
  { fix, facts }: NonNullable<Awaited<ReturnType<SimulatedHub['hub']['cases']['open']>>>,
  now: string,
  unknownNames: readonly string[],
) {
  const { exposed, patched, native, unaffected, excluded, unknown } =
    fix.coverage ?? coverageOf(standings(fix, facts, now));
  return { exposed, patched, native, unaffected, excluded, unknown, unknownNames: [...unknownNames] };
}

/** One screen. */
export function summaryText(summary: Summary, took: { readonly wallMs: number }): string {
  const lines = [
    `Demo, seed ${summary.seed}, ${summary.planes} simulated control planes, ${durationText(took.wallMs)} of wall time`,
  ];
  for (const fix of summary.fixes) {
    const { coverage: c, rollout: r } = fix;
    lines.push('', `${fix.id}  ${fix.title}`, `  ended     ${fix.state}: ${fix.closedAs}`);
    lines.push(
      `  coverage  ${c.patched} of ${c.exposed} exposed patched, ${c.excluded} accounted for by name, ${c.unknown} unknown; ${c.native} native`,
    );
    const already = r.brokenBurning > 0 ? ` (${r.brokenBurning} of them the incident had broken before)` : '';
    lines.push(
      `  rollout   ${r.told} told in ${many(r.waves, 'wave')}, ${many(r.halts, 'halt')}, ${r.broken} broken${already}, ${r.rolledBack} rolled back`,
      `  pace      harm budget ${r.harmBudget ?? '-'}; first a one-box of ${r.oneBox} and ${r.burning} that burned; ${reachedText(r)}`,
    );
    lines.push(
      `  by hand   ${fix.handSteps} steps; ledger ${fix.ledger.events} events, ${fix.ledger.verified ? 'verified' : 'NOT VERIFIED'}; ${fix.ledger.decisions} decisions made again, ${fix.ledger.same ? 'all the same' : 'NOT THE SAME'}`,
    );
    lines.push('  STAGE       MACHINE  PEOPLE   TARGET');
    for (const s of fix.stages) {
      const target = s.targetMs === null ? '-' : durationText(s.targetMs);
      lines.push(
        `  ${s.stage.padEnd(11)} ${clock(s, s.machineMs).padEnd(8)} ${clock(s, s.peopleMs).padEnd(8)} ${target}`,
      );
    }
  }
  lines.push(
    '',
    'Machine time of assembly, build and proof is real; of rollout and retirement, and all time of people, simulated.',
  );
  return `${lines.join('\n')}\n`;
}

function reachedText(r: RolloutSummary): string {
  if (r.haltedMin !== null) return `halted ${after(r.haltedMin)}`;
  const shares = [
    `50 % ${after(r.t50Min)}`,
    `95 % ${after(r.t95Min)}`,
    `100 % ${after(r.t100Min)}`,
    `covered ${after(r.coveredMin)}`,
  ];
  return shares.join(', ');
}

const after = (min: number | null): string =>
  min === null ? 'not reached' : `after ${durationText(min * MINUTE)}`;

const clock = (s: { readonly startedAt: string | null }, ms: number): string =>
  s.startedAt === null ? '-' : ms < 1_000 ? `${ms}ms` : durationText(ms);

const many = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
