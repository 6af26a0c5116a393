// Goal: what a candidate is made of, on small real repositories: commits against their sources, files against what
// is deployed, and everything said that is not shown.
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
import {
  type AssemblyWork,
  type ExplainWork,
  type Repositories,
  SourceProblem,
} from '../../../ports/repository.ts';
import { createTestWorld } from '../test-world.ts';

let world: RepositoryWorld;
beforeAll(async () => {
  world = await createTestWorld();
});
afterAll(() => world.dispose());

const ALL = { patches: true, patchBytesMax: 1024 * 1024, carried: [], isReused: false };

/** Assembles and explains what came of it. */
async function explained(
  at: {
    readonly source: TestSource;
    readonly onto: Commit;
    readonly change: Change;
    readonly by?: Repositories;
  },
  more: { readonly work?: Partial<AssemblyWork>; readonly explain?: Partial<ExplainWork> } = {},
) {
  const repository = await (at.by ?? world.repositories).open(at.source.location);
  const assembly = await repository.assemble(workOf(at.onto, at.change, more.work));
  expect(assembly).toMatchObject({ outcome: 'clean' });
  const told = await repository.explain({
    ...ALL,
    fix: 'FIX-1',
    release: at.onto,
    candidate: assembly.commit!,
    picked: assembly.picked,
    passengers: assembly.passengers,
    change: at.change,
    branch: 'main',
    ...more.explain,
  });
  return { assembly, ...told };
}

/** A source whose line is one commit behind main, and the change on top. */
async function simple(files: {
  before?: object;
  ours?: object;
  change: Record<string, string | Buffer | null | { mode: string; content: string | Buffer }>;
}) {
  const source = await world.source();
  const [base = ''] = await source.commits([
    { on: 'main', message: 'Begin', files: { 'a.go': lines(), ...files.before } },
  ]);
  const onto = await source.commit({
    on: 'line',
    from: base,
    message: 'Release',
    files: { ...files.ours, 'r.txt': 'r\n' },
  });
  const fix = await source.commit({ on: 'main', message: 'Fix it (#12)\n\nBecause.', files: files.change });
  return { source, base, onto, fix, change: commitsChange(fix) };
}

