// Goal: luck is repeatable, independent for each name, and follows the laws it is said to follow.
import { expect, test } from 'vitest';
import { HOUR } from '../core/base/instant.ts';
import { chance, exponentialMs, lognormalMs, stream, weightedPick } from './random.ts';

const draw = (count: number, random: () => number) => Array.from({ length: count }, () => random());

test('the same seed and names give the same stream; any other name gives another', () => {
  const first = draw(5, stream(7, 'plane', 1));
  expect(draw(5, stream(7, 'plane', 1))).toEqual(first);
  for (const other of [
    stream(8, 'plane', 1),
    stream(7, 'plane', 2),
    stream(7, 'plane1'),
    stream(7, 'plane', '1'),
  ])
    expect(draw(5, other)).not.toEqual(first);
});

test('a stream is what it was when the fleets of old seeds were made', () => {
  expect(draw(3, stream(1, 'golden')).map((u) => u.toFixed(9))).toMatchInlineSnapshot(`
    [
      "0.996694920",
      "0.625411051",
      "0.899089502",
    ]
  `);
});

test('numbers spread evenly between 0 and 1', () => {
  const numbers = draw(20_000, stream(3, 'even'));
  const tenths = Array.from({ length: 10 }, (_, i) => numbers.filter((u) => Math.floor(u * 10) === i).length);
  expect(Math.min(...tenths)).toBeGreaterThan(1_800);
  expect(Math.max(...tenths)).toBeLessThan(2_200);
  expect(numbers.every((u) => u >= 0 && u < 1)).toBe(true);
});

test('lognormal times have their median and their spread, and are whole milliseconds', () => {
  const random = stream(1, 'times');
  const times = Array.from({ length: 10_001 }, () =>
    lognormalMs(random, { medianMs: 60_000, sigma: 0.5 }),
  ).sort((a, b) => a - b);
  expect(times[5_000]! / 60_000).toBeCloseTo(1, 1);
  expect(Math.log(times[8_413]! / 60_000)).toBeCloseTo(0.5, 1);
  expect(times.every((ms) => Number.isInteger(ms) && ms >= 1)).toBe(true);
  expect(lognormalMs(random, { medianMs: 250, sigma: 0 })).toBe(250);
});

test('exponential waits have the mean of their rate; a rate of 0 never comes', () => {
  const random = stream(1, 'waits');
  const waits = Array.from({ length: 20_000 }, () => exponentialMs(random, 4));
  expect(waits.reduce((a, b) => a + b) / waits.length / (HOUR / 4)).toBeCloseTo(1, 1);
  expect(exponentialMs(random, 0)).toBe(Number.POSITIVE_INFINITY);
});

test('a weighted pick follows the weights and never takes what weighs nothing', () => {
  const pick = weightedPick(['a', 'b', 'never', 'c'], (_, i) => [1, 2, 0, 1][i]!);
  const picked = draw(8_000, stream(1, 'pick')).map(pick);
  const count = (name: string) => picked.filter((it) => it === name).length / 8_000;
  expect(Math.abs(count('a') - 0.25)).toBeLessThan(0.02);
  expect(Math.abs(count('b') - 0.5)).toBeLessThan(0.02);
  expect(Math.abs(count('c') - 0.25)).toBeLessThan(0.02);
  expect(count('never')).toBe(0);
  expect([pick(0), pick(0.25), pick(0.999_999)]).toEqual(['a', 'b', 'c']);
  expect(() => weightedPick(['a'], () => 0)).toThrow('nothing to pick from');
});

test('chance draws once whatever the probability', () => {
  const [a, b] = [stream(1, 'x'), stream(1, 'x')];
  expect(chance(a, 0)).toBe(false);
  expect(chance(b, 1)).toBe(true);
  expect(a()).toBe(b());
});
