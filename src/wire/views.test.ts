import { expect, test } from 'vitest';
import type { CommandName } from '../core/life/command.ts';
import { commandSchema } from './api.ts';
import { fixIdSchema, planIdSchema } from './ids.ts';
import { fixViewSchema, newPersonSchema } from './views.ts';

test('ids are checked by their pattern', () => {
  expect(fixIdSchema.safeParse('FIX-12').success).toBe(true);
  for (const bad of ['FIX-0', 'fix-1', 'FIX-', 'FIX-1\n', '', 12]) {
    expect(fixIdSchema.safeParse(bad).success, String(bad)).toBe(false);
  }
  expect(planIdSchema.safeParse('P-7f3a91c0').success).toBe(true);
  expect(planIdSchema.safeParse('P-7F3A91C0').success).toBe(false);
});

test('nobody can be given the name of the hub, or no role at all', () => {
  expect(newPersonSchema.safeParse({ name: 'fleetfix', roles: ['admin'] }).success).toBe(false);
  expect(newPersonSchema.safeParse({ name: 'kato', roles: [] }).success).toBe(false);
  expect(newPersonSchema.safeParse({ name: 'kato', roles: ['viewer'] }).success).toBe(true);
});

test('every action a view may offer is a command the API takes, and the other way round', () => {
  const offered = fixViewSchema.shape.actions.unwrap().element.shape.name.options;
  const taken = commandSchema.options.map((option) => option.shape.do.value as CommandName);
  expect([...taken, 'declare'].sort()).toEqual([...offered].sort());
});
