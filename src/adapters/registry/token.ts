import type { HostRules } from '../../core/proof/image-policy.ts';
import { RegistryProblem } from '../../ports/registry.ts';
import type { Credentials } from './credentials.ts';
import { isLoopback } from './reference.ts';
import type { Ask, Transport } from './transport.ts';

/** What `WWW-Authenticate` asks for. */
export type Challenge = {
  readonly scheme: 'basic' | 'bearer';
  readonly params: Readonly<Record<string, string>>;
};

const TOKEN_BYTES_MAX = 256 * 1024;

/** Bearer before Basic when both are offered; undefined when neither is. */
export function readChallenge(header: string | null): Challenge | undefined {
  const found = [
    ...(header ?? '').matchAll(
      /(?:^|,\s*)(basic|bearer)\s+((?:[\w-]+=(?:"[^"]*"|[^\s,"]+)(?:\s*,\s*(?=[\w-]+=))?)*)/gi,
    ),
  ];
  const challenges = found.map(([, scheme = '', rest = '']) => ({
    scheme: scheme.toLowerCase() as Challenge['scheme'],
    params: Object.fromEntries(
      [...rest.matchAll(/([\w-]+)=(?:"([^"]*)"|([^\s,"]+))/g)].map(([, name = '', quoted, bare]) => [
        name.toLowerCase(),
        quoted ?? bare ?? '',
      ]),
    ),
  }));
  return challenges.find(({ scheme }) => scheme === 'bearer') ?? challenges[0];
}

export const basic = (credentials: Credentials): string | undefined =>
  'user' in credentials
    ? `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`
    : undefined;

export type TokenWork = {
  readonly challenge: Challenge;
  /** Where the challenge came from. */
  readonly from: URL;
  readonly path: string;
  readonly credentials: Credentials | undefined;
  readonly rules: HostRules;
};

/** Gets an access token to read one repository. What is asked for is ours to say, not the challenge's. */
export async function accessToken(work: TokenWork, transport: Transport): Promise<string> {
  const realm = checkedRealm(work);
  const scope = `repository:${work.path}:pull`;
  const { service } = work.challenge.params;
  const reply = await transport(tokenAsk(realm, { scope, ...(service && { service }) }, work.credentials));
  if (reply.status !== 200) throw denied(work, `its token service ${realm.host} answers ${reply.status}`);
  try {
    const said = JSON.parse(reply.bytes.toString('utf8')) as { token?: unknown; access_token?: unknown };
    const token = said.token ?? said.access_token;
    if (typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)) return token;
  } catch {
    // Said below: it is the same for people, and the answer itself may be a secret.
  }
  throw denied(work, `its token service ${realm.host} gives no token`);
}

function tokenAsk(realm: URL, asked: Record<string, string>, credentials: Credentials | undefined): Ask {
  const common = { bytesMax: TOKEN_BYTES_MAX, redirects: false };
  if (credentials && 'token' in credentials) {
    const form = {
      ...asked,
      grant_type: 'refresh_token',
      refresh_token: credentials.token,
      client_id: 'fleetfix',
    };
    return { ...common, url: realm, headers: {}, body: new URLSearchParams(form) };
  }
  const url = new URL(realm);
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  const authorization = credentials && basic(credentials);
  return { ...common, url, headers: authorization ? { authorization } : {} };
}

/**
 * The token service a challenge names. Over TLS unless the registry itself is plain and both are on this machine, or
 * the same; and credentials go to another host only when that is known to belong to the registry.
 */
function checkedRealm(work: TokenWork): URL {
  const { challenge, from, credentials, rules } = work;
  const { realm = '' } = challenge.params;
  if (!URL.canParse(realm)) throw denied(work, 'its challenge names no token service');
  const url = new URL(realm);
  const isPlainFine = from.protocol === 'http:' && (url.host === from.host || isLoopback(url.host));
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isPlainFine))
    throw denied(work, `its token service ${url.host} has no TLS`);
  if (url.username !== '' || url.password !== '')
    throw denied(work, 'the address of its token service has a user in it');
  if (credentials !== undefined && !belongs(url, from, rules))
    throw new RegistryProblem(
      'denied',
      `${from.host} asks to send its credentials to ${url.host}, another host; nothing was sent`,
      `if that is right, name it in registries.${from.host}.tokenHosts of the policy`,
    );
  return url;
}

function belongs(realm: URL, from: URL, rules: HostRules): boolean {
  const [there, here] = [realm.hostname, from.hostname];
  if (realm.host === from.host || there === here || rules.tokenHosts?.includes(realm.host)) return true;
  if (here === 'registry-1.docker.io') return there === 'auth.docker.io';
  // Only among names: of an address, a part is something else.
  if (!/[a-z]$/i.test(there) || !/[a-z]$/i.test(here)) return false;
  const isWithin = (inner: string, outer: string) => outer.includes('.') && inner.endsWith(`.${outer}`);
  return isWithin(there, here) || isWithin(here, there);
}

const denied = ({ from, path }: TokenWork, why: string) =>
  new RegistryProblem('denied', `${from.host} does not let ${path} be read: ${why}`, NEXT_LOGIN);

export const NEXT_LOGIN =
  'log in with podman or docker, or name a file of credentials with --authfile or REGISTRY_AUTH_FILE';
