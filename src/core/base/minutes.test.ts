import { expect, test } from 'vitest';
import { minutesText, ofMinutesText, timeText } from './minutes.ts';

test.each([
  [0, '0ms'],
  [0.0004, '0.4ms'],
  [0.037, '37ms'],
  [0.9994, '999ms'],
  [0.9996, '1s'],
  [2.345, '2.3s'],
  [9.96, '10s'],
  [80, '1m20s'],
])('a test of %d seconds takes %s', (seconds, text) => {
  expect(timeText(seconds)).toBe(text);
});

test.each([
  [0, '0 minutes'],
  [0.0004, '24ms'],
  [0.0368, '2.2s'],
  [0.5, '30s'],
  [1, '1 minute'],
  [1.04, '1 minute'],
  [2.456, '2.5 minutes'],
  [25.3, '25 minutes'],
  [125, '125 minutes'],
])('%d minutes are said as %s', (minutes, text) => {
  expect(minutesText(minutes)).toBe(text);
});

test('a part of so many minutes names the unit once', () => {
  expect(ofMinutesText(5, 20)).toBe('5 of 20 minutes');
  expect(ofMinutesText(0.0368, 1)).toBe('2.2s of 1 minute');
});
