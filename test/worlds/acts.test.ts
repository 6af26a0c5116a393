import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { FixView } from '../../src/core/views/fix-view.ts';
import { PROBLEMS } from '../../src/wire/problems.ts';
import { collector, problem, recordedHub, runCli, type Script } from './hub.ts';
import { mustBeRecorded } from './world.ts';

const FIX = 'FIX-128';
const PLAN = 'P-7f3a0c12';
const at = 'rolling-out';

describe('every act sends its command and says what changed', () => {
  const cases: readonly [string, readonly string[], object, boolean][] = [
    [
      'backport',
      ['backport', FIX, '--to', '4.18,4.19', '--with', '1f0c2b', '--not', '4.17=no defrag path'],
      {
        do: 'backport',
        to: ['4.18', '4.19'],
        with: ['1f0c2b'],
        not: [{ line: '4.17', reason: 'no defrag path' }],
      },
      true,
    ],
    [
      'attest',
      ['attest', FIX, '--check', 'qe', '--result', 'pass', '--note', 'ok'],
      { do: 'attest', gate: 'qe', result: 'pass', note: 'ok' },
      false,
    ],
    ['acknowledge', ['acknowledge', FIX, '--note', 'on it'], { do: 'acknowledge', note: 'on it' }, false],
    [
      'waive',
      ['waive', FIX, '--gate', 'perf', '--expires', '24h', '--reason', 'lab', '--yes'],
      { do: 'waive', gate: 'perf', reason: 'lab', expiresAt: '2026-11-22T20:50:00.000Z' },
      true,
    ],
    [
      'waive-item',
      ['waive', FIX, '--item', 'docs', '--reason', 'nothing to read', '--yes'],
      { do: 'waive-item', item: 'docs', reason: 'nothing to read' },
      true,
    ],
    [
      'show',
      ['show', FIX, '--item', 'docs', '--link', 'https://docs.example.com/7'],
      { do: 'show', item: 'docs', link: 'https://docs.example.com/7' },
      false,
    ],
    [
      'show',
      ['show', FIX, '--item', 'qe-plan', '--note', 'TP-7'],
      { do: 'show', item: 'qe-plan', note: 'TP-7' },
      false,
    ],
    [
      'prepare',
      ['prepare', FIX, '--release', '4.19.12', '--commit', 'v4.19.12'],
      { do: 'prepare', release: '4.19.12', commit: 'v4.19.12' },
      false,
    ],
    ['retry', ['retry', FIX, '--stage', 'build'], { do: 'retry', stage: 'build' }, true],
    ['approve', ['approve', FIX, '--plan', PLAN, '--yes'], { do: 'approve', plan: PLAN }, true],
    [
      'decline',
      ['decline', FIX, '--plan', PLAN, '--reason', 'freeze'],
      { do: 'decline', plan: PLAN, reason: 'freeze' },
      false,
    ],
    ['start', ['start', FIX, '--plan', PLAN, '--yes'], { do: 'start', plan: PLAN }, true],
    [
      'start',
      ['start', FIX, '--plan', PLAN, '--reason', 'the leak is fixed', '--yes'],
      { do: 'start', plan: PLAN, reason: 'the leak is fixed' },
      true,
    ],
    [
      'advance',
      ['advance', FIX, '--from', 'canary', '--reason', 'urgent', '--yes'],
      { do: 'advance', stage: 'canary', reason: 'urgent' },
      true,
    ],
    ['pause', ['pause', FIX, '--reason', 'errors'], { do: 'pause', reason: 'errors' }, false],
    ['resume', ['resume', FIX, '--yes'], { do: 'resume' }, true],
    [
      'rollback',
      ['rollback', FIX, '--wave', '2', '--reason', 'bad', '--yes'],
      { do: 'rollback', wave: 2, reason: 'bad' },
      false,
    ],
    [
      'rollback',
      ['rollback', FIX, '--stage', 'canary', '--reason', 'bad', '--yes'],
      { do: 'rollback', stage: 'canary', reason: 'bad' },
      false,
    ],
    [
      'exclude',
      ['exclude', FIX, '--target', 'cp-7f3a', '--until', '06:00Z', '--reason', 'freeze'],
      { do: 'exclude', target: 'cp-7f3a', until: '2026-11-22T06:00:00.000Z', reason: 'freeze' },
      false,
    ],
    ['retire', ['retire', FIX, '--yes'], { do: 'retire' }, true],
    ['close', ['close', FIX, '--as', 'done', '--yes'], { do: 'close', as: 'done' }, true],
    ['withdraw', ['withdraw', FIX, '--reason', 'wrong', '--yes'], { do: 'withdraw', reason: 'wrong' }, true],
  ];

  test.each(cases)('%s', async (verb, argv, body, isBound) => {
    const hub = recordedHub(at);
    const { exit, out } = await runCli(argv, hub);
    const post = hub.sent.filter((sent) => sent.method === 'POST').at(-1)!;
    expect(exit).toBe(0);
    expect(post.path).toBe(`/api/fixes/${FIX}/commands`);
    expect(post.body).toEqual(body);
    expect(post.headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/);
    expect(post.headers['if-match'], 'bound to the version that was shown').toBe(
      isBound ? '"58"' : undefined,
    );
    expect(out).toContain(`${FIX}  ${verb} recorded`);
    expect(out).toMatch(/state {2}delivering, version 59\n {2}see {4}fleetfix status FIX-128\n {2}undo/);
  });

  test.each(cases)('%s --dry-run asks the hub for a dry run only', async (_verb, argv, body) => {
    const hub = recordedHub(at);
    const { exit, out } = await runCli([...argv, '--dry-run'], hub);
    const posts = hub.sent.filter((sent) => sent.method === 'POST');
    expect(exit).toBe(0);
    expect(posts.map((sent) => [sent.body, sent.query])).toEqual([[body, { dryRun: 'true' }]]);
    expect(out).toContain('nothing was done (dry run). It would:');
  });

  test.each(cases)('%s -o json is the answer of the API', async (verb, argv) => {
    const { out } = await runCli([...argv, '-o', 'json'], recordedHub(at));
    expect(JSON.parse(out)).toMatchObject({ fix: FIX, version: 59, did: [`${verb} recorded`] });
  });
});

