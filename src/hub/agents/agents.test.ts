// Goal: the hub listens to agents that are who they say, of what is theirs, and to nobody else; what it has for them
// arrives. Method: requests to the application with a real PostgreSQL behind it.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { openStorage, type Storage } from '../../adapters/postgres/index.ts';
import { startTestServer, type TestServer, temporaryFolder } from '../../adapters/postgres/testing.ts';
import { openSigner } from '../../adapters/signer/index.ts';
import { verifyOrder } from '../../adapters/signer/verify.ts';
import type { FixId } from '../../core/base/ids.ts';
import { type Instant, plus, SECOND } from '../../core/base/instant.ts';
import type { Report } from '../../core/fleet/report.ts';
import type { SignedOrder } from '../../core/rollout/order.ts';
import { plane } from '../../ports/fleet.contract.ts';
import { order, write } from '../../ports/ledger.contract.ts';
import {
  AGENT_PATHS,
  enrolAnswerSchema,
  ordersAnswerSchema,
  reportAnswerSchema,
  sessionAnswerSchema,
  type WireReport,
} from '../../wire/agent.ts';
import { createApi } from '../api/app.ts';
import type { Api } from '../api/context.ts';
import { problem } from '../api/expect-problem.ts';
import { as, memoryLog, memoryParts } from '../api/memory-desk.ts';
import { createGateway, type Gateway, type GatewaySettings } from './gateway.ts';
import { addAgentRoutes } from './routes.ts';
import { createSessions } from './sessions.ts';
import { enrolAgent, keyPair, post, type TestAgent } from './test-agent.ts';

let server: TestServer;
const keys = temporaryFolder();
const signer = openSigner({ dir: keys.dir });
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  await server.stop();
  keys.remove();
});

let storage: Storage;
let now: Instant;
let logged: ReturnType<typeof memoryLog>;
let heard: Report[];
beforeEach(async () => {
  storage = await openStorage({ connection: await server.freshDatabase() });
  now = '2026-11-21T20:00:00.000Z';
  logged = memoryLog();
  heard = [];
});
afterEach(() => storage.close());

const pass = (ms: number) => {
  now = plus(now, ms);
};

/** A hub as agents see it; two of them on one storage share their secret as two real ones do. */
function openHub(settings?: Partial<GatewaySettings>): { readonly app: Api; readonly gateway: Gateway } {
  const { agents, fleet } = storage;
  const { log } = logged;
  const app = createApi(memoryParts({ log }));
  const gateway = createGateway({ agents, now: () => now, log, ...(settings && { settings }) });
  gateway.listen(async (report) => {
    heard.push(report);
    return await fleet.report(report, now);
  });
  const sessions = createSessions({ secret: signer.secretFor('agent sessions'), now: () => now });
  const { keyId, publicKey } = signer;
  addAgentRoutes(app, { agents, gateway, sessions, hubKeys: [{ keyId, publicKey }], now: () => now, log });
  return { app, gateway };
}

const invited = (managementCluster = 'mc-1') =>
  storage.agents.invite(managementCluster, plus(now, 3_600_000));
const enrolled = async (app: Api, managementCluster = 'mc-1'): Promise<TestAgent> =>
  enrolAgent(app, { token: await invited(managementCluster), managementCluster });

const report = (number: number, changes: Partial<WireReport> = {}): WireReport => ({
  managementCluster: 'mc-1',
  run: 'run-1',
  number,
  ...(number === 1 && { full: true }),
  planes: [],
  gone: [],
  lost: [],
  images: [],
  refused: [],
  settled: [],
  ...changes,
});

let fixes = 0;
const ordered = async (...orders: SignedOrder[]): Promise<void> => {
  const fix: FixId = `FIX-${++fixes}`;
  await storage.ledger.append(write({ fix, orders }));
};
const signed = (sequence: number, managementCluster = 'mc-1'): SignedOrder => {
  const { keyId: _k, signature: _s, ...it } = order(sequence);
  return signer.sign({ ...it, managementCluster });
};
const ordersIn = async (response: Response) => {
  expect(response.status).toBe(200);
  return ordersAnswerSchema.parse(await response.json()).orders;
};

