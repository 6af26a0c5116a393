import { describe, expect, test } from 'vitest';
import { diffViewSchema } from '../../wire/assembly-views.ts';
import { timedTestPageSchema } from '../../wire/test-times.ts';
import * as views from '../../wire/views.ts';
import { createApi } from './app.ts';
import { EXAMPLES } from './examples.ts';
import { problem } from './expect-problem.ts';
import { as, memoryDesk, memoryLog, memoryParts } from './memory-desk.ts';

const viewer = as('token-viewer');
const get = (path: string, headers = viewer, parts = memoryParts()) =>
  createApi(parts).request(path, { headers });

describe('views', () => {
  const readings = [
    ['/api/fixes/FIX-128', views.fixViewSchema],
    ['/api/fixes/FIX-128/diff', diffViewSchema],
    ['/api/fixes/FIX-128/diff?line=4.19&stat=true', diffViewSchema],
    ['/api/fixes/FIX-128/why', views.whyViewSchema],
    ['/api/fixes/FIX-128/why?target=cp-7f3a', views.whyViewSchema],
    ['/api/fixes/FIX-128/targets', views.targetPageSchema],
    ['/api/fixes/FIX-128/grid', views.gridSchema],
    ['/api/fixes/FIX-128/evidence', views.evidencePageSchema],
    ['/api/fixes/FIX-128/plans/P-7f3a91c0', views.planViewSchema],
    ['/api/control-planes/cp-7f3a', views.controlPlaneViewSchema],
    ['/api/test-times?component=control-plane-operator', timedTestPageSchema],
    ['/api/verify?fix=FIX-128', views.verifiedSchema],
    ['/api/verify', views.verifiedSchema],
    ['/api/whoami', views.actorSchema],
  ] as const;

  test.each(readings)('%s answers with its view, never cached', async (path, schema) => {
    const response = await get(path);
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(schema.safeParse(await response.json()).error).toBeUndefined();
  });

  test.each([
    ['/api/fixes?open=true', views.fixRowSchema],
    ['/api/fixes', views.fixRowSchema],
    ['/api/fixes/FIX-128/timeline', views.timelineEntrySchema],
    ['/api/agents', views.agentRowSchema],
    ['/api/gates', views.gatePageSchema.shape.items.unwrap().element],
    ['/api/debts', views.debtRowSchema],
  ] as const)('%s answers with items', async (path, schema) => {
    const { items } = (await (await get(path)).json()) as { items: unknown[] };
    expect(items.length).toBeGreaterThan(0);
    for (const item of items) expect(schema.safeParse(item).error).toBeUndefined();
  });

  test('a diff is asked for by line and with or without patches, and refuses what it does not know', async () => {
    const desk = memoryDesk();
    const parts = memoryParts({ desk });
    for (const query of ['', '?line=4.19', '?stat=true', '?stat=false'])
      expect((await get(`/api/fixes/FIX-128/diff${query}`, viewer, parts)).status).toBe(200);
    expect(desk.asked.map(({ request }) => request)).toEqual([
      { patches: true },
      { patches: true, line: '4.19' },
      { patches: false },
      { patches: true },
    ]);
    await problem(await get('/api/fixes/FIX-128/diff?line=9.9', viewer, parts), 'unknown-line');
    await problem(await get('/api/fixes/FIX-1/diff', viewer, parts), 'fix-unknown');
    await problem(await get('/api/fixes/FIX-128/diff?lines=4.19', viewer, parts), 'bad-request');
    await problem(await get('/api/fixes/FIX-128/diff?stat=1', viewer, parts), 'bad-request');
  });

  test('policies and components are listed', async () => {
    expect(await (await get('/api/policies')).json()).toEqual({ items: [{ name: 'default' }] });
    expect(await (await get('/api/components')).json()).toEqual({
      items: [{ name: 'control-plane-operator' }],
    });
  });

  test('the ETag of a fix is its version', async () => {
    expect((await get('/api/fixes/FIX-128')).headers.get('etag')).toBe('"41"');
  });

  test('the list asks for open fixes only when told to', async () => {
    const filters: object[] = [];
    const desk = memoryDesk({
      fixes: async (_, filter) => {
        filters.push(filter);
        return [];
      },
    });
    const api = createApi(memoryParts({ desk }));
    for (const query of ['', '?open=true', '?open=false'])
      await api.request(`/api/fixes${query}`, { headers: viewer });
    expect(filters).toEqual([{}, { open: true }, { open: false }]);
  });

  test('a log is text, an export is lines of JSON that all end', async () => {
    const log = await get('/api/fixes/FIX-128/logs?stage=build&line=4.19');
    expect(log.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(await log.text()).toBe('build of 4.19\n');
    const exported = await get('/api/fixes/FIX-128/export');
    expect(exported.headers.get('content-type')).toBe('application/jsonl');
    expect(await exported.text()).toBe('{"seq":1}\n{"seq":2}\n');
  });
});

describe('times of tests', () => {
  const asked = async (query: string) => {
    const desk = memoryDesk();
    const response = await get(`/api/test-times${query}`, viewer, memoryParts({ desk }));
    return { response, request: desk.asked[0]?.request };
  };

  test('the slowest fifty are the usual question, and every question is handed on whole', async () => {
    const component = 'control-plane-operator';
    expect((await asked(`?component=${component}`)).request).toEqual({ component, by: 'slowest', limit: 50 });
    const after = `1.5e-7~${'a'.repeat(32)}`;
    const whole = `?component=${component}&by=failing&limit=1000&after=${encodeURIComponent(after)}`;
    expect((await asked(whole)).request).toEqual({ component, by: 'failing', limit: 1_000, after });
  });

  test.each([
    ['', 'query.component: '],
    ['?component=a&by=name', 'query.by: '],
    ['?component=a&limit=1001', 'query.limit: '],
    ["?component=a&after=1~'; drop", 'query.after: expected next of the page before'],
  ])('%j is refused', async (query, detail) => {
    const { response } = await asked(query);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ detail: expect.stringContaining(detail) });
  });
});

