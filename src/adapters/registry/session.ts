import type { HostRules } from '../../core/proof/image-policy.ts';
import { RegistryProblem } from '../../ports/registry.ts';
import { type Credentials, credentialsFor } from './credentials.ts';
import { addressOf, isLoopback } from './reference.ts';
import type { RegistrySettings } from './settings.ts';
import { accessToken, basic, NEXT_LOGIN, readChallenge } from './token.ts';
import { NoTls, type Reply, type Transport } from './transport.ts';

/** A repository at one host, the named one or a mirror of it. */
export type Place = { readonly host: string; readonly path: string };

type Get = {
  /** After `/v2/<path>/`, such as `manifests/latest`; or a whole address on the same host, of a next page. */
  readonly what: string | URL;
  readonly accept?: readonly string[];
  readonly bytesMax: number;
  readonly redirects?: boolean;
};

/** Asks one repository, and keeps what it learnt of the way there: TLS or none, and a token. */
export type Session = (get: Get) => Promise<Reply>;

export function createSession(place: Place, settings: RegistrySettings, transport: Transport): Session {
  const rules: HostRules = settings.hosts[place.host] ?? {};
  let origin: Promise<string> | undefined;
  let authorization: Promise<string | undefined> | undefined;

  const ask = async (get: Get, withAuth: string | undefined): Promise<Reply> => {
    origin ??= originOf(place, rules, transport);
    const url = get.what instanceof URL ? get.what : new URL(`/v2/${place.path}/${get.what}`, await origin);
    const accept = get.accept && { accept: get.accept.join(', ') };
    const headers = { ...accept, ...(withAuth !== undefined && { authorization: withAuth }) };
    return await transport({ url, headers, bytesMax: get.bytesMax, redirects: get.redirects ?? false });
  };

  return async (get) => {
    const used = await authorization;
    const first = await ask(get, used);
    if (first.status !== 401) return first;
    // Many ask at once: whoever comes first trades, and a token that ran out is traded anew once.
    if ((await authorization) === used)
      authorization = authorize(place, settings, { rules, transport, first });
    const again = await ask(get, await authorization);
    if (again.status === 401 || again.status === 403) throw denied(place, again.status);
    return again;
  };
}

type Learnt = { readonly rules: HostRules; readonly transport: Transport; readonly first: Reply };

async function authorize(
  place: Place,
  settings: RegistrySettings,
  { rules, transport, first }: Learnt,
): Promise<string | undefined> {
  const challenge = readChallenge(first.headers.get('www-authenticate'));
  if (challenge === undefined) throw denied(place, 401);
  const { authFile, env } = settings;
  const credentials = await credentialsFor(place, { ...(authFile !== undefined && { authFile }), env });
  if (challenge.scheme === 'basic') return basicOf(place, credentials);
  const work = { challenge, from: first.url, path: place.path, credentials, rules };
  return `Bearer ${await accessToken(work, transport)}`;
}

function basicOf(place: Place, credentials: Credentials | undefined): string {
  const found = credentials && basic(credentials);
  if (found === undefined) throw denied(place, 401);
  return found;
}

export const denied = (place: Place, status: number): RegistryProblem =>
  new RegistryProblem(
    'denied',
    `${place.host} does not let ${place.path} be read: it answers ${status}`,
    NEXT_LOGIN,
  );

/** https, but http where it was asked for, and on this machine where nothing speaks TLS. */
async function originOf({ host }: Place, rules: HostRules, transport: Transport): Promise<string> {
  const address = addressOf(host);
  if (rules.plainHttp) return `http://${address}`;
  if (!isLoopback(address)) return `https://${address}`;
  try {
    const url = new URL('/v2/', `https://${address}`);
    await transport({ url, headers: {}, bytesMax: 64 * 1024, redirects: false });
  } catch (problem) {
    if (problem instanceof NoTls) return `http://${address}`;
    throw problem;
  }
  return `https://${address}`;
}
