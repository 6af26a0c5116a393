import { expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, type Ms, plus } from '../../../src/core/base/instant.ts';
import { sloClockOf } from '../../../src/core/pace/slo.ts';
import { sloSaid } from './slo-text.ts';

const DECLARED = '2026-11-21T18:00:00.000Z';

const said = (it: { burning: number; burntMs: Ms; target?: number; windowMs?: Ms; isCovered?: true }) => {
  const { burning, burntMs, target = 0.9995, windowMs = 30 * DAY } = it;
  const at = plus(DECLARED, burntMs);
  const clock = {
    declaredAt: DECLARED,
    elapsedMs: burntMs,
    targetMs: HOUR,
    dueAt: plus(DECLARED, HOUR),
    ...(it.isCovered && { coveredAt: at }),
  };
  return sloSaid({ slo: sloClockOf({ target, windowMs }, burning, burntMs), clock, at });
};

test('the promise says how many burn, what each may miss of it, and what is left', () => {
  expect(said({ burning: 41, burntMs: 9 * MINUTE })).toEqual({
    used: '41 burn; each may be down 21.6 min in 30 days (99.95 % is promised)',
    left: '12.6 min left, until 18:21Z',
    tone: 'neutral',
  });
  expect(said({ burning: 1, burntMs: 5 * HOUR, target: 0.99 })).toEqual({
    used: '1 burns; each may be down 7h12m in 30 days (99 % is promised)',
    left: '2h12m left, until 2026-11-22 01:12Z',
    tone: 'warning',
  });
  expect(said({ burning: 2, burntMs: 20 * MINUTE, windowMs: 36 * HOUR, target: 0.98 })?.used).toContain(
    '43.2 min in 1d12h (98 % is promised)',
  );
});

test('a promise that is broken is loud, and says since when', () => {
  expect(said({ burning: 41, burntMs: 3 * HOUR })).toMatchObject({
    left: 'Broken since 18:21Z, for 2h38m',
    tone: 'danger',
  });
  expect(said({ burning: 41, burntMs: 3 * HOUR, isCovered: true })?.left).toBe(
    'Broken since 18:21Z, for 2h38m, until it was covered',
  );
});

test('the last seconds are seconds', () => {
  expect(said({ burning: 3, burntMs: 21 * MINUTE })?.left).toBe('36s left, until 18:21Z');
});

test('nobody who burns breaks no promise, and a clock that stopped in time leaves what was left', () => {
  expect(said({ burning: 0, burntMs: 3 * HOUR })).toMatchObject({ tone: 'neutral' });
  expect(said({ burning: 3, burntMs: 9 * MINUTE, isCovered: true })?.left).toBe('covered with 12.6 min left');
});

test('without a promise there is nothing to say', () => {
  const clock = { declaredAt: DECLARED, elapsedMs: 0, targetMs: HOUR, dueAt: DECLARED };
  expect(sloSaid({ clock, at: DECLARED })).toBeUndefined();
});
