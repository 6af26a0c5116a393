// Goal: what is said before a rollout is what comes of it, and can be asked twice.
import { describe, expect, test } from 'vitest';
import { MINUTE } from '../base/instant.ts';
import { paceOf, USUAL } from '../pace/pace.ts';
import {
  type Badness,
  boundOf,
  type Forecast,
  type ForecastInput,
  failuresNeeded,
  forecast,
} from './forecast.ts';
import { QUIET } from './laws.ts';
import { makeModelFleet } from './model-fleet.ts';
import { type FleetRow, modelFleetOf } from './model-fleet-of.ts';
import { keyOf, shuffled } from './random.ts';

const inputOf = (more: Partial<ForecastInput> & { readonly harmBudget?: number } = {}): ForecastInput => ({
  fleet: makeModelFleet({ seed: 1, planes: 300, managementClusters: 12 }),
  pace: paceOf({ ...USUAL, harmBudget: more.harmBudget ?? 25 }),
  laws: QUIET,
  bad: [{ p: 0.2, latencyMin: 10 }],
  seed: 1,
  runs: 4,
  convergeWithinMin: 30,
  ...more,
});

function said(input: ForecastInput): { readonly said: Forecast; readonly shares: readonly number[] } {
  const runs = forecast(input);
  const shares: number[] = [];
  for (;;) {
    const step = runs.next();
    if (step.done) return { said: step.value, shares };
    shares.push(step.value);
  }
}

describe('a forecast', () => {
  test('is the same for the same question, and tells how far it is', () => {
    const one = said(inputOf());
    expect(said(inputOf())).toEqual(one);
    expect(one.shares).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((n) => n / 8));
    expect(said(inputOf({ seed: 9 })).said).not.toEqual(one.said);
  });

  test('gives times for a good fix and harm for a bad one', () => {
    const { good, bad, ...rest } = said(inputOf()).said;
    expect(rest).toEqual({ planes: 300, burning: 0, budget: 25, runs: 4 });
    expect(good.t50Min).toBeLessThan(good.t95Min!);
    expect(good.t95Min).toBeLessThanOrEqual(good.t100Min!);
    expect(good.falseHaltShare).toBe(0);
    expect(bad[0]!.brokenMean).toBeGreaterThan(0);
    expect(bad[0]!.brokenHours).toBeGreaterThan(0);
    expect(bad[0]!.brokenP95).toBeGreaterThanOrEqual(bad[0]!.brokenMean);
  });

  test('is sooner with a larger budget, and promises less', () => {
    const bad = [{ p: 0.05, latencyMin: 30 }];
    const fleet = makeModelFleet({ seed: 1, planes: 1_500, managementClusters: 60 });
    const all = [6, 25, 100].map((harmBudget) => said(inputOf({ harmBudget, fleet, bad })).said);
    const times = all.map(({ good }) => good.t95Min!);
    const bounds = all.map(({ bad }) => bad[0]!.bound);
    const broken = all.map(({ bad }) => bad[0]!.brokenMean);
    expect(times).toEqual([...times].sort((a, b) => b - a));
    expect(bounds).toEqual([...bounds].sort((a, b) => a - b));
    expect(broken.at(-1)).toBeGreaterThan(broken[0]!);
  });

  test('does not change when control planes are renamed or listed in another order', () => {
    const row = (i: number): FleetRow => ({
      uid: `u${i}`,
      name: `n${i}`,
      managementCluster: `m${i % 17}`,
      region: `r${i % 3}`,
      platform: i % 2 ? 'aws' : 'azure',
      version: `4.${18 + (i % 4)}.${i}`,
      customer: `c${i % 50}`,
      burning: i % 40 === 0,
    });
    const rows = Array.from({ length: 240 }, (_, i) => row(i));
    const of = (rows: readonly FleetRow[]) => said(inputOf({ fleet: modelFleetOf(rows).fleet })).said;
    const plain = of(rows);
    expect(of([...shuffled(rows.length, keyOf(1, 2))].map((i) => rows[i]!))).toEqual(plain);
    expect(of(rows.map((r, i) => ({ ...r, uid: `zz${999 - i}`, name: 'same' })))).toEqual(plain);
  });
});

