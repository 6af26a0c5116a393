// Goal: evidence is never credited sooner than breaks have shown before.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MINUTE } from '../base/instant.ts';
import { drawOf, keyOf, lognormalAt } from '../forecast/random.ts';
import { creditOf } from './credit.ts';
import { type LatencyLaw, LEARNED_FROM, learnLaw, SLOW, shownBy } from './latency-law.ts';

const shownAfter = (minute: number) => shownBy(SLOW, minute * MINUTE);

describe('the slow law', () => {
  test('has shown half by 30 minutes and nine of ten by 65', () => {
    expect(shownAfter(30)).toBeCloseTo(0.5, 6);
    expect(shownAfter(65)).toBeCloseTo(0.9, 2);
  });

  test('has shown nothing at no age, and nearly all by three hours', () => {
    expect([shownAfter(0), shownAfter(-5), shownBy(SLOW, Number.NaN)]).toEqual([0, 0, 0]);
    expect(shownAfter(180)).toBeGreaterThan(0.998);
  });

  test('only grows with age', () => {
    for (let minute = 1; minute < 300; minute += 1)
      expect(shownAfter(minute)).toBeGreaterThanOrEqual(shownAfter(minute - 1));
  });
});

/** `count` latencies of a law, drawn. */
const drawn = (count: number, medianMin: number, sigma: number, seed: number): number[] =>
  Array.from({ length: count }, (_, i) => lognormalAt(drawOf(keyOf(seed, 31), i), medianMin * MINUTE, sigma));

describe('a learned law', () => {
  test.each([
    ['nothing is known', []],
    ['too few are known', drawn(LEARNED_FROM - 1, 2, 0.3, 1)],
    ['too few can be read', [...drawn(20, 2, 0.3, 1), ...Array.from({ length: 40 }, () => Number.NaN)]],
    [
      'they are zero, negative or endless',
      [0, -1, Number.POSITIVE_INFINITY].flatMap((ms) => Array(30).fill(ms)),
    ],
  ])('is the slow one where %s', (_what, latencies) => {
    expect(learnLaw(latencies)).toEqual(SLOW);
  });

  test('is close to the law the data came from', () => {
    const law = learnLaw(drawn(5_000, 10, 0.5, 2));
    expect(law.medianMs / MINUTE).toBeCloseTo(10, 0);
    expect(law.sigma).toBeCloseTo(0.5, 1);
  });

  test('has never shown 80 % before 80 % of the data had, whatever the data', () => {
    const latency = fc.oneof(
      fc.integer({ min: 1, max: 500 * MINUTE }),
      fc.constantFrom(1, MINUTE, 60 * MINUTE, 600 * MINUTE),
    );
    fc.assert(
      fc.property(fc.array(latency, { minLength: LEARNED_FROM, maxLength: 80 }), (latencies) => {
        const sorted = [...latencies].sort((a, b) => a - b);
        const late = sorted[Math.ceil(0.8 * sorted.length) - 1]!;
        expect(shownBy(learnLaw(latencies), late - 1)).toBeLessThanOrEqual(0.8 + 1e-6);
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  test('does not step from nothing to all where every break showed at once', () => {
    const law = learnLaw(Array.from({ length: 50 }, () => 10 * MINUTE));
    expect(shownBy(law, 9 * MINUTE)).toBeGreaterThan(0);
    expect(shownBy(law, 11 * MINUTE)).toBeLessThan(1);
  });
});

describe('credit', () => {
  test.each<LatencyLaw>([SLOW, { medianMs: 2 * MINUTE, sigma: 0.2 }, { medianMs: 300 * MINUTE, sigma: 3 }])(
    'is never more than the law says, nor much less: %j',
    (law) => {
      const credit = creditOf({ law, minSoakMs: 0 });
      for (let k = 1; k < 2_000; k += 7) {
        const ageMs = (k * law.medianMs) / 250;
        expect(credit(ageMs)).toBeLessThanOrEqual(shownBy(law, ageMs) + 1e-8);
        expect(credit(ageMs)).toBeGreaterThan(shownBy(law, ageMs) - 0.05);
      }
    },
  );

  test('is none before the least soak people ask for, and all of it after', () => {
    const credit = creditOf({ law: SLOW, minSoakMs: 60 * MINUTE });
    expect(credit(60 * MINUTE - 1)).toBe(0);
    expect(credit(60 * MINUTE)).toBe(creditOf({ law: SLOW, minSoakMs: 0 })(60 * MINUTE));
  });

  test('is none for an age that cannot be read', () => {
    const credit = creditOf({ law: SLOW, minSoakMs: 0 });
    expect([credit(Number.NaN), credit(-1), credit(0)]).toEqual([0, 0, 0]);
  });
});
