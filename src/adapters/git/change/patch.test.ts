// Goal: a patch file is as good as the commit it was made of. Method: two repositories that begin alike; patches are made
// by git in one of them, the workshop, and put on lines of the other, which has never seen their commits.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Change } from '../../../core/assembly/assembly.ts';
import type { Commit } from '../../../core/base/ids.ts';
import {
  commitsChange,
  lines,
  type RepositoryWorld,
  type TestSource,
  workOf,
} from '../../../ports/repository.contract.ts';
import type { Repository } from '../../../ports/repository.ts';
import { createTestWorld } from '../test-world.ts';

let world: RepositoryWorld;
let source: TestSource;
let workshop: TestSource;
let repository: Repository;
let base: Commit;
/** `release`: base, and other lines of the same files. */
let release: Commit;

const crlf = lines().replaceAll('\n', '\r\n');
const BEGIN = {
  'a.txt': lines(),
  'b.txt': 'b\n',
  'crlf.txt': crlf,
  bin: Buffer.from([0, 1, 2, 3, 255]),
  'run.sh': { mode: '100755', content: 'echo\n' },
  link: { mode: '120000', content: 'b.txt' },
  'caf\xe9 "x".txt': 'odd\n',
};

beforeAll(async () => {
  world = await createTestWorld();
  [source, workshop] = [await world.source(), await world.source()];
  for (const one of [source, workshop])
    base = await one.commit({ on: 'main', message: 'Begin', files: BEGIN });
  release = await source.commit({
    on: 'release',
    from: base,
    message: 'Line work',
    files: { 'a.txt': lines({ 8: 'of the line' }), 'crlf.txt': crlf.replace('line 20', 'of the line') },
  });
  repository = await world.repositories.open(source.location);
});
afterAll(() => world.dispose());

let works = 0;
/** Commits of the workshop on `base`, as `git format-patch` writes them. */
async function mails(...files: (typeof BEGIN | Record<string, unknown>)[]): Promise<string> {
  works += 1;
  const on = `work-${works}`;
  const all = files.map((one, i) => ({
    on,
    ...(i === 0 && { from: base }),
    message: `[area] Fix ${i + 1} für alle\n\nWhy it is needed.`,
    author: 'Zoë Fix <zoe@example.com>',
    seconds: 1_710_000_000 + i,
    files: one as typeof BEGIN,
  }));
  await workshop.commits(all);
  return await workshop.git('format-patch', '--stdout', '--binary', '-M', `${base}..${on}`);
}

const patch = (text: string): Change => ({ kind: 'patch', text });
const put = (text: string, onto = release) => repository.assemble(workOf(onto, patch(text)));
const show = async (commit: Commit, path: string) => {
  const kept = await repository.keep(commit);
  return await workshop.git(`--git-dir=${kept.repository}`, 'show', `${commit}:${path}`);
};
/** A patch of which nobody can say what it was made on. */
const unsaid = (text: string) => text.replace(/^index .*\n/gm, '').replace(/^From [0-9a-f]{40} .*\n/gm, '');

