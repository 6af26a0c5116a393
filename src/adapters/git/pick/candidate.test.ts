// Goal: whatever way leads to a candidate, none writes a path that a checkout must never have, and none passes over
// a proposal that was taken. Method: real repositories, asked as everybody asks.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  commitsChange,
  lines,
  type RepositoryWorld,
  type TestSource,
  workOf,
} from '../../../ports/repository.contract.ts';
import type { AssemblyWork } from '../../../ports/repository.ts';
import { createTestWorld } from '../test-world.ts';

let world: RepositoryWorld;
let source: TestSource;
let base: string;
beforeAll(async () => {
  world = await createTestWorld();
  source = await world.source();
  base = await source.commit({ on: 'main', message: 'Begin', files: { 'a.txt': lines() } });
});
afterAll(() => world.dispose());

let branches = 0;
const on = (
  from: string,
  message: string,
  files: NonNullable<Parameters<TestSource['commit']>[0]['files']>,
) => {
  branches += 1;
  return source.commit({ on: `n${branches}`, from, message, files });
};
const assemble = async (onto: string, changes: readonly string[], more: Partial<AssemblyWork> = {}) =>
  (await world.repositories.open(source.location)).assemble(workOf(onto, commitsChange(...changes), more));

describe('a change that writes into .git', () => {
  const refused = {
    outcome: 'refused',
    because: expect.stringMatching(/writes "\.git\/hooks\/x", a path no/),
  };

  test('is refused when it goes on cleanly', async () => {
    const fix = await on(base, 'Hook', { '.git/hooks/x': 'evil\n' });
    expect(await assemble(base, [fix])).toMatchObject(refused);
  });

  test('is refused when a later commit of it takes the path away again', async () => {
    const first = await on(base, 'Hook', { '.git/hooks/x': 'evil\n', 'b.txt': 'b\n' });
    const second = await on(first, 'Hide it', { '.git/hooks/x': null });
    expect(await assemble(base, [first, second])).toMatchObject(refused);
  });

  test('is refused when a proposal is taken for its conflict', async () => {
    const line = await on(base, 'Line', { 'a.txt': lines({ 5: 'ours' }) });
    const fix = await on(base, 'Hook', { 'a.txt': lines({ 6: 'theirs' }), '.git/hooks/x': 'evil\n' });
    const [proposal] = (await assemble(line, [fix])).proposals;
    expect(proposal).toMatchObject({ kind: 'adjacent' });
    const accept = { kind: 'adjacent', tree: proposal!.tree } as const;
    expect(await assemble(line, [fix], { accept })).toMatchObject(refused);
  });
});

test('a proposal is refused where the change came with a carried fix and nothing conflicts', async () => {
  const fix = await on(base, 'Fix', { 'a.txt': lines({ 3: 'fixed' }) });
  const carry = [{ change: commitsChange(fix), prerequisites: [] }];
  expect(await assemble(base, [fix], { carry })).toMatchObject({ outcome: 'clean', picked: [fix] });
  const accept = { kind: 'adjacent', tree: '1'.repeat(40) } as const;
  expect(await assemble(base, [fix], { carry, accept })).toMatchObject({
    outcome: 'refused',
    because: expect.stringMatching(/there is no conflict/),
  });
});
