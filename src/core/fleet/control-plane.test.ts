import { describe, expect, test } from 'vitest';
import { MINUTE } from '../base/instant.ts';
import { minute, planeOf, T0 } from '../life/testing.ts';
import { isSilent, silentAt } from './control-plane.ts';
import { SELECTOR_KEYS, type Selector, selects } from './selector.ts';

describe('silence', () => {
  const plane = { reportedAt: T0 };

  test('begins when nothing was heard for longer than the limit', () => {
    expect(isSilent(plane, 10 * MINUTE, minute(10))).toBe(false);
    expect(isSilent(plane, 10 * MINUTE, minute(10.001))).toBe(true);
    expect(silentAt(plane, 10 * MINUTE)).toBe(minute(10));
  });

  test('is assumed where the limit or the time cannot be read', () => {
    for (const limit of [Number.NaN, 0, -1, undefined as unknown as number])
      expect(isSilent(plane, limit, minute(1))).toBe(true);
    expect(isSilent({ reportedAt: 'once' }, 10 * MINUTE, T0)).toBe(true);
  });
});

describe('a selector', () => {
  const plane = planeOf('a', { region: 'eu', customer: 'acme' });

  test.each([
    [{}, true],
    [{ region: 'eu' }, true],
    [{ region: 'us' }, false],
    [{ region: ['us', 'eu'] }, true],
    [{ region: [] }, false],
    [{ region: 'eu', customer: 'other' }, false],
    [{ name: 'a', region: 'eu', customer: 'acme' }, true],
  ] as [Selector, boolean][])('%j picks it: %s', (selector, picks) => {
    expect(selects(selector, plane)).toBe(picks);
  });

  test('can ask for every fact it names', () => {
    for (const key of SELECTOR_KEYS) {
      expect(selects({ [key]: plane[key] }, plane)).toBe(true);
      expect(selects({ [key]: 'something else' }, plane)).toBe(false);
    }
  });
});
