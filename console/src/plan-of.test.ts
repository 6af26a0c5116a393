import { expect, test } from 'vitest';
import { budgetOf } from './budgets.ts';
import { planId, planOf } from './plan-of.ts';

const need = (command: string) => ({ who: 'approver', what: 'approve', since: '', command });

test('the plan people speak of is the one somebody must act on, else the started, else the declined one', () => {
  const declined = { plan: 'P-00000003', by: 'kato', reason: 'friday' } as const;
  const asked = [need('fleetfix logs FIX-1'), need('fleetfix approve FIX-1 --plan P-00000001')];
  expect(planOf({ needs: asked, plan: 'P-00000002', declined })).toBe('P-00000001');
  expect(planOf({ needs: [], plan: 'P-00000002', declined })).toBe('P-00000002');
  expect(planOf({ needs: [], declined })).toBe('P-00000003');
  expect(planOf({ needs: [] })).toBeUndefined();
});

test('only the id of a plan is taken for one', () => {
  expect(planId('P-0badcafe')).toBe('P-0badcafe');
  expect(['P-0badcaf', 'P-0badcafe/..', 'x P-0badcafe', '', undefined].map(planId)).toEqual(
    Array(5).fill(undefined),
  );
});

test('a budget is a number of control planes within what the hub takes', () => {
  expect(['40', ' 12 ', '100000'].map(budgetOf)).toEqual([40, 12, 100_000]);
  expect(['', '0', '-3', 'all', '100001', 'Infinity'].map(budgetOf)).toEqual(Array(6).fill(undefined));
});
