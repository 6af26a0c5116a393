import { epochMs, type Instant, MINUTE, type Ms, msBetween, plus } from '../base/instant.ts';
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
 * When the plan would end if every wave took its time and nothing failed: for each wave the fullest
 * management cluster's batches, then the soak. A rough figure, not a forecast of risk.
 */
export function endsAbout(input: {
  readonly plan: Plan;
  readonly from: Instant;
  /** Waves that have passed already. */
  readonly passed: readonly number[];
  readonly targetMs: Ms;
  /** The soak of the open wave, when it has begun. */
  readonly soakEndsAt?: Instant;
}): Instant {
  const { plan, passed, targetMs } = input;
  const open = plan.waves.findIndex((_, i) => !passed.includes(i + 1)) + 1;
  if (open === 0) return input.from;
  const first = input.soakEndsAt
    ? Math.max(0, epochMs(input.soakEndsAt) - epochMs(input.from))
    : waveMs(plan, open, targetMs);
  const rest = plan.waves.slice(open).reduce((sum, _, i) => sum + waveMs(plan, open + i + 1, targetMs), 0);
  return plus(input.from, first + rest);
}

function waveMs(plan: Plan, wave: number, targetMs: Ms): Ms {
  const perCluster = new Map<string, number>();
  for (const t of plan.targets) {
    if (t.wave === wave) perCluster.set(t.managementCluster, (perCluster.get(t.managementCluster) ?? 0) + 1);
  }
  const fullest = Math.max(0, ...perCluster.values());
  const batches = Math.ceil(fullest / limitOf(plan.limits.inFlightPerManagementCluster, 1));
  return batches * targetMs + plan.waves[wave - 1]!.soakMs;
}
