import { expect, test, vi } from 'vitest';
import { coalesce } from './coalesce.ts';

test('many calls in a burst become one run now and one after it', async () => {
  vi.useFakeTimers();
  let runs = 0;
  const refresh = coalesce(async () => {
    runs++;
  }, 300);
  for (let i = 0; i < 100; i++) refresh.call();
  expect(runs).toBe(1);
  await vi.advanceTimersByTimeAsync(300);
  expect(runs).toBe(2);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(runs).toBe(2);
  vi.useRealTimers();
});

test('a run that takes long is never doubled, and one that fails does not end the next', async () => {
  vi.useFakeTimers();
  const ends: (() => void)[] = [];
  const refresh = coalesce(
    () =>
      new Promise<void>((_, fail) => {
        ends.push(() => fail(new Error('the hub is down')));
      }),
    10,
  );
  refresh.call();
  refresh.call();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(ends).toHaveLength(1);
  ends[0]!();
  await vi.advanceTimersByTimeAsync(0);
  expect(ends).toHaveLength(2);
  vi.useRealTimers();
});

test('after stop nothing runs any more', async () => {
  vi.useFakeTimers();
  let runs = 0;
  const refresh = coalesce(async () => {
    runs++;
  }, 10);
  refresh.call();
  refresh.call();
  refresh.stop();
  await vi.advanceTimersByTimeAsync(100);
  refresh.call();
  expect(runs).toBe(1);
  vi.useRealTimers();
});
