// Goal: `assemble` and `contains` answer from a repository alone. Method: the real command line as a process of its own, on
// small repositories written by git fast-import.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestSource } from '../../src/adapters/git/test-source.ts';
import { lines } from '../../src/ports/repository.contract.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

let dir: string;
let source: Awaited<ReturnType<typeof createTestSource>>;
const id = { base: '', fix: '', other: '', clash: '', release: '' };

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'fleetfix-alone-'));
  source = await createTestSource();
  id.base = await source.commit({
    on: 'main',
    message: 'Begin',
    files: { 'a.txt': lines(), 'caf\xe9\n.txt': 'one\n' },
  });
  id.release = await source.commit({
    on: 'release',
    from: id.base,
    message: 'Line work',
    files: { 'a.txt': lines({ 10: 'of the line' }), 'caf\xe9\n.txt': 'of the line\n' },
  });
  id.fix = await source.commit({
    on: 'main',
    from: id.base,
    message: 'Fix it (#7)',
    files: { 'a.txt': lines({ 3: 'fixed' }) },
  });
  id.other = await source.commit({ on: 'main', message: 'Other', files: { 'b.txt': 'b\n' } });
  id.clash = await source.commit({
    on: 'main',
    message: 'Clash',
    files: { 'a.txt': lines({ 3: 'fixed', 10: 'clash' }), 'caf\xe9\n.txt': 'two\n' },
  });
});
afterAll(async () => {
  await source.dispose();
  rmSync(dir, { recursive: true, force: true });
});