describe('commits against their sources', () => {
  test('a pick that does the same is =, with the pull request it came by', async () => {
    const it = await simple({ change: { 'a.go': lines({ 5: 'fixed' }) } });
    const { picks, assembly, passengers } = await explained(it);
    expect(picks).toMatchObject([
      {
        mark: '=',
        role: 'change',
        isRevert: false,
        source: { commit: it.fix, subject: 'Fix it (#12)', author: 'Ada Example', pullRequest: 12 },
        candidate: { commit: assembly.commit, author: 'Ada Example' },
        patch: [],
        leftOut: 0,
      },
    ]);
    expect(passengers).toEqual([]);
  });

  test('a pick among other lines is !, and says how the patches differ; trailers are no difference', async () => {
    const it = await simple({
      ours: { 'a.go': lines({ 2: 'as the line has it' }) },
      change: { 'a.go': lines({ 5: 'fixed' }) },
    });
    const { picks } = await explained(it);
    expect(picks[0]).toMatchObject({ mark: '!', leftOut: 0 });
    expect(picks[0]!.patch).toContain('- line 2');
    expect(picks[0]!.patch).toContain('+ as the line has it');
    expect(picks[0]!.patch.join('\n')).not.toMatch(/cherry picked|Fleetfix/);
  });

  test('prerequisites and carried fixes are told apart, each by its own commit', async () => {
    const source = await world.source();
    const [onto = '', split = '', other = '', fix = ''] = await source.commits([
      { on: 'main', message: 'Begin', files: { 'a.go': lines(), 'b.go': lines() } },
      { on: 'main', message: 'Split', files: { 'a.go': lines({ 5: 'split' }) } },
      { on: 'main', message: 'Other fix', files: { 'b.go': lines({ 3: 'other' }) } },
      { on: 'main', message: 'Fix\n\nFleetfix: FIX-99', files: { 'a.go': lines({ 5: 'split and fixed' }) } },
    ]);
    const carry = [{ fix: 'FIX-7', change: commitsChange(other), prerequisites: [] }] as const;
    const at = { source, onto, change: commitsChange(fix) };
    const { picks, passengers } = await explained(at, { work: { carry, prerequisites: [split] } });
    expect(picks.map((row) => [row.mark, row.role, row.fix, row.source?.subject])).toEqual([
      ['=', 'carried', 'FIX-7', 'Other fix'],
      ['=', 'prerequisite', undefined, 'Split'],
      ['=', 'change', undefined, 'Fix'],
    ]);
    expect(passengers.map((one) => one.subject)).toEqual(['Split']);
  });

  test('what the line has already is <, and is not on the candidate', async () => {
    const source = await world.source();
    const [base = '', one = '', two = ''] = await source.commits([
      { on: 'main', message: 'Begin', files: { 'a.go': lines(), 'b.go': lines() } },
      { on: 'main', message: 'One', files: { 'a.go': lines({ 5: 'one' }) } },
      { on: 'main', message: 'Two', files: { 'b.go': lines({ 5: 'two' }) } },
    ]);
    const onto = await source.commit({
      on: 'line',
      from: base,
      message: 'Same as one',
      files: { 'a.go': lines({ 5: 'one' }) },
    });
    const { picks } = await explained({ source, onto, change: commitsChange(one, two) });
    expect(picks.map((row) => [row.mark, row.source?.subject, row.candidate === undefined])).toEqual([
      ['=', 'Two', false],
      ['<', 'One', true],
    ]);
    expect(picks[1]!.because).toMatch(/the line has it already/);
  });

  test('a git revert is compared with the inverse of its source', async () => {
    const source = await world.source();
    const [, bad = '', onto = ''] = await source.commits([
      { on: 'main', message: 'Begin', files: { 'a.go': lines() } },
      { on: 'main', message: 'Break it', files: { 'a.go': lines({ 5: 'broken' }) } },
      { on: 'main', message: 'Later', files: { 'b.go': 'b\n' } },
    ]);
    const { picks, deployed } = await explained({
      source,
      onto,
      change: { kind: 'git-revert', commit: bad },
    });
    expect(picks).toMatchObject([{ mark: '=', isRevert: true, source: { commit: bad } }]);
    expect(deployed.files[0]?.patch).toContain('-broken');
  });

  test('a change that was a patch has sources on a machine that never saw it', async () => {
    const it = await simple({ change: { 'a.go': lines({ 5: 'fixed' }) } });
    const text = await it.source.git('diff', it.base, it.fix);
    await it.source.git('update-ref', 'refs/heads/main', it.base);
    const change: Change = { kind: 'patch', text };
    const { assembly, picks } = await explained({ ...it, change });
    expect(picks).toMatchObject([{ mark: '=' }]);
    // The candidate alone is what another hub may have.
    const elsewhere = await world.elsewhere.open(it.source.location);
    await elsewhere.assemble(workOf(it.onto, change));
    const again = await elsewhere.explain({
      ...ALL,
      fix: 'FIX-1',
      release: it.onto,
      candidate: assembly.commit!,
      picked: assembly.picked,
      passengers: [],
      change,
      branch: 'main',
    });
    expect(again.picks).toMatchObject([{ mark: '=' }]);
  });

  test('a source that is not in the repository any more is >, by name', async () => {
    const it = await simple({ change: { 'a.go': lines({ 5: 'fixed' }) } });
    const gone = 'f'.repeat(40);
    const { picks } = await explained(it, { explain: { picked: [gone], change: commitsChange(gone) } });
    expect(picks).toMatchObject([
      { mark: '>', because: expect.stringContaining('ffffffffffff is not in the repository') },
    ]);
    expect(picks).toHaveLength(1);
  });

  test('a candidate that is lost, or stands on something else, is a problem of the source', async () => {
    const it = await simple({ change: { 'a.go': lines({ 5: 'fixed' }) } });
    const lost = explained(it, { explain: { candidate: 'e'.repeat(40) } });
    await expect(lost).rejects.toThrow(SourceProblem);
    await expect(explained(it, { explain: { release: it.fix } })).rejects.toThrow(/does not stand on/);
  });
});

