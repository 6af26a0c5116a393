import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { recordedHub, runCli } from './hub.ts';

const dirs: string[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
});
const fresh = () => {
  const dir = mkdtempSync(join(tmpdir(), 'fleetfix-cli-'));
  dirs.push(dir);
  return dir;
};
const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
const away: typeof fetch = () => Promise.reject(new TypeError('fetch failed', { cause: refused }));
const later = () => '2026-11-21T21:02:00.000Z';
const envOf = (cache: string, more = {}) => ({
  XDG_CACHE_HOME: cache,
  XDG_CONFIG_HOME: '/dev/null/none',
  FLEETFIX_TOKEN: 'tok-0123456789',
  ...more,
});

describe('when the hub is away', () => {
  test('a read shows the last view with its age in the first line', async () => {
    const env = envOf(fresh());
    const before = await runCli(['status', 'FIX-128'], { ...recordedHub('rolling-out'), env });
    const { exit, out } = await runCli(['status', 'FIX-128'], { fetch: away, env, now: later });
    expect(exit).toBe(1);
    const [first, , ...rest] = out.split('\n');
    expect(first).toBe(
      'NOT LIVE: hub http://127.0.0.1:8470 cannot be reached: ECONNREFUSED. Last view, 12m old, of 20:50Z:',
    );
    expect(rest.join('\n')).toBe(before.out);
  });

  test('-o json stays JSON, and the age goes to stderr', async () => {
    const env = envOf(fresh());
    await runCli(['why', 'FIX-128'], { ...recordedHub('paused'), env });
    const io = { fetch: away, env, now: later };
    const { exit, out, err } = await runCli(['why', 'FIX-128', '-o', 'json'], io);
    expect(exit).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ fix: 'FIX-128' });
    expect(err).toContain('NOT LIVE');
  });

  test("another login does not see this one's views", async () => {
    const cache = fresh();
    await runCli(['status', 'FIX-128'], { ...recordedHub('rolling-out'), env: envOf(cache) });
    const io = { fetch: away, env: envOf(cache, { FLEETFIX_TOKEN: 'tok-other-0001' }) };
    const { exit, out, err } = await runCli(['status', 'FIX-128'], io);
    expect({ exit, out }).toEqual({ exit: 1, out: '' });
    expect(err).toContain('next: fleetfix doctor');
  });

  test('what answers but is no hub is said so', async () => {
    const fetch = async () => new Response('<html>welcome</html>', { status: 200 });
    const { exit, err } = await runCli(['status', 'FIX-128'], { fetch });
    expect({ exit, err }).toEqual({ exit: 1, err: expect.stringContaining('not as a hub does') });
    const bad = async () => new Response('<html>bad gateway</html>', { status: 502 });
    expect((await runCli(['status', 'FIX-128'], { fetch: bad })).exit).toBe(1);
  });
});

describe('an act that was never answered', () => {
  const keys: (string | undefined)[] = [];
  const hubOf = (env: Record<string, string>, isDeaf: boolean) => {
    const hub = recordedHub('waiting-for-approval', (sent) => {
      if (sent.method !== 'POST') return undefined;
      keys.push(sent.headers['idempotency-key']);
      if (isDeaf) throw new TypeError('fetch failed');
      return undefined;
    });
    return { ...hub, env };
  };
  afterEach(() => {
    keys.length = 0;
  });

  test('is repeated with its key the next time, and only then', async () => {
    const env = envOf(fresh());
    const approve = ['approve', 'FIX-128', '--plan', 'P-7f3a0c12', '--yes'];
    expect((await runCli(approve, hubOf(env, true))).exit).toBe(1);
    expect((await runCli(approve, hubOf(env, false))).exit).toBe(0);
    expect((await runCli(approve, hubOf(env, false))).exit).toBe(0);
    expect(new Set(keys.slice(0, 3)).size, 'twice unanswered, then repeated').toBe(1);
    expect(keys[3], 'answered, so the next one is new').not.toBe(keys[0]);
  });

  test('has a new key when it is a pause: a later pause is another one', async () => {
    const env = envOf(fresh());
    await runCli(['pause', 'FIX-128'], hubOf(env, true));
    await runCli(['pause', 'FIX-128'], hubOf(env, false));
    expect(keys).toHaveLength(3);
    expect(keys[2]).not.toBe(keys[0]);
  });
});

describe('login', () => {
  test('keeps the token for its owner only, and only for that hub', async () => {
    const config = fresh();
    const env = { XDG_CACHE_HOME: '/dev/null/none', XDG_CONFIG_HOME: config };
    const stdin = new PassThrough().end('tok-secret-12345\n');
    const argv = ['login', '--hub', 'http://localhost:8470'];
    const said = await runCli(argv, { ...recordedHub('idle'), env, stdin });
    const file = join(config, 'fleetfix', 'config.json');
    expect(said).toMatchObject({ exit: 0, out: 'logged in to http://localhost:8470 as kato (approver)\n' });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      hub: 'http://localhost:8470',
      token: 'tok-secret-12345',
    });
    const sentTo = async (flags: readonly string[]) => {
      const hub = recordedHub('idle');
      await runCli(['status', 'FIX-128', ...flags], { ...hub, env });
      return hub.sent[0]?.headers.authorization;
    };
    expect(await sentTo([])).toBe('Bearer tok-secret-12345');
    expect(await sentTo(['--hub', 'http://localhost:9999'])).toBeUndefined();
  });

  test.each([
    ['no token', ''],
    ['two words', 'one two three'],
    ['too short', 'abc'],
    ['endless input', 'x'.repeat(10_000)],
  ])('%s on stdin is refused and not printed', async (_name, text) => {
    const stdin = new PassThrough().end(text);
    const { exit, out, err } = await runCli(['login'], { ...recordedHub('idle'), stdin });
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
    if (text) expect(err).not.toContain(text);
  });

  test('a token file that is not there is named', async () => {
    const argv = ['status', '--token-file', '/nonexistent/token'];
    expect(await runCli(argv, recordedHub('idle'))).toMatchObject({
      exit: 2,
      err: expect.stringContaining('/nonexistent/token cannot be read: ENOENT'),
    });
  });
});
