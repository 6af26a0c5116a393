import { describe, expect, test } from 'vitest';
import type { FixView } from '../../src/core/views/fix-view.ts';
import { collector, problem, recordedHub, runCli } from './hub.ts';
import { mustBeRecorded, worlds } from './world.ts';

const view = (world: string) => mustBeRecorded<FixView>(world, 'view');

/** A hub that shows the worlds one after another, a step for each look; the last one stays. */
function story(...names: string[]) {
  let looks = 0;
  const hub = recordedHub(names[0]!, (sent) => {
    if (sent.path === '/api/events') return problem(503, 'too-many-streams', 'no streams here');
    if (sent.path !== '/api/fixes/FIX-128') return undefined;
    const name = names[Math.min(looks++, names.length - 1)]!;
    return { body: view(name) };
  });
  return { fetch: hub.fetch, sent: hub.sent, pollMs: 1 };
}

describe('wait ends on the goal, on what makes it impossible, or on time', () => {
  const goals = ['proven', 'approved', 'stage=one-box', 'stage=all', 'covered', 'retired'] as const;
  // 0 reached, 5 out of reach, 3 still possible when time is up; a column for each goal above.
  const table: Record<string, readonly number[]> = {
    idle: [3, 3, 3, 3, 3, 3],
    closing: [0, 0, 0, 0, 0, 0],
    conflict: [3, 3, 3, 3, 3, 3],
    'waiting-for-approval': [0, 3, 3, 3, 3, 3],
    'expired-plan': [0, 3, 3, 3, 3, 3],
    declined: [0, 5, 5, 5, 5, 5],
    'rolling-out': [0, 0, 0, 3, 3, 3],
    'silent-agents': [0, 0, 0, 3, 3, 3],
    paused: [0, 0, 0, 3, 3, 3],
    halted: [0, 0, 5, 5, 5, 5],
    'rolled-back': [0, 0, 5, 5, 5, 5],
    stalled: [0, 0, 0, 0, 3, 3],
    covered: [0, 0, 0, 0, 0, 3],
    retired: [0, 0, 0, 0, 0, 0],
    withdrawn: [5, 5, 5, 5, 5, 5],
    'all-native': [0, 0, 5, 5, 0, 3],
    '5000-planes': [0, 0, 0, 5, 3, 3],
    'one-box': [0, 0, 3, 3, 3, 3],
    stages: [0, 0, 0, 5, 3, 3],
    'burning-first': [0, 0, 3, 3, 3, 3],
    'does-not-fix': [0, 0, 0, 3, 3, 3],
    'halted-stratum': [0, 0, 0, 3, 5, 5],
  };

  test('every recorded world is in the table', () =>
    expect(Object.keys(table).sort()).toEqual(worlds().sort()));

  test.each(
    Object.entries(table).flatMap(([world, exits]) =>
      goals.map((goal, i) => [world, goal, exits[i]!] as const),
    ),
  )('%s, for %s: exit %i', async (world, goal, expected) => {
    const { fetch } = recordedHub(world, (sent) =>
      sent.path === '/api/events' ? problem(503, 'too-many-streams', 'no streams here') : undefined,
    );
    const { exit, err } = await runCli(['wait', view(world).id, '--for', goal, '--timeout', '20ms'], {
      fetch,
    });
    expect(exit).toBe(expected);
    if (expected !== 0) expect(err).toContain(`see fleetfix why ${view(world).id}`);
  });

  test('it follows the fix to its end, a line for each change', async () => {
    const hub = story('waiting-for-approval', 'rolling-out', 'covered');
    const { exit, err } = await runCli(['wait', 'FIX-128', '--for', 'covered'], hub);
    expect(exit).toBe(0);
    expect(err.trim().split('\n')).toEqual([
      expect.stringContaining('Proven, waiting for 1 of @approver'),
      expect.stringContaining('Rolling out, budget 25'),
      expect.stringContaining('Covered: every exposed'),
      expect.stringMatching(/^FIX-128: Covered/),
    ]);
  });

  test('a halt on the way is exit 5 and says so', async () => {
    const { exit, err } = await runCli(
      ['wait', 'FIX-128', '--for', 'covered'],
      story('rolling-out', 'halted'),
    );
    expect(exit).toBe(5);
    expect(err).toContain('FIX-128 cannot get covered as things stand: halted');
  });

  test('the last lines on time-out say what is missing', async () => {
    const argv = ['wait', 'FIX-128', '--for', 'covered', '--timeout', '5ms'];
    const { exit, err } = await runCli(argv, story('stalled'));
    expect(exit).toBe(3);
    expect(err).toContain(
      'missing: 28 of 665 control planes (25 exposed, 3 unknown, 25 of them not in the plan)',
    );
    expect(err).toContain('needs operator: plan again');
  });

  test('a stage that the plan has not is out of reach, and those it has are named', async () => {
    const { exit, err } = await runCli(['wait', 'FIX-128', '--for', 'stage=canary'], story('rolling-out'));
    expect(exit).toBe(5);
    expect(err).toContain('its plan has no stage canary: there are one-box, all');
  });

  test('a short absence of the hub is sat out', async () => {
    const { fetch, pollMs } = story('rolling-out', 'covered');
    let looks = 0;
    const flaky: typeof globalThis.fetch = (...call) =>
      String(call[0]).includes('/fixes/') && ++looks === 2
        ? Promise.reject(new TypeError('gone'))
        : fetch(...call);
    const { exit, err } = await runCli(['wait', 'FIX-128', '--for', 'covered'], { fetch: flaky, pollMs });
    expect(exit).toBe(0);
    expect(err).toContain('cannot be reached');
  });

  test('an event of the hub is heard at once, without waiting for the clock', async () => {
    let send: (text: string) => void = () => {};
    let now = view('rolling-out');
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        send = (text) => controller.enqueue(new TextEncoder().encode(text));
      },
    });
    const hub = recordedHub('rolling-out', (sent) => {
      if (sent.path === '/api/events')
        return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
      return sent.path === '/api/fixes/FIX-128' ? { body: now } : undefined;
    });
    const err = collector();
    const io = { fetch: hub.fetch, pollMs: 3_600_000, stderr: err.stream };
    const waiting = runCli(['wait', 'FIX-128', '--for', 'covered'], io);
    await err.shows('Rolling out');
    now = view('covered');
    send(': heartbeat\n\nevent: snapshot\ndata: {}\n\nid: 9\nevent: changed\ndata: {"fix":"FIX-128"}\n\n');
    expect((await waiting).exit).toBe(0);
  });

  test('Ctrl-C stops only the watching, and says so', async () => {
    const stop = new AbortController();
    const err = collector();
    const waiting = runCli(['wait', 'FIX-128', '--for', 'covered'], {
      ...story('rolling-out'),
      pollMs: 3_600_000,
      stderr: err.stream,
      interrupted: () => stop.signal,
    });
    await err.shows('Rolling out');
    stop.abort();
    expect((await waiting).exit).toBe(3);
    expect(err.text()).toContain('FIX-128 is still rolling out; I only stopped watching.');
  });

  test.each(['covere', 'wave=2', 'stage=', 'stage', 'stage=Two!', ''])(
    '--for %j is a misuse',
    async (goal) => {
      expect((await runCli(['wait', 'FIX-128', '--for', goal], recordedHub('idle'))).exit).toBe(2);
    },
  );
});