describe('targets', () => {
  const asked = async (query: string) => {
    const desk = memoryDesk();
    const response = await get(`/api/fixes/FIX-128/targets${query}`, viewer, memoryParts({ desk }));
    return { response, request: desk.asked[0]?.request };
  };

  test('a query without anything asks for 50', async () => {
    expect((await asked('')).request).toEqual({ limit: 50 });
  });

  test('a query is handed on whole', async () => {
    const query =
      '?standing=exposed&state=silent&inPlan=false&stage=canary&wave=2&limit=1000&after=cp-1&region=eu&version=4.19.1&version=4.19.2';
    expect((await asked(query)).request).toEqual({
      standing: 'exposed',
      state: 'silent',
      inPlan: false,
      stage: 'canary',
      wave: 2,
      limit: 1_000,
      after: 'cp-1',
      selector: { region: 'eu', version: ['4.19.1', '4.19.2'] },
    });
  });

  test.each([
    ['?limit=0', 'query.limit: '],
    ['?limit=1001', 'query.limit: '],
    ['?limit=ten', 'query.limit: '],
    ['?standing=broken', 'query.standing: expected one of patched, native'],
    ['?inPlan=yes', 'query.inPlan: expected one of true, false'],
    ['?wave=0', 'query.wave: '],
    ['?regoin=eu', 'query.regoin: not known here'],
  ])('%s is refused with its place', async (query, place) => {
    const { response, request } = await asked(query);
    expect((await problem(response, 'bad-request')).detail).toContain(place);
    expect(request).toBeUndefined();
  });
});

describe('who may read', () => {
  test.each([
    ['no header', {}],
    ['another scheme', { authorization: 'Basic a2F0bzpzZWNyZXQ=' }],
    ['no token', { authorization: 'Bearer ' }],
    ['an unknown token', as('token-of-a-stranger')],
    ['a token with spaces', { authorization: 'Bearer token-viewer more' }],
  ])('%s is answered 401 and how to log in', async (_, headers) => {
    const response = await get('/api/fixes', headers);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
    const { next } = await problem(response, 'unauthenticated');
    expect(next).toEqual([{ label: 'login', command: 'fleetfix login' }]);
  });

  test('each token is its own person, also side by side', async () => {
    const api = createApi(memoryParts());
    const names = await Promise.all(
      ['token-admin', 'token-viewer', 'token-operator'].map(async (token) => {
        const response = await api.request('/api/whoami', { headers: as(token) });
        return ((await response.json()) as { name: string }).name;
      }),
    );
    expect(names).toEqual(['root', 'kato', 'adiaz']);
  });

  test('a person without any role reads nothing', async () => {
    const { whoCan } = await problem(await get('/api/fixes', as('token-nobody')), 'forbidden');
    expect(whoCan).toEqual(['admin']);
  });

  test('nothing under /api is told apart for strangers', async () => {
    await problem(await get('/api/there-is-no-such-thing', {}), 'unauthenticated');
    await problem(await get('/api/there-is-no-such-thing'), 'not-found');
  });
});