describe('backport --accept', () => {
  const view = mustBeRecorded<FixView>('conflict', 'view');
  const line = view.lines.find((one) => one.line === '4.18')!;
  const adjacent = line.proposals.find((one) => one.kind === 'adjacent')!;
  const base = ['backport', FIX, '--to', '4.18', '--accept'];
  const twice = recordedHub('conflict', (sent) =>
    sent.method === 'GET' && sent.path === `/api/fixes/${FIX}`
      ? {
          body: {
            ...view,
            lines: [{ ...line, proposals: [adjacent, { ...adjacent, tree: 'c'.repeat(40) }] }],
          },
        }
      : undefined,
  );

  test('takes the tree of the view that was shown, bound to its version', async () => {
    const hub = recordedHub('conflict');
    expect((await runCli([...base, 'adjacent'], hub)).exit).toBe(0);
    const post = hub.sent.at(-1)!;
    expect(post.body).toEqual({
      do: 'backport',
      to: ['4.18'],
      accept: { kind: 'adjacent', tree: adjacent.tree },
    });
    expect(post.headers['if-match']).toBe(`"${view.version}"`);
  });

  test('of two of a kind one is named by its tree', async () => {
    expect(await runCli([...base, 'adjacent'], twice)).toMatchObject({
      exit: 2,
      err: expect.stringContaining('offers 2 proposals like adjacent'),
    });
    expect((await runCli([...base, 'adjacent=ccc'], twice)).exit).toBe(0);
    expect(twice.sent.at(-1)).toMatchObject({ body: { accept: { tree: 'c'.repeat(40) } } });
  });

  test.each([
    [
      'a kind that is not offered',
      [...base, 'reuse'],
      'line 4.18 (conflict) offers no reuse: it offers prerequisites, adjacent',
    ],
    [
      'a clean line',
      ['backport', FIX, '--to', '4.19', '--accept', 'adjacent'],
      'line 4.19 (clean) offers no adjacent',
    ],
    ['no line', ['backport', FIX, '--accept', 'adjacent'], 'expected --to LINE'],
    [
      'a line it has not',
      ['backport', FIX, '--to', '9', '--accept', 'adjacent'],
      'expected one of 4.17, 4.18',
    ],
    ['prerequisites', [...base, 'prerequisites'], 'prerequisites are taken by --with'],
    ['no kind', [...base, 'adjacent=--x'], 'expected reuse, adjacent or regenerate'],
  ])('%s is refused before anything is sent', async (_what, argv, says) => {
    const hub = recordedHub('conflict');
    const { exit, err } = await runCli(argv, hub);
    expect({ exit, posts: hub.sent.filter((sent) => sent.method === 'POST') }).toEqual({
      exit: 2,
      posts: [],
    });
    expect(err).toContain(says);
  });
});

