import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestCommit } from '../../../ports/repository.contract.ts';
import { createTestSource } from '../test-source.ts';
import { createDiffer, type Differ, type Row } from './differ.ts';
import { gitAt } from './git.ts';

let source: Awaited<ReturnType<typeof createTestSource>>;
let differ: Differ;
beforeAll(async () => {
  source = await createTestSource();
  differ = createDiffer(gitAt(source.location));
});
afterAll(async () => {
  differ.close();
  await source.dispose();
});

let branches = 0;
async function treeOf(files: NonNullable<TestCommit['files']>): Promise<string> {
  branches += 1;
  const commit = await source.commit({ on: `t${branches}`, message: 'Tree', files });
  return (await source.git('rev-parse', `${commit}^{tree}`)).trim();
}
const idOf = async (name: string) => (await source.git('rev-parse', name)).trim();
const paths = (rows: readonly Row[] | undefined) => rows?.map(({ path }) => path);
const MISSING = 'd'.repeat(40);

test('rows name files and the folders on the way, with type, mode and id on both sides', async () => {
  const sub = (digit: string) => ({ mode: '160000', content: digit.repeat(40) });
  const from = await treeOf({ 'a/b/x': '1', 'a/same': '1', gone: '1', sub: sub('1'), 'turns/in': '1' });
  const to = await treeOf({
    'a/b/x': { mode: '100755', content: '1' },
    'a/same': '1',
    link: { mode: '120000', content: 'a' },
    sub: sub('2'),
    turns: '1',
  });
  const rows = (await differ.diff(from, to))!;
  const seen = rows.map((row) => [row.path, row.from?.type, row.from?.mode, row.to?.type, row.to?.mode]);
  expect(seen.sort((one, other) => (String(one[0]) < String(other[0]) ? -1 : 1))).toEqual([
    ['a', 'tree', '40000', 'tree', '40000'],
    ['a/b', 'tree', '40000', 'tree', '40000'],
    ['a/b/x', 'blob', '100644', 'blob', '100755'],
    ['gone', 'blob', '100644', undefined, undefined],
    ['link', undefined, undefined, 'blob', '120000'],
    ['sub', 'commit', '160000', 'commit', '160000'],
    ['turns', undefined, undefined, 'blob', '100644'],
    ['turns', 'tree', '40000', undefined, undefined],
    ['turns/in', 'blob', '100644', undefined, undefined],
  ]);
  const folder = rows.find(({ path }) => path === 'a/b');
  expect(folder).toMatchObject({
    from: { name: 'b', id: await idOf(`${from}:a/b`) },
    to: { name: 'b', id: await idOf(`${to}:a/b`) },
  });
});

test('paths of any bytes come back as they are, even when they look like the end of an answer', async () => {
  const names = ['caf\xe9\n', ':100644 100644', 'end 1', '-x', 'tab\there'];
  const to = await treeOf({ same: '1', ...Object.fromEntries(names.map((name) => [name, '1'])) });
  const rows = await differ.diff(await treeOf({ same: '1' }), to);
  expect(new Set(paths(rows))).toEqual(new Set(names));
});

test('a tree that is missing is told from trees that are alike, and the next question is answered', async () => {
  const [one, other] = [await treeOf({ a: '1' }), await treeOf({ a: '2' })];
  expect(await differ.diff(one, MISSING)).toBeUndefined();
  expect(await differ.diff(MISSING, one)).toBeUndefined();
  expect(await differ.diff(one, one)).toEqual([]);
  expect(paths(await differ.diff(one, other))).toEqual(['a']);
});

test('questions asked at once get each their own answer, however large one is', async () => {
  const start = await treeOf({ same: '1' });
  const many = Array.from({ length: 3_000 }, (_, i) => `folder/with-a-long-name/file-${i}`);
  const large = await treeOf({ same: '1', ...Object.fromEntries(many.map((name) => [name, '1'])) });
  const small = await Promise.all(['x', 'y', 'z'].map((name) => treeOf({ same: '1', [name]: '1' })));
  const found = await Promise.all([large, MISSING, ...small].map((tree) => differ.diff(start, tree)));
  expect(found[0]).toHaveLength(many.length + 2);
  expect(found.slice(1).map(paths)).toEqual([undefined, ['x'], ['y'], ['z']]);
});
