import { describe, expect, test } from 'vitest';
import { deadlineOf, durationOf, parseDuration } from './times.ts';

const now = '2026-11-21T20:50:00.000Z';

test.each([
  ['90s', 90_000],
  ['2h30m', 9_000_000],
  ['7d', 604_800_000],
  ['1h1ms', 3_600_001],
])('%s is %i ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

test.each(['', 'h', '5', '-5m', '5 m', '1.5h', '5m!', '99999999999s'])('%j is no duration', (text) =>
  expect(parseDuration(text)).toBeUndefined(),
);

test('a flag of no length is refused', () =>
  expect(() => durationOf('0s', '--timeout')).toThrow(/--timeout 0s/));

describe('a deadline', () => {
  test.each([
    ['30m', '2026-11-21T21:20:00.000Z'],
    ['21:00Z', '2026-11-21T21:00:00.000Z'],
    ['06:00Z', '2026-11-22T06:00:00.000Z'],
    ['20:50Z', '2026-11-22T20:50:00.000Z'],
    ['2026-11-22T06:00:00+02:00', '2026-11-22T04:00:00.000Z'],
  ])('%s is %s', (text, at) => expect(deadlineOf(text, '--until', now)).toBe(at));

  test.each([
    '2026-11-21T20:49:00Z',
    '2026-11-22',
    '06:00',
    '24:00Z',
    '2026-11-22T06:00:00',
    'tomorrow',
    '0s',
  ])('%s is refused', (text) => expect(() => deadlineOf(text, '--until', now)).toThrow(/--until/));
});
