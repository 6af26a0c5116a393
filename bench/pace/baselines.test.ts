import { describe, expect, test } from 'vitest';
import { breaking, type Laws, NOISY, QUIET } from '../../src/core/forecast/laws.ts';
import { type ModelFleet, makeModelFleet } from '../../src/core/forecast/model-fleet.ts';
import type { PacingRule } from '../../src/core/forecast/pacing-rule.ts';
import { simulate } from '../../src/core/forecast/simulate.ts';
import { plainFleet } from '../../src/core/forecast/testing.ts';
import { aro, aroController } from './aro-controller.ts';
import { awsWaves } from './aws-waves.ts';
import { overrideAtOnce, overrideBySector } from './hypershift-override.ts';
import { kubefleet, stagedRun } from './kubefleet-staged-run.ts';
import { ocmDefault, ocmTuned, progressive } from './ocm-progressive.ts';
import { BASELINES } from './policies.ts';
import { rings } from './rings.ts';

/** Every apply takes 6 minutes, as many at once as are told, nothing is bad of itself and nobody watches. */
const STILL: Laws = {
  ...QUIET,
  apply: { ...QUIET.apply, sigma: 0, atOncePerManagementCluster: 1_000_000 },
  noise: { ...QUIET.noise, episodesPerHour: 0 },
  people: { brokenSeen: Number.POSITIVE_INFINITY, haltAfterMin: 0 },
};
const exactly = (share: number, latencyMin: number): Laws => breaking(STILL, share, latencyMin, 0);
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, k) => from + k);
const fleet = makeModelFleet({ seed: 2, planes: 2_000, managementClusters: 100 });

/** Whom a rule told in which minute, and what came of it. */
function watch(rule: PacingRule, on: ModelFleet, laws: Laws, untilMin = 6_000) {
  const toldAt = new Map<number, readonly number[]>();
  const watched: PacingRule = {
    ...rule,
    step(view, minute) {
      const step = rule.step(view, minute);
      if (step.start.length > 0) toldAt.set(minute, step.start);
      return step;
    },
  };
  const outcome = simulate({ fleet: on, laws, rule: watched, seed: 1, untilMin });
  return { outcome, told: (minute: number) => toldAt.get(minute) ?? [], minutes: [...toldAt.keys()] };
}

test.each(
  BASELINES.filter((policy) => policy !== ocmDefault).map((policy) => [policy.name, policy] as const),
)('%s brings a good fix to everybody when nothing is bad', (_name, policy) => {
  const { outcome } = watch(policy.make(fleet, 1), fleet, STILL);
  expect(outcome).toMatchObject({ started: 2_000, broken: 0 });
  expect(outcome.t100Min).toBeGreaterThan(0);
  expect(outcome.haltedBy).toBeUndefined();
});

