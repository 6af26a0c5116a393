// Goal: the planner in the model keeps what the mathematics promise, for one rollout after another.
import { describe, expect, test } from 'vitest';
import { type Pace, paceOf, USUAL } from '../pace/pace.ts';
import { evidencePaced, fieldOfModel } from './evidence-paced.ts';
import { breaking, breakingStratum, type Laws, NOISY, QUIET } from './laws.ts';
import { type ModelFleet, makeModelFleet } from './model-fleet.ts';
import type { Outcome } from './outcome.ts';
import { STATE } from './pacing-rule.ts';
import { simulate } from './simulate.ts';
import { plainFleet, watched } from './testing.ts';

const play = (fleet: ModelFleet, laws: Laws, seed: number, pace: Partial<Pace> = {}): Outcome =>
  simulate({ fleet, laws, rule: ruleOf(fleet, seed, pace), seed, untilMin: 6_000 });

const ruleOf = (fleet: ModelFleet, seed: number, pace: Partial<Pace> = {}) =>
  evidencePaced({
    fleet,
    pace: paceOf({ ...USUAL, harmBudget: 100, ...pace }),
    seed,
    convergeWithinMin: 30,
  });

const over = (seeds: number, played: (seed: number) => Outcome): Outcome[] =>
  Array.from({ length: seeds }, (_, i) => played(i + 1));
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const small = makeModelFleet({ seed: 1, planes: 100, managementClusters: 10, regions: 2 });

describe('a good fix', () => {
  test.each([
    ['a quiet day', QUIET],
    ['ten times the noise', NOISY],
  ])('on %s is halted in at most 10 of 1,000 rollouts over 100 control planes', (_day, laws) => {
    const outcomes = over(1_000, (seed) => play(small, laws, seed));
    const halted = outcomes.filter((o) => o.haltedBy !== undefined).length;
    expect(halted).toBeLessThanOrEqual(10);
    // One that never comes is not halted either.
    expect(outcomes.filter((o) => o.t95Min !== undefined).length).toBeGreaterThanOrEqual(985);
  });

  test('is the same whenever it is played with the same seed, and another with another', () => {
    expect(play(small, NOISY, 3)).toEqual(play(small, NOISY, 3));
    expect(play(small, NOISY, 4)).not.toEqual(play(small, NOISY, 3));
  });

  test('comes sooner with a larger budget', () => {
    const fleet = makeModelFleet({ seed: 1, planes: 1_500, managementClusters: 60 });
    const at = [3, 12, 100].map((harmBudget) => play(fleet, QUIET, 1, { harmBudget }).t95Min!);
    expect(at).toEqual([...at].sort((a, b) => b - a));
    expect(at[2]).toBeLessThan(at[0]! / 2);
  });

  test('puts out what burns first', () => {
    const fleet = makeModelFleet({ seed: 1, planes: 600, managementClusters: 100, burningShare: 0.05 });
    const outcome = play(fleet, QUIET, 2);
    expect(outcome.t100Min).toBeGreaterThan(60);
    expect(outcome.burnHours).toBeLessThan((30 * 15) / 60);
  });
});

describe('a fix that breaks everything', () => {
  test('breaks the one-box and nothing else, whatever the size of the fleet', () => {
    for (const planes of [300, 3_000]) {
      const fleet = makeModelFleet({ seed: 1, planes, managementClusters: planes / 10 });
      for (const latencyMin of [1, 10, 30]) {
        const { broken, haltedBy } = play(fleet, breaking(QUIET, 1, latencyMin), 1);
        expect(haltedBy).toBe('rule');
        expect(broken).toBeLessThanOrEqual(12);
      }
    }
  });

  test('in one stratum stops only there: the rest of the fleet gets it', () => {
    const fleet = makeModelFleet({ seed: 1, planes: 1_000, managementClusters: 100 });
    const sizes = new Array<number>(fleet.strata).fill(0);
    for (const stratum of fleet.stratum) sizes[stratum]! += 1;
    const stratum = sizes.indexOf(Math.max(...sizes));
    let running: readonly boolean[] = [];
    const rule = watched(ruleOf(fleet, 5), ({ state }) => {
      running = [...state].map((is) => is === STATE.running);
    });
    const laws = breakingStratum(QUIET, stratum, 10);
    const { haltedBy, broken } = simulate({ fleet, laws, rule, seed: 5, untilMin: 6_000 });
    expect(haltedBy).toBeUndefined();
    expect(broken).toBeLessThan(0.2 * sizes[stratum]!);
    const [inside, outside] = [true, false].map((within) =>
      running.filter((_, i) => (fleet.stratum[i] === stratum) === within),
    );
    expect(inside!.some(Boolean)).toBe(false);
    expect(mean(outside!.map(Number))).toBeGreaterThan(0.95);
  });

  test('late breaks more when the law is believed to be faster than it is', () => {
    const fleet = makeModelFleet({ seed: 1, planes: 2_000, managementClusters: 80 });
    const laws = breaking(QUIET, 1, 60);
    const honest = play(fleet, laws, 1, { harmBudget: 25 });
    const hasty = play(fleet, laws, 1, { harmBudget: 25, law: { medianMs: 120_000, sigma: 0.5 } });
    expect(hasty.broken).toBeGreaterThan(2 * honest.broken);
  });
});

test('one that does not come to run the image in time is taken back, and is no success', () => {
  const laws: Laws = { ...QUIET, apply: { ...QUIET.apply, failShare: 0.5 } };
  const fleet = makeModelFleet({ seed: 1, planes: 300, managementClusters: 100 });
  const outcome = play(fleet, laws, 1);
  expect(outcome.haltedBy).toBe('rule');
  expect(outcome.started).toBeLessThan(60);
});

test('the field of a model fleet has every control plane as a target', () => {
  const field = fieldOfModel(plainFleet(7));
  expect([field.targets, field.size, field.sets.region.sizes[0]]).toEqual([7, 7, 7]);
});
