import type { Uid } from '../base/ids.ts';
import { epochMs } from '../base/instant.ts';
import { limitOf } from '../base/limit.ts';
import {
  BACK,
  emptySight,
  FAILED,
  type Field,
  fieldOf,
  GOING_BACK,
  HELD,
  OUT,
  RUNNING,
  SILENT,
  type Sight,
  STARTING,
} from '../health/field.ts';
import { type Judged, notJudged } from '../health/judge.ts';
import { type Credit, creditOf } from '../pace/credit.ts';
import { type Guards, guardsOf } from '../pace/guards.ts';
import type { Rolling } from '../rollout/next.ts';
import type { SeenOther } from '../rollout/observed.ts';
import { ORDER_VALID_MS } from '../rollout/order.ts';
import type { Plan } from '../rollout/plan.ts';
import type { Rollout, ToldTarget } from './fix.ts';

/** What of a plan never changes, as numbers; a plan is the same for ever, so it is computed once. */
type Ground = {
  readonly field: Field;
  readonly indexOf: ReadonlyMap<Uid, number>;
  readonly credit: Credit;
  readonly guards: Guards;
  /** By number, as the field has them. */
  readonly strata: readonly string[];
};

const grounds = new WeakMap<Plan, Ground>();

export function groundOf(plan: Plan): Ground {
  const known = grounds.get(plan);
  if (known) return known;
  const all = [...plan.targets, ...plan.controls];
  const field = fieldOf(plan.targets, plan.controls);
  const ground: Ground = {
    field,
    indexOf: new Map(all.map((t, i) => [t.uid, i])),
    credit: creditOf(plan.pace),
    guards: guardsOf(field, plan.pace.harmBudget),
    strata: [...new Set(all.map((t) => t.stratum))],
  };
  grounds.set(plan, ground);
  return ground;
}

/**
 * A rollout as the planner sees it: from the plan and the ledger alone, so that whoever reads both comes to the
 * same decisions.
 */
export function rollingOf(plan: Plan, rollout: Rollout): Rolling {
  const { field, indexOf, credit, guards, strata } = groundOf(plan);
  const sight = sightOf(plan, rollout);
  const judged = judgedOf(field, rollout);
  const passed = new Set(rollout.passed.map((p) => p.stage));
  return {
    field,
    pace: plan.pace,
    credit,
    guards,
    sight,
    judged,
    episodes: {
      treated: indexes(rollout.episodes.treated, indexOf).filter((i) => isInWindow(plan, sight, i, rollout)),
      control: indexes(rollout.episodes.control, indexOf),
    },
    stages: plan.stages.map((s, i) => ({
      soakMs: s.soakMs,
      approval: s.approval,
      passed: passed.has(i + 1),
      advanced: rollout.advanced.includes(i + 1),
    })),
    paused: rollout.paused !== undefined,
    over: rollout.endedAt !== undefined,
    halted: rollout.halted !== undefined,
    haltedStrata: rollout.haltedStrata.map((h) => strata.indexOf(h.stratum)).filter((s) => s >= 0),
    unknownMax: limitOf(plan.limits.unknownMax, 0),
    orderValidMs: ORDER_VALID_MS,
    convergeWithinMs: limitOf(plan.limits.convergeWithinMs, 0),
  };
}

const indexes = (uids: readonly Uid[], indexOf: ReadonlyMap<Uid, number>): number[] =>
  uids.flatMap((uid) => indexOf.get(uid) ?? []).sort((a, b) => a - b);

/** An episode long after the image began to run is not put down to it here; who watches later looks at those. */
function isInWindow(plan: Plan, sight: Sight, i: number, rollout: Rollout): boolean {
  const ran = sight.ranAtMs[i]!;
  const brokeAt = rollout.targets[plan.targets[i]!.uid]?.brokeAt;
  return ran === 0 || brokeAt === undefined || epochMs(brokeAt) - ran <= plan.pace.windowMs;
}

function judgedOf(field: Field, { judged, startedAt }: Rollout): Judged {
  const none = notJudged(field, epochMs(startedAt));
  // What was judged by another plan's strata says nothing here.
  if (judged === undefined || judged.logs.length !== none.logs.length) return none;
  return {
    logs: Float64Array.from(judged.logs),
    atMs: epochMs(judged.at),
    control: judged.control,
    recent: judged.recent,
  };
}

export function sightOf(plan: Plan, rollout: Rollout): Sight {
  const { field, indexOf } = groundOf(plan);
  const sight = emptySight(field);
  for (const [uid, told] of Object.entries(rollout.targets)) {
    const i = indexOf.get(uid);
    if (i !== undefined && i < field.targets) setTold(sight, i, told);
  }
  for (const [uid, seen] of Object.entries(rollout.others)) {
    const i = indexOf.get(uid);
    if (i !== undefined) setOther(sight, i, seen, i < field.targets);
  }
  return sight;
}

const CODES: Readonly<Record<ToldTarget['state'], number>> = {
  starting: STARTING,
  patched: RUNNING,
  failed: FAILED,
  silent: SILENT,
  gone: OUT,
  'rolling back': GOING_BACK,
  'rolled back': BACK,
};

function setTold(sight: Sight, i: number, told: ToldTarget): void {
  sight.state[i] = CODES[told.state];
  sight.sinceMs[i] = epochMs(told.since);
  sight.toldAtMs[i] = epochMs(told.startedAt);
  sight.ranAtMs[i] = told.ranAt === undefined ? 0 : epochMs(told.ranAt);
  sight.burning[i] = told.burned ? 1 : 0;
  sight.broke[i] = told.broke ? 1 : 0;
  sight.wanted[i] = told.rollbackWanted === undefined ? 0 : 1;
}

function setOther(sight: Sight, i: number, seen: SeenOther, target: boolean): void {
  sight.unwell[i] = seen.unwell !== undefined || seen.unheard || seen.out !== undefined ? 1 : 0;
  sight.burning[i] = seen.burning ? 1 : 0;
  if (target && seen.out !== undefined) sight.state[i] = OUT;
  else if (target && seen.hold !== undefined) sight.state[i] = HELD;
}
