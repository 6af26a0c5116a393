import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  commitsChange,
  lines,
  type RepositoryWorld,
  type TestSource,
  workOf,
} from '../../../ports/repository.contract.ts';
import { createTestWorld } from '../test-world.ts';

let world: RepositoryWorld;
let source: TestSource;
let base: string;
let fix: string;
const SECONDS = 1_690_000_000;
const FIXED = { 'a.txt': lines({ 3: 'fixed' }) };

beforeAll(async () => {
  world = await createTestWorld();
  source = await world.source();
  base = await source.commit({ on: 'main', message: 'Begin', files: { 'a.txt': lines(), 'b.txt': 'b\n' } });
  fix = await source.commit({ on: 'main', from: base, message: 'Fix it', files: FIXED, seconds: SECONDS });
});
afterAll(() => world.dispose());

let branches = 0;
const fresh = () => {
  branches += 1;
  return `c${branches}`;
};
const on = (
  from: string,
  message: string,
  files: NonNullable<Parameters<TestSource['commit']>[0]['files']>,
  more = {},
) =>
  source.commit({
    on: fresh(),
    from,
    message,
    files,
    author: 'Bea Other <bea@example.com>',
    ...more,
  });
const ask = async (onto: string, change = commitsChange(fix)) =>
  (await world.repositories.open(source.location)).assemble(workOf(onto, change));

test('by patch id, when another person landed the same patch and the lines moved on since', async () => {
  const twin = await on(base, 'Same patch', FIXED);
  const moved = await on(twin, 'More', { 'a.txt': lines({ 2: 'near', 3: 'fixed more', 4: 'near' }) });
  const answer = await ask(moved);
  expect(answer).toMatchObject({
    outcome: 'contained',
    contained: { how: ['patch id'], commit: twin, gitReverted: false },
  });
});

test('by author and time, when the back-port was adapted so that no patch id is the same', async () => {
  const line = await on(base, 'Line', { 'a.txt': lines({ 3: 'other' }) });
  const twin = await on(
    line,
    '[release-4.14] Fix it',
    { 'a.txt': lines({ 3: 'fixed, adapted' }) },
    { author: 'Ada Example <ada@example.com>', seconds: SECONDS },
  );
  expect(await ask(twin)).toMatchObject({
    outcome: 'contained',
    contained: { how: ['author and time'], commit: twin },
  });
});

test('not by author and time alone, when subject and paths are others', async () => {
  const line = await on(base, 'Line', { 'a.txt': lines({ 3: 'other' }) });
  const split = await on(
    line,
    'Unrelated',
    { 'z.txt': 'z\n' },
    { author: 'Ada Example <ada@example.com>', seconds: SECONDS },
  );
  expect((await ask(split)).outcome).toBe('conflict');
});

test('not by author and time alone, when the file is replaced by something that no line tells', async () => {
  const blob = (fill: number) => ({ 'big.bin': Buffer.concat([Buffer.from([0]), Buffer.alloc(64, fill)]) });
  const from = await on(base, 'Bring a file', blob(1));
  const at = { author: 'Ada Example <ada@example.com>', seconds: SECONDS };
  const replaced = await on(from, 'Replace it', blob(2), at);
  const other = await on(from, 'Replace it by another', blob(3), at);
  expect(await ask(other, commitsChange(replaced))).toMatchObject({ outcome: 'conflict' });
});

test('not by author and time, when the content is plainly not there', async () => {
  const half = await on(
    base,
    'Fix it',
    { 'b.txt': 'bb\n' },
    { author: 'Ada Example <ada@example.com>', seconds: SECONDS },
  );
  const answer = await ask(half);
  expect(answer.outcome).toBe('clean');
  expect(answer.warnings.join()).toMatch(/author and time says .* but its content is not there/);
});

test('by trailer, when the commit was picked with -x and adapted', async () => {
  const line = await on(base, 'Line', { 'a.txt': lines({ 3: 'other' }) });
  const twin = await on(line, `Adapted\n\n(cherry picked from commit ${fix})`, {
    'a.txt': lines({ 3: 'adapted' }),
  });
  expect(await ask(twin)).toMatchObject({
    outcome: 'contained',
    contained: { how: ['trailer'], commit: twin },
  });
});

