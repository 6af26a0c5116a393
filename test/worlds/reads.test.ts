import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { DiffView } from '../../src/core/views/diff-view.ts';
import type { FixView } from '../../src/core/views/fix-view.ts';
import type { TargetView } from '../../src/core/views/target-view.ts';
import { EXAMPLES } from '../../src/hub/api/examples.ts';
import { diffViewSchema } from '../../src/wire/assembly-views.ts';
import { page, problem, recordedHub, rowOf, runCli, type Script } from './hub.ts';
import { mustBeRecorded } from './world.ts';

const view = mustBeRecorded<FixView>('rolling-out', 'view');

describe('every read gives every format', () => {
  const reads: readonly (readonly string[])[] = [
    ['status'],
    ['status', 'FIX-128'],
    ['describe', 'FIX-128'],
    ['describe', 'target/cp-7f3a'],
    ['diff', 'FIX-128'],
    ['why', 'FIX-128', '--target', 'cp-7f3a'],
    ['timeline', 'FIX-128'],
    ['plan', 'FIX-128'],
    ['verify'],
    ['doctor'],
    ['version'],
    ['--version'],
    ...['fixes', 'gates', 'debts', 'agents', 'policies', 'components', 'people'].map((noun) => ['get', noun]),
    ...['targets', 'stages', 'evidence'].map((noun) => ['get', noun, '--for', 'FIX-128']),
  ];
  test.each(reads.map((argv) => [argv]))('%j', async (argv) => {
    const of = (format: string) => runCli([...argv, '-o', format], recordedHub('rolling-out'));
    const json = await of('json');
    expect(json.exit).toBe(0);
    expect(parse((await of('yaml')).out)).toEqual(JSON.parse(json.out));
    expect((await of('name')).out).not.toContain('{');
    expect((await of('wide')).out).not.toBe('');
    expect((await of('table')).out).not.toBe('');
  });
});

describe('get targets', () => {
  const pattern = mustBeRecorded<TargetView[]>('rolling-out', 'targets')[3]!;
  const all = Array.from(
    { length: 5_000 },
    (_, i): TargetView => ({
      ...pattern,
      uid: `u-${i}`,
      name: `cp-${i}`,
      standing: i % 2 === 0 ? 'patched' : 'exposed',
    }),
  );
  const fleet: Script = (sent) =>
    sent.path.endsWith('/targets') ? { body: page(all, sent.query) } : undefined;
  const base = ['get', 'targets', '--for', 'FIX-128'];

  test('a table says what it leaves out', async () => {
    const hub = recordedHub('rolling-out', fleet);
    const { out } = await runCli([...base, '--standing', 'exposed'], hub);
    expect(out.trim().split('\n')).toHaveLength(1 + 50 + 2);
    expect(out).toContain(
      'showing 50 of 2500; all of them: fleetfix get targets --for FIX-128 --standing exposed --all',
    );
  });

  test('--all of 5,000 control planes fetches every page and leaves nothing out', async () => {
    const hub = recordedHub('rolling-out', fleet);
    const { out } = await runCli([...base, '--all', '-o', 'name'], hub);
    expect(out.trim().split('\n')).toEqual(all.map((target) => target.name));
    expect(hub.sent).toHaveLength(5);
  });

  test('several states, facts and --not-in-plan become queries', async () => {
    const none = { items: [], total: 0 };
    const hub = recordedHub('rolling-out', () => ({ body: none }));
    const facts = ['-l', 'customer=acme', '--not-in-plan', '--stage', 'one-box', '--wave', '2'];
    const flags = ['--state', 'failed,rolled-back', ...facts];
    await runCli([...base, ...flags], hub);
    const common = { customer: 'acme', inPlan: 'false', stage: 'one-box', wave: '2', limit: '50' };
    expect(hub.sent.map((sent) => sent.query)).toEqual([
      { ...common, state: 'failed' },
      { ...common, state: 'rolled back' },
    ]);
  });

  test('--without a fix lists who does not have it: exposed, accounted for by name, or unknown', async () => {
    const some = (['patched', 'exposed', 'native', 'unknown', 'unaffected', 'excluded'] as const).map(
      (standing, i): TargetView => ({ ...pattern, uid: `w-${i}`, name: `w-${standing}`, standing }),
    );
    const hub = recordedHub('rolling-out', (sent) =>
      sent.path === '/api/fixes/FIX-128/targets' ? { body: page(some, sent.query) } : undefined,
    );
    const { out, exit } = await runCli(['get', 'targets', '--without', 'FIX-128', '-o', 'name'], hub);
    expect(exit).toBe(0);
    expect(out.trim().split('\n').toSorted()).toEqual(['w-excluded', 'w-exposed', 'w-unknown']);
    expect((await runCli([...base, '--standing', 'native, patched', '-o', 'name'], hub)).out).toBe(
      'w-native\nw-patched\n',
    );
  });

  test('of more that lack it than are shown, the table says how many', async () => {
    const hub = recordedHub('rolling-out', fleet);
    const { out } = await runCli(['get', 'targets', '--without', 'FIX-128', '--limit', '5'], hub);
    expect(out.trim().split('\n')).toHaveLength(1 + 5 + 2);
    const all = 'fleetfix get targets --without FIX-128 --all';
    expect(out.trimEnd()).toMatch(new RegExp(`showing 5 of 2500; all of them: ${all}$`));
  });

  test.each([
    [['get', 'targets', '--without', 'FIX-128', '--for', 'FIX-128']],
    [['get', 'targets', '--without', 'FIX-128', '--standing', 'native']],
    [['get', 'stages', '--without', 'FIX-128']],
    [['get', 'targets']],
    [['get', 'pods']],
    [['get', 'targets', '--for', 'FIX-128', '-l', 'colour=red']],
    [['get', 'fixes', 'FIX-999']],
    [['get', 'targets', '--for', 'FIX-128', '--limit', '0']],
  ])('%j is a misuse', async (argv) => {
    expect((await runCli(argv, recordedHub('rolling-out'))).exit).toBe(2);
  });
});

