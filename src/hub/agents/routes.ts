import { createPublicKey } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import type { z } from 'zod';
import { epochMs, type Instant, MINUTE } from '../../core/base/instant.ts';
import type { Agents, EnrolledAgent } from '../../ports/agents.ts';
import {
  AGENT_PATHS,
  challengeRequestSchema,
  enrolRequestSchema,
  type OrdersAnswer,
  type ReportAnswer,
  reportSchema,
  sessionRequestSchema,
} from '../../wire/agent.ts';
import type { Api, ApiEnv, Log } from '../api/context.ts';
import { Fault } from '../api/fault.ts';
import { limitBodyTo } from '../api/middleware.ts';
import { faultText } from '../api/validation.ts';
import type { Gateway } from './gateway.ts';
import type { Sessions } from './sessions.ts';

export type AgentRoutes = {
  readonly agents: Agents;
  readonly gateway: Gateway;
  readonly sessions: Sessions;
  /** What orders are signed with; pinned by agents when they enrol. */
  readonly hubKeys: readonly { readonly keyId: string; readonly publicKey: string }[];
  readonly now: () => Instant;
  readonly log: Log;
};

const REPORT_BYTES_MAX = 16 * 1024 * 1024;
const OTHER_BYTES_MAX = 16 * 1024;
const WAIT_SECONDS_MAX = 60;
/** From one address; a proxy before the hub is one address for all behind it. */
const ENROLS_A_MINUTE = 120;

type AgentEnv = {
  Variables: ApiEnv['Variables'] & { enrolled: EnrolledAgent };
  Bindings: ApiEnv['Bindings'];
};

/** What agents ask of the hub (wire/agent.ts). People's tokens mean nothing here, and agents' nothing under /api. */
export function addAgentRoutes(api: Api, parts: AgentRoutes): void {
  const { gateway, now } = parts;
  const small = limitBodyTo(OTHER_BYTES_MAX);
  const admit = admission(parts);
  api.post(AGENT_PATHS.enrol, small, boundedEnrols(now), async (c) =>
    c.json(await enrol(c, parts), 200, NO_STORE),
  );
  api.post(AGENT_PATHS.challenge, small, async (c) => {
    const { agent } = await bodyOf(c, challengeRequestSchema);
    return c.json({ challenge: parts.sessions.challenge(agent) }, 200, NO_STORE);
  });
  api.post(AGENT_PATHS.session, small, async (c) => c.json(await openSession(c, parts), 200, NO_STORE));
  api.post(AGENT_PATHS.reports, admit, limitBodyTo(REPORT_BYTES_MAX), async (c) => {
    const { taken, resync } = await gateway.hear(enrolledIn(c), await bodyOf(c, reportSchema));
    return c.json({ taken, resync, now: now() } satisfies ReportAnswer, 200, NO_STORE);
  });
  api.get(AGENT_PATHS.orders, admit, async (c) => {
    const signals = [c.req.raw.signal, c.env?.stopping].filter((signal) => signal !== undefined);
    const wait = { waitMs: waitOf(c) * 1_000, signal: AbortSignal.any(signals) };
    const orders = await gateway.orders(enrolledIn(c), wait);
    return c.json({ orders, now: now() } satisfies OrdersAnswer, 200, NO_STORE);
  });
}

const NO_STORE = { 'cache-control': 'no-store' };

type Asked = Context<ApiEnv>;

const enrolledIn = (c: Asked): EnrolledAgent => (c as unknown as Context<AgentEnv>).get('enrolled');

async function enrol(c: Asked, { agents, hubKeys, now, log }: AgentRoutes) {
  const { token, managementCluster, publicKey } = await bodyOf(c, enrolRequestSchema);
  const it = { token, managementCluster, publicKey: spkiOf(publicKey), at: now() };
  const agent = await agents.enrol(it);
  if (agent === undefined) {
    log.warn({ managementCluster: managementCluster.slice(0, 64) }, 'an enrolment was refused');
    const detail = 'body.token: it is unknown, used, over, or of another management cluster';
    throw new Fault({ code: 'unauthenticated', detail, next: ['fleetfix agent invite CLUSTER'] });
  }
  log.info({ agent, managementCluster }, 'an agent is enrolled');
  return { agent, hubKeys };
}

