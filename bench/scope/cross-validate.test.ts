// Goal: what is said of the scope gate is said of changes its model did not see.
import { expect, test } from 'vitest';
import { areaUnder, crossValidated, learning, precisionAndRecall } from './cross-validate.ts';
import { logistic, type Row } from './logistic.ts';

const rowOf = (x: readonly number[], y: 0 | 1): Row => ({ x, y });

test('the area under the curve counts pairs in the right order, equal ones half', () => {
  expect(areaUnder([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1])).toBe(1);
  expect(areaUnder([0.9, 0.1], [0, 1])).toBe(0);
  expect(areaUnder([0.5, 0.5], [0, 1])).toBe(0.5);
});

test('a column that decides gets its weight, one with the sign it must not have gets none', () => {
  const rows = Array.from({ length: 40 }, (_, i) => rowOf([i, i % 3], i + (i % 7) > 22 ? 1 : 0));
  const free = logistic(rows, 1, [0, 0]);
  expect(free.weights[0]).toBeGreaterThan(0);
  expect(logistic(rows, 1, [-1, 0]).weights[0]).toBe(0);
  expect(logistic(rows, 100, [0, 0]).weights[0]).toBeLessThan(free.weights[0]!);
});

test('labels by chance are not told apart by models that did not see them', () => {
  let state = 7;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const rows = Array.from({ length: 200 }, (_, i) =>
    rowOf([random(), random(), random(), random()], i % 2 ? 1 : 0),
  );
  const scores = crossValidated(rows, learning(1, [0, 0, 0, 0]), 1);
  const area = areaUnder(
    scores,
    rows.map(({ y }) => y),
  );
  expect(area).toBeGreaterThan(0.35);
  expect(area).toBeLessThan(0.65);
});

test('precision is of what is taken, recall of what is wanted', () => {
  expect(precisionAndRecall([true, true, false], [true, false, true])).toEqual({
    precision: 0.5,
    recall: 0.5,
    taken: 2,
  });
});