describe('status without a fix', () => {
  const needing = (who: string) => [{ who, what: 'x', since: view.at, command: 'c' }];
  const other: FixView = { ...view, id: 'FIX-9', severity: 'high', needs: needing('engineer') };
  const mine: FixView = { ...view, id: 'FIX-10', severity: 'moderate', needs: needing('approver') };
  const list = (...views: FixView[]) =>
    recordedHub('rolling-out', (sent) =>
      sent.path === '/api/fixes' ? { body: { items: views.map(rowOf) } } : undefined,
    );

  test('what needs you comes first, then what needs anybody', async () => {
    const { out } = await runCli(['status', '-o', 'name'], list(view, other, mine));
    expect(out.trim().split('\n')).toEqual(['FIX-10', 'FIX-9', 'FIX-128']);
    expect((await runCli(['status'], list(mine))).out).toContain('you: approver');
  });

  test('nothing open is said, with the next step', async () => {
    const { out, exit } = await runCli(['status'], list());
    expect(exit).toBe(0);
    expect(out).toMatch(/^No open fixes\.\n {2}next {3}fleetfix declare/);
  });

  test('- is the only open fix you own, and refuses when there are two or none', async () => {
    const own: FixView = { ...view, author: 'kato' };
    expect((await runCli(['status', '-'], list(own, other))).out).toMatch(/^FIX-128/);
    expect(await runCli(['status', '-'], list(own, { ...own, id: 'FIX-9' }))).toMatchObject({
      exit: 2,
      err: expect.stringContaining('owns 2: FIX-128, FIX-9'),
    });
    expect((await runCli(['status', '-'], list(other))).exit).toBe(2);
  });
});

