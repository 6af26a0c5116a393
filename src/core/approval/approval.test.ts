import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PlanId } from '../base/ids.ts';
import { T0 } from '../life/testing.ts';
import { quorum } from './approval.ts';

const PLAN: PlanId = 'P-00000001';
const OTHER: PlanId = 'P-00000002';

/** `bob carol@other`: who approved, and which plan when it is another one. */
const approvals = (text: string) =>
  text
    .split(' ')
    .filter(Boolean)
    .map((word) => ({ by: word.split('@')[0]!, plan: word.includes('@') ? OTHER : PLAN, at: T0 }));
const count = (wanted: number, given: string) =>
  quorum({
    rule: { count: wanted, role: 'approver' },
    plan: PLAN,
    approvals: approvals(given),
    author: 'ana',
  });

describe('the approvals of a plan', () => {
  test.each([
    [1, '', [], 1],
    [1, 'bob', ['bob'], 0],
    [1, 'ana', [], 1],
    [1, 'bob@other', [], 1],
    [2, 'bob bob', ['bob'], 1],
    [2, 'carol ana bob', ['bob', 'carol'], 0],
    [1, 'carol bob', ['bob', 'carol'], 0],
  ] as const)('%d wanted, "%s" given', (wanted, given, names, missing) => {
    expect(count(wanted, given)).toEqual({ given: names, missing });
  });

  test('are never fewer than one, whatever the policy says', () => {
    const limits = [
      0,
      -1,
      Number.NaN,
      0.5,
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      undefined as unknown as number,
    ];
    for (const limit of limits) expect(count(limit, '').missing).toBeGreaterThanOrEqual(1);
    expect(count(Number.NaN, 'bob carol').missing).toBeGreaterThan(0);
    expect(count(0, 'bob').missing).toBe(0);
  });

  test('never count the author, nor one person twice', () => {
    const someone = fc.constantFrom('ana', 'bob', 'carol', 'dan', 'bob@other');
    fc.assert(
      fc.property(fc.array(someone, { maxLength: 8 }), fc.integer({ min: 1, max: 4 }), (names, wanted) => {
        const others = new Set(names.filter((n) => n !== 'ana' && !n.includes('@')));
        expect(count(wanted, names.join(' ')).missing).toBe(Math.max(0, wanted - others.size));
      }),
      { seed: 7, numRuns: 100 },
    );
  });
});
