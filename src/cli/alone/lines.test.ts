import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRepositories } from '../../adapters/git/index.ts';
import { createTestSource } from '../../adapters/git/test-source.ts';
import { instantOf } from '../../core/base/instant.ts';
import { run } from '../run.ts';
import { readDeployed } from './deployed.ts';
import type { LinesAnswer } from './lines-answer.ts';

let source: Awaited<ReturnType<typeof createTestSource>>;
let dir: string;
/** Four releases of one line, then a hot-fix beside the second. */
let releases: string[];
let hotfix: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'fleetfix-lines-'));
  source = await createTestSource();
  const change = (on: string, n: number) => ({
    on,
    message: `Change ${n}`,
    files: { 'op/a.txt': `${on} ${n}\n` },
  });
  const other = { on: 'main', message: 'Elsewhere', files: { 'x.txt': 'x\n' } };
  const made = await source.commits([
    change('main', 1),
    change('main', 2),
    change('main', 3),
    other,
    change('main', 4),
  ]);
  releases = [made[0]!, made[1]!, made[3]!, made[4]!];
  hotfix = await source.commit({ ...change('hot', 5), from: releases[1]! });
  await source.git('tag', 'v1.0', releases[0]!);
});

afterAll(async () => {
  await source.dispose();
  rmSync(dir, { recursive: true, force: true });
});

const fileOf = (name: string, text: string | Buffer) => {
  const file = join(dir, name);
  writeFileSync(file, text);
  return file;
};

async function lines(deployed: string, more: readonly string[] = [], stdin = '') {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const repo = ['--repo', source.location, '--component', 'op', '--deployed', deployed];
  const exit = await run(['lines', ...repo, ...more], {
    stdout,
    stderr,
    stdin: Readable.from([Buffer.from(stdin)]),
    env: { HOME: dir, XDG_CACHE_HOME: join(dir, 'cache') },
    isTty: false,
    fetch: () => Promise.reject(new Error('no hub is asked')),
    now: () => instantOf(0),
    alone: { open: (location, copies) => createRepositories({ dir: copies }).open(location) },
  });
  const text = (stream: PassThrough) => (stream.read() ?? '').toString();
  return { exit, out: text(stdout), err: text(stderr) };
}

const csv = () => `commit,planes\n${releases.map((id, i) => `${id},${10 * (i + 1)}`).join('\n')}\n`;