test('by an empty re-pick, when it came in with something larger', async () => {
  const squashed = await on(base, 'Squashed', { 'a.txt': lines({ 3: 'fixed', 12: 'more' }) });
  expect(await ask(squashed)).toMatchObject({ outcome: 'contained', contained: { how: ['empty re-pick'] } });
});

test('by the reverse pick, where a second pick is clean and would put the change on twice', async () => {
  const calls = (...numbers: number[]) => numbers.map((n) => `call ${n}\nif err\nret\n}\n\n`).join('');
  const start = await on(base, 'Calls', { 'calls.go': calls(0, 1, 2, 3, 4) });
  const added = await on(start, 'Call 99', { 'calls.go': calls(0, 1, 2, 3, 4, 99) });
  const line = await on(start, 'Line', { 'calls.go': calls(0, 1, 2, 51, 3, 99) });
  const second = (await source.git('merge-tree', '--write-tree', line, added)).trim();
  const twice = await source.git('show', `${second}:calls.go`);
  expect(twice.match(/call 99/g)).toHaveLength(2);
  expect(await ask(line, commitsChange(added))).toMatchObject({
    outcome: 'contained',
    contained: { how: ['reverse pick'] },
  });
});

test('not, when the line has none of it', async () => {
  expect((await ask(base)).outcome).toBe('clean');
  const line = await on(base, 'Line', { 'a.txt': lines({ 15: 'line' }), 'k.txt': 'k\n' });
  expect((await ask(line)).outcome).toBe('clean');
});

test('partly: the rest is picked, and what is there is said', async () => {
  const second = await source.commit({
    on: 'main2',
    from: fix,
    message: 'Fix more',
    files: { 'b.txt': 'better\n' },
  });
  const line = await on(base, 'Only the first', FIXED);
  const answer = await ask(line, commitsChange(fix, second));
  expect(answer).toMatchObject({ outcome: 'clean', picked: [second] });
  expect(answer.warnings.join()).toMatch(/is on the line already.*patch id/);
});

test('partly within one commit: the pick completes it', async () => {
  const both = await on(base, 'Both', { 'a.txt': lines({ 3: 'fixed' }), 'b.txt': 'better\n' });
  const line = await on(base, 'Half of it', { 'a.txt': lines({ 3: 'fixed', 15: 'line' }) });
  const answer = await ask(line, commitsChange(both));
  expect(answer).toMatchObject({ outcome: 'clean', picked: [both] });
  expect(answer.warnings.join()).toMatch(/a part of .* is on the line already/);
});

test('not, when it was git-reverted since; and again, when that was git-reverted', async () => {
  const twin = await on(base, 'Same patch', FIXED);
  const reverted = await on(twin, `Revert "Same patch"\n\nThis reverts commit ${twin}.`, {
    'a.txt': lines(),
  });
  const answer = await ask(reverted);
  expect(answer).toMatchObject({
    outcome: 'clean',
    picked: [fix],
    contained: { gitReverted: true, commit: reverted },
  });
  expect(answer.warnings.join()).toMatch(/was git-reverted by/);
  const back = await on(reverted, `Reapply\n\nThis reverts commit ${reverted}.`, FIXED);
  expect(await ask(back)).toMatchObject({ outcome: 'contained', contained: { gitReverted: false } });
});

test('not, when the merge that brought it was git-reverted', async () => {
  const merge = await on(base, 'Merge pull request #5 from x', FIXED, { merge: [fix] });
  const reverted = await on(
    merge,
    `Revert "x"\n\nThis reverts commit ${merge}, reversing\nchanges made to ${base}.`,
    { 'a.txt': lines() },
  );
  expect(await ask(reverted)).toMatchObject({ outcome: 'clean', contained: { gitReverted: true } });
});

test('landed, reverted, landed again: contained by the last', async () => {
  const first = await on(base, 'Same patch', FIXED);
  const reverted = await on(first, `Revert\n\nThis reverts commit ${fix}.`, { 'a.txt': lines() });
  const again = await on(reverted, 'Same patch again', FIXED);
  expect(await ask(again)).toMatchObject({
    outcome: 'contained',
    contained: { commit: again, gitReverted: false },
  });
});

