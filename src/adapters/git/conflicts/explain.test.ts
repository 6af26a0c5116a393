// Goal: a conflict says where both sides changed a file and who was there before, from a real history.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HUNKS_MAX } from '../../../core/assembly/hunks.ts';
import { commitsChange, lines, workOf } from '../../../ports/repository.contract.ts';
import { applyDelta } from '../objects/merge.ts';
import { createTestWorld } from '../test-world.ts';
import { explainConflicts } from './explain.ts';
import type { NotClean } from './sides.ts';
import { createTestFork, type TestFork } from './test-fork.ts';

let world: TestFork;
beforeAll(async () => {
  world = await createTestFork();
});
afterAll(() => world.dispose());

async function explain(forked: Awaited<ReturnType<TestFork['fork']>>, searchMs = 60_000) {
  // Commits were made since the history was read.
  world.store.history.refresh();
  const step = forked.steps[0]!;
  const merged = (await applyDelta(world.store, step.delta, forked.tree)) as NotClean;
  expect(merged.clean).toBe(false);
  return explainConflicts(world.store, { merged, step, onto: forked.onto, searchMs });
}

describe('a conflict', () => {
  test('shows bytes of another encoding, and signs that move a terminal, as an explanation does', async () => {
    const forked = await world.fork(
      { 'a.txt': 'one\r\n' },
      { 'a.txt': Buffer.from('caf\xe9\r\n', 'latin1') },
      { 'a.txt': 'two \u202e\r\n' },
    );
    const [hunk] = (await explain(forked))[0]!.hunks;
    expect(hunk!.ours.lines).toEqual(['caf\\xe9']);
    expect(hunk!.theirs.lines).toEqual(['two \\u202e']);
  });

  test('says where, what each side has, and who touched those lines in which pull request', async () => {
    const forked = await world.fork(
      { 'a_test.go': lines() },
      { 'a_test.go': lines({ 2: 'far away', 5: 'ours' }) },
      { 'a_test.go': lines({ 5: 'theirs\r', 6: 'théirs\x1b' }) },
    );
    const touched = { author: 'Ada Example', at: expect.stringMatching(/^2023-/) };
    expect(await explain(forked)).toEqual([
      {
        path: 'a_test.go',
        kind: 'content',
        class: 'test',
        picking: forked.steps[0]!.source,
        hunks: [
          {
            shape: 'same lines',
            ours: {
              from: 5,
              count: 2,
              lines: ['ours', 'line 6'],
              touchedBy: [
                { ...touched, commit: forked.onto, subject: 'Work on the line (#7)', pullRequest: 7 },
                { ...touched, commit: forked.base, subject: 'Begin' },
              ],
            },
            base: {
              from: 5,
              count: 2,
              lines: ['line 5', 'line 6'],
              touchedBy: [{ ...touched, commit: forked.base, subject: 'Begin' }],
            },
            theirs: { from: 5, count: 2, lines: ['theirs', 'théirs\\x1b'], touchedBy: [] },
          },
        ],
      },
    ]);
  });

  test('names the merge that brought the lines in by its pull request, and leaves the picked commit out', async () => {
    const { source } = world;
    const base = await source.commit({ on: 'm', message: 'Begin', files: { 'm.txt': lines() } });
    await source.commit({
      on: 'side',
      from: base,
      message: 'Side',
      files: { 'm.txt': lines({ 6: 'side' }) },
    });
    const side = (await source.git('rev-parse', 'side')).trim();
    await source.commit({
      on: 'm',
      message: 'Merge pull request #12 from x/side\n\nSide',
      merge: [side],
      files: { 'm.txt': lines({ 6: 'side' }) },
    });
    const fix = await source.commit({
      on: 'm',
      message: 'Fix',
      files: { 'm.txt': lines({ 5: 'fix', 6: 'side' }) },
    });
    const onto = await source.commit({
      on: 'l',
      from: base,
      message: 'Line',
      files: { 'm.txt': lines({ 6: 'line' }) },
    });
    const parent = (await world.store.commit(fix)).parents[0]!;
    const [from, to, tree] = await Promise.all(
      [parent, fix, onto].map(async (id) => (await world.store.commit(id)).tree),
    );
    const step = { source: fix, delta: { from: from!, to: to! }, isRevert: false as const };
    const [conflict] = await explain({ onto, tree: tree!, base, steps: [step] });
    const { ours, base: before, theirs } = conflict!.hunks[0]!;
    expect(ours.touchedBy.map((one) => one.subject)).toEqual(['Line', 'Begin']);
    expect(before.touchedBy).toMatchObject([{ commit: side, pullRequest: 12 }, { subject: 'Begin' }]);
    expect(theirs.touchedBy).toMatchObject([{ commit: side, pullRequest: 12 }]);
  });

  test.each([
    ['a binary file', 'a\0', 'b\0', 'c\0', 'binary'],
    ['a file one side has not', lines(), null, lines({ 5: 'x' }), undefined],
    ['a file that is too large', 'a\n', `${'b'.repeat(4 * 1024 * 1024)}\n`, 'c\n', 'larger than 4 MiB'],
    [
      'a symbolic link',
      { mode: '120000', content: 'a' },
      { mode: '120000', content: 'b' },
      { mode: '120000', content: 'c' },
      'a symbolic link or submodule has no lines',
    ],
    ['a file of very many lines', '\n', 'a\n'.repeat(20_001), 'b\n', 'longer than 20000 lines'],
  ])('in %s has no hunks and says why', async (_, base, ours, theirs, because) => {
    const forked = await world.fork({ 'a.txt': base }, { 'a.txt': ours }, { 'a.txt': theirs });
    const [conflict] = await explain(forked);
    expect(conflict).toMatchObject({ path: 'a.txt', hunks: [] });
    expect(conflict!.because).toBe(because);
  });

  test('shows no more than can be read, and says so', async () => {
    const many = (mark: string) =>
      Array.from({ length: 60 }, (_, i) => `${i % 2 ? '' : mark}${i}\n`).join('');
    const files = (mark: string) =>
      Object.fromEntries(Array.from({ length: 4 }, (_, i) => [`${i}.txt`, many(mark)]));
    const conflicts = await explain(await world.fork(files(''), files('x'), files('y')));
    expect(conflicts.map((one) => one.hunks.length)).toEqual([20, 20, 20, 0]);
    expect(conflicts.flatMap((one) => one.hunks)).toHaveLength(HUNKS_MAX.perAssembly);
    expect(conflicts[0]!.because).toBe('20 of 30 hunks are shown');
    const long = (mark: string) => ({ 'a.txt': `${mark}\n`.repeat(30) });
    const [whole] = await explain(await world.fork({ 'a.txt': 'a\n' }, long('x'), long('y')));
    expect(whole!.hunks[0]!.ours).toMatchObject({ from: 1, count: 30 });
    expect(whole!.hunks[0]!.ours.lines).toHaveLength(HUNKS_MAX.linesPerSide);
  });

  test('is explained without names when there is no time to look for them', async () => {
    const forked = await world.fork(
      { 'a.txt': lines() },
      { 'a.txt': lines({ 5: 'ours' }) },
      { 'a.txt': lines({ 5: 'theirs' }) },
    );
    const [conflict] = await explain(forked, 0);
    expect(conflict!.hunks[0]).toMatchObject({
      shape: 'same lines',
      ours: { touchedBy: [] },
      base: { touchedBy: [] },
    });
  });
});

test('an assembly that conflicts is explained, and remedies are proposed but not taken', async () => {
  const whole = await createTestWorld();
  try {
    const source = await whole.source();
    const base = await source.commit({ on: 'main', message: 'Begin', files: { 'a.txt': lines() } });
    const files = (line: number, text: string) => ({ 'a.txt': lines({ [line]: text }) });
    const onto = await source.commit({ on: 'line', from: base, message: 'Line', files: files(5, 'ours') });
    const fix = await source.commit({ on: 'main', message: 'Fix', files: files(6, 'theirs') });
    const repository = await whole.repositories.open(source.location);
    const made = await repository.assemble(workOf(onto, commitsChange(fix)));
    expect(made).toMatchObject({
      outcome: 'conflict',
      conflicts: [
        { path: 'a.txt', hunks: [{ shape: 'adjacent', ours: { touchedBy: [{ subject: 'Line' }, {}] } }] },
      ],
      proposals: [{ kind: 'adjacent', outcome: 'clean' }],
    });
    expect(made.commit).toBeUndefined();
  } finally {
    await whole.dispose();
  }
});
