// Goal: damage, missing objects and odd repositories are named or gone round, and stop nothing else. Method: real
// repositories that are broken on purpose.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  commitsChange,
  lines,
  type RepositoryWorld,
  type TestSource,
  workOf,
} from '../../ports/repository.contract.ts';
import { mayMount, mountDisk } from '../postgres/small-disk.ts';
import { createRepositories } from './index.ts';
import { git } from './test-source.ts';
import { createTestWorld } from './test-world.ts';

let world: RepositoryWorld & { readonly dir: string };
beforeAll(async () => {
  world = await createTestWorld();
});
afterAll(() => world.dispose());

/** Two fixes that touch one file each, and a line that has changed both files elsewhere. */
async function twoFixes() {
  const source = await world.source();
  const files = { 'a.txt': lines(), 'b.txt': lines({ 1: 'b' }) };
  const base = await source.commit({ on: 'main', message: 'Begin', files });
  const line = await source.commit({
    on: 'line',
    from: base,
    message: 'Line',
    files: { 'a.txt': lines({ 18: 'line' }), 'b.txt': lines({ 1: 'b', 18: 'line' }) },
  });
  const fixA = await source.commit({
    on: 'main',
    from: base,
    message: 'Fix a',
    files: { 'a.txt': lines({ 3: 'x' }) },
  });
  const fixB = await source.commit({
    on: 'main',
    message: 'Fix b',
    files: { 'b.txt': lines({ 1: 'b', 3: 'x' }) },
  });
  const blobA = (await source.git('rev-parse', `${base}:a.txt`)).trim();
  return { source, base, line, fixA, fixB, blobA };
}

const looseFile = (source: TestSource, id: string) =>
  join(source.location, 'objects', id.slice(0, 2), id.slice(2));

/** fix a needs what is damaged and is refused with its id; fix b is put on, before and after. */
async function expectOnlyANamed({ source, line, fixA, fixB, blobA }: Awaited<ReturnType<typeof twoFixes>>) {
  const repository = await world.repositories.open(source.location);
  const ask = (fix: string) => repository.assemble(workOf(line, commitsChange(fix)));
  const [before, refused, after] = [await ask(fixB), await ask(fixA), await ask(fixB)];
  expect(refused.outcome, refused.because).toBe('refused');
  expect(refused.because).toMatch(new RegExp(`object ${blobA} is missing or damaged.*Next: `));
  for (const made of [before, after]) expect(made).toMatchObject({ outcome: 'clean', commit: before.commit });
  const both = await Promise.all([fixA, fixB, fixA, fixB].map(ask));
  expect(both.map((one) => one.outcome)).toEqual(['refused', 'clean', 'refused', 'clean']);
}

describe('a damaged object is named, and other assemblies go on', () => {
  test.each([
    ['cut off', (file: string) => truncateSync(file, 20)],
    ['empty', (file: string) => truncateSync(file, 0)],
    ['of other bytes', (file: string) => writeFileSync(file, 'no object at all')],
  ])('a loose one that is %s', async (_, damage) => {
    const made = await twoFixes();
    const file = looseFile(made.source, made.blobA);
    chmodSync(file, 0o644);
    damage(file);
    await expectOnlyANamed(made);
  });

  test('one of a pack in which a bit was flipped', async () => {
    const made = await twoFixes();
    await made.source.git('repack', '-adq', '--depth=0', '--window=0');
    const packs = join(made.source.location, 'objects', 'pack');
    const idx = readdirSync(packs).find((name) => name.endsWith('.idx'))!;
    const rows = (await made.source.git('verify-pack', '-v', join(packs, idx))).split('\n');
    const [, , , sizeInPack, offset] = rows.find((row) => row.startsWith(made.blobA))!.split(/ +/);
    const pack = join(packs, idx.replace('.idx', '.pack'));
    const bytes = readFileSync(pack);
    const at = Number(offset) + Math.floor(Number(sizeInPack) / 2);
    bytes[at] = bytes[at]! ^ 0x10;
    chmodSync(pack, 0o644);
    writeFileSync(pack, bytes);
    await expectOnlyANamed(made);
  });
});

describe('a clone that is not whole', () => {
  const cloned = async (source: TestSource, name: string, ...how: string[]) => {
    const clone = join(world.dir, name);
    await source.git('config', 'uploadpack.allowFilter', 'true');
    await source.git('clone', '-q', '--bare', ...how, `file://${source.location}`, clone);
    return world.repositories.open(clone);
  };

  test.each(['blob:none', 'tree:0'])('filtered by %s names the object and what to fetch', async (filter) => {
    const { source, line, fixA } = await twoFixes();
    const repository = await cloned(source, `partial-${filter.replace(':', '')}`, `--filter=${filter}`);
    const refused = await repository.assemble(workOf(line, commitsChange(fixA)));
    expect(refused.outcome).toBe('refused');
    expect(refused.because).toMatch(/object [0-9a-f]{40} is missing.*git fetch --refetch.*--filter/);
  });

  test('that is shallow names the commit below its end', async () => {
    const { source, line, fixA, fixB, base } = await twoFixes();
    const repository = await cloned(source, 'shallow', '--depth=1', '--no-single-branch');
    expect((await repository.assemble(workOf(line, commitsChange(fixA)))).because).toContain(fixA);
    const refused = await repository.assemble(workOf(line, commitsChange(fixB)));
    expect(refused.outcome).toBe('refused');
    expect(refused.because).toMatch(new RegExp(`${fixA} is missing.*--unshallow`));
    expect(refused.because).not.toContain(base);
  });
});

