// Goal: what the control planes changed so far say of the fix. Each row is a fleet in a picture:
// wave and management cluster, then ✓ runs it, ✗ failed once, · told and not there yet.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assess, type Outcome } from './assess.ts';

const NONE = { failedPerWaveMax: 0, failedPerManagementClusterMax: 0 };
const ONE = { failedPerWaveMax: 1, failedPerManagementClusterMax: 1 };

/** `1x✓ 2y✗`: wave, management cluster, outcome. */
const outcomesOf = (picture: string): Outcome[] =>
  picture
    .split(' ')
    .filter(Boolean)
    .map((cell) => ({
      wave: Number(cell[0]),
      managementCluster: cell[1]!,
      broke: cell[2] === '✗',
      patched: cell[2] === '✓',
    }));

describe('the verdict', () => {
  test.each([
    ['', NONE, 'not enough data', 'no control plane runs the image yet'],
    ['1x· 1y·', NONE, 'not enough data', 'no control plane runs the image yet'],
    ['1x✓ 1y·', NONE, 'not worse', '1 run it, 0 of 2 changed failed'],
    ['1x✓ 1y✗', NONE, 'worse', '1 failed in wave 1 (limit 0); 1 of 2 changed failed'],
    ['1x✗', NONE, 'worse', '1 failed in wave 1 (limit 0); 1 of 1 changed failed'],
    ['1x✗ 1y✓', ONE, 'not worse', '1 run it, 1 of 2 changed failed'],
    ['1x✗ 1y✗', ONE, 'worse', '2 failed in wave 1 (limit 1); 2 of 2 changed failed'],
    ['1x✗ 2x✗ 2y✓', ONE, 'worse', '2 failed on x (limit 1); 2 of 3 changed failed'],
    ['1x✗ 2y✗ 2y✓', ONE, 'not worse', '1 run it, 2 of 3 changed failed'],
    ['3z✗ 3y✗ 2x✗ 2w✗', ONE, 'worse', '2 failed in wave 2 (limit 1); 4 of 4 changed failed'],
  ] as const)('of "%s" with limits %j is %s', (picture, limits, kind, because) => {
    expect(assess(outcomesOf(picture), limits)).toEqual({ kind, because });
  });

  test('does not depend on the order of what is counted', () => {
    const cell = fc.constantFrom('1x✓', '1x✗', '1y·', '2x✗', '2y✓', '2y✗');
    fc.assert(
      fc.property(fc.array(cell, { maxLength: 10 }), (cells) => {
        const there = outcomesOf(cells.join(' '));
        expect(assess([...there].reverse(), ONE)).toEqual(assess(there, ONE));
      }),
      { seed: 4, numRuns: 100 },
    );
  });

  test('one more failure never makes it better', () => {
    const cell = fc.constantFrom('1x✓', '1x✗', '1y·', '2x✗', '2y✓');
    fc.assert(
      fc.property(fc.array(cell, { maxLength: 8 }), fc.constantFrom('1x✗', '2y✗'), (cells, more) => {
        const before = assess(outcomesOf(cells.join(' ')), ONE);
        const after = assess(outcomesOf([...cells, more].join(' ')), ONE);
        if (before.kind === 'worse') expect(after.kind).toBe('worse');
      }),
      { seed: 4, numRuns: 100 },
    );
  });
});
