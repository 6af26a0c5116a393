import { expect, test } from 'vitest';
import { inOrder } from './in-order.ts';

/** Work that ends when it is told to, and what is under way. */
function workshop() {
  const open = new Map<number, () => void>();
  let most = 0;
  return {
    open,
    most: () => most,
    work: (item: number) =>
      new Promise<number>((resolve) => {
        open.set(item, () => {
          open.delete(item);
          resolve(item);
        });
        most = Math.max(most, open.size);
      }),
  };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));
async function* upTo(count: number, read: number[] = []) {
  for (let i = 0; i < count; i += 1) {
    read.push(i);
    yield i;
  }
}

test('results come in the order of the items, each as soon as all before it are there', async () => {
  const { open, work } = workshop();
  const got: number[] = [];
  const done = inOrder({ items: upTo(3), work, emit: async (n) => void got.push(n), parallel: 3, ahead: 3 });
  await turn();
  open.get(1)!();
  await turn();
  expect(got).toEqual([]);
  open.get(0)!();
  await turn();
  expect(got).toEqual([0, 1]);
  open.get(2)!();
  await done;
  expect(got).toEqual([0, 1, 2]);
});

test('no more are worked on at once than allowed, and none is read far ahead of a slow one', async () => {
  const { open, work, most } = workshop();
  const read: number[] = [];
  const got: number[] = [];
  const done = inOrder({
    items: upTo(20, read),
    work,
    emit: async (n) => void got.push(n),
    parallel: 2,
    ahead: 5,
  });
  for (let n = 1; n < 5; n += 1) {
    await turn();
    open.get(n)!();
  }
  await turn();
  expect(got).toEqual([]);
  // Item 0 is slow: five are begun or done, and one more was read.
  expect(read).toHaveLength(6);
  while (got.length < 20) {
    for (const end of open.values()) end();
    await turn();
  }
  await done;
  expect(got).toEqual(Array.from({ length: 20 }, (_, i) => i));
  expect(most()).toBe(2);
});

test('a reader of the results that is slow stops the reading of items', async () => {
  const read: number[] = [];
  let go = () => {};
  const stuck = new Promise<void>((resolve) => {
    go = resolve;
  });
  const work = async (n: number) => n;
  const done = inOrder({ items: upTo(50, read), work, emit: () => stuck, parallel: 2, ahead: 4 });
  for (let i = 0; i < 100; i += 1) await turn();
  expect(read).toHaveLength(5);
  go();
  await done;
  expect(read).toHaveLength(50);
});

test('what goes wrong is thrown after what was begun has ended', async () => {
  const ended: number[] = [];
  const work = async (n: number) => {
    await turn();
    ended.push(n);
    return n;
  };
  const emit = async (n: number) => {
    if (n === 1) throw new Error('the pipe is closed');
  };
  const done = inOrder({ items: upTo(50), work, emit, parallel: 3, ahead: 6 });
  await expect(done).rejects.toThrow('the pipe is closed');
  const count = ended.length;
  await turn();
  expect(ended).toHaveLength(count);
  expect(count).toBeLessThan(20);
});
