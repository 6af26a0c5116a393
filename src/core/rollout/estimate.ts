import { type Instant, MINUTE, type Ms, msBetween, plus } from '../base/instant.ts';
import { limitOf } from '../base/limit.ts';
import type { Told } from './observe.ts';
import type { Plan } from './plan.ts';

/** What one control plane is assumed to need before any of the fix was measured. */
export const ASSUMED_TARGET_MS: Ms = 4 * MINUTE;

/** The median time from told to patched over the targets so far; undefined before the first. */
export function medianTargetMs(told: readonly Told[]): Ms | undefined {
  const times = told
    .filter((t) => t.state === 'patched')
    .map((t) => msBetween(t.toldAt, t.since))
    .sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)];
}

/**
 * When the plan would end if nothing failed: the one-box, then growth by what the evidence allows, and never
 * faster than the fullest management cluster can go; then the stages' soaks. The closed form of pacing, good to
 * about a fifth; a forecast runs the planner itself.
 */
export function endsAbout(input: {
  readonly plan: Plan;
  readonly from: Instant;
  /** How many are started already. */
  readonly told: number;
  /** Whether the one-box is still awaited. */
  readonly oneBox: boolean;
  readonly targetMs: Ms;
}): Instant {
  const { plan, told, targetMs } = input;
  const left = plan.targets.length - told;
  const { harmBudget, law } = plan.pace;
  const first = input.oneBox && plan.targets.length > plan.pace.oneBox ? targetMs + law.medianMs : 0;
  const growths = Math.max(0, Math.log(plan.targets.length / Math.max(harmBudget, told, 1)));
  const evidence = left <= 0 ? 0 : (1.5 * law.medianMs * growths) / Math.log1p(harmBudget / EVIDENCE);
  const share = left / Math.max(1, plan.targets.length);
  const batches = Math.ceil((fullest(plan) * share) / limitOf(plan.pace.inFlightPerManagementCluster, 1));
  const soaks = left <= 0 ? 0 : plan.stages.slice(0, -1).reduce((sum, s) => sum + s.soakMs, 0);
  return plus(input.from, first + Math.max(evidence, batches * targetMs) + targetMs + soaks);
}

/** ln 20 + ln(n + 1), about: what the bound on the failure rate costs in evidence. */
const EVIDENCE = 10;

function fullest(plan: Plan): number {
  const perCluster = new Map<string, number>();
  for (const t of plan.targets)
    perCluster.set(t.managementCluster, (perCluster.get(t.managementCluster) ?? 0) + 1);
  return Math.max(0, ...perCluster.values());
}