describe('declare', () => {
  const flags = ['declare', '--component', 'kas', '--severity', 'critical', '--title', 'T', '--reason', 'R'];
  test.each([
    [['--commit', '5cd2f01a,1f0c2b'], { kind: 'commits', commits: ['5cd2f01a', '1f0c2b'] }],
    [['--range', 'v1.2..5cd2'], { kind: 'range', from: 'v1.2', to: '5cd2' }],
    [['--git-revert', '5cd2'], { kind: 'git-revert', commit: '5cd2' }],
    [['--pr', '7'], { kind: 'pull-request', number: 7 }],
    [
      ['--pr', 'https://git.example/o/n/pull/7'],
      { kind: 'pull-request', number: 7, url: 'https://git.example/o/n/pull/7' },
    ],
  ])('%j names the change', async (change, sent) => {
    const hub = recordedHub(at);
    const { exit, out } = await runCli([...flags, ...change, '--incident', 'INC-1', '-o', 'name'], hub);
    expect({ exit, out }).toEqual({ exit: 0, out: 'FIX-131\n' });
    expect(hub.sent.at(-1)).toMatchObject({
      path: '/api/fixes',
      body: { do: 'declare', component: 'kas', incident: 'INC-1', change: sent },
    });
  });

  test.each([
    ['no change', []],
    ['two changes', ['--commit', 'a', '--pr', '7']],
    ['an option in place of a commit', ['--commit=--upload-pack=x']],
    ['a range with three dots', ['--range', 'a...b']],
    ['an address that is no pull request', ['--pr', 'https://git.example/o/n']],
  ])('%s is refused before anything is sent', async (_name, change) => {
    const hub = recordedHub(at);
    const { exit } = await runCli([...flags, ...change], hub);
    expect({ exit, sent: hub.sent }).toEqual({ exit: 2, sent: [] });
  });
});

