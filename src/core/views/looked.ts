import { epochMs, type Instant } from '../base/instant.ts';
import type { Verdict } from '../health/verdict.ts';
import type { Facts } from '../life/facts.ts';
import type { Fix } from '../life/fix.ts';
import { rollingOf } from '../life/rolling.ts';
import { observedNow } from '../life/seen-now.ts';
import { stepOf } from '../life/step-of.ts';
import { verdictOf } from '../life/verdict-of.ts';
import { openStage, type Rolling, type StageAt, stageAt } from '../rollout/next.ts';
import type { ObservedTarget } from '../rollout/observed.ts';
import type { Plan } from '../rollout/plan.ts';
import type { Step } from '../rollout/step.ts';

/** A rollout as it is looked at: the plan, what is seen, and what the planner would do now. */
export type Looked = {
  readonly plan: Plan;
  readonly observed: readonly ObservedTarget[];
  readonly rolling: Rolling;
  readonly verdict: Verdict;
  readonly step: Step;
  /** The open stage, from 0; as many as there are when all have passed. */
  readonly open: number;
  /** How far the open stage is. */
  readonly at?: StageAt;
  /** Until when the open stage soaks; absent when it does not. */
  readonly soaksUntilMs?: number;
};

/** Asks the planner without acting on it; undefined before the first rollout. */
export function lookAt(fix: Fix, facts: Facts, now: Instant): Looked | undefined {
  const { rollout } = fix;
  const { plan } = facts;
  if (rollout === undefined || plan === undefined || plan.id !== rollout.plan) return undefined;
  const observed = observedNow(fix, rollout, plan, facts, now);
  const step = stepOf(plan, rollout, now);
  const rolling = rollingOf(plan, rollout);
  const open = openStage(rolling.stages);
  const at = open < plan.stages.length ? stageAt(rolling, open) : undefined;
  const soaks = at?.settled === true && at.soakedAtMs > epochMs(now);
  return {
    plan,
    observed,
    rolling,
    verdict: verdictOf(step, rollout, plan),
    step,
    open,
    ...(at && { at }),
    ...(soaks && { soaksUntilMs: at.soakedAtMs }),
  };
}
