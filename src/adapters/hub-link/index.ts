import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import { z } from 'zod';
import type { Link } from '../../ports/link.ts';
import {
  AGENT_PATHS,
  challengeAnswerSchema,
  enrolAnswerSchema,
  ordersAnswerSchema,
  reportAnswerSchema,
  SESSION_CONTEXT,
  sessionAnswerSchema,
} from '../../wire/agent.ts';

/** The hub did not do what was asked. `status` 0: it was not reached. */
export class HubProblem extends Error {
  override name = 'HubProblem';
  readonly status: number;

  constructor(text: string, status: number) {
    super(text);
    this.status = status;
  }
}

/** Where the hub is. `ca`: PEM of an authority of its own. Plain http is for loopback alone. */
export type HubAddress = { readonly url: string; readonly ca?: string };

/** Who this agent is and whom it believes: written once, at enrolment. */
const identitySchema = z.strictObject({
  agent: z.string().min(1),
  managementCluster: z.string().min(1),
  hub: z.string().min(1),
  privateKey: z.string().min(1),
  hubKeys: enrolAnswerSchema.shape.hubKeys,
});
export type AgentIdentity = z.output<typeof identitySchema>;

const IDENTITY = 'identity.json';
const ANSWER_BYTES_MAX = 16 * 1024 * 1024;
const ANSWER_WITHIN_MS = 30_000;

/** Undefined when this folder's agent was never enrolled. Throws HubProblem when the file cannot be used. */
export async function readIdentity(dir: string): Promise<AgentIdentity | undefined> {
  const file = join(dir, IDENTITY);
  const text = await readFile(file, 'utf8').catch((problem: NodeJS.ErrnoException) => {
    if (problem.code === 'ENOENT') return undefined;
    throw new HubProblem(`${file} cannot be read: ${problem.message}`, 0);
  });
  if (text === undefined) return undefined;
  try {
    return identitySchema.parse(JSON.parse(text));
  } catch {
    throw new HubProblem(
      `${file} is not an agent's identity. Next: move it away and enrol again: fleetfix agent enrol --invitation FILE`,
      0,
    );
  }
}

/**
 * Enrols with a one-time token. The key is made and kept before the token is used, so an answer that is lost can be asked
 * for again with the same key. Throws HubProblem.
 */
export async function enrol(it: {
  readonly dir: string;
  readonly hub: HubAddress;
  readonly managementCluster: string;
  readonly token: string;
}): Promise<AgentIdentity> {
  const { dir, hub, managementCluster, token } = it;
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const privateKey = await keptKey(join(dir, 'agent.pem'));
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
  const answer = await createAsker(hub).ask(
    { path: AGENT_PATHS.enrol, body: { token, managementCluster, publicKey }, withinMs: ANSWER_WITHIN_MS },
    AbortSignal.timeout(ANSWER_WITHIN_MS),
  );
  const { agent, hubKeys } = enrolAnswerSchema.parse(answer);
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const identity = { agent, managementCluster, hub: hub.url, privateKey: pem, hubKeys };
  await writeWhole(join(dir, IDENTITY), `${JSON.stringify(identity, null, 2)}\n`);
  return identity;
}