describe('OCM Progressive', () => {
  const ten = plainFleet(10);
  const byName = numbers(0, 10);

  test('with maxConcurrency unset starts everybody at once', () => {
    const { told } = watch(progressive(ten, { byName }), ten, STILL);
    expect(told(0)).toHaveLength(10);
  });

  test('after its mandatory groups, of its own example, too', () => {
    const rule = progressive(ten, { byName, mandatoryGroups: [[0], [1]], minSuccessTimeMin: 5 });
    const { told, minutes } = watch(rule, ten, STILL);
    expect([minutes, told(0), told(11)]).toEqual([[0, 11, 22], [0], [1]]);
    expect(told(22)).toHaveLength(8);
  });

  test('goes by name, so that one that breaks late in the list comes when most are done', () => {
    const last = { ...ten, stratum: new Int32Array(10).fill(1, 9), strata: 2 };
    const laws = { ...exactly(0, 1), fix: { breaks: { share: 0, latencyMin: 1, sigma: 0, stratum: 1 } } };
    const late = progressive(last, { byName, maxConcurrency: 1, minSuccessTimeMin: 5 });
    expect(watch(late, last, laws).outcome).toMatchObject({ haltedBy: 'rule', started: 10 });
    const early = progressive(last, {
      byName: [...byName].reverse(),
      maxConcurrency: 1,
      minSuccessTimeMin: 5,
    });
    expect(watch(early, last, laws).outcome).toMatchObject({ haltedBy: 'rule', started: 1 });
  });

  test('holds a slot until the soak is over', () => {
    const { minutes } = watch(
      progressive(ten, { byName, maxConcurrency: 5, minSuccessTimeMin: 5 }),
      ten,
      STILL,
    );
    expect(minutes).toEqual([0, 11]);
  });

  test('does not see what breaks after the soak: success is final', () => {
    const rule = (minSuccessTimeMin: number) =>
      progressive(ten, { byName, maxConcurrency: 5, minSuccessTimeMin });
    expect(watch(rule(5), ten, exactly(1, 10)).outcome).toMatchObject({ broken: 10, started: 10 });
    expect(watch(rule(5), ten, exactly(1, 10)).outcome.haltedBy).toBeUndefined();
    expect(watch(rule(11), ten, exactly(1, 10)).outcome).toMatchObject({
      broken: 5,
      haltedBy: 'rule',
      haltedAtMin: 16,
    });
  });

  test('tolerates as many as maxFailures, and none when it is unset', () => {
    const laws = exactly(1, 1);
    const rule = (maxFailures?: number) =>
      progressive(ten, {
        byName,
        maxConcurrency: 2,
        minSuccessTimeMin: 5,
        ...(maxFailures && { maxFailures }),
      });
    expect(watch(rule(), ten, laws, 600).outcome).toMatchObject({ haltedBy: 'rule', started: 2 });
    const stalls = watch(rule(2), ten, laws, 600).outcome;
    expect(stalls.haltedBy).toBeUndefined();
    expect(stalls.started).toBe(2);
  });

  test('lets those that time out free their slots, and counts them as failed', () => {
    const laws = { ...STILL, apply: { ...STILL.apply, failShare: 1, deadlineMin: 1_000 } };
    const rule = progressive(ten, { byName, maxConcurrency: 2, maxFailures: 4, progressDeadlineMin: 10 });
    expect(watch(rule, ten, laws).outcome).toMatchObject({ haltedBy: 'rule', haltedAtMin: 30, started: 6 });
  });

  test('with maxFailures left out halts a good fix in a large fleet', () => {
    const large = makeModelFleet({ seed: 1 });
    const { outcome } = watch(ocmDefault.make(large, 1), large, QUIET);
    expect(outcome).toMatchObject({ haltedBy: 'rule', broken: 0 });
  });

  test('breaks its canary of 1 % with a fix that breaks all', () => {
    expect(watch(ocmTuned.make(fleet, 1), fleet, exactly(1, 4)).outcome).toMatchObject({
      broken: 20,
      started: 20,
    });
  });
});

describe('a kubefleet staged run', () => {
  const ten = plainFleet(10);

  test('updates one cluster at a time when no concurrency is given', () => {
    const { minutes } = watch(stagedRun(ten, { stages: [numbers(0, 10)], waitMin: 0 }), ten, STILL);
    expect(minutes).toHaveLength(10);
  });

  test('rounds its concurrency down, but to one at least', () => {
    const rule = (share: number) =>
      stagedRun(ten, { stages: [numbers(0, 10)], maxConcurrencyShare: share, waitMin: 0 });
    expect(watch(rule(0.29), ten, STILL).told(0)).toHaveLength(2);
    expect(watch(rule(0.01), ten, STILL).told(0)).toHaveLength(1);
  });

  test('never stops by itself for clusters that broke after they had succeeded', () => {
    const rule = stagedRun(ten, { stages: [numbers(0, 10)], maxConcurrencyShare: 0.5, waitMin: 60 });
    const { outcome } = watch(rule, ten, exactly(1, 10));
    expect(outcome.broken).toBe(10);
    expect(outcome.haltedBy).toBeUndefined();
  });

  test('goes no further while those it updates are not available, and a person ends it', () => {
    const rule = stagedRun(ten, { stages: [numbers(0, 10)], maxConcurrencyShare: 0.5, waitMin: 60 });
    expect(watch(rule, ten, exactly(1, 1)).outcome).toMatchObject({ broken: 5, started: 5, haltedAtMin: 60 });
  });

  test('is refused between stages by a person who sees three broken', () => {
    const { outcome } = watch(kubefleet.make(fleet, 1), fleet, exactly(1, 10));
    expect(outcome).toMatchObject({ haltedBy: 'rule', started: 20 });
  });
});

describe('the override of the operator', () => {
  test('reaches everybody at once', () => {
    const { outcome, told } = watch(overrideAtOnce.make(fleet, 1), fleet, exactly(1, 10));
    expect(told(0)).toHaveLength(2_000);
    expect(outcome.broken).toBe(2_000);
  });

  test('by sectors takes two days, and a person refuses the second when three are broken', () => {
    const good = watch(overrideBySector.make(fleet, 1), fleet, STILL);
    expect(good.minutes).toEqual([0, 1_446, 2_892]);
    const clusters = new Set(good.told(0).map((index) => fleet.managementCluster[index]));
    expect(clusters.size).toBe(1);
    const { outcome } = watch(overrideBySector.make(fleet, 1), fleet, exactly(1, 10));
    expect(outcome).toMatchObject({ haltedBy: 'rule', started: good.told(0).length, haltedAtMin: 1_446 });
  });
});

