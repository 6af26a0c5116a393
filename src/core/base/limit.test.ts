import { expect, test } from 'vitest';
import { limitOf } from './limit.ts';

test.each([
  [5, 1, 5],
  [1, 1, 1],
  [0, 1, 1],
  [0, 0, 0],
  [-7, 0, 0],
  [2.5, 1, 1],
  [Number.NaN, 1, 1],
  [Number.POSITIVE_INFINITY, 1, 1],
  [2 ** 60, 1, 1],
  [undefined, 1, 1],
  ['200' as unknown as number, 1, 1],
])('a limit of %s with at least %d is kept as %d', (limit, least, kept) => {
  expect(limitOf(limit, least)).toBe(kept);
});