async function keptKey(file: string): Promise<KeyObject> {
  const known = await readFile(file, 'utf8').catch(() => undefined);
  if (known !== undefined) return createPrivateKey(known);
  const { privateKey } = generateKeyPairSync('ed25519');
  await writeWhole(file, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  return privateKey;
}

async function writeWhole(file: string, text: string): Promise<void> {
  const fresh = `${file}.new`;
  const handle = await open(fresh, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(fresh, file);
}

/** A session is opened anew this long before it ends. */
const RENEW_BEFORE_MS = 60_000;

/** The way to the hub as the agent it was enrolled as. Opens sessions by itself. */
export function openLink(identity: AgentIdentity, hub: HubAddress): Link & { close(): void } {
  const asker = createAsker(hub);
  const key = createPrivateKey(identity.privateKey);
  let session: { readonly token: string; readonly untilMs: number } | undefined;

  const openSession = async (signal: AbortSignal) => {
    const { agent } = identity;
    const asked = await asker.ask(
      { path: AGENT_PATHS.challenge, body: { agent }, withinMs: ANSWER_WITHIN_MS },
      signal,
    );
    const { challenge } = challengeAnswerSchema.parse(asked);
    const signature = sign(null, Buffer.from(`${SESSION_CONTEXT}\n${challenge}`), key).toString('base64');
    const began = performance.now();
    const body = { agent, challenge, signature };
    const opened = sessionAnswerSchema.parse(
      await asker.ask({ path: AGENT_PATHS.session, body, withinMs: ANSWER_WITHIN_MS }, signal),
    );
    // By the hub's clock alone: how long it is valid, not until when.
    const validMs = Date.parse(opened.expiresAt) - Date.parse(opened.now);
    session = { token: opened.token, untilMs: began + validMs - RENEW_BEFORE_MS };
    return opened.token;
  };

  const asked = async (question: Omit<Question, 'token'>, signal: AbortSignal): Promise<unknown> => {
    const known = session !== undefined && performance.now() < session.untilMs ? session.token : undefined;
    const token = known ?? (await openSession(signal));
    try {
      return await asker.ask({ ...question, token }, signal);
    } catch (problem) {
      if (!(problem instanceof HubProblem) || problem.status !== 401 || known === undefined) throw problem;
      // The hub was started anew, or took the session back: one more try with a new one.
      return await asker.ask({ ...question, token: await openSession(signal) }, signal);
    }
  };

  return {
    async report(report, signal) {
      const answer = await asked(
        { path: AGENT_PATHS.reports, body: report, withinMs: ANSWER_WITHIN_MS },
        signal,
      );
      return reportAnswerSchema.parse(answer);
    },
    async orders(waitMs, signal) {
      const path = `${AGENT_PATHS.orders}?wait=${Math.floor(waitMs / 1_000)}`;
      return ordersAnswerSchema.parse(await asked({ path, withinMs: waitMs + ANSWER_WITHIN_MS }, signal));
    },
    close: asker.close,
  };
}

type Question = {
  readonly path: string;
  readonly body?: unknown;
  readonly token?: string;
  readonly withinMs: number;
};

/** Asks over kept connections: one for what is waited for, one for what is said. */
function createAsker(hub: HubAddress) {
  const base = new URL(hub.url);
  const secure = base.protocol === 'https:';
  if (!secure && !['127.0.0.1', 'localhost', '[::1]'].includes(base.hostname))
    throw new HubProblem(`hub ${hub.url}: expected https://; plain http is for this machine alone`, 0);
  const agent = secure
    ? new https.Agent({ keepAlive: true, maxSockets: 2, ...(hub.ca !== undefined && { ca: hub.ca }) })
    : new http.Agent({ keepAlive: true, maxSockets: 2 });

  const ask = (question: Question, signal: AbortSignal): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const body = question.body === undefined ? undefined : JSON.stringify(question.body);
      const failed = (text: string, status: number) =>
        reject(new HubProblem(`${question.path.split('?')[0]}: ${text}`, status));
      const request = (secure ? https : http).request(new URL(question.path, base), {
        agent,
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(question.token !== undefined && { authorization: `Bearer ${question.token}` }),
        },
        signal,
      });
      request.setTimeout(question.withinMs, () => request.destroy(new Error('no answer')));
      request.on('error', (problem) => failed(problem.message, 0));
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > ANSWER_BYTES_MAX) response.destroy(new Error('the answer is too large'));
          else chunks.push(chunk);
        });
        response.on('error', (problem) => failed(problem.message, 0));
        response.on('end', () => {
          const status = response.statusCode ?? 0;
          const text = Buffer.concat(chunks).toString('utf8');
          const value = parsed(text);
          if (status >= 200 && status < 300 && value !== undefined) resolve(value);
          else failed(`${status} ${(value as { detail?: string })?.detail ?? text.slice(0, 200)}`, status);
        });
      });
      request.end(body);
    });
  return { ask, close: () => agent.destroy() };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
