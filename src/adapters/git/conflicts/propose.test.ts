// Goal: what is proposed for a conflict works when it is taken, and only then is it put in.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  commitsChange,
  lines,
  type TestCommit,
  type TestSource,
  workOf,
} from '../../../ports/repository.contract.ts';
import type { AssemblyWork } from '../../../ports/repository.ts';
import { git } from '../test-source.ts';
import { createTestWorld } from '../test-world.ts';

let world: Awaited<ReturnType<typeof createTestWorld>>;
let source: TestSource;
let base: string;
beforeAll(async () => {
  world = await createTestWorld();
  source = await world.source();
  base = await source.commit({ on: 'main', message: 'Begin', files: { 'a.txt': lines() } });
});
afterAll(() => world.dispose());

let branches = 0;
const on = (from: string, message: string, files: TestCommit['files'], more: Partial<TestCommit> = {}) => {
  branches += 1;
  return source.commit({ on: `b${branches}`, from, message, files: files ?? {}, ...more });
};
const assemble = async (onto: string, change: string, more: Partial<AssemblyWork> = {}) =>
  (await world.repositories.open(source.location)).assemble(workOf(onto, commitsChange(change), more));

/** Two lines with the same trouble, a fix on main, and how people solved it on the first line. */
async function solvedElsewhere() {
  const trouble = await on(base, 'Trouble', { 'a.txt': lines({ 10: 'old way' }) });
  const first = await on(trouble, 'First line', { 'first.txt': 'first\n' });
  const second = await on(trouble, 'Second line', { 'second.txt': 'second\n' });
  const fix = await on(
    base,
    'Close the door behind us',
    { 'a.txt': lines({ 10: 'new way, closed' }) },
    { seconds: 1_650_000_000 },
  );
  const adapted = await on(
    first,
    'Close the door behind us',
    { 'a.txt': lines({ 10: 'old way, closed' }) },
    { seconds: 1_650_000_000 },
  );
  await on(
    first,
    'Merge pull request #12 from people/close',
    { 'a.txt': lines({ 10: 'old way, closed' }) },
    { merge: [adapted] },
  );
  return { second, fix, adapted };
}

test('the same change as it was made for another line is proposed, and is put in when it is taken', async () => {
  const { second, fix, adapted } = await solvedElsewhere();
  const stuck = await assemble(second, fix);
  expect(stuck.outcome).toBe('conflict');
  const [proposal] = stuck.proposals.filter((one) => one.kind === 'reuse');
  expect(proposal).toMatchObject({ outcome: 'clean', commits: [adapted], left: [] });
  expect(proposal!.look.join()).toMatch(/as it was made for another line/);
  const taken = await assemble(second, fix, { accept: { kind: 'reuse', tree: proposal!.tree } });
  expect(taken).toMatchObject({ outcome: 'clean', tree: proposal!.tree, picked: [adapted] });
  const copies = join(world.dir, 'one', 'copies');
  const copy = (await readdir(copies)).find((name) => name.endsWith('.git'))!;
  const message = await git(join(copies, copy), ['log', '-1', '--format=%B', taken.commit!]);
  expect(message).toContain(`(cherry picked from commit ${adapted})`);
  expect(message).toContain('Fleetfix-Remedy: reuse');
});

test('a copy that was made later than the time that is asked about is not known yet', async () => {
  const { second, fix } = await solvedElsewhere();
  const stuck = await assemble(second, fix, { asOf: '2001-01-01T00:00:00.000Z' });
  expect(stuck.proposals.filter((one) => one.kind === 'reuse')).toEqual([]);
});

test('a proposal whose tree is not the one that was looked at is refused', async () => {
  const { second, fix } = await solvedElsewhere();
  for (const kind of ['reuse', 'adjacent', 'regenerate'] as const)
    expect(await assemble(second, fix, { accept: { kind, tree: '1'.repeat(40) } })).toMatchObject({
      outcome: 'refused',
      because: expect.stringContaining(`the proposal ${kind} with tree 111111111111`),
    });
});

test('edits side by side are put in when they are taken, and the commit says so', async () => {
  const line = await on(base, 'Line', { 'a.txt': lines({ 5: 'ours' }) });
  const fix = await on(base, 'Fix', { 'a.txt': lines({ 6: 'theirs' }) });
  const stuck = await assemble(line, fix);
  const [proposal] = stuck.proposals;
  expect(proposal).toMatchObject({ kind: 'adjacent', outcome: 'clean' });
  const taken = await assemble(line, fix, { accept: { kind: 'adjacent', tree: proposal!.tree } });
  expect(taken).toMatchObject({ outcome: 'clean', tree: proposal!.tree, picked: [fix] });
  expect(taken.warnings).toEqual(proposal!.look);
  const again = await assemble(line, fix, { accept: { kind: 'adjacent', tree: proposal!.tree } });
  expect(again.commit).toBe(taken.commit);
});

