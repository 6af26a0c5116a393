// Goal: remedies are tried on real merges, settle what they say and nothing else, and lose no byte.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lines } from '../../../ports/repository.contract.ts';
import { openBench } from './memo-merge.ts';
import { acceptRemedy, lookAt, proposeRemedies } from './remedies.ts';
import { resolveSteps } from './resolve-steps.ts';
import { createTestFork, type TestFork } from './test-fork.ts';

let world: TestFork;
beforeAll(async () => {
  world = await createTestFork();
});
afterAll(() => world.dispose());

type Forked = Awaited<ReturnType<TestFork['fork']>>;

const propose = ({ tree, steps }: Forked) =>
  proposeRemedies(world.store, { tree, steps, bench: openBench(world.store, 60_000) });
const adjacent = ({ tree, steps }: Forked) =>
  resolveSteps(world.store, { tree, steps, how: { adjacent: true, leave: [] } });

describe('edits that touch no common line', () => {
  test('are put side by side in every step, and other files are merged as usual', async () => {
    const forked = await world.fork(
      { 'a/a.txt': lines(), 'b.txt': 'b\n' },
      { 'a/a.txt': lines({ 5: 'ours' }) },
      { 'a/a.txt': lines({ 6: 'theirs' }), 'b.txt': 'B\n' },
      { 'a/a.txt': lines({ 6: 'theirs', 4: 'later' }) },
    );
    const [proposal, ...others] = await propose(forked);
    expect(others).toEqual([]);
    expect(proposal).toMatchObject({ kind: 'adjacent', outcome: 'clean', left: [], commits: [] });
    expect(proposal!.look).toEqual([
      'edits of both sides stand side by side: read them together in a/a.txt (2 places)',
    ]);
    expect(await world.content(proposal!.tree, 'a/a.txt')).toBe(
      lines({ 4: 'later', 5: 'ours', 6: 'theirs' }),
    );
    expect(await world.content(proposal!.tree, 'b.txt')).toBe('B\n');
    const again = await acceptRemedy(world.store, {
      ...forked,
      bench: openBench(world.store, 60_000),
      kind: 'adjacent',
      wanted: proposal!.tree,
    });
    expect(again?.trees).toHaveLength(2);
    expect(again?.trees.at(-1)).toBe(proposal!.tree);
  });

  test('keep carriage returns, a missing last line end and bytes of any encoding', async () => {
    const text = (one: string, two: string) =>
      Buffer.from(`caf\xe9\r\n${one}\r\n${two}\r\n\xff\xfe end`, 'latin1');
    const forked = await world.fork(
      { 'b\xe9.txt': text('1', '2') },
      { 'b\xe9.txt': text('one', '2') },
      { 'b\xe9.txt': text('1', 'two') },
    );
    const [proposal] = await propose(forked);
    expect(await world.content(proposal!.tree, 'b\xe9.txt')).toBe(text('one', 'two').toString('latin1'));
    expect(proposal!.look[0]).toContain('"b\\351.txt"');
  });

  test('keep the file executable, and follow its new name on the line', async () => {
    const tool = (text: string) => ({ mode: '100755', content: text });
    const forked = await world.fork(
      { 'tool.sh': tool(lines()) },
      { 'tool.sh': null, 'bin/tool.sh': tool(lines({ 5: 'ours' })) },
      { 'tool.sh': tool(lines({ 6: 'theirs' })) },
    );
    const [proposal] = await propose(forked);
    expect(await world.content(proposal!.tree, 'bin/tool.sh')).toBe(lines({ 5: 'ours', 6: 'theirs' }));
    expect((await world.store.trees.at(proposal!.tree, 'bin/tool.sh'))?.mode).toBe('100755');
    expect(await world.store.trees.at(proposal!.tree, 'tool.sh')).toBeUndefined();
  });

  test('in import blocks are told to be looked at', async () => {
    const go = (...names: string[]) => `package a\n\nimport (\n${names.map((n) => `\t"${n}"\n`).join('')})\n`;
    const forked = await world.fork(
      { 'a.go': go('a', 'z') },
      { 'a.go': go('a', 'c', 'z') },
      { 'a.go': go('a', 'b', 'z') },
    );
    const [proposal] = await propose(forked);
    expect(await world.content(proposal!.tree, 'a.go')).toBe(go('a', 'b', 'c', 'z'));
    expect(proposal!.look).toEqual([
      'import blocks were put together: see that it builds and no import is unused in a.go',
    ]);
  });

  test.each([
    ['the same line', lines(), lines({ 5: 'ours' }), lines({ 5: 'theirs' })],
    ['the same line but for white space', lines(), lines({ 5: 'line  5' }), lines({ 5: 'line 5 ' })],
    ['a binary file', 'a\0\n', 'b\0\n', 'a\0\nc\n'],
    [
      'a symbolic link',
      { mode: '120000', content: 'a' },
      { mode: '120000', content: 'b' },
      { mode: '120000', content: 'c' },
    ],
    [
      'a file whose mode was changed',
      lines(),
      { mode: '100755', content: lines({ 5: 'ours' }) },
      lines({ 6: 'theirs' }),
    ],
    ['a file the line does not have', lines(), null, lines({ 6: 'theirs' })],
  ])('are not found in %s', async (_, base, ours, theirs) => {
    const forked = await world.fork(
      { 'a.txt': base, 'x.txt': 'x\n' },
      { 'a.txt': ours },
      { 'a.txt': theirs, 'x.txt': 'X\n' },
    );
    expect(await adjacent(forked)).toBeUndefined();
    expect(await propose(forked)).toEqual([]);
  });
});

