import { MINUTE, plus } from '../src/core/base/instant.ts';
import { next } from '../src/core/rollout/next.ts';
import type { Observed } from '../src/core/rollout/observed.ts';
import type { Plan, Target } from '../src/core/rollout/plan.ts';
import { type Bench, timesOf } from './bench.ts';

const TARGETS = 100_000;
const MANAGEMENT_CLUSTERS = 1_500;
const AT = '2026-11-21T20:00:00.000Z';
const WAVES = [100, 9_900, 30_000, 60_000];

function planOf(): Plan {
  const ends = WAVES.map((_, wave) => WAVES.slice(0, wave + 1).reduce((sum, size) => sum + size, 0));
  const waveOf = (index: number): number => ends.findIndex((end) => index < end) + 1;
  const target = (index: number): Target => ({
    uid: `uid-${index}`,
    name: `cp-${index}`,
    managementCluster: `mc-${index % MANAGEMENT_CLUSTERS}`,
    component: 'control-plane-operator',
    line: '4.19',
    digest: `sha256:${'a'.repeat(64)}`,
    from: `sha256:${'b'.repeat(64)}`,
    wave: waveOf(index),
  });
  return {
    id: 'P-00000000',
    hash: '0'.repeat(64),
    fix: 'FIX-1',
    policy: 'standard',
    at: AT,
    validUntil: plus(AT, 60 * MINUTE),
    targets: Array.from({ length: TARGETS }, (_, index) => target(index)),
    leftOut: [],
    waves: WAVES.map((size) => ({ size, soakMs: 10 * MINUTE })),
    limits: {
      inFlightPerManagementCluster: 4,
      failedPerWaveMax: 1,
      failedPerManagementClusterMax: 2,
      unknownMax: 5,
      convergeWithinMs: 20 * MINUTE,
      silentAfterMs: 10 * MINUTE,
    },
  };
}

/** In the middle of the third wave: two have passed, half of it is patched, the rest waits. */
function observedOf(plan: Plan): Observed {
  const patched = (index: number) => index < 25_000;
  return {
    targets: plan.targets.map(({ uid }, index) => ({
      uid,
      state: patched(index) ? 'patched' : 'waiting',
      since: plus(AT, patched(index) ? 30 * MINUTE : 0),
      broke: false,
    })),
    advanced: [],
    passed: [
      { wave: 1, at: plus(AT, 15 * MINUTE) },
      { wave: 2, at: plus(AT, 28 * MINUTE) },
    ],
  };
}

export const bench: Bench = {
  what: 'one planner step over 100,000 targets on 1,500 management clusters',
  unit: 'ms',
  promised: { atMost: 100 },
  async run() {
    const plan = planOf();
    const observed = observedOf(plan);
    const now = plus(AT, 40 * MINUTE);
    const step = next(plan, observed, { kind: 'not worse', because: 'measured' }, now);
    // A step that starts nothing would be quick for the wrong reason.
    if (step.start.length === 0) throw new Error(`the step starts nothing: ${step.because}`);
    return timesOf(() => next(plan, observed, { kind: 'not worse', because: 'measured' }, now), 50);
  },
};