describe('questions', () => {
  /** Types words on a terminal once each question is on the screen. */
  async function answer(
    argv: readonly string[],
    script: readonly (readonly [string, string])[],
    hub = recordedHub(at),
  ) {
    const stdin = new PassThrough();
    const err = collector();
    const running = runCli(argv, {
      fetch: hub.fetch,
      isTty: true,
      outIsTty: false,
      stdin,
      stderr: err.stream,
    });
    for (const [question, words] of script) {
      await err.shows(question);
      stdin.write(`${words}\n`);
    }
    return {
      ...(await running),
      err: err.text(),
      posts: hub.sent.filter((s) => s.method === 'POST' && !s.query.dryRun),
    };
  }

  test('start prints the plan, then asks for the id of the fix', async () => {
    const { exit, err, posts } = await answer(
      ['start', FIX],
      [['Start P-7f3a0c12 on 640 control planes: type FIX-128', FIX]],
    );
    expect(exit).toBe(0);
    expect(err.indexOf('Leaves out')).toBeLessThan(err.indexOf('type FIX-128'));
    expect(posts.map((sent) => sent.body)).toEqual([{ do: 'start', plan: PLAN }]);
  });

  test('another id starts nothing', async () => {
    const { exit, posts } = await answer(['start', FIX], [['type FIX-128', 'y']]);
    expect({ exit, posts }).toEqual({ exit: 2, posts: [] });
  });

  test('rollback of all shows what it would do, asks for the reason and for the id', async () => {
    const { exit, err, posts } = await answer(
      ['rollback', FIX],
      [
        ['Why roll back', 'crash loop'],
        ['type FIX-128', FIX],
      ],
    );
    expect(exit).toBe(0);
    expect(err).toContain('would: rollback recorded');
    expect(posts[0]?.body).toEqual({ do: 'rollback', reason: 'crash loop' });
  });

  test('a no leaves everything as it is', async () => {
    const { exit, posts } = await answer(['resume', FIX], [['Resume FIX-128?', 'n']]);
    expect({ exit, posts }).toEqual({ exit: 2, posts: [] });
  });

  test('pause asks nothing, even on a terminal', async () => {
    const { exit, posts } = await answer(['pause', FIX], []);
    expect(exit).toBe(0);
    expect(posts).toHaveLength(1);
  });

  test.each([
    [['start', FIX]],
    [['approve', FIX, '--plan', PLAN]],
    [['resume', FIX]],
    [['rollback', FIX, '--reason', 'bad']],
    [['advance', FIX, '--from', '2', '--reason', 'x']],
    [['waive', FIX, '--gate', 'g', '--expires', '1h', '--reason', 'x']],
    [['withdraw', FIX, '--reason', 'x']],
    [['retire', FIX]],
    [['close', FIX, '--as', 'done']],
  ])('%j without a terminal and without --yes is refused and does nothing', async (argv) => {
    const hub = recordedHub(at);
    const { exit, err } = await runCli(argv, hub);
    expect(exit).toBe(2);
    expect(err).toContain('--yes');
    expect(hub.sent.filter((sent) => sent.method === 'POST')).toEqual([]);
  });

  test.each([
    [['rollback', FIX, '--yes']],
    [['advance', FIX, '--from', '2', '--yes']],
    [['exclude', FIX, '--target', 'a', '--until', '1h']],
    [['decline', FIX, '--plan', PLAN]],
  ])('%j without a reason and without a terminal is refused', async (argv) => {
    const { exit, err } = await runCli(argv, recordedHub(at));
    expect(exit).toBe(2);
    expect(err).toContain('--reason is missing');
  });
});

