import type { Instant } from '../base/instant.ts';
import type { Verdict } from '../health/verdict.ts';
import { look } from '../life/deliver.ts';
import type { Facts } from '../life/facts.ts';
import type { Fix } from '../life/fix.ts';
import { next, soaking } from '../rollout/next.ts';
import type { Observed } from '../rollout/observed.ts';
import type { Plan } from '../rollout/plan.ts';
import type { Step } from '../rollout/step.ts';

/** A rollout as it is looked at: the plan, what is seen, and what the planner would do now. */
export type Looked = {
  readonly plan: Plan;
  readonly observed: Observed;
  readonly verdict: Verdict;
  readonly step: Step;
  readonly soak: ReturnType<typeof soaking>;
  readonly open: number;
};

/** Asks the planner without acting on it; undefined before the first rollout. */
export function lookAt(fix: Fix, facts: Facts, now: Instant): Looked | undefined {
  const { rollout } = fix;
  const { plan } = facts;
  if (rollout === undefined || plan === undefined || plan.id !== rollout.plan) return undefined;
  const { observed, verdict } = look(fix, rollout, plan, facts, now);
  const step = next(plan, observed, verdict, now);
  const open = Math.min(plan.waves.length, (rollout.passed.at(-1)?.wave ?? 0) + 1);
  const soak = soaking(plan, observed, open);
  return { plan, observed, verdict, step, soak, open };
}