test('a change that is empty in itself is empty, and so is one whose commits undo each other', async () => {
  const nothing = await on(base, 'Nothing', {});
  expect((await ask(base, commitsChange(nothing))).outcome).toBe('empty');
  const there = await on(base, 'There', { 'n.txt': 'n\n' });
  const back = await on(there, 'Back', { 'n.txt': null });
  expect((await ask(base, commitsChange(there, back))).outcome).toBe('empty');
});

test('a commit that undoes an earlier one of the same change is still picked', async () => {
  const one = await on(base, 'One', { 'a.txt': lines({ 3: 'tried' }), 'n.txt': 'n\n' });
  const two = await on(one, 'Undo the first file', { 'a.txt': lines() });
  expect(await ask(base, commitsChange(one, two))).toMatchObject({ outcome: 'clean', picked: [one, two] });
});

test('a git revert takes a commit back, is contained once done, and a git revert of that puts it on again', async () => {
  const later = await on(fix, 'Later', { 'a.txt': lines({ 3: 'fixed', 15: 'later' }) });
  const off = await ask(later, { kind: 'git-revert', commit: fix });
  expect(off).toMatchObject({ outcome: 'clean', picked: [fix] });
  const repository = await world.repositories.open(source.location);
  expect((await repository.describe(off.commit!)).subject).toBe('Revert "Fix it"');
  expect((await ask(off.commit!, { kind: 'git-revert', commit: fix })).outcome).toBe('contained');
  const onAgain = await ask(off.commit!, { kind: 'git-revert', commit: off.commit! });
  expect(onAgain.outcome).toBe('clean');
  expect((await repository.assemble(workOf(later, { kind: 'git-revert', commit: fix }))).commit).toBe(
    off.commit,
  );
});

test('a git revert of what the line never had is contained', async () => {
  expect((await ask(base, { kind: 'git-revert', commit: fix })).outcome).toBe('contained');
});

test('by subject, when the author made the back-port anew and adapted it', async () => {
  const named = 'Set the cipher suites of the tunnel';
  const made = await on(base, named, { 'a.txt': lines({ 3: 'fixed', 4: 'more' }) });
  const line = await on(base, 'Line', { 'a.txt': lines({ 3: 'other', 4: 'other' }) });
  const twin = await on(line, `[release-4.1] TEAM-12: ${named} (#8)`, {
    'a.txt': lines({ 3: 'adapted', 4: 'other' }),
  });
  expect(await ask(twin, commitsChange(made))).toMatchObject({
    outcome: 'contained',
    contained: { how: ['subject'], commit: twin },
  });
  const elsewhere = await on(line, named, { 'c.txt': 'other files\n' });
  expect(await ask(elsewhere, commitsChange(made))).toMatchObject({ outcome: 'conflict' });
});

test('by pull request, when the branch of the back-port is named for it', async () => {
  const made = await on(base, 'One of two', { 'a.txt': lines({ 3: 'fixed', 4: 'more' }) });
  await source.commit({
    on: 'm77',
    from: base,
    merge: [made],
    message: 'Merge pull request #77 from x/y',
    files: {},
  });
  const line = await on(base, 'Line', { 'a.txt': lines({ 3: 'other' }) });
  const adapted = await on(line, 'Adapted', { 'a.txt': lines({ 3: 'adapted', 15: 'more' }) });
  const merge = await on(
    line,
    'Merge pull request #90 from bot/cherry-pick-77-to-release-4.1',
    {
      'a.txt': lines({ 3: 'adapted', 15: 'more' }),
    },
    { merge: [adapted] },
  );
  expect(await ask(merge, commitsChange(made))).toMatchObject({
    outcome: 'contained',
    contained: { how: ['pull request'], commit: merge },
  });
});