describe('refusals', () => {
  const refusing =
    (status: number, code: string, more = {}): Script =>
    (sent) =>
      sent.method === 'POST' ? problem(status, code, `refused: ${code}`, more) : undefined;

  test.each(Object.entries(PROBLEMS))('problem %s has the exit code of the registry', async (code, kind) => {
    const { exit, err } = await runCli(['pause', FIX], recordedHub(at, refusing(kind.status, code)));
    expect(exit).toBe(kind.exit);
    expect(err).toContain(`refused: ${code}`);
  });

  test('who can and what to type next are printed', async () => {
    const more = {
      whoCan: ['kato', '@approver'],
      next: [{ label: 'see the plan', command: 'fleetfix plan FIX-128' }],
    };
    const { err } = await runCli(['pause', FIX], recordedHub(at, refusing(403, 'not-allowed', more)));
    expect(err).toContain('who can: kato, @approver');
    expect(err).toContain('next: fleetfix plan FIX-128   (see the plan)');
  });

  test('-o json gives the problem document on stderr and nothing on stdout', async () => {
    const { out, err } = await runCli(
      ['pause', FIX, '-o', 'json'],
      recordedHub(at, refusing(403, 'not-allowed')),
    );
    expect(out).toBe('');
    expect(JSON.parse(err)).toMatchObject({ code: 'not-allowed', status: 403 });
  });

  test('a moved world is exit 6, with what moved since and the same command', async () => {
    const script: Script = (sent) => {
      if (sent.method === 'POST')
        return problem(412, 'stale-version', 'it is at version 60', { version: 60 });
      if (sent.path.endsWith('/timeline')) {
        const entry = (version: number, text: string) => ({
          seq: version,
          version,
          at: '2026-11-21T20:49:00.000Z',
          author: 'adiaz',
          surface: 'cli',
          type: 'Paused',
          text,
        });
        return {
          body: { items: [entry(58, 'before'), entry(59, 'paused: errors'), entry(60, 'excluded cp-1')] },
        };
      }
      return undefined;
    };
    const { exit, err } = await runCli(
      ['advance', FIX, '--from', '2', '--reason', "it's urgent", '--yes'],
      recordedHub(at, script),
    );
    expect(exit).toBe(6);
    expect(err).toContain('20:49Z  adiaz: paused: errors\n  20:49Z  adiaz: excluded cp-1');
    expect(err).not.toContain('before');
    expect(err).toContain(`next: fleetfix advance FIX-128 --from 2 --reason 'it'\\''s urgent' --yes`);
  });
});

describe('an act is done once', () => {
  test('a lost answer is asked for again with the same key', async () => {
    let lost = false;
    const hub = recordedHub(at, (sent) => {
      if (sent.method !== 'POST' || lost) return undefined;
      lost = true;
      throw new TypeError('fetch failed');
    });
    const { exit } = await runCli(['pause', FIX], hub);
    const keys = hub.sent
      .filter((sent) => sent.method === 'POST')
      .map((sent) => sent.headers['idempotency-key']);
    expect(exit).toBe(0);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
  });

  test('an act done before says when', async () => {
    const script: Script = (sent) =>
      sent.method === 'POST'
        ? {
            body: {
              fix: FIX,
              version: 59,
              state: 'delivering',
              did: ['paused'],
              undo: 'u',
              see: 's',
              alreadyDoneAt: '2026-11-21T20:31:00.000Z',
            },
          }
        : undefined;
    const { out } = await runCli(['pause', FIX], recordedHub(at, script));
    expect(out).toContain('already done at 20:31Z by you');
  });
});

describe('pause', () => {
  test('--all pauses what rolls out and nothing else', async () => {
    const hub = recordedHub(at);
    const { exit, out } = await runCli(['pause', '--all', '-o', 'json'], hub);
    expect(exit).toBe(0);
    expect(JSON.parse(out).items).toMatchObject([{ fix: FIX }]);
    const idle = recordedHub('paused');
    const { err } = await runCli(['pause', '--all'], idle);
    expect(err).toContain('nothing to pause');
    expect(idle.sent.some((sent) => sent.method === 'POST')).toBe(false);
  });

  test('without a hub it says what to do by hand', async () => {
    const fetch = () => Promise.reject(new TypeError('fetch failed'));
    const { exit, err } = await runCli(['pause', FIX], { fetch });
    expect(exit).toBe(1);
    expect(err).toContain('NOT recorded');
    expect(err).toContain('scale deployment/fleetfix-agent --replicas=0');
    expect(err).toContain('next: fleetfix pause FIX-128');
  });

  test('one fix and --all at once is a misuse', async () => {
    expect((await runCli(['pause', FIX, '--all'], recordedHub(at))).exit).toBe(2);
    expect((await runCli(['pause'], recordedHub(at))).exit).toBe(2);
  });
});