describe('--watch', () => {
  /** Watches until the output holds the words, then presses Ctrl-C. */
  async function watch(argv: readonly string[], hub: ReturnType<typeof story>, until: string, more = {}) {
    const stop = new AbortController();
    const out = collector();
    const running = runCli(argv, { ...hub, ...more, stdout: out.stream, interrupted: () => stop.signal });
    await out.shows(until);
    stop.abort();
    return { ...(await running), out: out.text() };
  }

  test('in a pipe prints one line for each change', async () => {
    const hub = story('rolling-out', 'paused', 'halted');
    const { out, err, exit } = await watch(['status', 'FIX-128', '-w'], hub, 'Halted');
    expect(exit).toBe(0);
    expect(out.trim().split('\n')).toEqual([
      expect.stringContaining('v58  Rolling out'),
      expect.stringContaining('v60  Paused by adiaz'),
      expect.stringContaining('v71  Halted, rolling back'),
    ]);
    expect(err).toContain('I only stopped watching');
  });

  test('with -o json prints one object a line', async () => {
    const argv = ['status', 'FIX-128', '-w', '-o', 'json'];
    const { out } = await watch(argv, story('rolling-out', 'halted'), '"halted":true');
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map((line) => line.halted)).toEqual([false, true]);
  });

  test('on a terminal draws the screen again in place', async () => {
    const hub = story('rolling-out', 'halted');
    const { out } = await watch(['status', 'FIX-128', '-w'], hub, 'Halted', { isTty: true });
    expect(out.startsWith('\u001b[2J\u001b[H\u001b[J')).toBe(true);
    expect(out.lastIndexOf('\u001b[H\u001b[J')).toBeGreaterThan(10);
  });

  test('ends by itself when nothing can change any more', async () => {
    const { exit, out } = await runCli(['status', 'FIX-128', '-w'], recordedHub('withdrawn'));
    expect({ exit, lines: out.trim().split('\n').length }).toEqual({ exit: 0, lines: 1 });
  });

  test('of a table prints the rows that are new', async () => {
    const hub = story('rolling-out', 'paused');
    const { out } = await watch(['get', 'stages', '--for', 'FIX-128', '-w'], hub, 'paused');
    const rows = out.trim().split('\n');
    expect(rows.filter((row) => row.startsWith('STAGE'))).toHaveLength(1);
    expect(rows.at(-1)).toMatch(/^all .*paused/);
  });
});
