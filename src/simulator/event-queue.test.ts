import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createEventQueue } from './event-queue.ts';

test('events come out by time, and those of one time in the order they were put in', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (times) => {
      const queue = createEventQueue<number>();
      for (const [index, atMs] of times.entries()) queue.push(atMs, index);
      const out: (readonly [number, number])[] = [];
      for (let next = queue.shift(); next !== undefined; next = queue.shift())
        out.push([next.atMs, next.event]);
      expect(out).toEqual(
        times.map((atMs, index) => [atMs, index] as const).sort(([a, i], [b, j]) => a - b || i - j),
      );
    }),
  );
});

test('the first can be looked at without being taken', () => {
  const queue = createEventQueue<string>();
  expect(queue.firstAtMs()).toBe(Number.POSITIVE_INFINITY);
  expect(queue.first()).toBeUndefined();
  queue.push(5, 'later');
  queue.push(3, 'sooner');
  expect([queue.firstAtMs(), queue.first(), queue.shift(), queue.first()]).toEqual([
    3,
    'sooner',
    { atMs: 3, turn: 1, event: 'sooner' },
    'later',
  ]);
});
