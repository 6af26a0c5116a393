import { afterAll, beforeAll, expect, test } from 'vitest';
import { commitsChange, type RepositoryWorld, type TestSource } from '../../../ports/repository.contract.ts';
import type { Repository } from '../../../ports/repository.ts';
import { createTestWorld } from '../test-world.ts';

// main: begin - merge #12 (one, two) - squash (#34) - merge #12 again (three) - squash (#120)
let world: RepositoryWorld;
let source: TestSource;
let repository: Repository;
const id: Record<string, string> = {};

beforeAll(async () => {
  world = await createTestWorld();
  source = await world.source();
  const commit = async (
    name: string,
    on: string,
    from: string | undefined,
    message: string,
    merge: string[] = [],
  ) => {
    id[name] = await source.commit({
      on,
      message,
      merge,
      files: { [`${name}.txt`]: name },
      ...(from ? { from } : {}),
    });
  };
  await commit('begin', 'main', undefined, 'Begin');
  await commit('one', 'pr', id.begin, 'One');
  await commit('two', 'pr', id.one, 'Two');
  await commit('merge', 'main', id.begin, 'Merge pull request #12 from x/y\n\nTitle', [id.two!]);
  await commit('squash', 'main', id.merge, 'Squashed work (#34)');
  await commit('three', 'pr2', id.squash, 'Three');
  await commit('again', 'main', id.squash, 'Merge pull request #12 from x/y\n\nAgain', [id.three!]);
  await commit('revert', 'main', id.again, 'Revert "Squashed work (#34)"');
  await commit('last', 'main', id.revert, 'Back-port (#34) (#120)');
  repository = await world.repositories.open(source.location);
});
afterAll(() => world.dispose());

const named = (ids: readonly string[]) =>
  ids.map((one) => Object.entries(id).find(([, value]) => value === one)?.[0]);
const pullRequest = (number: number) => repository.commitsOf({ kind: 'pull-request', number }, 'main');

test('a merged pull request is its commits; landed twice, the newest', async () => {
  expect(named(await pullRequest(12))).toEqual(['three']);
  expect(named(await repository.commitsOf(commitsChange(id.merge!), 'main'))).toEqual(['one', 'two']);
});

test('a squashed pull request is the commit whose subject ends in its number', async () => {
  expect(named(await pullRequest(34))).toEqual(['squash']);
  expect(named(await pullRequest(120))).toEqual(['last']);
});

test('a pull request that is not found says what was searched', async () => {
  await expect(pullRequest(1)).rejects.toThrow(
    /#1 was not found: searched .* main .*"Merge pull request #1 ".*"\(#1\)".*Next:/,
  );
  await expect(repository.commitsOf({ kind: 'pull-request', number: 12 }, 'nope')).rejects.toThrow(
    /branch "nope"/,
  );
});

test('commits come oldest first and once, however they were given', async () => {
  expect(named(await repository.commitsOf(commitsChange(id.two!, id.one!, id.merge!), 'main'))).toEqual([
    'one',
    'two',
  ]);
});

test('a range opens the merges on its way', async () => {
  const range = await repository.commitsOf({ kind: 'range', from: id.begin!, to: id.again! }, 'main');
  expect(named(range)).toEqual(['one', 'two', 'squash', 'three']);
});

test('a git revert names the one commit to take back, a merge too', async () => {
  expect(named(await repository.commitsOf({ kind: 'git-revert', commit: id.merge! }, 'main'))).toEqual([
    'merge',
  ]);
});

test('an id that looks like an option is no commit', async () => {
  await expect(repository.commitsOf(commitsChange('--all'), 'main')).rejects.toThrow(
    /commit --all is not in the repository/,
  );
});