describe('fleetfix lines', () => {
  test('names the commits to build on, whom each serves, and who rides along', async () => {
    const { exit, out, err } = await lines(fileOf('four.csv', csv()), ['--budget', '2', '-o', 'json']);
    const answer = JSON.parse(out) as LinesAnswer;
    expect([exit, err]).toEqual([0, '']);
    // The newest two releases serve the older ones: 20 and 10 control planes get one and two of three changes.
    expect(answer.bases.map(({ base }) => releases.indexOf(base))).toEqual([3, 1]);
    expect(answer.bases[1]).toEqual({
      base: releases[1],
      names: [],
      planes: 30,
      passengersMax: 1,
      serves: [
        {
          commit: releases[1],
          names: [],
          planes: 20,
          passengers: { commits: 0, list: [], files: 0, lines: 0 },
        },
        {
          commit: releases[0],
          names: [],
          planes: 10,
          passengers: {
            commits: 1,
            list: [{ commit: releases[1], subject: 'Change 2' }],
            files: 1,
            lines: 2,
          },
        },
      ],
    });
    expect(answer.total).toEqual({ planes: 100, passengerCommits: 40, perPlaneMean: 0.4, perPlaneMax: 1 });
    expect(answer).toMatchObject({ budget: 2, exact: true, within: 1, needed: { builds: 1, exact: true } });
    expect(answer.table.map(({ k, total }) => [k, total])).toEqual([
      [1, 10 * 3 + 20 * 2 + 30],
      [2, 40],
      [3, 10],
      [4, 0],
    ]);
    expect(answer.relevant).toEqual({ packages: 0, vendored: 0, paths: ['op'] });
  });

  test('drops no line: a budget that is too small is exit 5, with what is needed and why', async () => {
    const file = fileOf('five.csv', `${csv()}${hotfix},7\n`);
    const { exit, out, err } = await lines(file, ['--budget', '1', '-o', 'json']);
    const answer = JSON.parse(out) as LinesAnswer;
    expect(exit).toBe(5);
    expect(err).toContain('a budget of 1 does not serve every line; 2 builds are needed');
    expect(err).toContain('next: --budget 2');
    expect(answer).toMatchObject({ bases: [], total: null, exact: null, needed: { builds: 2, exact: true } });
    expect(answer.apart.map(({ commit }) => commit).sort()).toEqual([hotfix, releases[3]].sort());
    const hot = answer.apart.find(({ commit }) => commit === hotfix)!;
    expect(hot.closest!.lost).toEqual({ commits: 1, list: [{ commit: hotfix, subject: 'Change 5' }] });
    expect((await lines(file, ['--budget', '1'])).out).toContain('budget 1 is too small: 2 builds needed');
  });

  test('draws what to build and the other budgets', async () => {
    const { out } = await lines(fileOf('four.csv', csv()), ['--budget', '2']);
    const [newest, second] = [releases[3]!.slice(0, 12), releases[1]!.slice(0, 12)];
    expect(out).toContain(
      `op: 2 builds of at most 2 for 100 control planes\n  no Go there: only its paths count\n`,
    );
    expect(out).toMatch(new RegExp(`${newest}\\s+${newest}\\s+40\\s+0\\s+0\\s+0\n`));
    expect(out).toMatch(new RegExp(`${second}\\s+${second}\\s+20\\s+0`));
    expect(out).toContain(
      'a control plane gets 0.40 passengers on average, 1 at most; no choice of so many builds gives fewer',
    );
    expect(out).toMatch(/^2 \* {2,}0\.40 +1 +40 +exact$/m);
  });

  test('adds up rows that name one commit, by any name, in any order and form', async () => {
    const rows = [
      { commit: releases[3]!, planes: 40 },
      { commit: releases[1]!.slice(0, 10), planes: 20 },
      { commit: 'v1.0', planes: 4 },
      { commit: releases[2]!, planes: 30, version: '1.2' },
      { commit: releases[0]!, planes: 6 },
    ];
    const asked = ['--budget', '2', '-o', 'json'];
    const plain = JSON.parse((await lines(fileOf('four.csv', csv()), asked)).out) as LinesAnswer;
    const named = JSON.parse(
      (await lines('-', asked, rows.map((row) => JSON.stringify(row)).join('\n'))).out,
    ) as LinesAnswer;
    expect(named.bases[1]!.serves[1]!.names).toEqual(['v1.0']);
    const bare = (answer: LinesAnswer) => JSON.stringify(answer).replaceAll('["v1.0"]', '[]');
    expect(bare(named)).toBe(bare(plain));
    const array = (await lines('-', asked, `\ufeff${JSON.stringify(rows, null, 1)}`)).out;
    expect(JSON.parse(array)).toEqual(named);
  });

  test.each([
    ['a name that stands for nothing', 'nothing-here,3\n', /bad\.csv:1: commit nothing-here does not exist/],
    ['no row', 'commit,planes\n', /bad\.csv names no commit/],
    [
      'a count that is none',
      'commit,planes\nv1.0,many\n',
      /bad\.csv:2: planes: expected a whole number.*"many"/,
    ],
  ])('refuses %s by its place', async (_, text, message) => {
    const { exit, out, err } = await lines(fileOf('bad.csv', text), ['--budget', '1']);
    expect([exit, out]).toEqual([2, '']);
    expect(err).toMatch(message);
  });

  test.each([
    [['--budget', '0'], /expected a whole number from 1/],
    [['--budget', '1', '--component', 'op,,x'], /--component op,,x: expected/],
    [['--budget', '1', '--component', 'nowhere'], /path "nowhere" is at none of the 1 commits/],
    [['--budget', '1', '--repo', '/nowhere'], /nowhere/],
  ])('refuses %j', async (more, message) => {
    const { exit, err } = await lines(fileOf('one.csv', 'v1.0,1\n'), more);
    expect(exit).toBe(2);
    expect(err).toMatch(message);
  });
});

describe('the file of what is deployed', () => {
  const read = (text: string | Buffer) => readDeployed(fileOf('deployed', text), Readable.from([]));

  test.each([
    ['CSV with a head', 'planes, commit,x\r\n3,a1,"y"\r\n\r\n"4","b2",z\r\n'],
    ['CSV without one', 'a1,3\nb2,4'],
    ['JSON lines', '{"commit":"a1","planes":3}\n\n{"commit":"b2","planes":4}\n'],
    ['a JSON array', '[{"commit":"a1","planes":3},{"commit":"b2","planes":4}]'],
  ])('may be %s', async (_, text) => {
    expect((await read(text)).map(({ commit, planes }) => [commit, planes])).toEqual([
      ['a1', 3],
      ['b2', 4],
    ]);
  });

  test.each([
    ['{"commit":"a"}\n', /deployed:1: planes: expected .* not nothing/],
    ['{"commit":"a","planes":1}\n{"commit":', /deployed:2 is not JSON/],
    ['[{"commit":"a","planes":1},7]', /deployed\[1\]: expected an object/],
    ['[{"commit":"a","planes":-1}]', /deployed\[0\]: planes: .*-1/],
    ['[{"commit":"a","planes":1.5}]', /planes: .*1\.5/],
    ['[{"commit":"a","planes":"1"}]', /planes: .*"1"/],
    ['[{"commit":"--all","planes":1}]', /commit: expected a commit id.*"--all"/],
    ['[{"planes":1}]', /commit: expected .* not nothing/],
    ['[]', /names no commit/],
    ['', /names no commit/],
    ['commit\na\n', /deployed:1: there is no column planes/],
    [Buffer.from([0x61, 0xff, 0x2c, 0x31]), /not UTF-8/],
  ])('is refused by line and field: %j', async (text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });

  test('that is not there is named', async () => {
    await expect(readDeployed(join(dir, 'none'), Readable.from([]))).rejects.toThrow(
      /none cannot be read: ENOENT/,
    );
  });
});
