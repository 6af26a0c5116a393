// Goal: a program that ends the hub which runs it is not begun for ever by whoever starts the hub again.
import { expect, test } from 'vitest';
import type { Attempts } from '../../ports/attempts.ts';
import { attempted } from './attempted.ts';

/** Notes that outlive a hub. */
function notes(): Attempts {
  const counts = new Map<string, number>();
  return {
    async begin(work) {
      const before = counts.get(work) ?? 0;
      counts.set(work, before + 1);
      return before;
    },
    async end(work) {
      counts.delete(work);
    },
  };
}
const work = (run: () => Promise<string>) => ({
  name: 'gate',
  run,
  givenUp: (why: string) => `fail: ${why}`,
});
const ended = async () => 'ended';

test('work that ended the hub five times is given up with the reason, and begun again when it is retried', async () => {
  const attempts = notes();
  let begun = 0;
  /** The hub is gone before the work ends. */
  const deadly = () => {
    begun += 1;
    return new Promise<never>(() => {});
  };
  for (let hub = 0; hub < 5; hub += 1) {
    void attempted(attempts, work(deadly));
    await expect.poll(() => begun).toBe(hub + 1);
  }
  expect(await attempted(attempts, work(ended))).toMatch(
    /^fail: begun 5 times on this machine, and the hub ended/,
  );
  expect(await attempted(attempts, work(ended))).toBe('ended');
});

test('work that ends, well or not, is as if never begun', async () => {
  const attempts = notes();
  for (let again = 0; again < 9; again += 1) {
    expect(await attempted(attempts, work(ended))).toBe('ended');
    await expect(
      attempted(
        attempts,
        work(() => Promise.reject(new Error('no disk'))),
      ),
    ).rejects.toThrow('no disk');
  }
});

test('where nothing is counted, all work is done', async () => {
  expect(await attempted(undefined, work(ended))).toBe('ended');
});
