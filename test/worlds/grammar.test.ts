import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { recordedHub, runCli } from './hub.ts';
import { mustBeRecorded } from './world.ts';

const at = 'rolling-out';

describe('the edges of the grammar', () => {
  test('a wrong verb gets one suggestion and does nothing', async () => {
    const hub = recordedHub(at);
    const ran = await runCli(['paus', 'FIX-128'], hub);
    expect(ran).toEqual({
      exit: 2,
      out: '',
      err: "fleetfix: unknown command 'paus'\n(did you mean pause?)\n",
    });
    expect(hub.sent).toEqual([]);
  });

  test('one suggestion, even where several verbs are as near', async () => {
    const { err } = await runCli(['re'], recordedHub(at));
    expect(err.match(/did you mean [a-z]+\?/g) ?? []).not.toHaveLength(2);
    expect(err).not.toContain('one of');
  });

  test.each([
    [['status', 'FIX-0']],
    [['status', 'fix']],
    [['pause', 'FIX-1; rm']],
    [['status', '-o', 'xml']],
    [['plan']],
    [['approve', 'FIX-128', '--yes']],
    [['approve', 'FIX-128', '--plan', 'x', '--yes']],
    [['--hub', 'ftp://x', 'status']],
    [['--hub', 'http://user:pass@x', 'status']],
    [['rollback', 'FIX-128', '--wave', '2', '--all', '--reason', 'x', '--yes']],
    [['rollback', 'FIX-128', '--stage', 'canary', '--wave', '2', '--reason', 'x', '--yes']],
    [['rollback', 'FIX-128', '--wave', 'canary', '--reason', 'x', '--yes']],
    [['plan', 'FIX-128', '--budget', '0']],
    [['plan', 'FIX-128', '--budget', '-5']],
    [['plan', 'FIX-128', '--budget', 'all']],
    [['plan', 'FIX-128', '--budget', '100001']],
    [['plan', 'FIX-128', '--budget', '40', '--plan', 'P-7f3a0c12']],
    [['get', 'waves', '--for', 'FIX-128']],
    [['get', 'targets', '--for', 'FIX-128', '--wave', '0']],
    [['waive', 'FIX-128', '--gate', 'g', '--expires', '2020-01-01T00:00:00Z', '--reason', 'x', '--yes']],
    [['waive', 'FIX-128', '--reason', 'x', '--yes']],
    [['waive', 'FIX-128', '--gate', 'g', '--reason', 'x', '--yes']],
    [['waive', 'FIX-128', '--gate', 'g', '--item', 'docs', '--expires', '1h', '--reason', 'x', '--yes']],
    [['waive', 'FIX-128', '--item', 'docs', '--expires', '1h', '--reason', 'x', '--yes']],
    [['show', 'FIX-128', '--item', 'docs']],
    [['exclude', 'FIX-128', '--target', 't', '--until', 'tomorrow', '--reason', 'x']],
    [['backport', 'FIX-128', '--not', '4.17']],
    [['retry', 'FIX-128', '--stage', 'rollout']],
    [['prepare', 'FIX-128', '--release', '4.19.12']],
    [['prepare', 'FIX-128', '--release', '4.19.12', '--commit', '-x']],
    [['attest', 'FIX-128', '--check', 'g', '--result', 'maybe']],
    [['advance', 'FIX-128', '--from', 'Two!', '--reason', 'x', '--yes']],
    [['wait', 'FIX-128', '--for', 'covered', '--timeout', '0s']],
    [['logs', 'FIX-128', '--stage', 'rollout']],
    [['logs', 'FIX-128', '--stage', 'build']],
    [['describe', 'target/']],
    [['completion', 'tcsh']],
    [['api', 'GET', '//evil.example/x']],
  ])('%j is a misuse: exit 2, a reason, and nothing is done', async (argv) => {
    const hub = recordedHub(at);
    const { exit, err } = await runCli(argv, hub);
    expect(exit).toBe(2);
    expect(err).toMatch(/^fleetfix: .{10}/);
    expect(hub.sent.filter((sent) => sent.method === 'POST')).toEqual([]);
  });

  test('help leads with examples', async () => {
    const { exit, out } = await runCli(['start', '--help'], recordedHub(at));
    expect(exit).toBe(0);
    expect(out).toMatch(/^Examples:\n {2}fleetfix start FIX-1/);
  });

  test('without anything it says what there is', async () => {
    const { exit, out } = await runCli([], recordedHub(at));
    expect(exit).toBe(0);
    expect(out).toMatch(/^At 3 a\.m\.:/);
  });

  test('an unknown fix is exit 2 with the reason of the hub', async () => {
    const ran = await runCli(['status', 'FIX-999'], recordedHub(at));
    expect(ran).toMatchObject({ exit: 2, out: '', err: expect.stringContaining('FIX-999') });
  });
});

