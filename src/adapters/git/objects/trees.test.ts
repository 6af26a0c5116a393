import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestSource } from '../test-source.ts';
import { createDiffer, type Differ } from './differ.ts';
import { gitAt } from './git.ts';
import { createTrees, type ObjectSource, type Trees } from './trees.ts';

let source: Awaited<ReturnType<typeof createTestSource>>;
let trees: Trees;
let differ: Differ;
const asked: string[] = [];
beforeAll(async () => {
  source = await createTestSource();
  const git = gitAt(source.location);
  differ = createDiffer(git);
  const objects: ObjectSource = {
    idBytes: 20,
    find: async () => undefined,
    async read(id) {
      asked.push(id);
      if ((await git.run(['cat-file', '-e', id])).code !== 0) return undefined;
      const body = await git.read(['cat-file', 'tree', id]);
      return { id, type: 'tree', size: body.length, body };
    },
  };
  trees = createTrees(objects, async (from, to) => (await differ.diff(from, to)) ?? []);
});
afterAll(async () => {
  differ.close();
  await source.dispose();
});

let branches = 0;
const treeOf = async (files: NonNullable<Parameters<typeof source.commit>[0]['files']>) => {
  branches += 1;
  const commit = await source.commit({ on: `t${branches}`, message: 'Tree', files });
  return (await source.git('rev-parse', `${commit}^{tree}`)).trim();
};

describe('what differs between two trees', () => {
  test('is told by path, with modes, and a file in place of a folder as both', async () => {
    const from = await treeOf({
      'a/x': '1',
      'a/y': '1',
      gone: '1',
      mode: '1',
      'turns/in': '1',
      'same/z': '1',
    });
    const to = await treeOf({
      'a/x': '2',
      'a/y': '1',
      'caf\xe9\n': '1',
      mode: { mode: '100755', content: '1' },
      turns: '1',
      'same/z': '1',
    });
    const changed = await trees.changed(from, to);
    expect(changed.map((one) => [one.path, one.from?.mode, one.to?.mode])).toEqual([
      ['a/x', '100644', '100644'],
      ['caf\xe9\n', undefined, '100644'],
      ['gone', '100644', undefined],
      ['mode', '100644', '100755'],
      ['turns', undefined, '100644'],
      ['turns/in', '100644', undefined],
    ]);
    expect(await trees.changed(from, from)).toEqual([]);
  });

  test('can be asked for one folder, and of some files only', async () => {
    const same = { 'b/same.go/z': '1' };
    const from = await treeOf({ 'a/x.go': '1', 'b/x.go': '1', 'b/x.md': '1', 'b/c/x.go': '1', ...same });
    const to = await treeOf({ 'a/x.go': '2', 'b/x.go': '2', 'b/x.md': '2', 'b/c/x.go': '2', ...same });
    const files = (path: string) => path.endsWith('.go');
    asked.length = 0;
    expect((await trees.changedIn(from, to, 'b', files)).map(({ path }) => path)).toEqual(['b/x.go']);
    expect(asked).not.toContain((await trees.at(from, 'b/same.go'))?.id);
    expect(await trees.changedIn(from, to, 'none', files)).toEqual([]);
  });
});

test('a path leads to what is there, and to nothing where nothing is', async () => {
  const tree = await treeOf({ 'a/b/c.txt': '1' });
  expect((await trees.at(tree, 'a/b/c.txt'))?.type).toBe('blob');
  expect((await trees.at(tree, 'a/b'))?.type).toBe('tree');
  expect((await trees.at(tree, ''))?.id).toBe(tree);
  expect(await trees.at(tree, 'a/b/c.txt/d')).toBeUndefined();
  expect(await trees.at(tree, 'a/x/y')).toBeUndefined();
});

test('whether two trees have the same at a path is told without reading what is alike', async () => {
  const one = await treeOf({ 'a/b/c/x': '1', 'a/d': '1', 'a/own': '1' });
  const other = await treeOf({ 'a/b/c/x': '1', 'a/d': '2' });
  asked.length = 0;
  expect(await trees.isAlike(one, other, 'a/b/c')).toBe(true);
  expect(asked).not.toContain((await trees.at(one, 'a/b'))?.id);
  expect(await trees.isAlike(one, other, 'a/d')).toBe(false);
  expect(await trees.isAlike(one, other, 'a/own')).toBe(false);
  expect(await trees.isAlike(one, other, 'none/at/all')).toBe(true);
  expect(await trees.isAlike(one, one, '')).toBe(true);
});

test('a tree that is missing is named', async () => {
  await expect(trees.entries('d'.repeat(40))).rejects.toThrow('d'.repeat(40));
});