test('names of branches, tags and lines that look like options are only names', async () => {
  const { source, line, fixA } = await twoFixes();
  for (const name of ['--all', '-d', '--upload-pack=x'])
    await source.git('update-ref', `refs/heads/${name}`, fixA);
  await source.git('update-ref', 'refs/tags/--output=x', fixA);
  const repository = await world.repositories.open(source.location);
  expect(await repository.resolve('refs/heads/--all')).toBe(fixA);
  for (const name of ['--all', '-d', '--output=x']) expect(await repository.resolve(name)).toBeUndefined();
  const byNumber = { kind: 'pull-request', number: 1 } as const;
  const refused = await repository.assemble(workOf(line, byNumber, { branch: '--all' }));
  expect(refused).toMatchObject({ outcome: 'refused', because: expect.stringContaining('--all') });
  const made = await repository.assemble(workOf(line, commitsChange(fixA)));
  expect(made.outcome).toBe('clean');
  await repository.publish('FIX-1', '--force', made.commit!);
  expect(await repository.resolve('fleetfix/FIX-1/%2D-force')).toBe(made.commit);
});

describe('a file of 100 MB', () => {
  const BYTES = 100 * 2 ** 20;
  let source: TestSource;
  const id = { base: '', line: '', small: '', big: '', clash: '' };

  /** A commit of `a.txt` and `big.bin`, which never is in memory here. */
  const commit = async (branch: string, parent: string | undefined, a: string, filler: string) => {
    const file = join(world.dir, 'big.bin');
    const handle = openSync(file, 'w');
    const piece = Buffer.alloc(2 ** 20, filler);
    // With a NUL git takes it for binary, as files of this size are.
    piece[0] = 0;
    for (let at = 0; at < BYTES; at += piece.length) writeFileSync(handle, piece);
    closeSync(handle);
    const big = (await source.git('hash-object', '-w', file)).trim();
    await rm(file);
    const small = (await git(source.location, ['hash-object', '-w', '--stdin'], Buffer.from(a))).trim();
    const rows = `100644 blob ${small}\ta.txt\n100644 blob ${big}\tbig.bin\n`;
    const tree = (await git(source.location, ['mktree'], Buffer.from(rows))).trim();
    const parents = parent === undefined ? [] : ['-p', parent];
    const made = (await source.git('commit-tree', tree, ...parents, '-m', `Commit on ${branch}`)).trim();
    await source.git('update-ref', `refs/heads/${branch}`, made);
    return made;
  };

  beforeAll(async () => {
    source = await world.source();
    id.base = await commit('main', undefined, lines(), 'first\n');
    id.line = await commit('line', id.base, lines({ 18: 'line' }), 'first\n');
    id.small = await commit('small', id.base, lines({ 3: 'x' }), 'first\n');
    id.big = await commit('big', id.base, lines({ 3: 'x' }), 'second\n');
    id.clash = await commit('clash', id.base, lines({ 18: 'line' }), 'third\n');
  });

  test.each([
    ['that nobody changed', 'line', 'small', 'clean'],
    ['that the change replaces', 'line', 'big', 'clean'],
    ['that both sides changed', 'clash', 'big', 'conflict'],
  ] as const)('%s is not read into memory', async (_, onto, change, outcome) => {
    const repository = await world.repositories.open(source.location);
    const before = process.resourceUsage().maxRSS;
    const made = await repository.assemble(workOf(id[onto], commitsChange(id[change])));
    expect(made.outcome, made.because).toBe(outcome);
    const grewBytes = (process.resourceUsage().maxRSS - before) * 1_024;
    expect(grewBytes).toBeLessThan(BYTES);
  });
});

test('a full disk is an error that says so; nothing is moved, and with room again the answer is the same', async (context) => {
  if (!mayMount()) return context.skip('a small disk is needed, and nothing may be mounted here');
  const { source, line, fixA } = await twoFixes();
  const expected = await (await world.repositories.open(source.location)).assemble(
    workOf(line, commitsChange(fixA)),
  );
  const dir = join(world.dir, 'disk');
  mountDisk(dir, '4m');
  try {
    const repository = await createRepositories({ dir: join(dir, 'own') }).open(source.location);
    const filler = join(dir, 'filler');
    fill(filler);
    const work = workOf(line, commitsChange(fixA));
    await expect(repository.assemble(work)).rejects.toThrow(/ENOSPC|no space left/i);
    expect(await repository.resolve('fleetfix/FIX-1/4.17')).toBeUndefined();
    await rm(filler);
    const made = await repository.assemble(work);
    expect(made).toMatchObject({ outcome: 'clean', commit: expected.commit });
    fill(filler);
    await expect(repository.publish('FIX-1', '4.17', made.commit!)).rejects.toThrow(/space|ENOSPC/i);
    expect(await repository.resolve('fleetfix/FIX-1/4.17')).toBeUndefined();
    await rm(filler);
    await repository.publish('FIX-1', '4.17', made.commit!);
    expect(await repository.resolve('fleetfix/FIX-1/4.17')).toBe(made.commit);
    const copies = join(dir, 'own', 'copies');
    const copy = readdirSync(copies).find((name) => name.endsWith('.git'))!;
    await git(join(copies, copy), ['fsck', '--connectivity-only', '--no-dangling']);
  } finally {
    // Lazily: the processes that read and merge stay on it for some idle seconds.
    execFileSync('umount', ['--lazy', dir]);
  }
});

