import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { isPidAlive } from './process-identity.ts';

test('a process is alive until it has ended', async () => {
  expect(isPidAlive(process.pid)).toBe(true);
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  await once(child, 'spawn');
  expect(isPidAlive(child.pid!)).toBe(true);
  child.stdin.end();
  await once(child, 'close');
  expect(isPidAlive(child.pid!)).toBe(false);
});

test("another user's process is alive, and an id that no system gives is not", () => {
  expect(isPidAlive(1)).toBe(true);
  expect(isPidAlive(2 ** 30)).toBe(false);
});
