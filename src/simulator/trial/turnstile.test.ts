// Goal: what happens at once happens in an order that the seed alone decides, and whoever dies is not heard again.
import { expect, test } from 'vitest';
import { stream } from '../random.ts';
import { createTurnstile, type Life } from './turnstile.ts';

const life = (): Life => ({ name: 'hub', isDead: false });

/** Three who call four times each; the order in which their calls were let through. */
async function orderOf(seed: number, slow: (name: string) => Promise<void>): Promise<string> {
  const turnstile = createTurnstile(stream(seed, 'turnstile'));
  const one = life();
  const order: string[] = [];
  const caller = async (name: string) => {
    for (let n = 1; n <= 4; n += 1)
      await turnstile.pass(one, name, async () => {
        order.push(`${name}${n}`);
        await slow(name);
      });
  };
  await Promise.all(['a', 'b', 'c'].map(caller));
  return order.join(' ');
}

test('a seed gives the same order however long each call takes', async () => {
  const atOnce = await orderOf(1, async () => {});
  const slowly = await orderOf(
    1,
    (name) => new Promise((resolve) => setTimeout(resolve, name === 'a' ? 5 : 1)),
  );
  expect(slowly).toBe(atOnce);
  expect(await orderOf(2, async () => {})).not.toBe(atOnce);
});

test('who came first of those who wait does not matter', async () => {
  const orderOfNames = async (names: readonly string[]) => {
    const turnstile = createTurnstile(stream(1, 'turnstile'));
    const order: string[] = [];
    const one = life();
    await Promise.all(names.map((name) => turnstile.pass(one, name, async () => void order.push(name))));
    return order;
  };
  const names = ['a', 'b', 'c', 'd', 'e'];
  expect(await orderOfNames(names.toReversed())).toEqual(await orderOfNames(names));
});

test('calls run one at a time', async () => {
  const turnstile = createTurnstile(stream(1, 'turnstile'));
  const one = life();
  let inside = 0;
  const call = async () => {
    inside += 1;
    expect(inside).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
  };
  await Promise.all([1, 2, 3].map(() => turnstile.pass(one, 'call', call)));
  await turnstile.quiet();
  expect(turnstile.passed()).toBe(3);
});

test.each([
  ['before the call that kills it', false, ['first']],
  ['after it, unheard', true, ['first', 'second']],
])('one that is doomed dies %s, and nothing of it is heard any more', async (_when, isDone, done) => {
  const turnstile = createTurnstile(stream(1, 'turnstile'));
  const one = life();
  const happened: string[] = [];
  const dead = new Promise<void>((resolve) => {
    one.doom = {
      callsLeft: 1,
      isDone,
      die: () => {
        one.isDead = true;
        resolve();
      },
    };
  });
  let heard = false;
  const acting = async () => {
    for (const what of ['first', 'second', 'third'])
      await turnstile.pass(one, what, async () => void happened.push(what));
    heard = true;
  };
  void acting();
  await dead;
  await turnstile.quiet();
  expect({ happened, heard }).toEqual({ happened: done, heard: false });
});

test('an answer that is lost was given all the same', async () => {
  const turnstile = createTurnstile(stream(1, 'turnstile'), ({ name }) =>
    name === 'ledger.append' ? new Error('the connection broke') : undefined,
  );
  let written = 0;
  const append = turnstile.pass(life(), 'ledger.append', async () => {
    written += 1;
  });
  await expect(append).rejects.toThrow('the connection broke');
  expect(written).toBe(1);
  await expect(turnstile.pass(life(), 'ledger.events', async () => 'rows')).resolves.toBe('rows');
});
