import { expect, test } from 'vitest';
import type { Forecast } from '../../../src/core/forecast/forecast.ts';
import { badRows, badText, goodText, playedText } from './forecast-text.ts';

const BASE: Forecast = {
  planes: 640,
  burning: 0,
  budget: 100,
  runs: 10,
  good: { t50Min: 52, t95Min: 74.4, t100Min: 81, falseHaltShare: 0 },
  bad: [],
};
const good = (changes: Forecast['good']): string => goodText({ ...BASE, good: changes });

test('a good fix is told by when half, 95 % and all have it, and ends where a share is not reached', () => {
  expect(goodText(BASE)).toBe(
    'If the fix is good: half in 52m, 95 % in 1h14m, all in 1h21m. Chance halted it in none of the runs.',
  );
  expect(good({ falseHaltShare: 0 })).toContain('less than half within ten days.');
  expect(good({ t50Min: 30, falseHaltShare: 0 })).toContain('half in 30m, less than 95 % within ten days.');
  expect(good({ t50Min: 0, t95Min: 60, falseHaltShare: 0.2 })).toBe(
    'If the fix is good: half in 0s, 95 % in 1h, not all within ten days. Chance halted it, though it is good, in 20 % of the runs.',
  );
});

test('who it was played for is said, with those that burn where there are any', () => {
  expect(playedText(BASE)).toBe('Played for 640 control planes, at a harm budget of 100.');
  expect(playedText({ ...BASE, burning: 5 })).toContain('640 control planes, 5 of them burning,');
});

test('a bad fix is a row whose figures carry no more digits than they are good for', () => {
  const bad = [
    { p: 0.05, latencyMin: 10, brokenMean: 9.43, brokenP95: 14, bound: 105, brokenHours: 2.13 },
    { p: 1, latencyMin: 90, brokenMean: 12, brokenP95: 12, bound: 1_640, brokenHours: 0 },
  ];
  expect(badRows({ ...BASE, bad })).toEqual([
    {
      breaks: '5 % of those that run it',
      shownAfter: '10m',
      mean: '9.4',
      most: '14',
      bound: '105',
      hours: '2.1',
    },
    { breaks: 'all that run it', shownAfter: '1h30m', mean: '12', most: '12', bound: '1,640', hours: '0' },
  ]);
  expect(badText(BASE)).toContain('played 10 times:');
  expect(badText({ ...BASE, runs: 1 })).toContain('played once:');
});