/** The key as it is written here, whatever spaces and lines it came with: a key that comes again is the same text. */
function spkiOf(pem: string): string {
  try {
    // A private key in its place is a mistake that must not work.
    if (!pem.trimStart().startsWith('-----BEGIN PUBLIC KEY-----')) throw new TypeError('no public key');
    const key = createPublicKey(pem);
    if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('another kind of key');
    return key.export({ type: 'spki', format: 'pem' }).toString();
  } catch {
    throw new Fault({
      code: 'bad-request',
      detail: 'body.publicKey: expected an Ed25519 public key, SPKI in PEM',
    });
  }
}

async function openSession(c: Asked, { agents, sessions, gateway, now }: AgentRoutes) {
  const { agent, challenge, signature } = await bodyOf(c, sessionRequestSchema);
  const enrolled = await agents.find(agent);
  const session = enrolled && sessions.open({ ...enrolled, challenge, signature });
  if (session === undefined) {
    // One answer for all: who does not hold the key learns nothing of who is enrolled.
    const detail = 'body: no such agent, or the challenge is over or not signed with its key';
    throw new Fault({ code: 'unauthenticated', detail, next: ['fleetfix agent invite CLUSTER'] });
  }
  gateway.begin(agent);
  return { ...session, now: now() };
}

/** Lets an agent in whose session holds and who is not revoked, asked at every request. */
function admission({ agents, sessions }: AgentRoutes): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const token = /^Bearer ([\x21-\x7e]{1,2048})$/i.exec(c.req.header('authorization') ?? '')?.[1];
    const agent = token === undefined ? undefined : sessions.agentOf(token);
    const enrolled = agent === undefined ? undefined : await agents.find(agent);
    if (enrolled === undefined) {
      const detail =
        'header.Authorization: expected Bearer and the token of an agent’s session that is not over';
      throw new Fault({ code: 'unauthenticated', detail });
    }
    (c as unknown as Context<AgentEnv>).set('enrolled', enrolled);
    await next();
  };
}

function boundedEnrols(now: () => Instant): MiddlewareHandler<ApiEnv> {
  let minute = 0;
  const counts = new Map<string, number>();
  return async (c, next) => {
    const current = Math.floor(epochMs(now()) / MINUTE);
    if (current !== minute) counts.clear();
    minute = current;
    const from = addressOf(c);
    const count = (counts.get(from) ?? 0) + 1;
    counts.set(from, count);
    if (count > ENROLS_A_MINUTE) {
      const detail = `at most ${ENROLS_A_MINUTE} enrolments a minute are taken from one address; try again in a minute`;
      throw new Fault({ code: 'too-many-requests', detail });
    }
    await next();
  };
}

/** What the server adds to every request; absent in tests without one. */
type Incoming = { readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } } };
const addressOf = (c: Asked): string =>
  (c.env as Incoming | undefined)?.incoming?.socket?.remoteAddress ?? '';

function waitOf(c: Asked): number {
  const text = c.req.query('wait') ?? '0';
  const seconds = Number(text);
  if (/^\d{1,2}$/.test(text) && seconds <= WAIT_SECONDS_MAX) return seconds;
  throw new Fault({
    code: 'bad-request',
    detail: `query.wait: expected seconds, 0 to ${WAIT_SECONDS_MAX}`,
  });
}

async function bodyOf<T extends z.ZodType>(c: Asked, schema: T): Promise<z.output<T>> {
  const parsed = schema.safeParse(await jsonOf(c));
  if (parsed.success) return parsed.data;
  throw new Fault({ code: 'bad-request', detail: faultText('json', parsed.error.issues) });
}

async function jsonOf(c: Asked): Promise<unknown> {
  try {
    return await c.req.json();
  } catch {
    throw new Fault({ code: 'bad-request', detail: 'body: expected JSON; it could not be read as such' });
  }
}
