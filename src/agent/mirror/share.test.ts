import { expect, test } from 'vitest';
import { createShare } from './share.ts';

const made = (n: number) => ({ name: `n${n}`, of: [{ image: 'a' }] });

test('what is equal is one, and cannot be changed by who holds it; what differs is not', () => {
  const share = createShare();
  const first = share(made(1));
  expect(share(made(1))).toBe(first);
  expect(share(made(2))).not.toBe(first);
  expect(() => Object.assign(first.of[0]!, { image: 'b' })).toThrow(TypeError);
  expect(share(JSON.stringify(made(1)))).toBe('{"name":"n1","of":[{"image":"a"}]}');
  expect([share(undefined), share(7), share(null)]).toEqual([undefined, 7, null]);
});

test('what nobody asks for is forgotten in the end, and what is asked for is not', () => {
  const size = JSON.stringify(made(1)).length;
  const share = createShare(10 * size);
  const [asked, never] = [share(made(0)), share(made(1))];
  for (let n = 2; n < 9; n += 1) share(made(n));
  for (let round = 0; round < 100; round += 1) {
    share(made(2 + (round % 7)));
    share({ ...made(0), name: `other ${round}` });
    expect(share(made(0))).toBe(asked);
  }
  const again = share(made(1));
  expect(again).toEqual(never);
  expect(again).not.toBe(never);
});
