import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CommandName } from '../../core/life/command.ts';
import { commandSchema } from '../../wire/api.ts';
import { createApi } from './app.ts';
import { as, memoryDesk, memoryParts } from './memory-desk.ts';

const SHA = 'a'.repeat(40);
const DECLARATION = {
  do: 'declare',
  title: 'drop leaked watch',
  severity: 'critical',
  reason: 'API servers run out of memory',
  change: { kind: 'commits', commits: [SHA] },
  component: 'control-plane-operator',
};
const until = '2026-11-22T06:00:00.000Z';
const plan = 'P-7f3a91c0';
const reason = 'because';

/** One valid body of every command. */
const COMMANDS: readonly { readonly do: CommandName }[] = [
  { do: 'backport' },
  { do: 'attest', gate: 'bvt', result: 'pass' } as { do: CommandName },
  { do: 'acknowledge' },
  { do: 'waive', gate: 'bvt', reason, expiresAt: until } as { do: CommandName },
  { do: 'prepare', release: '4.19.12', commit: SHA } as { do: CommandName },
  { do: 'retry', stage: 'build' } as { do: CommandName },
  { do: 'approve', plan } as { do: CommandName },
  { do: 'decline', plan, reason } as { do: CommandName },
  { do: 'start', plan } as { do: CommandName },
  { do: 'advance', stage: 'canary', reason } as { do: CommandName },
  { do: 'pause' },
  { do: 'resume' },
  { do: 'rollback', reason } as { do: CommandName },
  { do: 'exclude', target: 'cp-1', until, reason } as { do: CommandName },
  { do: 'retire' },
  { do: 'show', item: 'docs', link: 'https://docs.example.com/7' } as { do: CommandName },
  { do: 'waive-item', item: 'docs', reason } as { do: CommandName },
  { do: 'close', as: 'fixed' } as { do: CommandName },
  { do: 'withdraw', reason } as { do: CommandName },
];
const NARROWING = [
  'pause',
  'rollback',
  'exclude',
  'decline',
  'acknowledge',
  'attest',
  'show',
  'prepare',
  'withdraw',
];

const post = (
  body: unknown,
  options: {
    headers?: Record<string, string>;
    path?: string;
    desk?: ReturnType<typeof memoryDesk>;
    key?: string;
  } = {},
) =>
  createApi(memoryParts({ desk: options.desk ?? memoryDesk() })).request(
    options.path ?? '/api/fixes/FIX-128/commands',
    {
      method: 'POST',
      headers: as('token-operator', {
        'content-type': 'application/json',
        'idempotency-key': options.key ?? 'k-1',
        ...options.headers,
      }),
      body: JSON.stringify(body),
    },
  );
const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code;

describe('taking a proposal', () => {
  const accept = { kind: 'adjacent', tree: SHA };
  test('is handed to the desk as it is', async () => {
    const desk = memoryDesk();
    const body = { do: 'backport', to: ['4.18'], accept };
    expect((await post(body, { desk, headers: { 'if-match': '"41"' } })).status).toBe(202);
    expect(desk.asked[0]?.request).toEqual(body);
  });

  test.each([
    [{ ...accept, kind: 'prerequisites' }],
    [{ ...accept, tree: 'abc' }],
    [{ ...accept, tree: '-x'.repeat(20) }],
    [{ kind: 'reuse' }],
    [{ ...accept, commits: [SHA] }],
  ])('%j is refused', async (wrong) => {
    const response = await post(
      { do: 'backport', to: ['4.18'], accept: wrong },
      { headers: { 'if-match': '"41"' } },
    );
    expect(response.status).toBe(400);
  });
});

describe('preparing a release', () => {
  const prepare = { do: 'prepare', release: '4.20.0-rc.1', commit: 'v4.20.0' };
  const headers = { 'if-match': '"41"' };
  test('takes a commit by any name', async () => {
    expect((await post(prepare, { headers })).status).toBe(202);
  });

  test.each([
    { commit: undefined },
    { commit: '--upload-pack=x' },
    { commit: 'a..b' },
    { release: undefined },
    { release: '' },
    { release: '-4.20.1' },
    { release: '4.20.1 and more' },
    { release: '4'.repeat(64) },
    { line: '4.20.1' },
  ])('refuses %j', async (wrong) => {
    expect((await post({ ...prepare, ...wrong }, { headers })).status).toBe(400);
  });
});