describe('single commands', () => {
  test('plan --exit-code is 7 when there is something to do, and 0 when there is not', async () => {
    expect((await runCli(['plan', 'FIX-128', '--exit-code'], recordedHub(at))).exit).toBe(7);
    const empty = { ...mustBeRecorded<object>(at, 'plan'), inPlan: 0 };
    const hub = recordedHub(at, (sent) => (sent.method === 'POST' ? { body: empty } : undefined));
    expect((await runCli(['plan', 'FIX-128', '--exit-code'], hub)).exit).toBe(0);
  });

  test('plan --exclude sends the selector', async () => {
    const hub = recordedHub(at);
    await runCli(['plan', 'FIX-128', '--exclude', 'customer=acme|beta,region=eu-1'], hub);
    expect(hub.sent[0]?.body).toEqual({ exclude: { customer: ['acme', 'beta'], region: ['eu-1'] } });
  });

  test.each([
    ['urgent', 'urgent'],
    ['40', 40],
  ])('plan --budget %s sends the budget', async (typed, budget) => {
    const hub = recordedHub(at);
    await runCli(['plan', 'FIX-128', '--budget', typed], hub);
    expect(hub.sent[0]?.body).toEqual({ budget });
  });

  test('what a wave is now, and where to look, is told to who asks for waves', async () => {
    const { err } = await runCli(['get', 'waves'], recordedHub(at));
    expect(err).toContain('a wave is what started together');
    expect(err).toContain('next: fleetfix get stages --for FIX-1');
  });

  test('a start after a halt needs a reason, and says what is missing', async () => {
    const hub = recordedHub('rolled-back', (sent) =>
      /\/plans\//.test(sent.path) ? { body: mustBeRecorded(at, 'plan') } : undefined,
    );
    const ran = await runCli(['start', 'FIX-128', '--plan', 'P-7f3a0c12', '--yes'], hub);
    expect(ran).toMatchObject({ exit: 2, err: expect.stringContaining('--reason is missing') });
    expect(hub.sent.filter((sent) => sent.method === 'POST')).toEqual([]);
  });

  test('declare --symptom goes to the hub as it was typed', async () => {
    const hub = recordedHub(at);
    const what = ['--component', 'kas', '--severity', 'critical', '--title', 't', '--reason', 'r'];
    await runCli(['declare', ...what, '--commit', '5cd2f01a', '--symptom', 'out of memory'], hub);
    expect(hub.sent.at(-1)?.body).toMatchObject({ symptom: 'out of memory' });
  });

  test('verify of a broken chain is exit 5 and names the row', async () => {
    const row = { seq: 4, version: 4, because: 'hash differs' };
    const fixes = [{ fix: 'FIX-1', events: 9, verified: false, broken: row }];
    const body = { verified: false, events: 9, fixes };
    const hub = recordedHub(at, (sent) => (sent.path === '/api/verify' ? { body } : undefined));
    const { exit, out } = await runCli(['verify'], hub);
    expect(exit).toBe(5);
    expect(out).toContain('event 4, row 4  hash differs');
  });

  test('export is the record as it is', async () => {
    const { exit, out } = await runCli(['export', 'FIX-128'], recordedHub(at));
    expect({ exit, out }).toEqual({ exit: 0, out: '{"seq":1}\n{"seq":2}\n' });
  });

  test('people add prints the token to stdout and nothing else', async () => {
    const argv = ['people', 'add', 'alice', '--roles', 'engineer,on-call'];
    const hub = recordedHub(at);
    const { out, err } = await runCli(argv, hub);
    expect(out).toBe('tok-once-0123456789\n');
    expect(err).toContain('shown only now');
    expect(hub.sent[0]?.body).toEqual({ name: 'alice', roles: ['engineer', 'on-call'] });
  });

  test('api makes one raw call', async () => {
    const hub = recordedHub(at);
    const argv = ['api', 'post', '/fixes/FIX-128/commands', '--body', '{"do":"pause"}', '--if-match', '58'];
    await runCli(argv, hub);
    expect(hub.sent).toMatchObject([
      {
        method: 'POST',
        path: '/api/fixes/FIX-128/commands',
        body: { do: 'pause' },
        headers: { 'if-match': '"58"' },
      },
    ]);
  });

  test('hub serve and demo hand their options to what main brings', async () => {
    const seen: unknown[] = [];
    const starters = {
      serve: async (options: unknown) => void seen.push(options),
      demo: async (options: unknown) => seen.push(options) + 2,
      agent: {
        enrol: async (options: unknown, token: string) => {
          seen.push({ options, token });
          return { agent: 'agent-1', managementCluster: 'mc-1' };
        },
        run: async (options: unknown) => void seen.push(options),
      },
    };
    const io = { ...recordedHub(at), starters };
    const serve = ['hub', 'serve', '--config', 'f.yaml', '--data-dir', 'd', '--listen', '127.0.0.1:1'];
    expect((await runCli(serve, io)).exit).toBe(0);
    expect((await runCli(['demo', '--seed', '7', '--planes', '2000', '-o', 'json'], io)).exit).toBe(4);
    expect(seen).toEqual([
      { config: 'f.yaml', dataDir: 'd', listen: '127.0.0.1:1' },
      { seed: 7, planes: 2000, keep: false, output: 'json' },
    ]);
    seen.length = 0;
    const enrolled = await runCli(['agent', 'enrol', '--config', 'a.yaml'], {
      ...io,
      stdin: Readable.from(['one-time \n']),
    });
    expect([enrolled.exit, enrolled.out]).toEqual([
      0,
      'agent-1 speaks for mc-1 now\n  next: fleetfix agent run --config a.yaml\n',
    ]);
    expect((await runCli(['agent', 'run', '--config', 'a.yaml'], io)).exit).toBe(0);
    expect(seen).toEqual([{ options: { config: 'a.yaml' }, token: 'one-time' }, { config: 'a.yaml' }]);
  });
});