function start(argv: readonly string[], env: Record<string, string> = {}): ChildProcessWithoutNullStreams {
  const given = {
    PATH: process.env.PATH ?? '',
    HOME: dir,
    XDG_CACHE_HOME: join(dir, 'cache'),
    NO_COLOR: '1',
  };
  return spawn(process.execPath, [MAIN, ...argv], { env: { ...given, ...env } });
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

async function fleetfix(argv: readonly string[], input = '', env: Record<string, string> = {}) {
  const child = start(argv, env);
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const closed = once(child, 'close');
  const [out, err] = await Promise.all([textOf(child.stdout), textOf(child.stderr)]);
  return { exit: (await closed)[0] as number, out, err };
}

const assemble = (...more: readonly string[]) =>
  fleetfix(['assemble', '--repo', source.location, '-o', 'json', '--search-ms', '100', ...more]);
const batch = async (input: string, ...more: readonly string[]) => {
  const argv = [
    'assemble',
    '--repo',
    source.location,
    '-o',
    'json',
    '--search-ms',
    '100',
    '--batch',
    '-',
    ...more,
  ];
  const ran = await fleetfix(argv, input);
  return {
    ...ran,
    results: ran.out
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  };
};

describe('assemble', () => {
  test('puts a change onto what is deployed, and the candidate can be fetched', async () => {
    const { exit, out, err } = await assemble('--change', id.fix, '--onto', 'release');
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    const result = JSON.parse(out);
    expect(result).toMatchObject({ id: 'release', onto: id.release, outcome: 'clean', picked: [id.fix] });
    expect(result).toMatchObject({
      conflicts: [],
      proposals: [],
      prerequisites: [],
      warnings: [],
      passengers: [],
    });
    const fresh = await createTestSource();
    await fresh.git(
      '-c',
      'protocol.file.allow=always',
      'fetch',
      '-q',
      result.kept.repository,
      result.kept.ref,
    );
    expect((await fresh.git('rev-parse', 'FETCH_HEAD', 'FETCH_HEAD^', 'FETCH_HEAD^{tree}')).trim()).toBe(
      [result.commit, id.release, result.tree].join('\n'),
    );
    expect(await fresh.git('show', '-s', '--format=%B', 'FETCH_HEAD')).toBe(
      `Fix it (#7)\n\n(cherry picked from commit ${id.fix})\nFleetfix-Base: ${id.release}\n\n`,
    );
    await fresh.dispose();
  });

  test('answers for several commits in a list, and a conflict is exit 5', async () => {
    const { exit, out } = await assemble(
      '--change',
      id.clash,
      '--onto',
      id.base,
      '--onto',
      id.release,
      '--onto',
      'main',
    );
    expect(exit).toBe(5);
    const results = JSON.parse(out);
    expect(results.map((one: { outcome: string }) => one.outcome)).toEqual([
      'clean',
      'conflict',
      'contained',
    ]);
    expect(results[2].contained).toMatchObject({ how: ['ancestry', 'empty re-pick'], gitReverted: false });
    // A path that is neither text nor on one line is named as git quotes it.
    expect(results[1].conflicts.map((one: { path: string }) => one.path).sort()).toEqual([
      '"caf\\351\\n.txt"',
      'a.txt',
    ]);
  });

  test('takes a range, a pull request and a git revert; a fix is written into the candidate', async () => {
    const range = JSON.parse(
      (await assemble('--change', `${id.base}..${id.other}`, '--onto', 'release')).out,
    );
    expect(range.picked).toEqual([id.fix, id.other]);
    const merged = JSON.parse((await assemble('--pr', '7', '--onto', 'release', '--fix', 'FIX-9')).out);
    expect(merged.picked).toEqual([id.fix]);
    const revert = JSON.parse((await assemble('--git-revert', id.release, '--onto', 'release')).out);
    expect(revert).toMatchObject({ outcome: 'clean', picked: [id.release] });
    const base = (await source.git('rev-parse', `${id.base}^{tree}`)).trim();
    expect(revert.tree).toBe(base);
  });

  test('keeps what the line carries, in order, and names the carried fix that does not go on', async () => {
    const kept = JSON.parse(
      (await assemble('--change', id.other, '--carry', id.fix, '--onto', 'release')).out,
    );
    expect(kept).toMatchObject({ outcome: 'clean', picked: [id.fix, id.other] });
    const onOurs = JSON.parse(
      (await assemble('--change', id.other, '--carry', id.fix, '--onto', id.fix)).out,
    );
    expect(onOurs).toMatchObject({ outcome: 'clean', picked: [id.other] });
    const failed = await assemble(
      '--change',
      id.other,
      '--carry',
      `${id.fix},${id.clash}`,
      '--onto',
      'release',
    );
    expect(failed.exit).toBe(5);
    expect(JSON.parse(failed.out).because).toContain(`carried fix ${id.clash.slice(0, 12)}`);
    const lost = await assemble('--change', id.other, '--carry', 'nowhere', '--onto', 'release');
    expect(lost.exit).toBe(2);
    expect(JSON.parse(lost.out)).toMatchObject({
      outcome: 'refused',
      because: expect.stringMatching(/carried fix nowhere/),
    });
  });

  test('puts a patch file on', async () => {
    const file = join(dir, 'fix.patch');
    writeFileSync(file, await source.git('diff', id.base, id.fix));
    const made = JSON.parse((await assemble('--patch', file, '--onto', 'release')).out);
    const picked = JSON.parse((await assemble('--change', id.fix, '--onto', 'release')).out);
    expect(made).toMatchObject({ outcome: 'clean', tree: picked.tree });
  });

  test('takes a change of 400 commits', async () => {
    const many = await source.commits(
      Array.from({ length: 400 }, (_, i) => ({
        on: 'many',
        ...(i === 0 && { from: id.base }),
        message: `Step ${i}`,
        files: { [`many/${i % 7}.txt`]: `${i}\n` },
      })),
    );
    const made = await assemble('--change', many.join(','), '--onto', 'release');
    expect(made.exit, made.err).toBe(0);
    expect(JSON.parse(made.out).picked).toEqual(many);
  });

  test('prints a screen that says how to go on', async () => {
    const { out } = await fleetfix([
      'assemble',
      '--repo',
      source.location,
      '--change',
      id.fix,
      '--onto',
      'release',
    ]);
    expect(out).toMatch(/^release: clean: 1 commit onto /);
    expect(out).toMatch(/get it +git fetch \S+ refs\/fleetfix\/alone\/[0-9a-f]{40}\n/);
  });
});

describe('what cannot be used is refused with exit 2 and a reason', () => {
  test.each([
    [['--change', 'main', '--onto', '--upload-pack=x'], /expected a commit id/],
    [['--change=--all', '--onto', 'release'], /expected a commit id/],
    [['--change', 'main'], /--onto is missing/],
    [['--onto', 'release'], /no change is named/],
    [['--change', 'main', '--patch', 'x', '--onto', 'release'], /more than one change/],
    [['--patch', '/nowhere', '--onto', 'release'], /ENOENT/],
    [['--change', 'main', '--onto', 'release', '--accept', 'prerequisites=1'], /--accept/],
    [['--batch', '-', '--onto', 'release'], /does not go with --batch/],
    [['--batch', '/nowhere'], /ENOENT/],
  ])('%j', async (argv, reason) => {
    const { exit, out, err } = await assemble(...argv);
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
    expect(err).toMatch(reason);
  });

  test('a name that stands for nothing is a refused result', async () => {
    const { exit, out } = await assemble('--change', 'main', '--onto', 'nowhere');
    expect(exit).toBe(2);
    expect(JSON.parse(out)).toMatchObject({
      id: 'nowhere',
      outcome: 'refused',
      because: expect.stringContaining('nowhere'),
    });
  });

  test('a folder that is no repository, one that is empty, and one that is not there', async () => {
    const empty = await createTestSource();
    const reasons: [string, RegExp][] = [
      [dir, /is not a git repository/],
      [join(dir, 'none'), /does not exist/],
      [empty.location, /is empty/],
      ['--upload-pack=touch', /looks like an option/],
    ];
    for (const [repo, reason] of reasons) {
      const argv = ['assemble', `--repo=${repo}`, '--change', 'main', '--onto', 'main', '-o', 'json'];
      const { exit, err } = await fleetfix(argv);
      expect(exit, repo).toBe(2);
      expect(err).toMatch(reason);
    }
    await empty.dispose();
  });

  test('a shallow clone says what it lacks', async () => {
    const clone = join(dir, 'shallow');
    await source.git(
      '-c',
      'protocol.file.allow=always',
      'clone',
      '-q',
      '--bare',
      '--depth=1',
      `file://${source.location}`,
      clone,
    );
    const { exit, out } = await fleetfix([
      'assemble',
      '--repo',
      clone,
      '-o',
      'json',
      '--change',
      id.clash,
      '--onto',
      id.release,
    ]);
    expect(exit).toBe(2);
    expect(JSON.parse(out)).toMatchObject({
      outcome: 'refused',
      because: expect.stringContaining(id.release),
    });
  });

  test('an unborn HEAD is no matter when there are branches', async () => {
    await source.git('symbolic-ref', 'HEAD', 'refs/heads/unborn');
    const { exit } = await assemble('--change', id.fix, '--onto', 'release');
    await source.git('symbolic-ref', 'HEAD', 'refs/heads/main');
    expect(exit).toBe(0);
  });
});

describe('a batch', () => {
  const line = (name: string, more: object = {}) =>
    JSON.stringify({ id: name, change: [id.fix], onto: id.release, ...more });

  test('gives one result a line, in order, and goes on after what it cannot read', async () => {
    const input = [
      `\ufeff${line('a')}`,
      '',
      '{not json',
      '[]',
      line('a', { change: [] }),
      line('b', { onto: '--upload-pack=x' }),
      `{"id":"long","pad":"${'x'.repeat(1_100_000)}"}`,
      line('a', { change: [id.clash] }),
      line('c', { change: ['nowhere'] }),
      line('d', { change: [`${id.base}..${id.other}`], wat: 1 }),
      line('e', { carry: [id.clash] }),
      JSON.stringify({ change: [id.fix], onto: id.fix }),
      line('f', { change: { kind: 'pull-request', number: 7 } }),
      line('g', { change: ['--output=x'] }),
    ];
    const { exit, results, err } = await batch(`${input.join('\r\n')}\n`);
    expect({ exit, err }).toEqual({ exit: 2, err: '3 clean, 1 contained, 2 conflict, 7 refused\n' });
    expect(results.map(({ id: name, outcome }) => [name, outcome])).toEqual([
      ['a', 'clean'],
      [null, 'refused'],
      [null, 'refused'],
      ['a', 'refused'],
      ['b', 'refused'],
      [null, 'refused'],
      ['a', 'conflict'],
      ['c', 'refused'],
      ['d', 'clean'],
      ['e', 'conflict'],
      [id.fix, 'contained'],
      ['f', 'clean'],
      ['g', 'refused'],
    ]);
    expect(results[1].because).toMatch(/^line 3: is not JSON/);
    expect(results[5].because).toMatch(/^line 7: the line is longer/);
    expect(results[8]).toMatchObject({ picked: [id.fix, id.other], warnings: ['not read: wat'] });
    expect(results[9].because).toContain(`carried fix ${id.clash.slice(0, 12)}`);
    expect(results.every((one) => one.kept === undefined)).toBe(true);
  });

  test('ends with 0 when everything went on, and with 5 for conflicts', async () => {
    expect((await batch(line('a'))).exit).toBe(0);
    expect((await batch('')).exit).toBe(0);
    const both = await batch(`${line('a')}\n${line('b', { change: [id.clash] })}`, '--parallel', '1');
    expect(both.exit).toBe(5);
  });

  test('gives a result as soon as it is there, and Ctrl-C ends it with what was begun', async () => {
    const child = start(['assemble', '--repo', source.location, '-o', 'json', '--batch', '-']);
    const said = textOf(child.stderr);
    const results = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stdin.on('error', () => {});
    child.stdin.write(`${line('first')}\n`);
    expect(JSON.parse(String((await results.next()).value))).toMatchObject({ id: 'first', outcome: 'clean' });
    const closed = once(child, 'close');
    child.kill('SIGINT');
    expect(await closed).toEqual([3, null]);
    expect(await said).toContain('stopped after 1 results');
  });

  test('is no error when nobody reads on', async () => {
    const child = start(['assemble', '--repo', source.location, '-o', 'json', '--batch', '-']);
    const said = textOf(child.stderr);
    child.stdin.on('error', () => {});
    const closed = once(child, 'close');
    child.stdout.once('data', () => child.stdout.destroy());
    child.stdin.end(Array.from({ length: 300 }, (_, i) => `${line(String(i))}\n`).join(''));
    expect(await closed).toEqual([0, null]);
    expect(await said).toBe('');
  });
});

describe('contains', () => {
  const contains = (...more: readonly string[]) =>
    fleetfix(['contains', '--repo', source.location, '-o', 'json', ...more]);

  test('says whether a commit has a change and how that is known', async () => {
    const has = await contains('--commit', 'main', '--change', id.fix);
    expect(has.exit).toBe(0);
    expect(JSON.parse(has.out)).toMatchObject({
      contained: true,
      how: ['ancestry', 'empty re-pick'],
      of: [{ source: id.fix }],
    });
    const lacks = await contains('--commit', 'release', '--change', `${id.fix},${id.other}`);
    expect(lacks.exit).toBe(5);
    expect(JSON.parse(lacks.out)).toMatchObject({ contained: false, gitReverted: false });
    const made = JSON.parse((await assemble('--change', id.fix, '--onto', 'release')).out);
    const image = await contains('--commit', made.commit, '--pr', '7');
    expect(image.exit).toBe(0);
  });

  test('refuses what it cannot know', async () => {
    expect((await contains('--commit', 'nowhere', '--change', id.fix)).exit).toBe(2);
    expect((await contains('--commit', 'main', '--change', 'nowhere')).exit).toBe(2);
    expect((await contains('--commit=-x', '--change', id.fix)).exit).toBe(2);
  });
});

test('a command that works alone loads nothing of a hub', async () => {
  const hook = join(dir, 'hook.mjs');
  writeFileSync(
    hook,
    `import { registerHooks } from 'node:module';
     const loaded = [];
     registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
     process.on('exit', () => process.stderr.write(loaded.join('\\n')));`,
  );
  const env = { NODE_OPTIONS: `--import=${pathToFileURL(hook)}` };
  const argv = ['assemble', '--repo', source.location, '--change', id.fix, '--onto', 'release'];
  const { exit, err } = await fleetfix(argv, '', env);
  expect(exit).toBe(0);
  expect(err).toContain('/src/adapters/git/index.ts');
  const foreign = err
    .split('\n')
    .filter((url) => /\/src\/(hub|agent|simulator)\/|\/(zod|pg|hono|kysely)\//.test(url));
  expect(foreign).toEqual([]);
});