describe('commands', () => {
  test('the bodies of this test are all commands there are', () => {
    const names = commandSchema.options.map((option) => option.shape.do.value);
    expect(COMMANDS.map((command) => command.do).sort()).toEqual([...names].sort());
  });

  test.each(COMMANDS)('$do is handed to the desk with who, where, key and version', async (command) => {
    const desk = memoryDesk();
    const headers = { 'if-match': '"41"', 'x-fleetfix-surface': 'console' };
    const response = await post(command, { desk, headers });
    expect(response.status).toBe(202);
    expect(response.headers.get('etag')).toBe('"42"');
    expect(desk.asked).toEqual([
      {
        call: 'command',
        request: command,
        asking: {
          actor: { name: 'adiaz', roles: ['operator', 'on-call'] },
          surface: 'console',
          key: 'k-1',
          seen: 41,
          dryRun: false,
        },
      },
    ]);
  });

  test.each(COMMANDS)('$do asks for the version seen exactly when it widens', async (command) => {
    const desk = memoryDesk();
    const response = await post(command, { desk });
    if (NARROWING.includes(command.do)) {
      expect(response.status).toBe(202);
      expect(desk.asked[0]?.asking).not.toHaveProperty('seen');
    } else {
      expect(response.status).toBe(428);
      expect(await codeOf(response)).toBe('version-missing');
      expect(desk.asked).toEqual([]);
    }
  });

  test.each(['12', 'W/"12"', '*', '"12", "13"', '"-1"', '"1e3"', '""', '"twelve"', '"9999999999"'])(
    'If-Match %s is no version',
    async (value) => {
      const desk = memoryDesk();
      const response = await post({ do: 'resume' }, { desk, headers: { 'if-match': value } });
      expect(response.status).toBe(400);
      expect(desk.asked).toEqual([]);
    },
  );

  test('a pause goes through with an If-Match nobody can read', async () => {
    expect((await post({ do: 'pause' }, { headers: { 'if-match': 'W/"x"' } })).status).toBe(202);
  });

  test('a stale version is answered with the version now', async () => {
    const response = await post({ do: 'resume' }, { headers: { 'if-match': '"40"' } });
    expect(response.status).toBe(412);
    expect(response.headers.get('etag')).toBe('"41"');
    expect(await response.json()).toMatchObject({ code: 'stale-version', version: 41 });
  });

  test.each(['/api/fixes/FIX-128/commands', '/api/fixes'])('%s wants a key', async (path) => {
    const api = createApi(memoryParts());
    const headers = as('token-operator', { 'content-type': 'application/json' });
    const init = { method: 'POST', headers, body: '{"do":"pause"}' };
    const response = await api.request(path, init);
    expect(response.status).toBe(400);
    expect(await codeOf(response)).toBe('key-missing');
  });

  test.each(['x'.repeat(256), 'caf\u00e9'])(
    'a key that is too long or not printable is refused',
    async (key) => {
      const response = await post({ do: 'pause' }, { key });
      expect(response.status).toBe(400);
      expect(await codeOf(response)).toBe('bad-request');
    },
  );

  test('the longest key is taken', async () => {
    expect((await post({ do: 'pause' }, { key: 'x'.repeat(255) })).status).toBe(202);
  });

  test('the same key again is answered 200 with when it was done', async () => {
    const desk = memoryDesk();
    expect((await post({ do: 'pause' }, { desk })).status).toBe(202);
    const again = await post({ do: 'pause' }, { desk });
    expect(again.status).toBe(200);
    expect(await again.json()).toHaveProperty('alreadyDoneAt');
  });

  test('a dry run is told to the desk and answered 200', async () => {
    const desk = memoryDesk();
    const path = '/api/fixes/FIX-128/commands?dryRun=true';
    expect((await post({ do: 'pause' }, { desk, path })).status).toBe(200);
    expect(desk.asked[0]?.asking.dryRun).toBe(true);
  });

  test('a surface nobody knows is refused; without one it is the API', async () => {
    expect((await post({ do: 'pause' }, { headers: { 'x-fleetfix-surface': 'pager' } })).status).toBe(400);
    const desk = memoryDesk();
    await post({ do: 'pause' }, { desk });
    expect(desk.asked[0]?.asking.surface).toBe('api');
  });

  test.each([
    [{ do: 'explode' }, 'body.do: expected one of backport, prepare, attest'],
    [{}, 'body.do: expected one of backport'],
    [{ do: 'start', plan: 'P-1' }, 'body.plan: expected P- and 8 hex digits'],
    [
      { do: 'backport', not: [{ line: 1, reason: 'x' }] },
      'body.not[0].line: expected string, received number',
    ],
    [{ do: 'pause', force: true }, 'body.force: not known here'],
    [{ do: 'withdraw' }, 'body.reason: expected string, received nothing'],
  ])('%j names the place of the fault', async (body, detail) => {
    const response = await post(body, { headers: { 'if-match': '"41"' } });
    expect(response.status).toBe(400);
    expect(((await response.json()) as { detail: string }).detail).toContain(detail);
  });
});

