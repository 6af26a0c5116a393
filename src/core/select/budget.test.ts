// Goal: minutes choose among tests, and no time that a report claims keeps the nearest from being run.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withinMinutes } from './budget.ts';
import type { SelectedTest } from './selection.ts';

const one = (id: string, distance: number, minutes?: number): SelectedTest => ({
  ...({ language: 'go', path: id, command: 'go test', because: [id], tags: [] } as const),
  ...{ id, distance, ...(minutes !== undefined && { minutes }) },
});
const chosen = (tests: readonly SelectedTest[], minutes: number) => {
  const { tests: kept, budget } = withinMinutes({ tests, suites: [] }, minutes);
  return { kept: kept.map(({ id }) => id), cut: budget.cut.map(({ id }) => id), used: budget.used };
};

test('the test of what was changed is run, however long a report says that it takes', () => {
  const tests = [one('changed', 0, 43_200), one('near', 1, 1), one('far', 2, 1)];
  expect(chosen(tests, 10)).toEqual({ kept: ['changed'], cut: ['near', 'far'], used: 43_200 });
});

test('the nearest take their minutes first, also from what is worth more by the minute', () => {
  const tests = [one('changed', 0, 9), one('near', 1, 0.1), one('far', 2, 2)];
  expect(chosen(tests, 10)).toEqual({ kept: ['changed', 'near'], cut: ['far'], used: 9.1 });
});

test('where nothing of what was changed is a test, those are the nearest that are', () => {
  const tests = [one('a', 3, 30), one('b', 3, 40), one('far', 4, 1)];
  expect(chosen(tests, 10)).toEqual({ kept: ['a', 'b'], cut: ['far'], used: 70 });
});

test('what is given up is told nearest first, suites among the tests', () => {
  const tests = [one('changed', 0, 9), one('far', 3, 8), one('near', 2, 20)];
  const suites = [{ name: 'e2e', labels: [], minutes: 45, because: [] }];
  const { budget } = withinMinutes({ tests, suites }, 10);
  expect(budget.cut.map(({ id, distance }) => [id, distance])).toEqual([
    ['e2e', 1],
    ['near', 2],
    ['far', 3],
  ]);
});

test('of any tests the nearest are kept, the rest only within the minutes, and none is lost', () => {
  const some = fc.array(fc.tuple(fc.nat(4), fc.double({ min: 0, max: 50_000, noNaN: true })), {
    minLength: 1,
    maxLength: 12,
  });
  fc.assert(
    fc.property(some, fc.integer({ min: 1, max: 100 }), (drawn, minutes) => {
      const tests = drawn.map(([distance, took], n) => one(`t${n}`, distance, took));
      const { tests: kept, budget } = withinMinutes({ tests, suites: [] }, minutes);
      const least = Math.min(...tests.map(({ distance }) => distance));
      const nearest = tests.filter(({ distance }) => distance === least);
      expect(kept).toEqual(expect.arrayContaining(nearest));
      expect(kept.length === nearest.length || budget.used <= minutes).toBe(true);
      expect([...kept, ...budget.cut].map(({ id }) => id).sort()).toEqual(tests.map(({ id }) => id).sort());
    }),
  );
});
