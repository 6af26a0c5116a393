import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  commitsChange,
  lines,
  type RepositoryWorld,
  type TestSource,
  workOf,
} from '../../../ports/repository.contract.ts';
import type { Repository } from '../../../ports/repository.ts';
import { git } from '../test-source.ts';
import { createTestWorld } from '../test-world.ts';

let world: RepositoryWorld & { readonly dir: string };
let source: TestSource;
let base: string;
beforeAll(async () => {
  world = await createTestWorld();
  source = await world.source();
  base = await source.commit({ on: 'main', message: 'Begin', files: { 'a.txt': lines(), 'b.txt': 'b\n' } });
});
afterAll(() => world.dispose());

let branches = 0;
const fresh = () => {
  branches += 1;
  return `t${branches}`;
};
const now = () => world.repositories.open(source.location);
const on = (
  from: string,
  message: string,
  files: NonNullable<Parameters<TestSource['commit']>[0]['files']>,
  more = {},
) => source.commit({ on: fresh(), from, message, files, ...more });
const content = async (repository: Repository, commit: string, path: string) => {
  const tree = await repository.checkout(commit);
  try {
    return readFileSync(join(tree.dir, path));
  } finally {
    await tree.dispose();
  }
};

describe('the candidate', () => {
  test('has trailers after the message, and joins trailers that are there', async () => {
    const plain = await on(base, 'Fix it\n\nBecause.\n', { 'a.txt': lines({ 3: 'x' }) });
    const signed = await on(plain, 'Sign it\n\nSigned-off-by: A <a@example.com>\n', {
      'a.txt': lines({ 3: 'y' }),
    });
    const repository = await now();
    const made = await repository.assemble(workOf(base, commitsChange(plain, signed), { fix: 'FIX-12' }));
    await repository.publish('FIX-12', 'x', made.commit!);
    const copies = join(world.dir, 'one/copies');
    const dir = join(copies, readdirSync(copies).find((name) => name.endsWith('.git'))!);
    const text = await git(dir, ['log', '-2', '--format=%B%x00', made.commit!]);
    const [second, first] = text.split('\0');
    expect(first!.trim()).toBe(
      `Fix it\n\nBecause.\n\n(cherry picked from commit ${plain})\nFleetfix: FIX-12\nFleetfix-Base: ${base}`,
    );
    expect(second!.trim()).toBe(
      `Sign it\n\nSigned-off-by: A <a@example.com>\n(cherry picked from commit ${signed})\nFleetfix: FIX-12\nFleetfix-Base: ${base}`,
    );
    const dates = await git(dir, ['log', '-2', '--format=%cn %ce %at %ct', made.commit!]);
    for (const line of dates.trim().split('\n')) {
      const [name, email, authored, committed] = line.split(' ');
      expect([name, email]).toEqual(['fleetfix', 'fleetfix@localhost']);
      expect(Number(committed)).toBeGreaterThanOrEqual(Number(authored));
    }
  });

  test('keeps a name and message in another encoding byte by byte', async () => {
    const fix = await on(
      base,
      'Grüße',
      { 'a.txt': lines({ 3: 'x' }) },
      { author: 'Zoë Example <zoe@example.com>' },
    );
    const repository = await now();
    const made = await repository.assemble(workOf(base, commitsChange(fix)));
    expect(await repository.describe(made.commit!)).toMatchObject({
      author: 'Zoë Example',
      subject: 'Grüße',
    });
  });

  test.each([
    [
      'a rename on the line',
      { 'a.txt': null, 'moved.txt': lines() },
      { 'a.txt': lines({ 3: 'x' }) },
      'moved.txt',
      lines({ 3: 'x' }),
    ],
    [
      'a binary file',
      { 'c.txt': 'c\n' },
      { 'x.bin': Buffer.from([0, 1, 255]) },
      'x.bin',
      Buffer.from([0, 1, 255]),
    ],
    ['CRLF line ends', { 'w.txt': 'a\r\nb\r\n' }, { 'w2.txt': 'a\r\n' }, 'w2.txt', 'a\r\n'],
  ])('goes on over %s', async (_, ours, theirs, path, expected) => {
    const line = await on(base, 'Line', ours);
    const fix = await on(base, 'Fix', theirs);
    const repository = await now();
    const made = await repository.assemble(workOf(line, commitsChange(fix)));
    expect(made.outcome).toBe('clean');
    expect(await content(repository, made.commit!, path)).toEqual(Buffer.from(expected));
  });

  test('carries mode changes, symbolic links, submodules and paths that are not UTF-8', async () => {
    const fix = await on(base, 'Fix', {
      'b.txt': { mode: '100755', content: 'b\n' },
      link: { mode: '120000', content: 'b.txt' },
      sub: { mode: '160000', content: '1'.repeat(40) },
      'caf\xe9\nx.txt': 'latin\n',
    });
    const line = await on(base, 'Line', { 'z.txt': 'z\n' });
    const repository = await now();
    const made = await repository.assemble(workOf(line, commitsChange(fix)));
    expect(made).toMatchObject({ outcome: 'clean', warnings: [] });
    expect((await repository.assemble(workOf(made.commit!, commitsChange(fix)))).outcome).toBe('contained');
  });

  test('of a root commit is all it holds', async () => {
    const root = await source.commit({ on: 'orphan', message: 'Root', files: { 'r.txt': 'r\n' } });
    const made = await (await now()).assemble(workOf(base, commitsChange(root)));
    expect(made).toMatchObject({ outcome: 'clean', picked: [root] });
  });

  test('of four hundred commits is four hundred commits', async () => {
    const branch = fresh();
    const list = Array.from({ length: 400 }, (_, i) => ({
      on: branch,
      message: `Step ${i}`,
      files: { [`many/${i}.txt`]: `${i}\n` },
      ...(i === 0 ? { from: base } : {}),
    }));
    const many = await source.commits(list);
    const made = await (await now()).assemble(workOf(base, { kind: 'range', from: base, to: many.at(-1)! }));
    expect(made.outcome).toBe('clean');
    expect(made.picked).toEqual(many);
  });
});

