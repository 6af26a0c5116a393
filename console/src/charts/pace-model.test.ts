import { expect, test } from 'vitest';
import type { PaceView } from '../../../src/core/views/fix-view.ts';
import {
  burningSaid,
  burningText,
  comparedText,
  evidenceSaid,
  failedText,
  figureText,
  harmPlace,
  harmSaid,
  harmText,
  logPlace,
  logTicks,
  rateSaid,
} from './pace-model.ts';

const pace = (changes: Partial<PaceView> = {}): PaceView => ({
  harmBudget: 25,
  unknown: 96,
  atStake: 8.64,
  rateAtMost: 0.09,
  against: 2.1,
  haltsAt: 100,
  treated: 188,
  controls: 428,
  failed: 1,
  waves: 9,
  ...changes,
});

test('evidence stands on a scale on which ten times as much is as far again, and never leaves it', () => {
  expect([0, 0.4, 1, 10, 100, 5_000].map((e) => logPlace(e, 100))).toEqual([0, 0, 0, 50, 100, 100]);
  expect(logTicks(100)).toEqual([1, 10, 100]);
  expect(logTicks(50)).toEqual([1, 10, 50]);
});

test('evidence is said in words by how much there is, and none by itself is not good news', () => {
  const said = (changes: Partial<PaceView>) => evidenceSaid(pace(changes)).text;
  expect(said({ against: 1, treated: 0, failed: 0 })).toBe('none: nothing was compared yet');
  expect(said({ against: 0.4 })).toBe('none: nothing speaks against it');
  expect(said({ against: 2.1 })).toBe('weak: chance alone does this often');
  expect(said({ against: 10 })).toBe('strong, not yet enough to halt it');
  expect(said({ against: 100 })).toBe('enough to halt it');
});

test('who is compared with whom is said by number, also when one side is empty', () => {
  expect(comparedText(pace())).toContain('188 healthy control planes');
  expect(comparedText(pace())).toContain('with 428 others that do not run it');
  expect(comparedText(pace())).toContain('a good fix gets there in at most one rollout of 100');
  expect(comparedText(pace({ controls: 1 }))).toContain('with 1 other that does not run it');
  expect(comparedText(pace({ controls: 0 }))).toContain('with their own past');
  expect(comparedText(pace({ treated: 0 }))).toContain('nothing is compared');
});

test('harm is told against its budget, and over the budget loudly', () => {
  expect(harmSaid(pace()).text).toBe('8.6 of 25');
  expect(harmPlace(pace())).toBeCloseTo(34.56);
  expect(harmSaid(pace({ atStake: 26 }))).toEqual({
    text: '26 of 25: over the budget, no more start',
    tone: 'warning',
  });
  expect(harmPlace(pace({ atStake: 26 }))).toBe(100);
  expect(harmText(pace(), { goesOn: true })).toContain('of 96 whose outcome is not known yet. More start');
  expect(harmText(pace({ burning: { treated: 1, recovered: 0, waiting: 0 } }), { goesOn: true })).toContain(
    'counts for less',
  );
  expect(harmText(pace({ unknown: 0 }), { goesOn: false })).toBe(
    'The outcome of every one that was started is known.',
  );
});

test('the failure rate is a bound, and no bound is no knowledge', () => {
  expect(rateSaid(pace())).toBe('at most 9 % of control planes');
  expect(rateSaid(pace({ rateAtMost: 1 }))).toBe('nothing is known yet');
  expect(failedText(pace({ failed: 0, waves: 1 }))).toBe(
    'None broke. The bound falls with every healthy minute of those that run it; started in 1 wave so far.',
  );
  expect(failedText(pace({ failed: 3 }))).toContain('3 control planes broke, and each goes back by itself.');
});

test('of those that burned it is said how many recovered and how many still wait', () => {
  expect(burningSaid({ treated: 5, recovered: 4, waiting: 0 })).toEqual({
    text: '4 of 5 have recovered',
    tone: 'info',
  });
  expect(burningSaid({ treated: 0, recovered: 0, waiting: 7 }).text).toBe('none of them runs it yet');
  expect(burningText({ treated: 0, recovered: 0, waiting: 7 })).toContain('7 more wait.');
});

test('figures are short: two digits below a hundred, whole above', () => {
  expect([0, 0.001, 0.4, 2.149, 14.6, 1_020.4].map(figureText)).toEqual([
    '0',
    'less than 0.01',
    '0.4',
    '2.1',
    '15',
    '1,020',
  ]);
});