describe('completion', () => {
  const complete = async (...words: string[]) => {
    const { out, err, exit } = await runCli(['__complete', '--', ...words], recordedHub(at));
    expect({ err, exit }).toEqual({ err: '', exit: 0 });
    return out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\t')[0]);
  };

  test.each([
    [['pau'], ['pause']],
    [['pause', ''], ['FIX-128']],
    [['get', 'targets', '--for', ''], ['FIX-128']],
    [['get', 'a'], ['agents']],
    [['get', 'g'], ['gates']],
    [
      ['attest', 'FIX-128', '--result', ''],
      ['pass', 'fail'],
    ],
    [['status', '-o', 'j'], ['json']],
    [['start', 'FIX-128', '--dr'], ['--dry-run']],
    [
      ['people', ''],
      ['add', 'list'],
    ],
    [['declare', '--severity', 'cr'], ['critical']],
    [['plan', 'FIX-128', '--budget', 'ur'], ['urgent']],
    [['advance', 'FIX-128', '--from', 'a'], ['all']],
    [
      ['rollback', 'FIX-128', '--stage', ''],
      ['one-box', 'all'],
    ],
    [['retry', 'FIX-128', '--stage', 'b'], ['build']],
    [['version', ''], []],
  ])('%j may be followed by %j', async (words, found) => {
    expect(await complete(...words)).toEqual(found);
  });

  test('is silent when the hub is away', async () => {
    const fetch = () => Promise.reject(new TypeError('no'));
    expect(await runCli(['__complete', '--', 'pause', ''], { fetch })).toEqual({ exit: 0, out: '', err: '' });
  });

  test.each(['bash', 'zsh', 'fish', 'powershell'])('has a script for %s', async (shell) => {
    expect((await runCli(['completion', shell], recordedHub('idle'))).out).toContain('fleetfix __complete');
  });
});