describe('a patch that git format-patch wrote', () => {
  test('is put on like the commit: three ways, with its author, time and message', async () => {
    const made = await put(await mails({ 'a.txt': lines({ 6: 'fixed' }) }));
    expect(made).toMatchObject({ outcome: 'clean', conflicts: [], passengers: [] });
    // The line changed two lines below: git apply alone would not take it.
    expect(await show(made.commit!, 'a.txt')).toBe(lines({ 6: 'fixed', 8: 'of the line' }));
    const { repository: dir } = await repository.keep(made.commit!);
    const head = await workshop.git(
      `--git-dir=${dir}`,
      'show',
      '-s',
      '--format=%an %ae %at%n%B',
      made.commit!,
    );
    expect(head).toBe(
      `Zoë Fix zoe@example.com 1710000000\n[area] Fix 1 für alle\n\nWhy it is needed.\n\nFleetfix: FIX-1\nFleetfix-Base: ${release}\n\n`,
    );
  });

  test('of a commit that the repository has is that commit', async () => {
    const fix = await source.commit({
      on: 'main',
      from: base,
      message: 'Known',
      files: { 'b.txt': 'known\n' },
    });
    const text = await source.git('format-patch', '--stdout', '-1', fix);
    const there = await (await world.repositories.open(source.location)).assemble(
      workOf(release, patch(text)),
    );
    expect(there.picked).toEqual([fix]);
    expect(there.commit).toBe((await repository.assemble(workOf(release, commitsChange(fix)))).commit);
    const edited = text.replace('+known', '+edited').replace(/^index .*$/m, 'index 6178079..1111111 100644');
    expect((await put(edited)).picked).not.toEqual([fix]);
  });

  test('with several mails is several commits, each on the one before', async () => {
    const text = await mails(
      { 'a.txt': lines({ 2: 'one' }) },
      { 'a.txt': lines({ 2: 'one', 3: 'two' }), n: 'new\n' },
    );
    const made = await put(text);
    expect(made.picked).toHaveLength(2);
    expect(await show(made.commit!, 'a.txt')).toBe(lines({ 2: 'one', 3: 'two', 8: 'of the line' }));
    expect((await put(text)).commit).toBe(made.commit);
    const elsewhere = await (await world.elsewhere.open(source.location)).assemble(
      workOf(release, patch(text)),
    );
    expect(elsewhere.commit).toBe(made.commit);
  });

  test('that does not go together with the line is a conflict like any other', async () => {
    const made = await put(await mails({ 'a.txt': lines({ 8: 'fixed' }) }));
    expect(made).toMatchObject({ outcome: 'conflict', conflicts: [{ path: 'a.txt', kind: 'content' }] });
  });

  test('is found contained once it was put on, and a second time changes nothing', async () => {
    const text = await mails({ 'a.txt': lines({ 15: 'fixed' }) });
    const { commit } = await put(text);
    expect(await repository.contains(commit!, patch(text), { branch: 'main' })).toMatchObject({
      contained: true,
    });
    expect(await put(text, commit)).toMatchObject({ outcome: 'contained' });
    expect(await repository.contains(release, patch(text), { branch: 'main' })).toMatchObject({
      contained: false,
    });
  });

  test('brings binary files, modes, links, new files, removals, renames and odd names', async () => {
    const text = await mails({
      bin: Buffer.from([9, 0, 9]),
      'run.sh': { mode: '100644', content: 'echo\n' },
      link: { mode: '120000', content: 'a.txt' },
      'b.txt': null,
      'sub/b.txt': 'b\n',
      'caf\xe9 "x".txt': 'odd and fixed\n',
      'line\nbreak': 'x\n',
    });
    const made = await put(text);
    expect(made.outcome, made.because).toBe('clean');
    const { repository: dir } = await repository.keep(made.commit!);
    const raw = await workshop.git(
      `--git-dir=${dir}`,
      'diff',
      '--raw',
      '--no-renames',
      release,
      made.commit!,
    );
    expect(
      raw
        .split('\n')
        .filter(Boolean)
        .map((line) => line.replace(/ [0-9a-f]{7,} [0-9a-f]{7,} /, ' ')),
    ).toEqual([
      ':100644 000000 D\tb.txt',
      ':100644 100644 M\tbin',
      ':100644 100644 M\t"caf\\351 \\"x\\".txt"',
      ':000000 100644 A\t"line\\nbreak"',
      ':120000 120000 M\tlink',
      ':100755 100644 M\trun.sh',
      ':000000 100644 A\tsub/b.txt',
    ]);
  });

  test('keeps CR LF of files, also when the whole patch was turned to CR LF on its way', async () => {
    const text = await mails({ 'crlf.txt': crlf.replace('line 3\r', 'fixed\r') });
    const wanted = crlf.replace('line 3\r', 'fixed\r').replace('line 20', 'of the line');
    const made = await put(text);
    expect(await show(made.commit!, 'crlf.txt')).toBe(wanted);
    expect((await put(text.replaceAll('\n', '\r\n'))).tree).toBe(made.tree);
  });
});

