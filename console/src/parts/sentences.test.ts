import { expect, test } from 'vitest';
import { HOUR, MINUTE, plus } from '../../../src/core/base/instant.ts';
import type { ClockView } from '../../../src/core/views/fix-view.ts';
import { forecastLine, reasonText, unlessText } from './sentences.ts';

const DECLARED = '2026-11-21T18:00:00.000Z';
const at = (ms: number): string => plus(DECLARED, ms);

const forecast = (
  changes: Partial<ClockView>,
  flags: Partial<Omit<Parameters<typeof forecastLine>[0], 'clock'>> = {},
): string => {
  const clock = {
    declaredAt: DECLARED,
    elapsedMs: HOUR,
    targetMs: 4 * HOUR,
    dueAt: at(4 * HOUR),
    ...changes,
  };
  return forecastLine({ clock, at: at(HOUR), state: 'delivering', paused: false, halted: false, ...flags })
    .text;
};

test('the clock says how it stands against the target, or why nothing can be said', () => {
  expect(forecast({ expectedAt: at(3 * HOUR) })).toBe('on track: covered about 21:00Z, 1h early');
  expect(forecast({ expectedAt: at(5 * HOUR) })).toBe('behind: covered about 23:00Z, 1h late');
  expect(forecast({ coveredAt: at(30 * MINUTE) })).toBe('covered at 18:30Z, 3h30m early');
  expect(forecast({})).toBe('too early to say when it will be covered');
  expect(forecast({}, { at: at(5 * HOUR) })).toBe('over the target by 1h');
  expect(forecast({}, { halted: true })).toBe('not by this plan: it was halted');
  expect(forecast({}, { paused: true })).toBe('nothing is expected while it is paused');
  expect(forecast({}, { state: 'withdrawn', at: at(5 * HOUR) })).toBe('stopped');
});

test('a reason ends as a sentence and names who can', () => {
  expect(reasonText('FIX-1 is closed', [])).toBe('FIX-1 is closed.');
  expect(reasonText('Nothing is rolling out.', ['adiaz', 'on-call'])).toBe(
    'Nothing is rolling out. Who can: adiaz, on-call.',
  );
});

test('what would keep the next step from happening reads as a sentence', () => {
  expect(unlessText('paused, worse')).toBe('unless paused, worse');
  expect(unlessText('nothing moves by itself')).toBe('nothing moves by itself');
});