/** Writes until nothing more goes on the disk. */
function fill(file: string): void {
  const handle = openSync(file, 'w');
  try {
    for (const size of [2 ** 16, 2 ** 12]) {
      try {
        for (;;) writeFileSync(handle, Buffer.alloc(size));
      } catch (problem) {
        if ((problem as NodeJS.ErrnoException).code !== 'ENOSPC') throw problem;
      }
    }
  } finally {
    closeSync(handle);
  }
}

test('two that assemble and publish the same at once over one folder agree, and each ref is whole', async () => {
  const { source, line, fixA, fixB } = await twoFixes();
  const dir = join(world.dir, 'shared');
  const both = await Promise.all([1, 2].map(() => createRepositories({ dir }).open(source.location)));
  const made = await Promise.all(
    both.flatMap((repository) =>
      [fixA, fixB].map(async (fix) => {
        const { commit } = await repository.assemble(workOf(line, commitsChange(fix)));
        await repository.publish('FIX-1', 'raced', commit!);
        return commit;
      }),
    ),
  );
  expect(new Set(made).size).toBe(2);
  expect(made).toContain(await both[0]!.resolve('fleetfix/FIX-1/raced'));
});

describe('odd commits', () => {
  test('an octopus merge stands for what all its sides brought', async () => {
    const { source, base, line } = await twoFixes();
    const file = (n: number) => ({ [`${n}.txt`]: `${n}\n` });
    const sides = [1, 2, 3].map((n) => ({
      on: `side${n}`,
      from: base,
      message: `Side ${n}`,
      files: file(n),
    }));
    const tips = await source.commits(sides);
    const files = { ...file(1), ...file(2), ...file(3) };
    const octopus = { on: 'octopus', from: base, message: 'All at once', merge: tips, files };
    const merge = await source.commit(octopus);
    const made = await (await world.repositories.open(source.location)).assemble(
      workOf(line, commitsChange(merge)),
    );
    expect(made.outcome).toBe('clean');
    expect(new Set(made.picked)).toEqual(new Set(tips));
  });

  test('changes of mode, link and submodule go together with what the line changed beside them', async () => {
    const source = await world.source();
    const sub = (digit: string) => ({ mode: '160000', content: digit.repeat(40) });
    const link = (content: string) => ({ mode: '120000', content });
    const base = await source.commit({
      on: 'main',
      message: 'Begin',
      files: { 'run.sh': lines(), link: link('old'), sub: sub('1'), 'becomes-link': 'text\n' },
    });
    const line = await source.commit({
      on: 'line',
      from: base,
      message: 'Line',
      files: { 'run.sh': lines({ 18: 'line' }) },
    });
    const fix = await source.commit({
      on: 'main',
      from: base,
      message: 'Fix',
      files: {
        'run.sh': { mode: '100755', content: lines() },
        link: link('new'),
        sub: sub('2'),
        'becomes-link': link('run.sh'),
      },
    });
    const repository = await world.repositories.open(source.location);
    const made = await repository.assemble(workOf(line, commitsChange(fix)));
    expect(made.outcome).toBe('clean');
    const again = await repository.assemble(workOf(made.commit!, commitsChange(fix)));
    expect(again.outcome).toBe('contained');
    const other = await source.commit({
      on: 'other',
      from: base,
      message: 'Other',
      files: { sub: sub('3') },
    });
    const fresh = await world.repositories.open(source.location);
    const clash = await fresh.assemble(workOf(other, commitsChange(fix)));
    expect(clash.outcome).toBe('conflict');
    expect(clash.conflicts).toMatchObject([{ path: 'sub', kind: expect.stringContaining('submodule') }]);
  });

  test('a fix that was made on a release goes onto main, and is contained there afterwards', async () => {
    const { source, line, fixB } = await twoFixes();
    const first = await source.commit({
      on: 'line',
      from: line,
      message: 'Fixed here first',
      files: { 'a.txt': lines({ 10: 'first', 18: 'line' }) },
    });
    const repository = await world.repositories.open(source.location);
    const made = await repository.assemble(workOf(fixB, commitsChange(first)));
    expect(made).toMatchObject({ outcome: 'clean', picked: [first] });
    const again = await repository.assemble(workOf(made.commit!, commitsChange(first)));
    expect(again).toMatchObject({ outcome: 'contained', contained: { commit: made.commit } });
  });
});
