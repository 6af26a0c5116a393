import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  clockText,
  DAY,
  durationText,
  earliest,
  epochMs,
  HOUR,
  instantOf,
  MINUTE,
  msBetween,
  plus,
  SECOND,
} from './instant.ts';

const NOON = '2026-11-21T12:00:00.000Z';
const times = fc.integer({ min: 0, max: 4_102_444_800_000 });

describe('instants', () => {
  test('sort as text exactly as they do in time', () => {
    fc.assert(
      fc.property(times, times, (a, b) => {
        expect(instantOf(a) < instantOf(b)).toBe(a < b);
        expect(msBetween(instantOf(a), instantOf(b))).toBe(b - a);
        expect(plus(instantOf(a), b - a)).toBe(instantOf(b));
        expect(epochMs(instantOf(a))).toBe(a);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test('what is no time is refused, or is no number', () => {
    expect(() => instantOf(Number.NaN)).toThrow(RangeError);
    expect(epochMs('yesterday')).toBeNaN();
  });

  test('the earliest is the earliest of those there are', () => {
    expect(earliest()).toBeUndefined();
    expect(earliest(undefined, undefined)).toBeUndefined();
    expect(earliest(plus(NOON, 1), undefined, NOON, plus(NOON, 2))).toBe(NOON);
  });
});

describe('a length of time is told in two units at most, rounded down', () => {
  test.each([
    [0, '0s'],
    [999, '0s'],
    [59 * SECOND, '59s'],
    [MINUTE, '1m'],
    [90 * SECOND, '1m30s'],
    [9 * MINUTE + 59 * SECOND, '9m59s'],
    [10 * MINUTE + 30 * SECOND, '10m'],
    [59 * MINUTE + 59 * SECOND, '59m'],
    [HOUR, '1h'],
    [2 * HOUR + 56 * MINUTE + 59 * SECOND, '2h56m'],
    [DAY, '1d'],
    [3 * DAY + 4 * HOUR + 59 * MINUTE, '3d4h'],
    [-90 * SECOND, '-1m30s'],
  ])('%d ms is %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });
});

test('a clock shows the day only when it is another one', () => {
  expect(clockText('2026-11-21T20:31:07.000Z', NOON)).toBe('20:31Z');
  expect(clockText('2026-11-20T20:31:07.000Z', NOON)).toBe('2026-11-20 20:31Z');
});