describe('people', () => {
  const issue = (body: unknown, token = 'token-admin') =>
    createApi(memoryParts()).request('/api/people', {
      method: 'POST',
      headers: as(token, { 'content-type': 'application/json' }),
      body: JSON.stringify(body),
    });

  test('an admin makes a token, which is stored nowhere on its way', async () => {
    const response = await issue({ name: 'lchen', roles: ['qe', 'qe'] });
    expect(response.status).toBe(201);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({ name: 'lchen', roles: ['qe'], token: 'secret-of-lchen' });
  });

  test('only admins list people or make tokens', async () => {
    await problem(await get('/api/people'), 'forbidden');
    await problem(await issue({ name: 'lchen', roles: ['qe'] }, 'token-operator'), 'forbidden');
    expect((await get('/api/people', as('token-admin'))).status).toBe(200);
  });

  test('a refused person names every fault', async () => {
    const { detail } = await problem(await issue({ name: 'a b', roles: ['boss'], x: 1 }), 'bad-request');
    expect(detail).toContain('body.name: expected letters');
    expect(detail).toContain('body.roles[0]: expected one of viewer');
    expect(detail).toContain('body.x: not known here');
  });
});

describe('agents', () => {
  const act = (path: string, body?: unknown, token = 'token-admin') =>
    createApi(memoryParts()).request(`/api/agents/${path}`, {
      method: 'POST',
      headers: as(token, { 'content-type': 'application/json' }),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const MC = { managementCluster: 'mc-eu-3' };

  test('are invited by an admin, who sees the token once', async () => {
    const response = await act('invitations', MC);
    expect(response.status).toBe(201);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(views.invitationSchema.parse(await response.json())).toMatchObject({
      ...MC,
      token: 'secret-of-mc-eu-3',
    });
  });

  test('are invited for an hour, or for as long as is asked, within limits', async () => {
    const asked: unknown[] = [];
    const desk = memoryDesk({
      invite: async (...of) => {
        asked.push(of);
        return { ok: false, error: { code: 'invalid', detail: 'no' } };
      },
    });
    const api = createApi(memoryParts({ desk }));
    const headers = as('token-admin', { 'content-type': 'application/json' });
    const invite = (body: object) =>
      api.request('/api/agents/invitations', { method: 'POST', headers, body: JSON.stringify(body) });
    await problem(await invite(MC), 'invalid');
    await invite({ ...MC, validForMs: 120_000 });
    for (const validForMs of [0, 59_999, 604_800_001, 1.5, '1h'])
      expect((await problem(await invite({ ...MC, validForMs }), 'bad-request')).detail).toContain(
        'body.validForMs',
      );
    await problem(await invite({ managementCluster: 'a b' }), 'bad-request');
    expect(asked).toEqual([
      ['mc-eu-3', 3_600_000],
      ['mc-eu-3', 120_000],
    ]);
  });

  test('are revoked by an admin', async () => {
    const response = await act('agent-7f3a/revoke');
    expect(await response.json()).toEqual({ agent: 'agent-7f3a', revoked: true });
    await problem(await act('agent-9/revoke'), 'not-found');
  });

  test('are nobody else’s to invite or revoke', async () => {
    await problem(await act('invitations', MC, 'token-operator'), 'forbidden');
    const { detail } = await problem(
      await act('agent-7f3a/revoke', undefined, 'token-operator'),
      'forbidden',
    );
    expect(detail).toContain('agents are kept by the role admin');
  });
});

describe('plans', () => {
  const plan = (init: RequestInit, desk = memoryDesk()) =>
    createApi(memoryParts({ desk })).request('/api/fixes/FIX-128/plan', { method: 'POST', ...init });
  const jsonHeaders = as('token-viewer', { 'content-type': 'application/json' });

  test('a plan needs no body, and takes what to leave out and how much may break', async () => {
    const desk = memoryDesk();
    expect((await plan({ headers: viewer }, desk)).status).toBe(200);
    const exclude = { region: 'eu', version: ['4.18.1', '4.18.2'] };
    const response = await plan(
      { headers: jsonHeaders, body: JSON.stringify({ exclude, budget: 'urgent' }) },
      desk,
    );
    expect(views.planViewSchema.safeParse(await response.json()).success).toBe(true);
    expect(desk.asked.map((one) => one.request)).toEqual([{}, { exclude, budget: 100 }]);
  });

  test.each([0, -1, 'all', 'urgnet', null, 1e9])(
    'a budget of %j is refused, not taken as another',
    async (budget) => {
      const desk = memoryDesk();
      const response = await plan({ headers: jsonHeaders, body: JSON.stringify({ budget }) }, desk);
      expect((await problem(response, 'bad-request')).detail).toContain('body.budget: ');
      expect(desk.asked).toEqual([]);
    },
  );

  test('a selector with a key nobody knows is refused, not ignored: it would widen the plan', async () => {
    const response = await plan({ headers: jsonHeaders, body: JSON.stringify({ exclude: { zone: 'eu' } }) });
    expect((await problem(response, 'bad-request')).detail).toContain('body.exclude.zone: not known here');
  });

  test('an id that is no plan is refused with its place', async () => {
    const { detail } = await problem(await get('/api/fixes/FIX-128/plans/latest'), 'bad-request');
    expect(detail).toBe('path.plan: expected P- and 8 hex digits');
  });
});

describe('every answer', () => {
  const paths = [
    '/',
    '/healthz',
    '/api/fixes',
    '/api/nothing',
    '/openapi.json',
    '/nothing.js',
    '/docs/problems/invalid',
  ];

  test.each(paths)('%s has an id and is safe to show', async (path) => {
    for (const headers of [viewer, {}]) {
      const response = await get(path, headers);
      expect(response.headers.get('request-id')).toMatch(/^[0-9a-f-]{36}$/);
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
      expect(response.headers.get('content-security-policy')).not.toContain('unsafe');
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  test('a sane id of the caller is kept, another is replaced', async () => {
    expect((await get('/healthz', { 'request-id': 'run-7.a' })).headers.get('request-id')).toBe('run-7.a');
    for (const bad of ['a b', 'x'.repeat(129), '<script>']) {
      expect((await get('/healthz', { 'request-id': bad })).headers.get('request-id')).not.toBe(bad);
    }
  });

  test('requests are logged by template and person, not by what was asked', async () => {
    const { log, lines } = memoryLog();
    await get('/api/fixes/FIX-128/why?target=cp-7f3a', viewer, memoryParts({ log }));
    expect(lines).toHaveLength(1);
    expect(lines[0]?.fields).toMatchObject({ route: '/api/fixes/{id}/why', status: 200, actor: 'kato' });
    expect(JSON.stringify(lines)).not.toContain('cp-7f3a');
  });
});

describe('probes', () => {
  test('the process is alive whatever the database does', async () => {
    const parts = memoryParts({ ready: () => Promise.reject(new Error('no')) });
    expect((await get('/healthz', {}, parts)).status).toBe(200);
    const ready = await get('/readyz', {}, parts);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ ready: false });
  });

  test('readiness says why not', async () => {
    expect((await get('/readyz', {})).status).toBe(200);
    const parts = memoryParts({ ready: async () => ['migrations are running'] });
    const response = await get('/readyz', {}, parts);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ ready: false, reasons: ['migrations are running'] });
  });

  test('a hub that stops is not ready', async () => {
    const stopping = AbortSignal.abort();
    expect((await createApi(memoryParts()).request('/readyz', {}, { stopping })).status).toBe(503);
  });

  test('measures count requests by template, and strangers cannot add labels', async () => {
    const parts = memoryParts();
    await get('/api/fixes/FIX-128', viewer, parts);
    await get('/api/fixes/FIX-9', viewer, parts);
    for (const path of ['/api/made-up', '/made-up.php', '/made/up', '/']) await get(path, {}, parts);
    const text = await (await get('/metrics', {}, parts)).text();
    const count = 'http_request_duration_seconds_count';
    expect(text).toContain(`${count}{method="GET",route="/api/fixes/{id}",status="200"} 1`);
    expect(text).toContain(`${count}{method="GET",route="/api/fixes/{id}",status="404"} 1`);
    expect(text).toContain(`${count}{method="GET",route="unmatched",status="401"} 1`);
    expect(text).toContain(`${count}{method="GET",route="console",status="200"} 2`);
    expect(text).not.toContain('made');
  });
});

test('routes that are added later come before the console', async () => {
  const api = createApi(memoryParts());
  api.get('/api/later', (c) => c.text('here'));
  api.get('/later', (c) => c.text('here too'));
  expect(await (await api.request('/api/later', { headers: viewer })).text()).toBe('here');
  expect((await api.request('/api/later')).status).toBe(401);
  expect(await (await api.request('/later')).text()).toBe('here too');
});

test('the examples of the document are what their schemas say', () => {
  expect(views.fixViewSchema.parse(EXAMPLES.fix)).toEqual(EXAMPLES.fix);
  expect(views.planViewSchema.parse(EXAMPLES.plan)).toEqual(EXAMPLES.plan);
  expect(views.fixRowSchema.parse(EXAMPLES.overview)).toEqual(EXAMPLES.overview);
});