describe('diff', () => {
  const diff = mustBeRecorded<DiffView>('rolling-out', 'diff');
  const asked = (lines: readonly unknown[]) =>
    recordedHub('rolling-out', (sent) =>
      sent.path.endsWith('/diff') ? { body: { ...diff, lines } } : undefined,
    );

  test.each(['rolling-out', 'conflict'])('the recorded answer of world %s is one of the API', (world) => {
    expect(diffViewSchema.parse(mustBeRecorded(world, 'diff'))).toEqual(mustBeRecorded(world, 'diff'));
  });

  test('asks for one line, and for counts only', async () => {
    const hub = recordedHub('rolling-out');
    await runCli(['diff', 'FIX-128', '--line', '4.18', '--stat'], hub);
    expect(hub.sent.at(-1)).toMatchObject({
      path: '/api/fixes/FIX-128/diff',
      query: { line: '4.18', stat: 'true' },
    });
  });

  test('names are the lines', async () => {
    const { out } = await runCli(['diff', 'FIX-128', '-o', 'name'], recordedHub('rolling-out'));
    expect(out).toBe('4.17\n4.18\n4.19\n4.20\n');
  });

  test('a fix without lines says so, and a line without a candidate says why', async () => {
    expect((await runCli(['diff', 'FIX-128'], asked([]))).out).toContain('assembly has not begun');
    const none = { ...diff.lines[0]!, line: '4.21' };
    const waiting = { ...none, outcome: 'waiting', because: 'not assembled yet' };
    expect((await runCli(['diff', 'FIX-128'], asked([waiting]))).out).toContain('it is being assembled');
    const refused = { ...none, outcome: 'refused', because: 'the commit is missing' };
    expect((await runCli(['diff', 'FIX-128'], asked([refused]))).out).toMatch(
      /Line 4\.21 {2}refused: the commit is missing\n$/,
    );
  });

  test('a lost candidate is refused with what to do', async () => {
    const lost = problem(422, 'source-problem', 'candidate dad4edf86d47 of line 4.19 is not there any more', {
      next: [{ label: '', command: 'fleetfix backport FIX-128 --to 4.19' }],
    });
    const hub = recordedHub('rolling-out', (sent) => (sent.path.endsWith('/diff') ? lost : undefined));
    const { exit, err } = await runCli(['diff', 'FIX-128'], hub);
    expect(exit).toBe(2);
    expect(err).toContain('next: fleetfix backport FIX-128 --to 4.19');
  });

  test('nothing in code, paths or names moves the terminal', async () => {
    const evil = '\u001b[2Jx\u202e\u0007';
    const line = mustBeRecorded<DiffView>('conflict', 'diff').lines[1]!;
    const hurt = JSON.parse(
      JSON.stringify([diff.lines[1], line]).replaceAll(
        'defrag',
        `defrag${JSON.stringify(evil).slice(1, -1)}`,
      ),
    );
    const { out } = await runCli(['diff', 'FIX-128'], asked(hurt));
    expect(
      [...out].filter((sign) => sign !== '\n' && sign !== '\t' && /\p{Cc}|[\u202a-\u202e]/u.test(sign)),
    ).toEqual([]);
    expect(out).toContain('defragx');
  });
});

describe('text from outside cannot move the terminal', () => {
  const evil = '\u001b[2Jwiped\u001b]0;title\u0007\u202e\u0007\nnext line';
  const hub = () =>
    recordedHub('rolling-out', (sent) =>
      sent.path === '/api/fixes/FIX-128'
        ? { body: { ...view, title: evil, insights: [{ ...view.insights[0], message: evil }] } }
        : undefined,
    );
  const isControl = (sign: string) => sign !== '\n' && /\p{Cc}|[\u202a-\u202e]/u.test(sign);

  test.each(['table', 'wide', 'json', 'yaml', 'name'])('in %s', async (format) => {
    const { out } = await runCli(['status', 'FIX-128', '-o', format], hub());
    expect([...out].filter(isControl)).toEqual([]);
    if (format === 'json') expect(JSON.parse(out).title, 'the value itself is kept').toBe(evil);
    if (format === 'table') expect(out).toMatch(/^FIX-128 {2}wiped next line/);
  });

  test('in logs', async () => {
    const argv = ['logs', 'FIX-128', '--stage', 'build', '--line', '4.19'];
    expect((await runCli(argv, recordedHub('rolling-out'))).out).toBe('building 4.19\nred done\n');
  });

  test('in the reasons of a refusal', async () => {
    const body = { code: 'invalid', status: 422, detail: evil, title: 't', next: [], whoMustAct: 'caller' };
    const refusing = recordedHub('rolling-out', () => ({ status: 422, body }));
    const { exit, err } = await runCli(['status', 'FIX-128'], refusing);
    expect(exit).toBe(2);
    expect([...err].filter(isControl)).toEqual([]);
  });
});

test('what is owed says why, where that tells more than that nobody has judged it', async () => {
  const because = 'no evidence yet; the lane of the fix does not name it any more';
  const items = [EXAMPLES.debt, { ...EXAMPLES.debt, gate: 'old-suite', because }];
  const hub = recordedHub('rolling-out', (sent) =>
    sent.path === '/api/debts' ? { body: { items } } : undefined,
  );
  const { out } = await runCli(['get', 'debts'], hub);
  expect(out.match(/^ {4}because: .*$/gm)).toEqual([`    because: ${because}`]);
  expect(out).toMatch(/ old-suite .*\n {4}because: /);
});

test.each([
  ['attest', 'FIX-128', '--check', 'qe', '--result', 'pass'],
  ['acknowledge', 'FIX-128'],
  ['pause', 'FIX-128'],
  ['retry', 'FIX-128', '--stage', 'build'],
  ['show', 'FIX-128', '--item', 'qe-plan', '--note', 'read'],
])('%s asks nothing and takes --yes', async (...argv) => {
  expect(await runCli([...argv, '--yes', '--dry-run'], recordedHub('rolling-out'))).toMatchObject({
    exit: 0,
  });
});
