import { epochMs, HOUR, MINUTE, msBetween } from '../base/instant.ts';
import type { Again, Course, Happened } from '../forecast/again.ts';
import type { Pace } from '../pace/pace.ts';
import { paceOf } from '../pace/pace.ts';
import type { Plan } from '../rollout/plan.ts';
import type { Fix, Rollout, ToldTarget } from './fix.ts';
import { groundOf } from './rolling.ts';

/** What a recorded rollout and its plan give to play it under another pace: the plan's, with what is asked changed. */
export function againOf(fix: Fix, plan: Plan, pace: Partial<Pace>): Again {
  const rollout = fix.rollout!;
  return {
    field: groundOf(plan).field,
    pace: paceOf({ ...plan.pace, ...pace }),
    happened: plan.targets.map((t) => happenedTo(rollout.targets[t.uid])),
    burning: Uint8Array.from(plan.targets, (t) => (rollout.burners[t.uid] ? 1 : 0)),
    noisePerHour: noiseOf(plan, rollout),
    convergeWithinMin: plan.limits.convergeWithinMs / MINUTE,
    seed: 1,
  };
}

function happenedTo(told: ToldTarget | undefined): Happened | undefined {
  if (told === undefined) return undefined;
  const { ranAt, startedAt, brokeAt } = told;
  const applyMin = ranAt === undefined ? undefined : Math.max(1, msBetween(startedAt, ranAt) / MINUTE);
  return {
    ...(applyMin !== undefined && { applyMin }),
    ...(ranAt !== undefined &&
      brokeAt !== undefined && { brokeAfterMin: msBetween(ranAt, brokeAt) / MINUTE }),
  };
}

/** Bad episodes an hour of those that were not changed, as the decisions counted them. */
function noiseOf(plan: Plan, { judged, startedAt, endedAt }: Rollout): number {
  const until = endedAt ?? judged?.at ?? startedAt;
  const hours = msBetween(startedAt, until) / HOUR;
  const planes = plan.targets.length + plan.controls.length;
  return hours <= 0 || planes === 0 ? 0 : (judged?.control.episodes ?? 0) / (hours * planes);
}

/** What came of the rollout as it was. */
export function courseOf(plan: Plan, rollout: Rollout): Course {
  const told = Object.values(rollout.targets);
  const began = epochMs(rollout.startedAt);
  const ran = told
    .flatMap((t) => (t.ranAt === undefined ? [] : [(epochMs(t.ranAt) - began) / MINUTE]))
    .sort((a, b) => a - b);
  const after = (share: number) => ran[Math.ceil(plan.targets.length * share) - 1];
  const [t50Min, t95Min, t100Min] = [after(0.5), after(0.95), after(1)];
  return {
    started: told.length,
    broken: told.filter((t) => t.broke).length,
    halted: rollout.halted !== undefined,
    ...(t50Min !== undefined && { t50Min }),
    ...(t95Min !== undefined && { t95Min }),
    ...(t100Min !== undefined && { t100Min }),
  };
}