describe('a patch that git diff wrote', () => {
  test('is one commit without an author of its own, put on three ways by the contents it names', async () => {
    await mails({ 'a.txt': lines({ 6: 'fixed' }) });
    const text = await workshop.git('diff', base, `work-${works}`);
    const made = await put(text);
    expect(made).toMatchObject({ outcome: 'clean', picked: [expect.any(String)] });
    expect(await show(made.commit!, 'a.txt')).toBe(lines({ 6: 'fixed', 8: 'of the line' }));
  });

  test('is good for the line alone when it does not say what it was made on', async () => {
    const text = unsaid(await mails({ 'a.txt': lines({ 15: 'fixed' }) }));
    const made = await put(text);
    expect(made.outcome, made.because).toBe('clean');
    expect(await put(text, made.commit)).toMatchObject({ outcome: 'contained' });
    expect(await repository.contains(made.commit!, patch(text), { branch: 'main' })).toMatchObject({
      contained: true,
    });
  });

  test('is refused with file and line when it fits nothing that is known', async () => {
    const refused = await put(unsaid(await mails({ 'a.txt': lines({ 6: 'fixed' }) })));
    expect(refused.outcome).toBe('refused');
    expect(refused.because).toMatch(/patch failed: a\.txt:3; .*Next:/);
  });
});

test('contents that are known only one by one stand in for the line, and are never proposed themselves', async () => {
  const [one, two] = [lines({ 1: 'p' }), lines({ 1: 'q' })];
  // No commit of the source has both.
  await source.commit({ on: 'with-p', from: base, message: 'P', files: { 'p.txt': one } });
  const line = await source.commit({
    on: 'with-q',
    from: base,
    message: 'Q',
    files: { 'q.txt': two, 'p.txt': lines({ 6: 'of the line' }) },
  });
  const ours = { 'p.txt': one, 'q.txt': two };
  await workshop.commits([
    { on: 'loose', from: base, message: 'Both', files: ours },
    { on: 'loose', message: 'Fix', files: { 'p.txt': lines({ 1: 'p', 15: 'fixed' }) } },
    { on: 'clash', from: base, message: 'Both', files: ours },
    { on: 'clash', message: 'Fix', files: { 'p.txt': lines({ 1: 'p', 6: 'fixed' }), 'q.txt': lines() } },
  ]);
  const opened = await world.repositories.open(source.location);
  const of = async (on: string) =>
    opened.assemble(workOf(line, patch(await workshop.git('format-patch', '--stdout', '-1', on))));
  const made = await of('loose');
  expect(made.outcome, made.because).toBe('clean');
  expect(await show(made.commit!, 'p.txt')).toBe(lines({ 6: 'of the line', 15: 'fixed' }));
  const clash = await of('clash');
  expect(clash).toMatchObject({ outcome: 'conflict', conflicts: [{ path: 'p.txt' }], proposals: [] });
});

describe('a patch that reaches out of the tree', () => {
  const adding = (path: string) =>
    `diff --git a/${path} b/${path}\nnew file mode 100644\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+x\n`;
  const through = `${adding('out').replaceAll('100644', '120000').replace('+x', '+/etc')}${adding('out/x')}`;

  test.each([
    ['up', adding('../x')],
    ['up from within', adding('a/../../x')],
    ['absolute', adding('/etc/x')],
    ['into .git', adding('.git/hooks/x')],
    ['into .GIT', adding('sub/.GIT/config')],
    ['through a link it makes', through],
    ['through a link that is there', adding('link/x')],
  ])('%s is refused', async (_, text) => {
    const refused = await put(text);
    expect(refused.outcome).toBe('refused');
    expect(refused.because).toMatch(/(invalid path|beyond a symbolic link).*Next:/);
  });
});

test('a file that unpacks to a giant, an empty patch and no patch are refused', async () => {
  const giant =
    'diff --git a/x b/x\nnew file mode 100644\nindex 0000000..1111111\nGIT binary patch\nliteral 99999999\n';
  expect(await put(giant)).toMatchObject({ outcome: 'refused', because: expect.stringMatching(/more than/) });
  expect(await put('diff --git a/x b/x\n')).toMatchObject({ outcome: 'refused' });
  expect(await put('--- no patch\n')).toMatchObject({ outcome: 'refused' });
});

test('the commits of a patch can be asked for before there is a line', async () => {
  const text = await mails({ 'a.txt': lines({ 6: 'fixed' }) });
  const [only, ...more] = await repository.commitsOf(patch(text), 'main');
  expect(more).toEqual([]);
  expect((await put(text)).picked).toEqual([only]);
  expect(await repository.describe(only!)).toMatchObject({
    author: 'Zoë Fix',
    subject: '[area] Fix 1 für alle',
  });
});