describe('enrolment', () => {
  test('gives an agent its name and the keys that orders are signed with', async () => {
    const { app } = openHub();
    const body = { token: await invited(), managementCluster: 'mc-1', publicKey: keyPair().pem };
    const response = await post(app, AGENT_PATHS.enrol, body);
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const answer = enrolAnswerSchema.parse(await response.json());
    expect(answer.hubKeys).toEqual([{ keyId: signer.keyId, publicKey: signer.publicKey }]);
    // The answer was lost: the same again, however the key is written, is the same agent.
    const again = { ...body, publicKey: `\n${body.publicKey.trimEnd()}\n\n` };
    expect(await (await post(app, AGENT_PATHS.enrol, again)).json()).toEqual(answer);
    expect(logged.lines.map((line) => JSON.stringify(line)).join()).not.toContain(body.token);
  });

  test('refuses what is no token of this management cluster', async () => {
    const { app } = openHub();
    const token = await invited();
    const body = { token, managementCluster: 'mc-1', publicKey: keyPair().pem };
    for (const wrong of [{ token: 'ffa_guess' }, { managementCluster: 'mc-2' }]) {
      const response = await post(app, AGENT_PATHS.enrol, { ...body, ...wrong });
      expect((await problem(response, 'unauthenticated')).detail).toContain('body.token');
    }
    pass(3_600_000);
    await problem(await post(app, AGENT_PATHS.enrol, body), 'unauthenticated');
  });

  test('refuses what is no Ed25519 public key, and uses no token up for it', async () => {
    const { app } = openHub();
    const token = await invited();
    for (const publicKey of [
      'key',
      keyPair().pem.replaceAll('PUBLIC', 'PRIVATE'),
      signer.publicKey.slice(0, 60),
    ]) {
      const response = await post(app, AGENT_PATHS.enrol, { token, managementCluster: 'mc-1', publicKey });
      expect((await problem(response, 'bad-request')).detail).toContain('body.publicKey: expected');
    }
    await enrolAgent(app, { token, managementCluster: 'mc-1' });
  });

  test('names every fault of a request, and reads none that is too large', async () => {
    const { app } = openHub();
    const { detail } = await problem(
      await post(app, AGENT_PATHS.enrol, { token: '', managementCluster: 7, x: 1 }),
      'bad-request',
    );
    for (const place of ['body.token', 'body.managementCluster', 'body.publicKey', 'body.x'])
      expect(detail).toContain(place);
    await problem(await post(app, AGENT_PATHS.enrol, '{"token":'), 'bad-request');
    const large = await post(app, AGENT_PATHS.enrol, { token: 'x'.repeat(20_000) });
    expect((await problem(large, 'too-large')).detail).toBe('body: expected at most 16 KiB');
  });

  test('is bounded a minute, whatever is sent', async () => {
    const { app } = openHub();
    const attempt = () => post(app, AGENT_PATHS.enrol, {});
    for (let n = 0; n < 120; n += 1) expect((await attempt()).status).toBe(400);
    const refused = await attempt();
    expect(refused.headers.get('retry-after')).toBe('60');
    await problem(refused, 'too-many-requests');
    pass(60 * SECOND);
    expect((await attempt()).status).toBe(400);
  });
});

