import { describe, expect, test } from 'vitest';
import { overRuns, spreadOf } from './outcome.ts';
import { drawOf, drawsOf, keyOf, lognormalAt, lognormalTable, normalAt, shuffled } from './random.ts';

const KEY = keyOf(3, 1);
const many = Float64Array.from({ length: 100_000 }, (_, i) => drawOf(KEY, i));

describe('draws', () => {
  test('are even over 0 to 1 and never either', () => {
    const tenths = new Array<number>(10).fill(0);
    for (const draw of many) tenths[Math.floor(10 * draw)]! += 1;
    // χ² of 9 degrees of freedom: above 33.7 once in 10,000.
    const chi2 = tenths.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chi2).toBeLessThan(33.7);
    expect(many.every((draw) => draw > 0 && draw < 1)).toBe(true);
  });

  test('of neighbours, of purposes and of seeds have nothing to do with each other', () => {
    const correlation = (a: (i: number) => number, b: (i: number) => number) => {
      let sum = 0;
      for (let i = 0; i < 100_000; i += 1) sum += (a(i) - 0.5) * (b(i) - 0.5);
      return (12 * sum) / 100_000;
    };
    const of = (seed: number, purpose: number) => (i: number) => drawOf(keyOf(seed, purpose), i);
    const limit = 4 / Math.sqrt(100_000);
    expect(Math.abs(correlation(of(3, 1), (i) => of(3, 1)(i + 1)))).toBeLessThan(limit);
    expect(Math.abs(correlation(of(3, 1), of(3, 2)))).toBeLessThan(limit);
    expect(Math.abs(correlation(of(3, 1), of(4, 1)))).toBeLessThan(limit);
  });

  test('in sequence are the draws of 1, 2, 3', () => {
    const draw = drawsOf(KEY);
    expect([draw(), draw(), draw()]).toEqual([1, 2, 3].map((i) => drawOf(KEY, i)));
  });
});

test.each([
  [0.5, 0],
  [0.975, 1.959963984540054],
  [0.025, -1.959963984540054],
  [0.001, -3.090232306167813],
  [0.8413447460685429, 1],
])('a share of %d of the normal distribution lies below %d', (share, value) => {
  expect(normalAt(share)).toBeCloseTo(value, 7);
});

test('a lognormal law has its median, and its table too', () => {
  expect(lognormalAt(0.5, 6, 0.4)).toBeCloseTo(6, 8);
  expect(lognormalAt(0.9, 6, 0)).toBe(6);
  const table = lognormalTable(6, 0.4);
  const mean = table.reduce((a, b) => a + b, 0) / table.length;
  expect(mean).toBeCloseTo(6 * Math.exp(0.4 ** 2 / 2), 2);
});

test('a shuffle holds every number once, and none keeps its place by habit', () => {
  const places = new Array<number>(5).fill(0);
  for (let seed = 0; seed < 5_000; seed += 1) {
    const order = shuffled(5, keyOf(seed, 1));
    expect([...order].sort()).toEqual([0, 1, 2, 3, 4]);
    places[order.indexOf(0)]! += 1;
  }
  const chi2 = places.reduce((sum, count) => sum + (count - 1_000) ** 2 / 1_000, 0);
  // Four degrees of freedom: above 23.5 once in 10,000.
  expect(chi2).toBeLessThan(23.5);
});

describe('many outcomes', () => {
  const outcome = { started: 1, broken: 0, brokenBurning: 0, brokenHours: 0, burnHours: 0 };

  test('have a mean, a median and what 95 % stay within', () => {
    expect(spreadOf([4, 1, 2, 3])).toEqual({ mean: 2.5, median: 2.5, p95: 4 });
    expect(spreadOf(Array.from({ length: 100 }, (_, i) => i + 1))).toEqual({
      mean: 50.5,
      median: 50.5,
      p95: 95,
    });
    expect(() => spreadOf([])).toThrow(RangeError);
  });

  test('have times of the runs that got there, and burning of those not halted', () => {
    const over = overRuns([
      { ...outcome, t50Min: 10, burnHours: 3 },
      { ...outcome, haltedBy: 'rule', haltedAtMin: 4, burnHours: 99 },
    ]);
    expect(over).toMatchObject({ runs: 2, haltedByRuleShare: 0.5, haltedByPeopleShare: 0 });
    expect(over.t50Min?.mean).toBe(10);
    expect(over.burnHours?.mean).toBe(3);
    expect(over).not.toHaveProperty('t95Min');
  });
});
