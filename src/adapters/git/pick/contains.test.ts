import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  commitsChange,
  lines,
  type RepositoryWorld,
  type TestSource,
} from '../../../ports/repository.contract.ts';
import { createTestWorld } from '../test-world.ts';

let world: RepositoryWorld;
let source: TestSource;
let base: string;
beforeAll(async () => {
  world = await createTestWorld();
  source = await world.source();
  base = await source.commit({
    on: 'main',
    message: 'Begin',
    files: { 'a.txt': lines(), 'b.txt': 'b\n', 'c.txt': 'c\n' },
  });
});
afterAll(() => world.dispose());

let branches = 0;
const on = (
  from: string,
  message: string,
  files: NonNullable<Parameters<TestSource['commit']>[0]['files']>,
) => {
  branches += 1;
  return source.commit({
    on: `c${branches}`,
    from,
    message,
    files,
    author: `Person ${branches} <p${branches}@example.com>`,
  });
};
const contains = async (commit: string, ...changes: readonly string[]) =>
  (await world.repositories.open(source.location)).contains(commit, commitsChange(...changes), {
    branch: 'main',
  });

test('a commit that has only a part of what its message names says so', async () => {
  const both = await on(base, 'Both', { 'a.txt': lines({ 3: 'fixed' }), 'b.txt': 'better\n' });
  const half = await on(base, `Half\n\n(cherry picked from commit ${both})`, {
    'a.txt': lines({ 3: 'fixed' }),
  });
  const found = await contains(half, both);
  expect(found).toMatchObject({ contained: true, how: ['trailer'] });
  expect(found.warnings).toEqual([
    expect.stringMatching(/trailer says .* only a part of its content is there$/),
  ]);
});

test('a message that the content contradicts is named, and nothing is said to be picked', async () => {
  const fix = await on(base, 'Fix', { 'a.txt': lines({ 3: 'fixed' }) });
  const named = await on(base, `Fix\n\n(cherry picked from commit ${fix})`, {
    'a.txt': lines({ 15: 'else' }),
  });
  const found = await contains(named, fix);
  expect(found.contained).toBe(false);
  expect(found.warnings).toEqual([expect.stringMatching(/trailer says .* its content is not there$/)]);
});

test('each commit after one that conflicts is still asked for', async () => {
  const first = await on(base, 'First', { 'a.txt': lines({ 3: 'theirs' }) });
  const second = await on(first, 'Second', { 'b.txt': 'better\n' });
  const third = await on(second, 'Third', { 'c.txt': 'new\n' });
  const fourth = await on(third, 'Fourth', { 'd.txt': 'd\n' });
  const line = await on(base, 'Line', { 'a.txt': lines({ 3: 'ours' }), 'b.txt': 'better\n' });
  const tip = await on(line, `Third\n\n(cherry picked from commit ${third})`, { 'c.txt': 'new\n' });
  const found = await contains(tip, first, second, third, fourth);
  expect(found.of.map((one) => [one.source, one.contained, one.commit])).toEqual([
    [first, false, undefined],
    [second, true, undefined],
    [third, true, tip],
    [fourth, false, undefined],
  ]);
  expect(found.because).toMatch(/has 2 of 4 commits; it lacks/);
});

test('a conflict is no answer for a later commit that was git-reverted', async () => {
  const first = await on(base, 'First', { 'a.txt': lines({ 3: 'theirs' }) });
  const second = await on(base, 'Second', { 'b.txt': 'better\n' });
  const line = await on(second, 'Line', { 'a.txt': lines({ 3: 'ours' }) });
  const tip = await on(line, `Revert "Second"\n\nThis reverts commit ${second}.`, { 'b.txt': 'b\n' });
  expect(await contains(tip, first, second)).toMatchObject({
    contained: false,
    gitReverted: true,
    commit: tip,
  });
});
