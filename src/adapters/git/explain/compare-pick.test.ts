// Goal: two changes are the same or they are not; what range-diff cannot see is looked at.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestFork, type TestFork } from '../conflicts/test-fork.ts';
import { deltaOf } from '../objects/merge.ts';
import { comparePick } from './compare-pick.ts';

let world: TestFork;
beforeAll(async () => {
  world = await createTestFork();
});
afterAll(() => world.dispose());

const image = (last: number) => Buffer.from([0, 1, 2, last]);

let branches = 0;

/** Two changes of one beginning, the second on another tree. */
async function deltas(one: Record<string, Buffer | string>, other: Record<string, Buffer | string>) {
  const { source, store } = world;
  branches += 1;
  const [main, line] = [`main-${branches}`, `line-${branches}`];
  const files = { 'img.bin': image(0), 'a.go': 'a\n' };
  const base = await source.commit({ on: main, message: 'Begin', files });
  const left = await source.commit({ on: main, message: 'One', files: one });
  await source.commit({ on: line, from: base, message: 'Release', files: { 'r.txt': 'r\n' } });
  const right = await source.commit({ on: line, message: 'Other', files: other });
  return { left: await deltaOf(store, left), right: await deltaOf(store, right) };
}

test('a binary file with another content is another change, though its patch reads the same', async () => {
  const { left, right } = await deltas({ 'img.bin': image(1) }, { 'img.bin': image(2) });
  expect(await comparePick(world.store, left, right)).toEqual({
    mark: '!',
    because: 'the binary file img.bin is another one than in its source',
    lines: [],
  });
});

test('changes with nothing in common are still one pair', async () => {
  const { left, right } = await deltas(
    { 'a.go': 'one\n' },
    { 'a.go': 'another\n', 'b.go': 'b\n'.repeat(50) },
  );
  const compared = await comparePick(world.store, left, right);
  expect(compared.mark).toBe('!');
  expect(compared.lines).toContain('++another');
});

test('what the clone lacks is said, not thrown', async () => {
  const { left } = await deltas({ 'a.go': 'one\n' }, {});
  const compared = await comparePick(world.store, left, { from: left.from, to: 'f'.repeat(40) });
  expect(compared).toMatchObject({ mark: '?', lines: [] });
  expect(compared.because).not.toBe('');
});