describe('a proposal that was taken', () => {
  // The line and the change rewrite neighbouring lines: git calls that a conflict.
  const fork = async () => {
    const it = await simple({
      ours: { 'a.go': lines({ 4: 'as the line has it' }) },
      change: { 'a.go': lines({ 5: 'fixed' }) },
    });
    const repository = await world.repositories.open(it.source.location);
    const stuck = await repository.assemble(workOf(it.onto, it.change));
    const adjacent = stuck.proposals.find((one) => one.kind === 'adjacent')!;
    expect(stuck.outcome).toBe('conflict');
    return { it, repository, accept: { kind: 'adjacent', tree: adjacent.tree } as const };
  };

  test('is a candidate like any other: its commits, its files', async () => {
    const { it, accept } = await fork();
    const { picks, deployed } = await explained(it, { work: { accept } });
    expect(picks).toMatchObject([{ mark: '!', role: 'change', source: { commit: it.fix } }]);
    expect(deployed.files[0]).toMatchObject({ path: 'a.go', added: 1, removed: 1 });
    expect(deployed.files[0]!.patch).toContain('+fixed');
  });

  test('is carried by a later fix as its candidate has it, and named in what that one is made of', async () => {
    const { it, repository, accept } = await fork();
    const first = await repository.assemble(workOf(it.onto, it.change, { accept }));
    const other = await it.source.commit({ on: 'main', message: 'Other', files: { 'b.go': 'b\n' } });
    const change = { kind: 'range', from: it.onto, to: first.commit! } as const;
    const work = { fix: 'FIX-2', carry: [{ fix: 'FIX-1', change, prerequisites: [] }] } as const;
    const at = { ...it, change: commitsChange(other) };
    const { picks, deployed } = await explained(at, { work, explain: { fix: 'FIX-2', carried: [change] } });
    expect(picks.map((row) => [row.mark, row.role, row.fix])).toEqual([
      ['=', 'carried', 'FIX-1'],
      ['=', 'change', undefined],
    ]);
    expect(deployed.files.map((file) => file.path)).toEqual(['a.go', 'b.go']);
  });
});

