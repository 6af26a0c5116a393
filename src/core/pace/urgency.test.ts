// Goal: the budget follows the incident, and going beyond it takes more people.
import { describe, expect, test } from 'vitest';
import { expectedHarm, moreApprovers, profileOf, type Stakes, urgencyOf } from './urgency.ts';

const stakes = (more: Partial<Stakes>): Stakes => ({
  targets: 40_000,
  burning: 0,
  hazardPerHour: 0,
  severity: 1,
  badShare: 0.05,
  burningWeight: 0.25,
  ...more,
});

const budgetOf = (more: Partial<Stakes>): number => urgencyOf(stakes(more)).computedBudget;

describe('the budget an incident asks for', () => {
  test.each([
    [0, [12]],
    [8, [12]],
    [40, [12, 25]],
    [400, [100, 200]],
    [4_000, [2_000]],
  ])('with %i of 40,000 burning and one fix in twenty bad is one of %j', (burning, budgets) => {
    expect(budgets).toContain(urgencyOf(stakes({ burning })).computedBudget);
  });

  test('never falls when more burn, when more catch fire, or when it is worse to burn', () => {
    for (const [name, values] of [
      ['burning', [0, 5, 50, 500, 5_000, 40_000]],
      ['hazardPerHour', [0, 0.0001, 0.001, 0.01]],
      ['severity', [0.01, 0.1, 1, 10]],
    ] as const) {
      const budgets = values.map((value) => budgetOf({ burning: 400, [name]: value }));
      expect(budgets, name).toEqual([...budgets].sort((a, b) => a - b));
      expect(budgets.at(-1)).toBeGreaterThan(budgets[0]!);
    }
  });

  test('falls when fixes are more often bad', () => {
    const budgets = [0.01, 0.1, 0.5].map((badShare) => budgetOf({ hazardPerHour: 0.0005, badShare }));
    expect(budgets).toEqual([2_000, 400, 200]);
  });

  test('is the one with the least harm to be expected', () => {
    const it = stakes({ burning: 400 });
    const { computedBudget } = urgencyOf(it);
    for (const budget of [12, 25, 50, 100, 200, 400, 800, 2_000])
      expect(expectedHarm(it, computedBudget)).toBeLessThanOrEqual(expectedHarm(it, budget));
  });

  test('says what it was computed from', () => {
    expect(urgencyOf(stakes({})).because).toBe('none of 40000 show the symptom');
    expect(urgencyOf(stakes({ burning: 400, hazardPerHour: 0.001 })).because).toBe(
      '400 of 40000 show the symptom now, about 40 more every hour',
    );
  });
});

test.each([
  [12, 12, 0],
  [6, 12, 0],
  [13, 12, 1],
  [24, 12, 1],
  [25, 12, 2],
  [100, 25, 2],
  [400, 25, 4],
  [2_000, 12, 8],
])('a budget of %i where %i is asked for takes %i more approvers', (budget, computed, more) => {
  expect(moreApprovers(budget, computed)).toBe(more);
});

test('a budget is called by its profile where it is one', () => {
  expect([12, 25, 100, 400, 50].map(profileOf)).toEqual([
    'routine',
    'standard',
    'urgent',
    'emergency',
    undefined,
  ]);
});