describe('a conflict', () => {
  test('names every path and the kind, and moves nothing', async () => {
    const line = await on(base, 'Line', {
      'a.txt': lines({ 3: 'ours' }),
      'b.txt': null,
      'new.txt': 'ours\n',
      'caf\xe9\n.txt': 'ours\n',
    });
    const fix = await on(base, 'Fix', {
      'a.txt': lines({ 3: 'theirs' }),
      'b.txt': 'bb\n',
      'new.txt': 'theirs\n',
      'caf\xe9\n.txt': 'theirs\n',
    });
    const made = await (await now()).assemble(workOf(line, commitsChange(fix)));
    expect(made.outcome).toBe('conflict');
    expect(made.commit).toBeUndefined();
    expect([...made.conflicts].sort((a, b) => (a.path < b.path ? -1 : 1))).toMatchObject([
      { path: '"caf\\351\\n.txt"', kind: 'add/add', picking: fix },
      { path: 'a.txt', kind: 'content', picking: fix },
      { path: 'b.txt', kind: 'modify/delete', picking: fix },
      { path: 'new.txt', kind: 'add/add', picking: fix },
    ]);
  });

  test('in a binary file says so', async () => {
    const start = await on(base, 'Start', { 'x.bin': Buffer.from([0, 1]) });
    const line = await on(start, 'Line', { 'x.bin': Buffer.from([0, 2]) });
    const fix = await on(start, 'Fix', { 'x.bin': Buffer.from([0, 3]) });
    const made = await (await now()).assemble(workOf(line, commitsChange(fix)));
    expect(made.conflicts).toMatchObject([{ path: 'x.bin', kind: 'binary', picking: fix, hunks: [] }]);
  });

  test('that an earlier commit would clear proposes it, and putting it in is a choice', async () => {
    const before = await on(base, 'Prepare line 3', { 'a.txt': lines({ 3: 'prepared', 4: 'room' }) });
    const noise = await on(before, 'Noise', { 'a.txt': lines({ 3: 'prepared', 4: 'room', 18: 'noise' }) });
    const fix = await on(noise, 'Fix line 3', { 'a.txt': lines({ 3: 'fixed', 4: 'room', 18: 'noise' }) });
    const repository = await now();
    const stuck = await repository.assemble(workOf(base, commitsChange(fix)));
    expect(stuck.outcome).toBe('conflict');
    expect(stuck.proposals).toHaveLength(1);
    expect(stuck.proposals[0]).toMatchObject({
      kind: 'prerequisites',
      commits: [before],
      subjects: ['Prepare line 3'],
      outcome: 'clean',
      passengers: { commits: 1, files: 1, lines: 4 },
    });
    const chosen = await repository.assemble(
      workOf(base, commitsChange(fix), { prerequisites: stuck.proposals[0]!.commits }),
    );
    expect(chosen).toMatchObject({
      outcome: 'clean',
      picked: [before, fix],
      passengers: [before],
      tree: stuck.proposals[0]!.tree,
    });
  });

  test('that needs two earlier commits proposes both, oldest first, and no third', async () => {
    const one = await on(base, 'One', { 'a.txt': lines({ 3: 'one' }) });
    const noise = await on(one, 'Noise', { 'a.txt': lines({ 3: 'one', 18: 'noise' }) });
    const two = await on(noise, 'Two', { 'a.txt': lines({ 3: 'one', 10: 'two', 18: 'noise' }) });
    const fix = await on(two, 'Fix', { 'a.txt': lines({ 3: 'fixed', 10: 'fixed too', 18: 'noise' }) });
    const stuck = await (await now()).assemble(workOf(base, commitsChange(fix)));
    expect(stuck.proposals.map((one) => one.commits)).toEqual([[one, two]]);
  });

  test('that a merged pull request would clear proposes it as a whole, by number and title', async () => {
    const branch = fresh();
    const p1 = await on(base, 'Part 1', { 'a.txt': lines({ 3: 'p1' }) });
    const p2 = await on(p1, 'Part 2', { 'a.txt': lines({ 3: 'p2' }) });
    const merge = await source.commit({
      on: branch,
      from: base,
      merge: [p2],
      message: 'Merge pull request #77 from x/y\n\nRework line 3',
      files: { 'a.txt': lines({ 3: 'p2' }) },
    });
    const fix = await on(merge, 'Fix', { 'a.txt': lines({ 3: 'fixed' }) });
    const repository = await now();
    const stuck = await repository.assemble(workOf(base, commitsChange(fix)));
    expect(stuck.proposals[0]).toMatchObject({ commits: [merge], subjects: ['#77 Rework line 3'] });
    const chosen = await repository.assemble(workOf(base, commitsChange(fix), { prerequisites: [merge] }));
    expect(chosen).toMatchObject({ outcome: 'clean', picked: [p1, p2, fix], passengers: [p1, p2] });
  });

  test('that nothing clears has no proposal', async () => {
    const line = await on(base, 'Line', { 'a.txt': lines({ 3: 'ours' }) });
    const fix = await on(base, 'Fix', { 'a.txt': lines({ 3: 'theirs' }) });
    expect((await (await now()).assemble(workOf(line, commitsChange(fix)))).proposals).toEqual([]);
  });
});