describe('files against what is deployed', () => {
  test('every kind of change is told: added, deleted, renamed, mode, binary, link; each file by its class', async () => {
    const it = await simple({
      before: {
        'old.go': lines(),
        'gone.md': 'x\n',
        'run.sh': 'run\n',
        'img.bin': Buffer.from([0, 1]),
        'kind.txt': 'file\n',
      },
      change: {
        'a.go': lines({ 5: 'fixed', 9: 'fixed too' }),
        'old.go': null,
        'new.go': lines({ 3: 'moved' }),
        'gone.md': null,
        'a_test.go': 'test\n',
        'run.sh': { mode: '100755', content: 'run\n' },
        'img.bin': Buffer.from([0, 2]),
        'kind.txt': { mode: '120000', content: 'a.go' },
      },
    });
    const { deployed } = await explained(it);
    const rows = deployed.files.map((f) => [
      f.did,
      f.class,
      f.path,
      f.isBinary ? 'binary' : `+${f.added} -${f.removed}`,
    ]);
    expect(rows).toEqual([
      ['modified', 'code', 'a.go', '+2 -2'],
      ['added', 'test', 'a_test.go', '+1 -0'],
      ['deleted', 'docs', 'gone.md', '+0 -1'],
      ['modified', 'code', 'img.bin', 'binary'],
      ['modified', 'code', 'kind.txt', '+1 -1'],
      ['renamed', 'code', 'new.go', '+1 -1'],
      ['modified', 'code', 'run.sh', '+0 -0'],
    ]);
    expect(deployed.total).toEqual({ files: 7, added: 5, removed: 5 });
    expect(deployed.files[4]).toMatchObject({ mode: '100644 → 120000' });
    expect(deployed.files[5]).toMatchObject({ from: 'old.go' });
    expect(deployed.files[6]).toMatchObject({ mode: '100644 → 100755', patch: [] });
    // The link is shown as taken away and put there, and the file after it still has its own patch.
    expect(deployed.files[4]!.patch).toEqual(expect.arrayContaining(['-file', '+a.go']));
    expect(deployed.files[5]!.patch).toContain('+moved');
    expect(deployed.leftOut).toEqual([]);
    expect(deployed.command).toBe(`git diff ${deployed.from} ${deployed.to}`);
  });

  test('a file that says "diff --git" does not become two, and a component says itself what its paths are for', async () => {
    const text = 'diff --git a/x b/x\n@@ -1 +1 @@\n';
    const it = await simple({ change: { 'a.go': text, 'b.go': 'b\n' } });
    const { deployed } = await explained(it, { explain: { pathClasses: { docs: ['b.go'] } } });
    expect(deployed.files.map((file) => file.class)).toEqual(['code', 'docs']);
    expect(deployed.files[0]!.patch).toContain('+diff --git a/x b/x');
    expect(deployed.files[1]!.patch).toEqual(['@@ -0,0 +1 @@', '+b']);
  });

  test('bytes that are no text, and signs that move a terminal, are made visible', async () => {
    const it = await simple({
      change: {
        'a.go': `\u001b[2Jwipe\u202e\r\n\ttab\n`,
        'b.txt': Buffer.from('caf\xe9 \x9b\n', 'latin1'),
        'c\xe9\n.txt': 'path\n',
      },
    });
    const { deployed } = await explained(it);
    const of = (path: string) => deployed.files.find((file) => file.path === path)!.patch.at(-1);
    expect(deployed.files[0]!.patch).toContain('+\\x1b[2Jwipe\\u202e\\x0d');
    expect(deployed.files[0]!.patch).toContain('+\ttab');
    expect(of('b.txt')).toBe('+caf\\xe9 \\x9b');
    expect(of('"c\\351\\n.txt"')).toBe('+path');
    const all = deployed.files.flatMap((file) => [file.path, ...file.patch]).join('');
    expect(['\u001b', '\u009b', '\u202e', '\r'].filter((sign) => all.includes(sign))).toEqual([]);
  });

  test('what is too much is left out, and it is said what and how to see it', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 230 }, (_, i) => [`z/${String(i).padStart(3, '0')}.txt`, 'z\n']),
    );
    const long = Array.from({ length: 3_000 }, (_, i) => `row ${i}\n`).join('');
    const it = await simple({ change: { 'a.go': long, ...many } });
    const { deployed } = await explained(it);
    expect(deployed.total.files).toBe(231);
    expect(deployed.files).toHaveLength(200);
    expect(deployed.files[0]).toMatchObject({ path: 'a.go', leftOut: 1_021 });
    expect(deployed.files[0]!.patch).toHaveLength(2_000);
    expect(deployed.leftOut).toEqual([
      '31 of 231 files are not named here',
      '1021 lines of the patches of 1 file are not given (a.go): at most 2000 a file, 1024 KiB in all',
    ]);
  });

  test('what is full stays full, and counts are given without patches', async () => {
    const it = await simple({ change: { 'a.go': lines({ 5: 'x'.repeat(600) }), 'b.go': 'b\n' } });
    const tight = await explained(it, { explain: { patchBytesMax: 500 } });
    expect(tight.deployed.files.map((file) => file.leftOut > 0)).toEqual([true, true]);
    expect(tight.deployed.leftOut).toHaveLength(1);
    const counts = await explained(it, { explain: { patches: false } });
    expect(counts.deployed.files.map((file) => [file.added, file.patch, file.leftOut])).toEqual([
      [1, [], 0],
      [1, [], 0],
    ]);
    expect(counts.deployed.leftOut).toEqual([]);
  });
});
