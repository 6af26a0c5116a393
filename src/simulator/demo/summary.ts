import type { FixId } from '../../core/base/ids.ts';
import { durationText } from '../../core/base/instant.ts';
import { coverageOf } from '../../core/coverage/standing.ts';
import { standings } from '../../core/life/scope-of.ts';
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
  readonly rollout: {
    readonly waves: number;
    readonly halts: number;
    readonly rolledBack: number;
    readonly broken: number;
    readonly told: number;
  };
  readonly handSteps: number;
  readonly ledger: { readonly events: number; readonly verified: boolean };
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
  const told = Object.values(fix.rollout?.targets ?? {});
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
    rollout: {
      waves: fix.rollout?.waves ?? 0,
      halts: fix.rollout?.halts ?? 0,
      rolledBack: told.filter((t) => t.state === 'rolled back').length,
      broken: told.filter((t) => t.broke).length,
      told: told.length,
    },
    handSteps: fix.handSteps,
    ledger: { events: verified.events, verified: verified.verified },
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
    lines.push(
      `  rollout   ${r.told} told in ${many(r.waves, 'wave')}, ${many(r.halts, 'halt')}, ${r.broken} broken, ${r.rolledBack} rolled back`,
    );
    lines.push(
      `  by hand   ${fix.handSteps} steps; ledger ${fix.ledger.events} events, ${fix.ledger.verified ? 'verified' : 'NOT VERIFIED'}`,
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

const clock = (s: { readonly startedAt: string | null }, ms: number): string =>
  s.startedAt === null ? '-' : ms < 1_000 ? `${ms}ms` : durationText(ms);

const many = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