describe('paths that are not merged', () => {
  const clash = { base: 'sum 1\n', ours: 'sum 2\n', theirs: 'sum 3\n' };

  test('stay as the line has them, or stay away, and are named', async () => {
    const forked = await world.fork(
      { 'a.txt': 'a\n', 'go.sum': clash.base, 'docs/gone.md': 'x\n' },
      { 'go.sum': clash.ours, 'docs/gone.md': null },
      { 'a.txt': 'A\n', 'go.sum': clash.theirs, 'docs/gone.md': 'y\n' },
    );
    const proposals = await propose(forked);
    expect(proposals).toMatchObject([
      {
        kind: 'regenerate',
        outcome: 'incomplete',
        left: [
          { path: 'docs/gone.md', class: 'docs' },
          { path: 'go.sum', class: 'generated' },
        ],
        look: [
          'generated files are as the line has them and must be made again: go.sum',
          'documents are as the line has them and do not tell of the change: docs/gone.md',
        ],
      },
    ]);
    const { tree } = proposals[0]!;
    expect(await world.content(tree, 'a.txt')).toBe('A\n');
    expect(await world.content(tree, 'go.sum')).toBe(clash.ours);
    expect(await world.store.trees.at(tree, 'docs')).toBeUndefined();
  });

  test('are tests and build files only in a proposal of its own', async () => {
    const forked = await world.fork(
      { 'a.go': 'a\n', 'a_test.go': clash.base, Makefile: clash.base },
      { 'a_test.go': clash.ours, Makefile: clash.ours },
      { 'a.go': 'A\n', 'a_test.go': clash.theirs, Makefile: clash.theirs },
    );
    const proposals = await propose(forked);
    expect(proposals.map((one) => [one.kind, one.left.map((left) => left.class)])).toEqual([
      ['regenerate', ['build', 'test']],
    ]);
    expect(await world.content(proposals[0]!.tree, 'a.go')).toBe('A\n');
  });

  test('are never product code', async () => {
    const forked = await world.fork(
      { 'a.go': clash.base, 'go.sum': clash.base },
      { 'a.go': clash.ours, 'go.sum': clash.ours },
      { 'a.go': clash.theirs, 'go.sum': clash.theirs },
    );
    expect(await propose(forked)).toEqual([]);
  });

  test('make no proposal when nothing of the change would be left', async () => {
    const forked = await world.fork(
      { 'go.sum': clash.base },
      { 'go.sum': clash.ours },
      { 'go.sum': clash.theirs },
    );
    expect(await propose(forked)).toEqual([]);
  });

  test('and edits side by side together make what neither makes alone', async () => {
    const forked = await world.fork(
      { 'a.go': lines(), 'go.sum': clash.base },
      { 'a.go': lines({ 5: 'ours' }), 'go.sum': clash.ours },
      { 'a.go': lines({ 6: 'theirs' }), 'go.sum': clash.theirs },
    );
    const proposals = await propose(forked);
    expect(proposals).toMatchObject([
      { kind: 'adjacent', outcome: 'incomplete', left: [{ path: 'go.sum', class: 'generated' }] },
    ]);
    expect(proposals[0]!.look).toHaveLength(2);
    expect(await world.content(proposals[0]!.tree, 'a.go')).toBe(lines({ 5: 'ours', 6: 'theirs' }));
    expect(await world.content(proposals[0]!.tree, 'go.sum')).toBe(clash.ours);
  });
});

test('no time means no proposal, and another tree than was looked at is not accepted', async () => {
  const forked = await world.fork(
    { 'a.txt': lines() },
    { 'a.txt': lines({ 5: 'ours' }) },
    { 'a.txt': lines({ 6: 'theirs' }) },
  );
  expect(await proposeRemedies(world.store, { ...forked, bench: openBench(world.store, -1) })).toEqual([]);
  const wanted = forked.tree;
  const work = { ...forked, bench: openBench(world.store, 60_000), kind: 'adjacent', wanted } as const;
  expect(await acceptRemedy(world.store, work)).toBeUndefined();
});

test('many files are not all named in one sentence', () => {
  const left = Array.from({ length: 10 }, (_, i) => ({ path: `${i}_test.go`, class: 'test' as const }));
  expect(lookAt({ left, sideBySide: [] })).toEqual([
    'tests are as the line has them and do not try the change: 0_test.go, 1_test.go, 2_test.go, 3_test.go, ' +
      '4_test.go, 5_test.go, 6_test.go, 7_test.go and 2 more',
  ]);
});