describe('declaring', () => {
  const declare = (body: unknown, options: Parameters<typeof post>[1] = {}) =>
    post(body, { path: '/api/fixes', ...options });

  test('a new fix is 201 and where it is', async () => {
    const desk = memoryDesk();
    const response = await declare(DECLARATION, { desk });
    expect(response.status).toBe(201);
    expect(response.headers.get('location')).toBe('/api/fixes/FIX-128');
    expect(desk.asked[0]).toMatchObject({ call: 'declare', request: { ...DECLARATION, policy: 'default' } });
  });

  test('the same key again is 200 and the same place', async () => {
    const desk = memoryDesk();
    await declare(DECLARATION, { desk });
    const again = await declare(DECLARATION, { desk });
    expect(again.status).toBe(200);
    expect(again.headers.get('location')).toBe('/api/fixes/FIX-128');
  });

  test('a dry run is 200 and nowhere', async () => {
    const response = await declare(DECLARATION, { path: '/api/fixes?dryRun=true' });
    expect(response.status).toBe(200);
    expect(response.headers.get('location')).toBeNull();
  });

  test('every fault is named at once', async () => {
    const response = await declare({
      ...DECLARATION,
      title: '',
      severity: 'huge',
      change: { kind: 'commits', commits: ['two words'] },
    });
    const { detail } = (await response.json()) as { detail: string };
    expect(detail.split('\n')).toHaveLength(3);
    expect(detail).toContain('body.change.commits[0]: expected a commit id, branch or tag name');
  });
});

test('no JSON whatever makes the API fail', async () => {
  const api = createApi(memoryParts());
  const paths = ['/api/fixes', '/api/fixes/FIX-128/commands', '/api/fixes/FIX-128/plan', '/api/people'];
  const valid = fc.constantFrom<object>(DECLARATION, ...COMMANDS, { name: 'a', roles: ['qe'] });
  const twisted = fc
    .tuple(valid, fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }), fc.string(), fc.jsonValue())
    .map(([body, more, key, value]) => ({ ...body, ...more, [key]: value }));
  const bodies = fc.oneof(fc.jsonValue(), twisted);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), bodies, async (path, body) => {
      const response = await api.request(path, {
        method: 'POST',
        headers: as('token-admin', {
          'content-type': 'application/json',
          'idempotency-key': 'k',
          'if-match': '"41"',
        }),
        body: JSON.stringify(body),
      });
      expect(response.status).toBeLessThan(500);
    }),
    { numRuns: 400 },
  );
});

test('no address whatever makes the API fail', async () => {
  const api = createApi(memoryParts());
  const steps = fc.array(
    fc.oneof(fc.constantFrom('api', 'fixes', 'FIX-128', 'targets', 'why', 'logs', '..'), fc.string()),
    { maxLength: 5 },
  );
  await fc.assert(
    fc.asyncProperty(steps, fc.string(), async (path, query) => {
      const address = `/${path.map(encodeURIComponent).join('/')}?${encodeURIComponent(query)}`;
      const response = await api.request(address, { headers: as('token-viewer') });
      expect(response.status).toBeLessThan(500);
      await response.body?.cancel();
    }),
    { numRuns: 300 },
  );
});