test('generated files that were left are made again by the command, and nothing else of what it wrote is taken', async () => {
  const line = await on(base, 'Line', { 'zz_generated.txt': 'made of old\n', 'a.txt': lines({ 5: 'ours' }) });
  const fix = await on(base, 'Fix', {
    'zz_generated.txt': 'made of new\n',
    'a.txt': lines({ 15: 'theirs' }),
  });
  const stuck = await assemble(line, fix);
  expect(stuck.conflicts).toMatchObject([{ path: 'zz_generated.txt', class: 'generated' }]);
  const [proposal] = stuck.proposals;
  expect(proposal).toMatchObject({
    kind: 'regenerate',
    outcome: 'incomplete',
    left: [{ path: 'zz_generated.txt', class: 'generated' }],
  });
  const make =
    'const fs=require("fs");fs.writeFileSync("zz_generated.txt","made of both\\n");fs.writeFileSync("a.txt","")';
  const take = (command: readonly string[]) =>
    assemble(line, fix, {
      accept: { kind: 'regenerate', tree: proposal!.tree },
      regenerate: { command, timeoutMs: 120_000 },
    });
  const taken = await take([process.execPath, '-e', make]);
  expect(taken.outcome).toBe('clean');
  expect(taken.warnings.join()).toMatch(/made 1 generated files again: zz_generated.txt/);
  const repository = await world.repositories.open(source.location);
  const { dir, dispose } = await repository.checkout(taken.commit!);
  expect(await readFile(join(dir, 'zz_generated.txt'), 'utf8')).toBe('made of both\n');
  expect(await readFile(join(dir, 'a.txt'), 'utf8')).toBe(lines({ 5: 'ours', 15: 'theirs' }));
  await dispose();
  expect(await take([process.execPath, '-e', 'process.exit(3)'])).toMatchObject({
    outcome: 'refused',
    because: expect.stringMatching(/was to make generated files again and ended with 3/),
  });
});

test('a path is generated when the component says so', async () => {
  const line = await on(base, 'Line', { 'made.txt': 'made of old\n' });
  const fix = await on(base, 'Fix', { 'made.txt': 'made of new\n', 'b.txt': 'b\n' });
  expect((await assemble(line, fix)).proposals).toEqual([]);
  const told = await assemble(line, fix, { pathClasses: { generated: ['made.*'] } });
  expect(told.conflicts).toMatchObject([{ path: 'made.txt', class: 'generated' }]);
  expect(told.proposals).toMatchObject([{ kind: 'regenerate' }]);
});

test('one commit of a pull request is proposed when the whole of it does not go on', async () => {
  const line = await on(base, 'Line', { 'a.txt': lines(), 'b.txt': 'ours\n' });
  const start = await on(base, 'Start', { 'b.txt': 'b\n' });
  const needed = await on(start, 'Prepare line 3', { 'a.txt': lines({ 3: 'prepared', 4: 'room' }) });
  const other = await on(needed, 'Something else', { 'b.txt': 'theirs\n' });
  const merge = await on(
    start,
    'Merge pull request #7 from x/y',
    { 'a.txt': lines({ 3: 'prepared', 4: 'room' }), 'b.txt': 'theirs\n' },
    { merge: [other] },
  );
  const fix = await on(merge, 'Fix line 3', { 'a.txt': lines({ 3: 'fixed', 4: 'room' }) });
  const stuck = await assemble(line, fix);
  expect(stuck.proposals[0]).toMatchObject({
    kind: 'prerequisites',
    outcome: 'clean',
    commits: [needed],
    subjects: ['Prepare line 3 (of #7)'],
  });
  expect(await assemble(line, fix, { prerequisites: [needed] })).toMatchObject({
    outcome: 'clean',
    tree: stuck.proposals[0]!.tree,
    passengers: [needed],
  });
});

test('who touched the lines leads from one prerequisite to the next', async () => {
  const one = await on(base, 'One', { 'a.txt': lines({ 3: 'one' }) });
  const two = await on(one, 'Two', { 'a.txt': lines({ 3: 'two' }) });
  const fix = await on(two, 'Fix', { 'a.txt': lines({ 3: 'fixed' }) });
  const [proposal] = (await assemble(base, fix)).proposals;
  expect(proposal).toMatchObject({ kind: 'prerequisites', commits: [one, two] });
  expect(proposal!.passengers).toEqual({ commits: 2, files: 1, lines: 4 });
});

test('a proposal that was taken where nothing conflicts is refused', async () => {
  const fix = await on(base, 'Easy', { 'easy.txt': 'e\n' });
  expect(await assemble(base, fix, { accept: { kind: 'adjacent', tree: '1'.repeat(40) } })).toMatchObject({
    outcome: 'refused',
    because: expect.stringMatching(/there is no conflict/),
  });
});

test('what the line has by hand already is named beside the conflict, and an own trial is no answer', async () => {
  const line = await on(base, 'Line', { 'code.txt': 'fixed\n', 'made.txt': 'made of old\n' });
  const fix = await on(base, 'Fix', {
    'code.txt': 'fixed\n',
    'made.txt': 'made of new\n',
    'new.txt': 'new\n',
  });
  const rules = { pathClasses: { generated: ['made.txt'] } };
  const stuck = await assemble(line, fix, rules);
  expect(stuck.warnings.join()).toMatch(/is on the line already in code.txt/);
  const [proposal] = stuck.proposals;
  const taken = await assemble(line, fix, { ...rules, accept: { kind: 'regenerate', tree: proposal!.tree } });
  await (await world.repositories.open(source.location)).publish('FIX-9', '1.0', taken.commit!);
  expect((await assemble(line, fix, rules)).proposals).toEqual(stuck.proposals);
});