test('signs that a clean candidate may not be right are warned of, unless they are not wanted', async () => {
  const start = await on(base, 'Start', { 'go.mod': 'module example.com/m\n', 'a/a.go': 'package a\n' });
  const helper = await on(start, 'Helper', { 'b/b.go': 'package b\n\nfunc Help() {}\n' });
  const fix = await on(helper, 'Fix', {
    'a/a.go': 'package a\n\nimport "example.com/m/b"\n\nfunc fix() { b.Help() }\n',
  });
  const repository = await now();
  const warned = await repository.assemble(workOf(start, commitsChange(fix)));
  expect(warned).toMatchObject({ outcome: 'clean', signsMs: expect.any(Number) });
  expect(warned.warnings.join()).toMatch(/example\.com\/m\/b/);
  const bare = await repository.assemble(workOf(start, commitsChange(fix), { signs: false }));
  expect(bare).toMatchObject({ outcome: 'clean', warnings: [], commit: warned.commit });
  expect(bare.signsMs).toBeUndefined();
});

describe('carried fixes', () => {
  test('come first, in ledger order, each under its own name, and those the line has are left out', async () => {
    const first = await on(base, 'First', { 'a.txt': lines({ 2: 'first' }) });
    const second = await on(base, 'Second', { 'a.txt': lines({ 8: 'second' }) });
    const third = await on(base, 'Third', { 'a.txt': lines({ 14: 'third' }) });
    const repository = await now();
    const carry = [
      { fix: 'FIX-1' as const, change: commitsChange(first), prerequisites: [] },
      { fix: 'FIX-2' as const, change: commitsChange(second), prerequisites: [] },
    ];
    const made = await repository.assemble(workOf(base, commitsChange(third), { fix: 'FIX-3', carry }));
    expect(made).toMatchObject({ outcome: 'clean', picked: [first, second, third], passengers: [] });
    expect((await content(repository, made.commit!, 'a.txt')).toString()).toBe(
      lines({ 2: 'first', 8: 'second', 14: 'third' }),
    );
    const one = await repository.assemble(workOf(base, commitsChange(first)));
    const rest = await repository.assemble(
      workOf(one.commit!, commitsChange(third), { fix: 'FIX-3', carry }),
    );
    expect(rest.picked).toEqual([second, third]);
    expect(rest.warnings.join()).toMatch(/carried FIX-1: .* is on the line already/);
    expect(rest.tree).toBe(made.tree);
  });

  test('that conflict are named by their fix', async () => {
    const line = await on(base, 'Line', { 'a.txt': lines({ 2: 'line' }) });
    const first = await on(base, 'First', { 'a.txt': lines({ 2: 'first' }) });
    const third = await on(base, 'Third', { 'a.txt': lines({ 14: 'third' }) });
    const carry = [{ fix: 'FIX-1' as const, change: commitsChange(first), prerequisites: [] }];
    const made = await (await now()).assemble(workOf(line, commitsChange(third), { fix: 'FIX-3', carry }));
    expect(made).toMatchObject({ outcome: 'conflict', conflicts: [{ path: 'a.txt', picking: first }] });
    expect(made.because).toContain('FIX-1');
  });
});
