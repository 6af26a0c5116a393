// Goal: a fix that does not fix is found out by those that burn, and one that fixes is not doubted.
import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE } from '../base/instant.ts';
import { type Burner, doesNotFix, efficacyOf } from './mirror.ts';

const BEGAN_MS = 100 * HOUR;
const min = (minute: number) => BEGAN_MS + minute * MINUTE;
const times = (count: number, burner: Burner) => Array.from({ length: count }, () => burner);
const burns = (ran?: number, recovered?: number): Burner => ({
  fromMs: BEGAN_MS,
  ...(ran !== undefined && { ranAtMs: min(ran) }),
  ...(recovered !== undefined && { recoveredAtMs: min(recovered) }),
});
const at = (burners: readonly Burner[], minute = 60) =>
  efficacyOf(burners, { nowMs: min(minute), ripeMs: 45 * MINUTE, delta: 0.05 });

describe('of those that burn', () => {
  test.each<[string, readonly Burner[], boolean]>([
    [
      'all recover with it and none without: it fixes',
      [...times(12, burns(6, 8)), ...times(100, burns())],
      false,
    ],
    ['none recovers with it: it does not fix', [...times(12, burns(6)), ...times(100, burns())], true],
    [
      'as many recover without it as with it',
      [...times(12, burns(6, 30)), ...times(100, burns(undefined, 30))],
      true,
    ],
    ['nine had their time: nothing is said yet', times(9, burns(6)), false],
    ['ten had their time', times(10, burns(6)), true],
    ['forty run it, but only for 20 minutes', times(40, burns(40)), false],
    [
      'all got it at once and recover slowly: nothing to compare with is no doubt',
      times(12, burns(6, 50)),
      false,
    ],
    ['all got it at once and a third recovers', [...times(4, burns(6, 20)), ...times(8, burns(6))], true],
  ])('%s', (_what, burners, doubted) => {
    expect(doesNotFix(at(burners))).toBe(doubted);
  });

  test('who recovered before it ran the image recovered without it', () => {
    expect(at([burns(30, 20), burns(undefined, 20), burns(10, 20)])).toMatchObject({
      recovered: 1,
      recoveredWithout: 2,
    });
  });

  test('the ratio is never more than what was seen, and no number is endless', () => {
    const found = at([...times(20, burns(6, 12)), ...times(20, burns(undefined, 50))], 60);
    const withIt = 20 / (20 * 6);
    const without = 20 / (20 * 6 + 20 * 50);
    expect(found.ratioAtLeast).toBeLessThan(withIt / without);
    expect(found.ratioAtLeast).toBeGreaterThan(1.5);
    expect(Number.isFinite(at([]).ratioAtLeast)).toBe(true);
  });
});
