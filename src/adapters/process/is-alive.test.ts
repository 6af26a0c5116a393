import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { isAlive } from './is-alive.ts';

test('a process is alive until it has ended', async () => {
  expect(isAlive(process.pid)).toBe(true);
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  await once(child, 'spawn');
  expect(isAlive(child.pid!)).toBe(true);
  child.stdin.end();
  await once(child, 'close');
  expect(isAlive(child.pid!)).toBe(false);
});

test("another user's process is alive, and an id that no system gives is not", () => {
  expect(isAlive(1)).toBe(true);
  expect(isAlive(2 ** 30)).toBe(false);
});
