import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { MINUTE } from '../base/instant.ts';
import { cohortsOf } from '../health/cohorts.ts';
import { BACK, FAILED, fieldOf, GOING_BACK, RUNNING, WAITING } from '../health/field.ts';
import { USUAL } from '../pace/pace.ts';
import { tally, tallySmall } from '../pace/tally.ts';
import { NOW_MS } from '../pace/testing.ts';
import type { Rolling } from '../rollout/next.ts';
import { createPacer, NEWS } from '../rollout/pacer.ts';
import { evidencePaced } from './evidence-paced.ts';
import { breaking, breakingStratum, type Laws, NOISY, QUIET, STORMY } from './laws.ts';
import { makeModelFleet } from './model-fleet.ts';
import { simulate } from './simulate.ts';

/** Called with what the planner is asked, at every tick. */
const asked = vi.hoisted(() => ({ look: (_it: Rolling, _nowMs: number): void => undefined }));

vi.mock('../rollout/next.ts', async (original) => {
  const real = await original<typeof import('../rollout/next.ts')>();
  const next: typeof real.next = (it, nowMs) => {
    asked.look(it, nowMs);
    return real.next(it, nowMs);
  };
  return { ...real, next };
});

afterEach(() => {
  asked.look = () => undefined;
});

/** The counts that are kept against those of a look at every control plane. */
function compare(it: Rolling, nowMs: number): void {
  const { field, sight, credit, guards, pace } = it;
  const live = it.live!;
  const kept = live.tally(nowMs);
  const counted = { field, sight, credit, guards, burningWeight: pace.burningWeight, nowMs };
  const looked = tally(counted);
  for (const kind of guards.small)
    for (let set = kind.first; set < kind.first + kind.starts.length - 1; set += 1) {
      tallySmall(counted, kept, kind, set);
      tallySmall(counted, looked, kind, set);
    }
  same(kept, looked);
  const of = field.sets.stratum.of;
  const isHalted = (i: number): boolean => it.haltedStrata.includes(of[i]!);
  const judged = { ...sight, state: sight.state.map((s, i) => (s === RUNNING && isHalted(i) ? BACK : s)) };
  same(live.cohorts(nowMs, it.haltedStrata), cohortsOf(field, judged, pace.windowMs, nowMs));
  const { state } = sight;
  const all = Array.from({ length: field.targets }, (_, i) => i);
  const returning = all.filter(
    (i) => state[i] === FAILED || state[i] === GOING_BACK || sight.wanted[i] === 1,
  );
  expect(live.returning()).toEqual(returning);
  const mayWait = new Set(live.mayWait());
  expect([...mayWait]).toEqual([...mayWait].sort((a, b) => a - b));
  expect(all.filter((i) => state[i] === WAITING && !mayWait.has(i))).toEqual([]);
}

/** Sums in another order differ in the last of their digits, counts do not. */
function same<T extends object>(kept: T, looked: T): void {
  expect(Object.keys(kept).sort()).toEqual(Object.keys(looked).sort());
  for (const [name, value] of Object.entries(looked)) {
    const mine = kept[name as keyof T] as number | Float64Array;
    const pairs =
      typeof value === 'number'
        ? [[mine, value]]
        : Array.from(value, (v, i) => [(mine as Float64Array)[i], v]);
    const far = pairs.filter(([a, b]) => !(Math.abs((a as number) - (b as number)) <= 1e-9));
    expect(far, name).toEqual([]);
  }
}

/** Nobody halts all of it, so one stratum is halted and the others go on. */
const STRATUM: Laws = {
  ...breakingStratum(QUIET, 1, 10),
  people: { brokenSeen: Number.POSITIVE_INFINITY, haltAfterMin: 0 },
};
const DAYS: readonly Laws[] = [
  { ...NOISY, apply: { ...NOISY.apply, failShare: 0.02 } },
  breaking(STORMY, 0.05, 30),
  STRATUM,
];

describe('the counts that a rollout keeps', () => {
  test('are those of a look at every control plane, after every tick', () => {
    const rollout = fc.record({
      seed: fc.integer({ min: 1, max: 1e6 }),
      planes: fc.integer({ min: 30, max: 500 }),
      regions: fc.integer({ min: 1, max: 3 }),
      burningShare: fc.constantFrom(0, 0.1, 0.6),
      laws: fc.constantFrom(...DAYS),
      harmBudget: fc.constantFrom(2, 25, 400),
      maxPerHour: fc.constantFrom(undefined, 40),
    });
    let ticks = 0;
    let large = 0;
    let halted = 0;
    fc.assert(
      fc.property(rollout, ({ seed, planes, regions, burningShare, laws, harmBudget, maxPerHour }) => {
        asked.look = (it, nowMs) => {
          ticks += 1;
          large += it.guards.large.length;
          halted += it.haltedStrata.length;
          compare(it, nowMs);
        };
        const fleet = makeModelFleet({
          seed,
          planes,
          managementClusters: 12,
          regions,
          burningShare,
          minorShares: [1],
        });
        const pace = { ...USUAL, harmBudget, ...(maxPerHour && { maxPerHour }) };
        simulate({
          fleet,
          laws,
          rule: evidencePaced({ fleet, pace, seed, convergeWithinMin: 30 }),
          seed,
          untilMin: 400,
        });
      }),
      {
        seed: 4,
        numRuns: 6,
        examples: [
          [
            {
              seed: 3,
              planes: 500,
              regions: 2,
              burningShare: 0,
              laws: STRATUM,
              harmBudget: 25,
              maxPerHour: undefined,
            },
          ],
        ],
      },
    );
    expect(ticks).toBeGreaterThan(500);
    expect(large).toBeGreaterThan(0);
    expect(halted).toBeGreaterThan(0);
  });

  test('are those of a look at every control plane, whatever is seen of them', () => {
    const members = Array.from({ length: 40 }, (_, i) => ({
      stratum: `s${i % 2}`,
      region: `r${i % 3}`,
      managementCluster: `m${i % 7}`,
      customer: `c${i}`,
      weight: 1 + (i % 2),
      rate: 0.001 * (1 + (i % 5)),
    }));
    const field = fieldOf(members.slice(0, 30), members.slice(30));
    const seen = fc.record({
      i: fc.nat({ max: field.targets - 1 }),
      news: fc.constantFrom(...NEWS),
      wanted: fc.boolean(),
      afterMin: fc.constantFrom(0, 1, 7, 50),
    });
    let looks = 0;
    asked.look = (it, nowMs) => {
      looks += 1;
      compare(it, nowMs);
    };
    fc.assert(
      fc.property(fc.array(seen, { minLength: 40, maxLength: 120 }), fc.boolean(), (all, burns) => {
        const pacer = createPacer({
          field,
          pace: { ...USUAL, harmBudget: 100, oneBox: 2 },
          ...(burns && { burning: Uint8Array.from(members, (_, i) => (i % 4 === 0 ? 1 : 0)) }),
          beganMs: NOW_MS,
          convergeWithinMs: 30 * MINUTE,
        });
        let nowMs = NOW_MS;
        for (const { i, news, wanted, afterMin } of all) {
          if (wanted) pacer.sight.wanted[i] = 1;
          pacer.see(i, news, nowMs);
          nowMs += afterMin * MINUTE;
          pacer.step(nowMs);
        }
      }),
      { seed: 4, numRuns: 30 },
    );
    expect(looks).toBeGreaterThan(1_000);
  });
});
