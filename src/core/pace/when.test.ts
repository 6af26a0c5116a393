// Goal: what is said of the wait is what happens: nobody starts before, and somebody starts then.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE } from '../base/instant.ts';
import { choose } from './choose.ts';
import type { Pace } from './pace.ts';
import { NOW_MS, paced, type Rows, sceneOf } from './testing.ts';
import { type Missing, missingEvidence } from './when.ts';

type Scene = ReturnType<typeof sceneOf>;
const times = (count: number, cell: string) => Array<string>(count).fill(cell).join(' ');
const each = (count: number) => Array.from({ length: count }, (_, i) => `m${i}`).join(' ');

const missingOf = ({ field, sight, pace, counted, background }: Scene): Missing =>
  missingEvidence({
    field,
    sight,
    pace,
    openStage: 0,
    nowMs: NOW_MS,
    credit: counted.credit,
    guards: counted.guards,
    background,
  });

const missing = (picture: string, rows: Rows & { readonly pace?: Partial<Pace> } = {}): Missing =>
  missingOf(sceneOf(picture, { cluster: each(picture.split(/\s+/).length), ...rows }));

const startsAt = ({ field, sight, pace, background }: Scene, nowMs: number): boolean =>
  choose(paced(field, sight, pace, { nowMs, background })).length > 0;

describe('what is still missing', () => {
  test('is the time until the one-box has half its evidence', () => {
    const { atMs, gathering } = missing(`${times(12, '✓10')} · ·`);
    expect(gathering).toBe(12);
    expect((atMs! - NOW_MS) / MINUTE).toBeCloseTo(20, 0);
  });

  test.each([
    ['nothing is left to start', times(12, '✓10')],
    ['those on their way must run it first', `${times(12, '▸')} ·`],
    ['nothing is heard', `${times(24, '?10')} ·`],
    ['seven of the twelve of the one-box are still on their way', `${times(7, '▸')} ${times(5, '✓10')} · ·`],
  ])('is nothing that time alone brings where %s', (_why, picture) => {
    expect(missing(picture).atMs).toBeUndefined();
  });

  test('is as long as it was, less what has passed', () => {
    const at = (minute: number) => missing(`${times(12, `✓${minute}`)} ·`).atMs! + minute * MINUTE;
    for (const minute of [10, 20, 25]) expect(Math.abs(at(minute) - at(5))).toBeLessThan(30_000);
  });

  test('is also found where only those that burn run it', () => {
    const { atMs, gathering } = missing(`${times(4, '✓*5')} ·*`, { pace: { harmBudget: 1 } });
    expect(gathering).toBe(0);
    expect(atMs).toBeGreaterThan(NOW_MS);
  });

  test('is the rest of the hour where only that holds it back', () => {
    const picture = `${times(12, '✓20')} ${times(12, '✓90')} ·`;
    const { atMs } = missing(picture, { pace: { maxPerHour: 12 } });
    expect((atMs! - NOW_MS) / MINUTE).toBeCloseTo(60 - 26, 0);
  });

  test('in any world is the first moment at which one more starts, to the quarter minute', () => {
    const cell = fc.constantFrom('·', '·', '·*', '▸', '✓5', '✓10', '✓40', '✓*10', '?40', '✗5', '○!30');
    let found = 0;
    fc.assert(
      fc.property(
        fc.array(cell, { minLength: 5, maxLength: 60 }),
        fc.constantFrom(1, 3, 12),
        fc.constantFrom(1, 4, 12),
        (cells, harmBudget, oneBox) => {
          const rows = { cluster: each(cells.length), pace: { harmBudget, oneBox } };
          const scene = sceneOf(cells.join(' '), rows);
          if (startsAt(scene, NOW_MS)) return;
          const { atMs } = missingOf(scene);
          if (atMs === undefined) {
            expect(startsAt(scene, NOW_MS + 48 * HOUR)).toBe(false);
            return;
          }
          found += 1;
          expect(startsAt(scene, atMs)).toBe(true);
          expect(startsAt(scene, atMs - 15_001)).toBe(false);
        },
      ),
      { seed: 4, numRuns: 300 },
    );
    expect(found).toBeGreaterThan(30);
  });
});