const CELLS: readonly Badness[] = [0.02, 0.05, 0.2, 1].flatMap((p) =>
  [1, 10, 30].map((latencyMin) => ({ p, latencyMin })),
);

test('the mean broken of 40 rollouts to 2,000 control planes is within the bound in each of 12 cells', () => {
  const fleet = makeModelFleet({ seed: 1, planes: 2_000, managementClusters: 75 });
  const { bad } = said(inputOf({ fleet, harmBudget: 100, bad: CELLS, runs: 40, goodRuns: 1 })).said;
  expect(bad).toHaveLength(12);
  for (const { p, latencyMin, brokenMean, bound } of bad)
    expect(brokenMean, `${p} after ${latencyMin} min`).toBeLessThanOrEqual(bound);
  // It is a bound of this budget, not of the fleet.
  expect(Math.max(...bad.map((cell) => cell.bound))).toBeLessThan(110);
});

describe('the bound', () => {
  const fleet = makeModelFleet({ seed: 1, planes: 40_000 });
  const bound = (
    p: number,
    latencyMin: number,
    more: Partial<ForecastInput> & { harmBudget?: number } = {},
  ) => boundOf({ ...inputOf({ fleet, runs: 100, ...more }) }, { p, latencyMin });

  test('is the failures that the test needs, and the budget', () => {
    expect(bound(1, 10, { harmBudget: 100 })).toBe(103);
    expect(bound(0.05, 10, { harmBudget: 100 })).toBe(106);
    // The one-box may be more than the budget.
    expect(bound(1, 10, { harmBudget: 3 })).toBe(15);
  });

  test('is all that can break where breaks show later than the law says', () => {
    expect(bound(1, 300)).toBe(40_000);
    expect(bound(0.1, 300)).toBe(Math.ceil(4_000 + 3 * Math.sqrt(36)));
  });

  test('is all that can break where the noise hides them', () => {
    expect(bound(0.0005, 10)).toBe(Math.ceil(20 + 3 * Math.sqrt(0.1999)));
  });

  test('never promises more than all of them, nor less for a worse fix seen as late', () => {
    for (const p of [0.001, 0.01, 0.1, 1]) expect(bound(p, 10)).toBeLessThanOrEqual(40_000);
    expect(bound(0.1, 30)).toBeGreaterThanOrEqual(bound(0.1, 10));
  });

  test('counts those that burn by their weight, since more of them may be out', () => {
    const burns = makeModelFleet({ seed: 1, planes: 40_000, burningShare: 0.1 });
    expect(bound(1, 10, { fleet: burns })).toBe(bound(1, 10) + 100);
  });
});

describe('the failures that the test needs', () => {
  const PACE = { alpha: 0.01, margin: 2 };
  const BACKGROUND = 0.002 * 0.75;

  test.each([
    [1, 2.7],
    [0.2, 3.5],
    [0.05, 5.3],
    [0.01, 15],
    [0.005, 40],
  ])('for a share of %d are about %d', (p, failures) => {
    expect(failuresNeeded(p * 0.9, BACKGROUND, PACE) / failures).toBeCloseTo(1, 0);
  });

  test('are endless where breaks are not more than is tolerated', () => {
    expect(failuresNeeded(BACKGROUND, BACKGROUND, PACE)).toBe(Number.POSITIVE_INFINITY);
  });

  test('are few where nothing is ever bad of itself', () => {
    expect(failuresNeeded(1, 0, PACE)).toBeLessThan(8);
  });
});

test('minutes of the law and of the model are the same minutes', () => {
  expect(USUAL.law.medianMs).toBe(30 * MINUTE);
});
