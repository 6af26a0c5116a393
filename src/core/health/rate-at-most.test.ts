// Goal: the bound on the failure rate is Robbins' Beta-mixture confidence sequence, and cannot be fooled by looking often.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drawOf, keyOf } from '../forecast/random.ts';
import { rateAtMost } from './rate-at-most.ts';

const DELTA = 0.05;
const logFactorial = (n: number): number => (n <= 1 ? 0 : Math.log(n) + logFactorial(n - 1));

/** ln of how much likelier what was seen is under the mixture of all rates than under `p`. */
const against = (failed: number, seen: number, p: number): number =>
  logFactorial(failed) +
  logFactorial(seen - failed) -
  logFactorial(seen + 1) -
  failed * Math.log(p) -
  (seen - failed) * Math.log1p(-p);

describe('the largest failure rate that is still possible', () => {
  test.each([1, 6, 12, 100, 40_000])('after %i healthy ones is 1 − (δ/(n + 1))^(1/n)', (seen) => {
    expect(rateAtMost(0, seen, DELTA)).toBeCloseTo(1 - (DELTA / (seen + 1)) ** (1 / seen), 12);
  });

  test.each([
    [0, 12, 0.3709],
    [1, 12, 0.4862],
    [0, 100, 0.0733],
    [5, 100, 0.1603],
    [0, 1_000, 0.0099],
    [10, 1_000, 0.0279],
    [40, 40_000, 0.0019],
  ])('with %i failed of %i is %d', (failed, seen, most) => {
    expect(rateAtMost(failed, seen, DELTA)).toBeCloseTo(most, 4);
  });

  test.each([
    [1, 2],
    [3, 12],
    [7, 50],
    [20, 140],
  ])('with %i failed of %i is where the mixture has become 1/δ times as likely', (failed, seen) => {
    const most = rateAtMost(failed, seen, DELTA);
    expect(against(failed, seen, most * (1 - 1e-6))).toBeLessThan(Math.log(1 / DELTA));
    expect(against(failed, seen, most * (1 + 1e-6))).toBeGreaterThanOrEqual(Math.log(1 / DELTA));
  });

  test('is 1 where nothing was seen, all failed, or a count cannot be read', () => {
    const nothing = Number.NaN;
    const endless = Number.POSITIVE_INFINITY;
    for (const [failed, seen, delta] of [
      [0, 0, DELTA],
      [3, 0, DELTA],
      [5, 5, DELTA],
      [7, 5, DELTA],
      [nothing, 5, DELTA],
      [0, nothing, DELTA],
      [0, endless, DELTA],
      [-1, 5, DELTA],
      [0, -5, DELTA],
      [0, 5, 0],
      [0, 5, nothing],
    ] as const)
      expect(rateAtMost(failed, seen, delta), `${failed} of ${seen}`).toBe(1);
  });

  const counts = fc.record({
    failed: fc.integer({ min: 0, max: 40 }),
    seen: fc.double({ min: 0.01, max: 5_000, noNaN: true }),
  });

  test('never falls when one more failed, and never rises when more was seen', () => {
    fc.assert(
      fc.property(counts, fc.double({ min: 0, max: 100, noNaN: true }), ({ failed, seen }, more) => {
        const most = rateAtMost(failed, seen, DELTA);
        expect(rateAtMost(failed + 1, seen, DELTA)).toBeGreaterThanOrEqual(most - 1e-9);
        expect(rateAtMost(failed, seen + more, DELTA)).toBeLessThanOrEqual(most + 1e-9);
        expect(most).toBeGreaterThanOrEqual(Math.min(1, failed / seen) - 1e-9);
      }),
      { seed: 4, numRuns: 500 },
    );
  });

  test('holds fractions of a control plane between the whole numbers beside them', () => {
    const [less, some, more] = [6, 6.5, 7].map((seen) => rateAtMost(1, seen, DELTA));
    expect(some).toBeLessThan(less!);
    expect(some).toBeGreaterThan(more!);
  });

  test.each([0.002, 0.05, 0.4])(
    'is below a true rate of %d at any of 300 looks in at most one of twenty of 500 rollouts',
    (p) => {
      let wrong = 0;
      for (let run = 0; run < 500; run += 1) {
        const key = keyOf(run, 11);
        let failed = 0;
        for (let seen = 1; seen <= 300; seen += 1) {
          failed += drawOf(key, seen) < p ? 1 : 0;
          if (rateAtMost(failed, seen, DELTA) >= p) continue;
          wrong += 1;
          break;
        }
      }
      expect(wrong / 500).toBeLessThanOrEqual(DELTA);
    },
  );
});
