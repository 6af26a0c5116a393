import { HOUR, type Instant, MINUTE, plus } from '../src/core/base/instant.ts';
import type { Rollout, ToldTarget } from '../src/core/life/fix.ts';
import { rollingOf } from '../src/core/life/rolling.ts';
import { stepOf } from '../src/core/life/step-of.ts';
import { paceOf, USUAL } from '../src/core/pace/pace.ts';
import { next } from '../src/core/rollout/next.ts';
import type { Plan, Target } from '../src/core/rollout/plan.ts';
import { type Benches, type Measured, timesOf } from './bench.ts';

const AT = '2026-11-21T20:00:00.000Z';
const NOW = plus(AT, 2 * HOUR);
/** Control planes on a management cluster, customers, regions and strata: as in the fleets that pace is compared on. */
const PER_CLUSTER = 27;
const REGIONS = 30;
const STRATA = 12;
const PER_CUSTOMER = 4;

function planOf(count: number): Plan {
  const target = (index: number): Target => ({
    uid: `uid-${index}`,
    name: `cp-${index}`,
    managementCluster: `mc-${index % Math.ceil(count / PER_CLUSTER)}`,
    region: `region-${index % REGIONS}`,
    customer: `customer-${index % Math.ceil(count / PER_CUSTOMER)}`,
    stratum: `stratum ${index % STRATA}`,
    component: 'control-plane-operator',
    line: '4.19',
    digest: `sha256:${'a'.repeat(64)}`,
    from: `sha256:${'b'.repeat(64)}`,
    stage: 1,
  });
  return {
    id: 'P-00000000',
    hash: '0'.repeat(64),
    fix: 'FIX-1',
    policy: 'standard',
    at: AT,
    validUntil: plus(AT, 12 * HOUR),
    targets: Array.from({ length: count }, (_, index) => target(index)),
    controls: [],
    leftOut: [],
    stages: [{ name: 'all', size: count, soakMs: 0, approval: false }],
    pace: paceOf({ ...USUAL, harmBudget: 100 }),
    urgency: { burning: 0, hazardPerHour: 0, computedBudget: 100, because: 'measured' },
    limits: { unknownMax: 0, convergeWithinMs: 30 * MINUTE, silentAfterMs: 10 * MINUTE },
  };
}

/**
 * A rollout half way: most of the half have run the image for an hour, the last tenth of it for a quarter of an hour, a
 * few are on their way and three broke.
 */
function rolloutOf(plan: Plan): Rollout {
  const half = plan.targets.length / 2;
  const told = (index: number): ToldTarget => {
    const toldAt: Instant = index < half * 0.9 ? plus(AT, HOUR) : plus(AT, 105 * MINUTE);
    const at = { since: toldAt, toldAt, startedAt: toldAt, wave: index < half * 0.9 ? 1 : 2 };
    if (index < 3) return { ...at, state: 'rolled back', broke: true, brokeAt: toldAt, ranAt: toldAt };
    if (index > half - 5) return { ...at, state: 'starting', broke: false };
    return { ...at, state: 'patched', broke: false, ranAt: toldAt };
  };
  const targets = plan.targets.slice(0, half).map(({ uid }, index) => [uid, told(index)] as const);
  return {
    plan: plan.id,
    startedAt: AT,
    startedBy: 'fleetfix',
    halts: 0,
    haltedStrata: [],
    passed: [],
    opened: [{ stage: 1, at: AT }],
    advanced: [],
    waves: 2,
    targets: Object.fromEntries(targets),
    others: {},
    burners: {},
    struck: {},
    late: [],
    episodes: { treated: [], control: [] },
  };
}

/** The same half way, as the planner sees it, and as the hub asks: from plan and ledger, with reasons in words. */
function halfWay(count: number) {
  const plan = planOf(count);
  const rollout = rolloutOf(plan);
  const rolling = rollingOf(plan, rollout);
  const nowMs = Date.parse(NOW);
  // A step that starts nothing would be quick for the wrong reason.
  const { start, counts } = next(rolling, nowMs);
  if (start.length === 0) throw new Error(`the step over ${count} starts nothing: room ${counts.room}`);
  return { step: () => next(rolling, nowMs), whole: () => stepOf(plan, rollout, NOW) };
}

const TIMES = 50;
const many = (count: number): string => count.toLocaleString('en');

export const benches: Benches = {
  async run() {
    const measured: Measured[] = [];
    const medians: number[] = [];
    for (const count of [1_000, 10_000, 100_000]) {
      const { step, whole } = halfWay(count);
      const samples = timesOf(step, TIMES);
      medians.push(samples.toSorted((a, b) => a - b)[TIMES / 2]!);
      const what = `one planner step over ${many(count)} targets, half way`;
      measured.push({ what, unit: 'ms', promised: { atMost: 100 }, samples });
      const said = `the same from plan and ledger, in words, over ${many(count)} targets`;
      measured.push({ what: said, unit: 'ms', samples: timesOf(whole, TIMES / 5) });
    }
    const [, ten, hundred] = medians;
    measured.push({
      what: 'one planner step, time a target at 10,000 against 100,000',
      unit: 'times',
      samples: Array(5).fill((ten! * 10) / hundred!),
    });
    return measured;
  },
};