describe('a session', () => {
  const enrolledKey = async (app: Api) => {
    const key = keyPair();
    const body = { token: await invited(), managementCluster: 'mc-1', publicKey: key.pem };
    const { agent } = (await (await post(app, AGENT_PATHS.enrol, body)).json()) as { agent: string };
    const challenged = async () =>
      ((await (await post(app, AGENT_PATHS.challenge, { agent })).json()) as { challenge: string }).challenge;
    return { key, agent, challenged };
  };
  const open = (app: Api, body: unknown) => post(app, AGENT_PATHS.session, body);

  test('is opened by the key, and lasts 15 minutes by the hub’s clock from the challenge on', async () => {
    const { app } = openHub();
    const { key, agent, challenged } = await enrolledKey(app);
    const challenge = await challenged();
    pass(10 * SECOND);
    const response = await open(app, { agent, challenge, signature: key.answer(challenge) });
    const session = sessionAnswerSchema.parse(await response.json());
    expect(session).toMatchObject({ expiresAt: '2026-11-21T20:15:00.000Z', now });
    const ask = () =>
      app.request(AGENT_PATHS.orders, { headers: { authorization: `Bearer ${session.token}` } });
    pass(14 * 60 * SECOND + 49 * SECOND);
    expect((await ask()).status).toBe(200);
    pass(SECOND);
    await problem(await ask(), 'unauthenticated');
  });

  test('of one hub is a session of another with the same key', async () => {
    const { agent, token } = await enrolled(openHub().app);
    const response = await openHub().app.request(AGENT_PATHS.orders, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(agent).toMatch(/^agent-/);
    expect(response.status).toBe(200);
  });

  test('a challenge that is answered again gives the same session, and no longer one', async () => {
    const { app } = openHub();
    const { key, agent, challenged } = await enrolledKey(app);
    const challenge = await challenged();
    const body = { agent, challenge, signature: key.answer(challenge) };
    const first = (await (await open(app, body)).json()) as { token: string };
    pass(59 * SECOND);
    expect(await (await open(app, body)).json()).toMatchObject({ token: first.token });
    pass(SECOND);
    await problem(await open(app, body), 'unauthenticated');
  });

  test('is not opened by a forged signature, another’s key, another’s challenge or one of our own making', async () => {
    const { app } = openHub();
    const { key, agent, challenged } = await enrolledKey(app);
    const other = await enrolled(app, 'mc-2');
    const challenge = await challenged();
    const signature = key.answer(challenge);
    const [payload = '', mac = ''] = challenge.split('.');
    const later = JSON.parse(Buffer.from(payload, 'base64url').toString());
    later[2] += 60_000;
    const tampered = `${Buffer.from(JSON.stringify(later)).toString('base64url')}.${mac}`;
    const foreignSecret = createSessions({ secret: Buffer.alloc(32), now: () => now }).challenge(agent);
    const theirs = (await (await post(app, AGENT_PATHS.challenge, { agent: other.agent })).json()) as {
      challenge: string;
    };
    for (const wrong of [
      { signature: keyPair().answer(challenge) },
      { signature: signature.slice(0, -4) },
      { signature: key.answer(challenge, 'another context') },
      { challenge: tampered, signature: key.answer(tampered) },
      { challenge: foreignSecret, signature: key.answer(foreignSecret) },
      { challenge: theirs.challenge, signature: key.answer(theirs.challenge) },
      { challenge: 'x', signature: key.answer('x') },
      { agent: other.agent },
      { agent: 'agent-000000000000' },
    ])
      await problem(await open(app, { agent, challenge, signature, ...wrong }), 'unauthenticated');
    expect((await open(app, { agent, challenge, signature })).status).toBe(200);
  });

  test('is needed for reports and orders; a challenge, a person’s token and a changed token are none', async () => {
    const { app } = openHub();
    const { agent, challenged } = await enrolledKey(app);
    const { token } = await enrolled(app, 'mc-2');
    const [payload = '', mac = ''] = token.split('.');
    const renamed = Buffer.from(payload, 'base64url')
      .toString()
      .replace(/agent-\w+/, agent);
    const forged = `${Buffer.from(renamed).toString('base64url')}.${mac}`;
    for (const wrong of [undefined, await challenged(), 'token-admin', forged, `${token}x`, 'a.b']) {
      await problem(await post(app, AGENT_PATHS.reports, report(1), wrong), 'unauthenticated');
      const headers: Record<string, string> = wrong === undefined ? {} : { authorization: `Bearer ${wrong}` };
      await problem(await app.request(AGENT_PATHS.orders, { headers }), 'unauthenticated');
    }
    expect(heard).toEqual([]);
    await problem(await app.request('/api/fixes', { headers: as(token) }), 'unauthenticated');
  });
});

describe('a revoked agent', () => {
  test('is refused at its next request, and cannot open a session', async () => {
    const { app } = openHub();
    const it = await enrolled(app);
    expect((await it.report(report(1, { planes: [plane('a')] }))).status).toBe(200);
    await storage.agents.revoke(it.agent);
    await problem(await it.report(report(2, { gone: ['a'] })), 'unauthenticated');
    await problem(await it.orders(), 'unauthenticated');
    expect((await storage.fleet.planes()).map((p) => p.uid)).toEqual(['a']);
  });

  test('that waits for orders is given none', async () => {
    const { app, gateway } = openHub();
    const it = await enrolled(app);
    const waits = it.orders('?wait=60');
    await waitingNow();
    await storage.agents.revoke(it.agent);
    await ordered(signed(1));
    await gateway.deliver([signed(1)]);
    await problem(await waits, 'unauthenticated');
  });

  test('is also one whose management cluster enrolled anew', async () => {
    const { app } = openHub();
    const before = await enrolled(app);
    const after = await enrolled(app);
    await problem(await before.orders(), 'unauthenticated');
    expect(await ordersIn(await after.orders())).toEqual([]);
  });
});

/** Until a request that was just begun has looked and waits. */
let looks = vi.fn();
const waitingNow = () => expect.poll(() => looks.mock.calls.length).toBeGreaterThan(0);
beforeEach(() => {
  looks = vi.fn();
  const { agents } = storage;
  const waiting = agents.waiting.bind(agents);
  vi.spyOn(agents, 'waiting').mockImplementation(async (...of) => {
    const found = await waiting(...of);
    looks();
    return found;
  });
});

describe('orders', () => {
  test('are given as they were signed, of the own management cluster only', async () => {
    const { app } = openHub();
    const [it, other] = [await enrolled(app), await enrolled(app, 'mc-2')];
    await ordered(signed(2), signed(1), signed(3, 'mc-2'));
    const given = await ordersIn(await it.orders());
    expect(given).toEqual([signed(2), signed(1)]);
    expect(await ordersIn(await other.orders())).toEqual([signed(3, 'mc-2')]);
    expect(given.every((one) => verifyOrder(signer.publicKey, one))).toBe(true);
    for (const changed of [
      { managementCluster: 'mc-2' },
      { expiresAt: '2027-01-01T00:00:00.000Z' },
      { sequence: 9 },
    ])
      expect(verifyOrder(signer.publicKey, { ...given[0]!, ...changed })).toBe(false);
  });

  test('wake who waits for them, and nobody else', async () => {
    const { app, gateway } = openHub();
    const [it, other] = [await enrolled(app), await enrolled(app, 'mc-2')];
    const leave = new AbortController();
    const theirs = other.orders('?wait=60', leave.signal);
    await waitingNow();
    looks.mockClear();
    const waits = it.orders('?wait=60');
    await waitingNow();
    await ordered(signed(1));
    await gateway.deliver([signed(1)]);
    expect(await ordersIn(await waits)).toEqual([signed(1)]);
    leave.abort();
    expect(await ordersIn(await theirs)).toEqual([]);
  });

  test('that another hub wrote are found without being woken', async () => {
    const { app } = openHub({ lookEveryMs: 20 });
    const it = await enrolled(app);
    const waits = it.orders('?wait=60');
    await waitingNow();
    await ordered(signed(1));
    expect(await ordersIn(await waits)).toEqual([signed(1)]);
  });

  test('that were given and not settled are not given again at once, but after a while and to an agent that begins anew', async () => {
    const { app } = openHub();
    const it = await enrolled(app);
    await ordered(signed(1));
    expect(await ordersIn(await it.orders())).toEqual([signed(1)]);
    expect(await ordersIn(await it.orders())).toEqual([]);
    await ordered(signed(2));
    expect(await ordersIn(await it.orders())).toEqual([signed(2)]);
    const { app: restarted } = openHub({ givenForMs: 0 });
    const headers = { authorization: `Bearer ${it.token}` };
    for (let again = 0; again < 2; again += 1)
      expect(await ordersIn(await restarted.request(AGENT_PATHS.orders, { headers }))).toHaveLength(2);
    const anew = await enrolled(app);
    expect(await ordersIn(await anew.orders())).toEqual([signed(1), signed(2)]);
  });

  test('that were given before the agent could see its cluster are given again once it tells everything', async () => {
    const { app } = openHub();
    const it = await enrolled(app);
    await ordered(signed(1));
    expect(await ordersIn(await it.orders())).toHaveLength(1);
    looks.mockClear();
    const waits = it.orders('?wait=60');
    await waitingNow();
    await it.report(report(1, { planes: [plane('a')] }));
    expect(await ordersIn(await waits)).toEqual([signed(1)]);
  });

  test('more than one answer holds follow with the next, however many are not settled', async () => {
    const { app } = openHub();
    const it = await enrolled(app);
    const all = Array.from({ length: 1_100 }, (_, n) => signed(n + 1));
    await ordered(...all);
    const sizes: number[] = [];
    const keys = new Set<string>();
    for (let n = 0; n < 4; n += 1) {
      const orders = await ordersIn(await it.orders());
      sizes.push(orders.length);
      for (const { key } of orders) keys.add(key);
    }
    expect(sizes).toEqual([500, 500, 100, 0]);
    expect(keys.size).toBe(1_100);
  });

  test('are settled by a report, and only by its own agent', async () => {
    const { app } = openHub({ givenForMs: 0 });
    const [it, other] = [await enrolled(app), await enrolled(app, 'mc-2')];
    await ordered(signed(1), signed(2));
    const { key } = signed(1);
    await other.report(report(1, { managementCluster: 'mc-2', settled: [key] }));
    expect(await ordersIn(await it.orders())).toHaveLength(2);
    await it.report(report(1, { settled: [key] }));
    expect(await ordersIn(await it.orders())).toEqual([signed(2)]);
  });

  test('end who waits longest when an agent waits a third time', async () => {
    const { app } = openHub();
    const it = await enrolled(app);
    const leave = new AbortController();
    const waits: Promise<Response>[] = [];
    for (let n = 0; n < 3; n += 1) {
      looks.mockClear();
      waits.push(it.orders('?wait=60', leave.signal));
      await waitingNow();
    }
    let over = 0;
    for (const wait of waits) void wait.then(() => (over += 1));
    expect(await ordersIn(await waits[0]!)).toEqual([]);
    expect(over).toBe(1);
    leave.abort();
    await Promise.all(waits);
  });

  test('are not waited for while the hub stops', async () => {
    const { app } = openHub();
    const it = await enrolled(app);
    const stopping = new AbortController();
    const headers = { authorization: `Bearer ${it.token}` };
    const waits = app.request(`${AGENT_PATHS.orders}?wait=60`, { headers }, { stopping: stopping.signal });
    await waitingNow();
    stopping.abort();
    expect(await ordersIn(await waits)).toEqual([]);
  });

  test.each(['-1', '61', 'x', '1.5', ''])('?wait=%s is refused', async (wait) => {
    const it = await enrolled(openHub().app);
    const { detail } = await problem(await it.orders(`?wait=${wait}`), 'bad-request');
    expect(detail).toBe('query.wait: expected seconds, 0 to 60');
  });
});

describe('a report', () => {
  const answerTo = async (response: Response) => {
    expect(response.status).toBe(200);
    return reportAnswerSchema.parse(await response.json());
  };

  test('is the hub’s once it is answered; a copy changes nothing, and a gap asks for everything', async () => {
    const { app } = openHub();
    const it = await enrolled(app);
    const first = report(1, { planes: [plane('a')] });
    expect(await answerTo(await it.report(first))).toEqual({ taken: true, resync: false, now });
    await it.report(report(2, { gone: ['a'] }));
    pass(SECOND);
    expect(await answerTo(await it.report(first))).toEqual({ taken: false, resync: false, now });
    expect(await storage.fleet.planes()).toEqual([]);
    expect(await answerTo(await it.report(report(4)))).toEqual({ taken: false, resync: true, now });
    const full = report(5, { full: true, planes: [plane('b')] });
    expect(await answerTo(await it.report(full))).toEqual({ taken: true, resync: false, now });
    expect((await storage.fleet.planes()).map((p) => p.uid)).toEqual(['b']);
  });

  test('of another management cluster, or of one control plane of another, is refused whole', async () => {
    const { app } = openHub();
    const it = await enrolled(app);
    const foreign = plane('b', { managementCluster: 'mc-2' });
    for (const [wrong, place] of [
      [report(1, { managementCluster: 'mc-2' }), 'body.managementCluster'],
      [report(1, { planes: [plane('a'), foreign] }), 'body.planes[1].managementCluster'],
    ] as const)
      expect((await problem(await it.report(wrong), 'forbidden')).detail).toContain(place);
    expect(heard).toEqual([]);
    expect(await storage.fleet.agents()).toEqual([]);
  });

  test('says nothing of the orders of others', async () => {
    const { app } = openHub();
    const [it] = [await enrolled(app), await enrolled(app, 'mc-2')];
    await ordered(signed(1), signed(2, 'mc-2'));
    const refused = [signed(1), signed(2)].map(({ key, uid }) => ({ key, uid, because: 'it is paused' }));
    await it.report(report(1, { refused }));
    expect(heard[0]!.refused).toEqual([refused[0]]);
    expect(logged.lines.find((line) => line.level === 'warn')?.fields).toMatchObject({ refused: 1 });
  });

  test('is refused with every fault named, and takes nothing then', async () => {
    const { app } = openHub();
    const it = await enrolled(app);
    const wrong = { ...report(0), planes: [{ ...plane('a'), version: 4, extra: true }] } as unknown;
    const { detail } = await problem(await it.report(wrong as WireReport), 'bad-request');
    for (const place of ['body.number', 'body.planes[0].version', 'body.planes[0].extra'])
      expect(detail).toContain(place);
    // As a uid each of these would be found among the targets of every fix, told or not.
    for (const uid of ['constructor', '__proto__', 'toString']) {
      const everywhere = report(1, { planes: [plane('a'), { ...plane('b'), uid }] });
      const refused = await problem(await it.report(everywhere), 'bad-request');
      expect(refused.detail).toContain('body.planes[1].uid: expected a uid');
    }
    const unstorable = report(1, { lost: ['a\0b'] });
    expect((await problem(await it.report(unstorable), 'bad-request')).detail).toContain('U+0000');
    expect(await storage.fleet.agents()).toEqual([]);
  });

  test('of a control plane that another agent speaks for is taken without it, and told in the log', async () => {
    const { app } = openHub();
    const [it, other] = [await enrolled(app), await enrolled(app, 'mc-2')];
    await it.report(report(1, { planes: [plane('a')] }));
    const theirs = ['a', 'b'].map((uid) => plane(uid, { managementCluster: 'mc-2' }));
    const both = report(1, { managementCluster: 'mc-2', planes: theirs });
    expect(await answerTo(await other.report(both))).toMatchObject({ taken: true, resync: false });
    const planes = await storage.fleet.planes();
    expect(planes.map((p) => [p.uid, p.managementCluster])).toEqual([
      ['a', 'mc-1'],
      ['b', 'mc-2'],
    ]);
    const warning = logged.lines.find((line) => line.level === 'warn');
    expect(warning?.fields).toMatchObject({ managementCluster: 'mc-2', planes: 1, some: ['a'] });
  });

  test('of 10,000 control planes is taken whole; one of 16 MiB and more is not read', async () => {
    const { app } = openHub();
    const it = await enrolled(app);
    const planes = Array.from({ length: 10_000 }, (_, n) =>
      plane(`uid-${n}`, { held: 'its NodePools would roll: a proxy was set by hand' }),
    );
    expect(await answerTo(await it.report(report(1, { planes })))).toMatchObject({ taken: true });
    expect(await storage.fleet.planes()).toHaveLength(10_000);
    const more = await it.report(report(2, { planes: [...planes, plane('x')] }));
    expect((await problem(more, 'bad-request')).detail).toContain('body.planes');
    const large = await post(app, AGENT_PATHS.reports, ' '.repeat(16 * 1024 * 1024 + 1), it.token);
    expect((await problem(large, 'too-large')).detail).toBe('body: expected at most 16 MiB');
  });
});