test('when a later commit of the same change rewrote what the first one did', async () => {
  const first = await on(base, 'First of the change', { 'c.txt': 'one\ntwo\n' });
  const second = await on(first, 'Second of the change', { 'c.txt': 'all new\n', 'd.txt': 'd\n' });
  const line = await on(base, 'Line', { 'e.txt': 'e\n' });
  const one = await on(line, 'First of the change', { 'c.txt': 'one\ntwo\n' });
  const two = await on(one, 'Second of the change', { 'c.txt': 'all new\n', 'd.txt': 'd\n' });
  expect(await ask(two, commitsChange(first, second))).toMatchObject({ outcome: 'contained' });
});

describe('a message that says so is not believed', () => {
  test('when its commit touches no file of the change', async () => {
    const line = await on(base, 'Line', { 'a.txt': lines({ 3: 'other' }) });
    const note = await on(line, `Not taken\n\n(cherry picked from commit ${fix})`, { 'notes.txt': 'n\n' });
    expect(await ask(note)).toMatchObject({ outcome: 'conflict' });
  });

  test('when another person wrote something else under the same subject', async () => {
    const made = await on(base, 'Set the limit of the queue', {
      'a.txt': lines({ 3: 'the limit is one hundred' }),
    });
    const line = await on(
      base,
      'Set the limit of the queue',
      { 'a.txt': lines({ 3: 'no limit whatever' }) },
      {
        author: 'Cleo Else <cleo@example.com>',
      },
    );
    expect(await ask(line, commitsChange(made))).toMatchObject({ outcome: 'conflict' });
  });

  test('for more than is there: the rest is named', async () => {
    const both = await on(base, 'Both', { 'a.txt': lines({ 3: 'fixed' }), 'b.txt': 'better\n' });
    const half = await on(base, `Half\n\n(cherry picked from commit ${both})`, {
      'a.txt': lines({ 3: 'fixed' }),
    });
    const answer = await ask(half, commitsChange(both));
    expect(answer.outcome).toBe('contained');
    expect(answer.warnings.join()).toMatch(/only a part of its content is there/);
  });

  test('for two commits of which one is not there', async () => {
    const first = await on(base, 'First', { 'a.txt': lines({ 3: 'fixed' }) });
    const second = await on(first, 'Second', { 'b.txt': 'better\n' });
    const picked = [first, second].map((id) => `(cherry picked from commit ${id})`).join('\n');
    const line = await on(base, `Guards\n\n${picked}`, {
      'b.txt': 'better\n',
      'a.txt': lines({ 17: 'near' }),
    });
    expect(await ask(line, commitsChange(first, second))).toMatchObject({
      outcome: 'clean',
      picked: [first],
    });
  });
});

test('not by a patch that differs in white space alone', async () => {
  const made = await on(base, 'Indent', { 'a.txt': lines({ 3: '    return' }) });
  const line = await on(base, 'Indent otherwise', { 'a.txt': lines({ 3: '        return' }) });
  expect(await ask(line, commitsChange(made))).toMatchObject({ outcome: 'conflict' });
});

test('not by ancestry, when its pull request was reverted in words only', async () => {
  const squashed = await on(base, 'Guard it (#31)', FIXED);
  const reverted = await on(squashed, 'Revert "Guard it (#31)" (#32)\n\nReverts example/repo#31', {
    'a.txt': lines(),
  });
  expect(await ask(reverted, commitsChange(squashed))).toMatchObject({
    outcome: 'clean',
    contained: { gitReverted: true, commit: reverted },
  });
});

test('not by ancestry, when nothing of it is there and the pick is clean', async () => {
  const dropped = await on(fix, 'Clean up', { 'a.txt': lines() });
  const answer = await ask(dropped);
  expect(answer).toMatchObject({ outcome: 'clean', picked: [fix] });
  expect(answer.warnings.join()).toMatch(/its content is not there/);
});

test('a change that came with a prerequisite leaves the candidate with the prerequisite', async () => {
  const bundle = await on(base, 'Bundle', { ...FIXED, 'b.txt': 'more\n' });
  const repository = await world.repositories.open(source.location);
  const made = await repository.assemble(workOf(base, commitsChange(fix), { prerequisites: [bundle] }));
  expect(made).toMatchObject({ outcome: 'clean', picked: [bundle], passengers: [bundle] });
  expect(made.warnings.join()).toMatch(/left out/);
});
