import { setTimeout as sleep } from 'node:timers/promises';
import { RegistryProblem } from '../../ports/registry.ts';
import { isLoopback } from './reference.ts';
import type { Limits, RegistrySettings } from './settings.ts';

/** One answer, whole. `url`: where it came from in the end. */
export type Reply = {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly url: URL;
};

export type Ask = {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: URLSearchParams;
  readonly bytesMax: number;
  /** Followed for blobs only: a registry hands them over to a store of files. */
  readonly redirects: boolean;
};

/** Asks over HTTP: limits of time and size, attempts with back-off, redirects that keep credentials at home. */
export type Transport = (ask: Ask) => Promise<Reply>;

const AGAIN = [408, 429, 500, 502, 503, 504];

export function createTransport(settings: RegistrySettings, limits: Limits): Transport {
  const total = AbortSignal.timeout(limits.totalMs);
  const stop = settings.signal ? AbortSignal.any([total, settings.signal]) : total;
  return async (ask) => {
    for (let attempt = 1; ; attempt += 1) {
      const tried = await attemptOf(ask, { settings, limits, stop });
      const isLast = attempt >= limits.attempts || stop.aborted || isHopeless(tried);
      if (!(tried instanceof Error) && (isLast || !AGAIN.includes(tried.status))) return tried;
      if (tried instanceof RegistryProblem) throw tried;
      if (tried instanceof Error && isLast) throw unreachable(ask.url, tried, attempt);
      await sleep(waitMs(attempt, tried, limits), undefined, { signal: stop }).catch(() => {});
    }
  };
}

/** A name that does not exist and a certificate that nobody vouches for stay so for the next seconds. */
function isHopeless(tried: Reply | Error): boolean {
  const cause = (tried as { cause?: { code?: unknown } }).cause;
  return /^(ENOTFOUND|CERT_|ERR_TLS_CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/.test(String(cause?.code));
}

type Around = { readonly settings: RegistrySettings; readonly limits: Limits; readonly stop: AbortSignal };

/** A server that does not speak TLS; asking again will not change that. */
export class NoTls extends RegistryProblem {
  override name = 'NoTls';

  constructor(host: string, why: string) {
    const next = `if it is meant to speak plain http, say so with registries.${host}.plainHttp in the policy`;
    super('unreachable', `${host} does not speak TLS: ${why}`, next);
  }
}

/** One attempt. What may be better next time is returned as an error; a RegistryProblem will not be. */
async function attemptOf(ask: Ask, { settings, limits, stop }: Around): Promise<Reply | Error> {
  const signal = AbortSignal.any([AbortSignal.timeout(limits.attemptMs), stop]);
  try {
    return await followed(ask, { settings, limits, signal });
  } catch (problem) {
    if (problem instanceof RegistryProblem) return problem;
    const cause = (problem as { cause?: { code?: unknown } }).cause;
    if (/^(ERR_SSL_(WRONG_VERSION|PACKET_LENGTH|HTTP_REQUEST)|EPROTO)/.test(String(cause?.code)))
      return new NoTls(ask.url.host, reasonOf(problem));
    return problem instanceof Error ? problem : new Error(String(problem));
  }
}

type Within = Omit<Around, 'stop'> & { readonly signal: AbortSignal };

async function followed(ask: Ask, { settings, limits, signal }: Within): Promise<Reply> {
  let url = ask.url;
  for (let hop = 0; ; hop += 1) {
    const isHome = url.origin === ask.url.origin;
    const answer = await settings.fetch(url, {
      headers: isHome ? ask.headers : withoutSecrets(ask.headers),
      redirect: 'manual',
      signal,
      ...(ask.body && { method: 'POST', body: ask.body }),
    });
    const location = answer.headers.get('location');
    if (answer.status < 300 || answer.status >= 400 || answer.status === 304 || location === null)
      return {
        status: answer.status,
        headers: answer.headers,
        url,
        bytes: await readAll(answer, ask, signal),
      };
    await answer.body?.cancel();
    if (!ask.redirects)
      throw content(ask.url, `sends on to ${hostOf(location, url)}`, 'only blobs may be elsewhere');
    if (hop >= limits.redirects)
      throw content(ask.url, `sends on more than ${limits.redirects} times`, 'the redirects go in a circle');
    url = checkedTarget(url, location, settings);
  }
}

const withoutSecrets = (headers: Ask['headers']) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization'));

/** Never from TLS to none, and never from elsewhere to this machine or its neighbours on the link. */
function checkedTarget(from: URL, location: string, { hosts }: RegistrySettings): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
  if (to === undefined || !/^https?:$/.test(to.protocol) || to.username !== '' || to.password !== '')
    throw content(from, 'sends on to something that is no address', 'tell who runs it');
  if (to.protocol === 'http:' && !isLoopback(to.host) && hosts[to.host]?.plainHttp !== true)
    throw content(
      from,
      `sends on to ${to.host} without TLS`,
      `allow it with registries.${to.host}.plainHttp`,
    );
  if (to.origin !== from.origin && isNearby(to) && !isLoopback(from.host))
    throw content(from, `sends on to ${to.host}, on this machine or its link`, 'tell who runs it');
  return to;
}

const isNearby = ({ host, hostname }: URL) =>
  isLoopback(host) || /^(169\.254\.|0\.|\[(::|fe80:|::ffff:))/.test(hostname);

const hostOf = (location: string, from: URL) =>
  URL.canParse(location, from.href) ? new URL(location, from.href).host : 'another place';

/** Reads a body and gives up as soon as it is longer than allowed, whatever length it claimed. */
async function readAll(answer: Response, { url, bytesMax }: Ask, signal: AbortSignal): Promise<Buffer> {
  const tooLong = () =>
    content(url, `answers with more than ${bytesMax} bytes`, `at most ${bytesMax} are read for this`);
  if (Number(answer.headers.get('content-length') ?? 0) > bytesMax) {
    await answer.body?.cancel();
    throw tooLong();
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    signal.throwIfAborted();
    size += chunk.length;
    if (size > bytesMax) throw tooLong();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function waitMs(attempt: number, tried: Reply | Error, limits: Limits): number {
  const asked = tried instanceof Error ? Number.NaN : Number(tried.headers.get('retry-after'));
  // Some time apart, so that many who failed together do not come back together.
  const own = limits.backOffMs * 2 ** (attempt - 1) * (0.5 + Math.random());
  return Math.min(Math.max(asked > 0 ? asked * 1_000 : 0, own), limits.backOffMsMax);
}

const content = (url: URL, what: string, next: string) =>
  new RegistryProblem('content', `${url.host}${url.pathname} ${what}`, next);

function unreachable(url: URL, problem: Error, attempts: number): Error {
  return new RegistryProblem(
    'unreachable',
    `${url.host}${url.pathname} does not answer: ${reasonOf(problem)} (${attempts} ${attempts === 1 ? 'attempt' : 'attempts'})`,
    'check the address, the network and NODE_EXTRA_CA_CERTS, then run the same again',
  );
}

/** fetch hides what happened behind "fetch failed". */
function reasonOf(problem: unknown): string {
  const { message, name, cause } = problem as Error & { cause?: { code?: string; message?: string } };
  if (name === 'TimeoutError') return 'no whole answer in time';
  const inner = cause?.message || cause?.code;
  return (inner ? `${inner}` : message).split('\n')[0]!.slice(0, 300);
}