describe('rings', () => {
  test('have 1, 5, 20, 50 and 100 % and soak an hour each', () => {
    const { minutes, told } = watch(rings.make(fleet, 1), fleet, STILL);
    expect(minutes).toEqual([0, 66, 132, 198, 264]);
    expect(minutes.map((minute) => told(minute).length)).toEqual([20, 80, 300, 600, 1_000]);
  });

  test('halt when a hundredth of a ring and three are bad, and go back ten minutes later', () => {
    const { outcome } = watch(rings.make(fleet, 1), fleet, exactly(1, 10));
    expect(outcome).toMatchObject({
      haltedBy: 'rule',
      haltedAtMin: 16,
      broken: 20,
      brokenHours: (20 * 26) / 60,
    });
  });
});

describe('waves of regions', () => {
  test('begin with a tenth of one region, and wait an hour, twelve hours, three hours', () => {
    const { minutes, told, outcome } = watch(awsWaves.make(fleet, 1), fleet, STILL);
    const first = told(0);
    expect(new Set(first.map((index) => fleet.region[index])).size).toBe(1);
    const size = fleet.region.filter((region) => region === fleet.region[first[0]!]).length;
    expect(first).toHaveLength(Math.ceil(size / 10));
    expect(minutes[1]).toBe(66);
    expect(told(66)).toHaveLength(Math.floor(0.33 * size));
    expect(outcome.t100Min).toBeGreaterThan(12 * 60 + 4 * 3 * 60 + 6 * 60);
  });

  test('take everything back at once when three are bad in a region', () => {
    const { outcome, told } = watch(awsWaves.make(fleet, 1), fleet, exactly(1, 10));
    expect(outcome).toMatchObject({ haltedBy: 'rule', haltedAtMin: 16, started: told(0).length });
  });

  test('halt a good fix in ten times the noise', () => {
    const large = makeModelFleet({ seed: 1, planes: 10_000 });
    expect(watch(awsWaves.make(large, 1), large, NOISY).outcome.haltedBy).toBe('rule');
  });
});

describe("ARO's controller", () => {
  const base = { canaryShare: 0.06, rollingShare: 0.12, minVersionReadyMin: 60, maxUpgradeMin: 120 };
  const order = numbers(0, 100);
  const hundred = plainFleet(100);

  test('tells 6 % and two more, and after an hour keeps 12 % on their way', () => {
    const { minutes, told } = watch(
      aroController(hundred, { ...base, seesHealth: true, order }),
      hundred,
      STILL,
    );
    expect(told(0)).toHaveLength(8);
    expect(minutes[1]).toBe(67);
    expect(told(67)).toHaveLength(12);
  });

  test('stops when more than two and 5 % of those told are not there after two hours', () => {
    const laws = { ...STILL, apply: { ...STILL.apply, failShare: 1 } };
    const { outcome } = watch(aroController(hundred, { ...base, seesHealth: true, order }), hundred, laws);
    expect(outcome).toMatchObject({ haltedBy: 'rule', haltedAtMin: 121, started: 8 });
  });

  test('is ended by a person when its gate stays shut over a few broken ones within the budget', () => {
    const four = { ...plainFleet(2_000), stratum: new Int32Array(2_000).fill(1, 0, 4), strata: 2 };
    const laws: Laws = { ...STILL, fix: { breaks: { share: 0, latencyMin: 10, sigma: 0, stratum: 1 } } };
    const rule = aroController(four, { ...base, seesHealth: true, order: numbers(0, 2_000) });
    const { outcome } = watch(rule, four, laws);
    expect(outcome).toMatchObject({ haltedBy: 'rule', haltedAtMin: 180, started: 122, broken: 4 });
  });

  test('as it is looks at versions only, and brings what breaks all to everybody', () => {
    const laws = exactly(1, 10);
    const blind = watch(aroController(hundred, { ...base, seesHealth: false, order }), hundred, laws).outcome;
    expect(blind).toMatchObject({ broken: 100 });
    expect(blind.haltedBy).toBeUndefined();
    const sees = watch(aroController(hundred, { ...base, seesHealth: true, order }), hundred, laws).outcome;
    expect(sees).toMatchObject({ broken: 8, haltedBy: 'rule', haltedAtMin: 121 });
    expect(aro.name).toContain('6%');
  });
});
