import { generateKeyPairSync, sign } from 'node:crypto';
import { AGENT_PATHS, SESSION_CONTEXT, type WireReport } from '../../wire/agent.ts';
import type { Api } from '../api/context.ts';

// For tests only: an agent as the wire knows one, without anything that an agent does on its cluster.

export type TestAgent = {
  readonly agent: string;
  readonly token: string;
  report(report: WireReport): Promise<Response>;
  orders(query?: string, signal?: AbortSignal): Promise<Response>;
};

export const post = (app: Api, path: string, body: unknown, token?: string): Response | Promise<Response> =>
  app.request(path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

export function keyPair() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const answer = (challenge: string, context = SESSION_CONTEXT) =>
    sign(null, Buffer.from(`${context}\n${challenge}`), privateKey).toString('base64');
  return { pem, answer };
}

/** Enrols with a token and opens a session. Throws what the hub answered instead. */
export async function enrolAgent(
  app: Api,
  { token, managementCluster }: { readonly token: string; readonly managementCluster: string },
): Promise<TestAgent> {
  const key = keyPair();
  const asked = async <T>(path: string, body: unknown): Promise<T> => {
    const response = await post(app, path, body);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const enrolment = { token, managementCluster, publicKey: key.pem };
  const { agent } = await asked<{ agent: string }>(AGENT_PATHS.enrol, enrolment);
  const { challenge } = await asked<{ challenge: string }>(AGENT_PATHS.challenge, { agent });
  const answer = { agent, challenge, signature: key.answer(challenge) };
  const session = await asked<{ token: string }>(AGENT_PATHS.session, answer);
  return {
    agent,
    token: session.token,
    report: async (report) => post(app, AGENT_PATHS.reports, report, session.token),
    orders: async (query = '', signal) =>
      app.request(`${AGENT_PATHS.orders}${query}`, {
        headers: { authorization: `Bearer ${session.token}` },
        ...(signal && { signal }),
      }),
  };
}
