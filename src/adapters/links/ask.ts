import { type LookupAddress, lookup } from 'node:dns';
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ms } from '../../core/base/instant.ts';
import { LinkProblem } from '../../ports/links.ts';
import { type Allowed, notInside } from './allowed.ts';
import { isPrivate } from './private-address.ts';

/** Names to addresses, as `dns.lookup` with `all`. */
export type Lookup = (
  host: string,
  done: (problem: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export const systemLookup: Lookup = (host, done) => lookup(host, { all: true }, done);

export type Asking = {
  readonly lookup: Lookup;
  readonly headers: Readonly<Record<string, string>>;
  /** Of everything together: attempts, redirects and the body. */
  readonly timeoutMs: Ms;
  readonly signal: AbortSignal;
};

const REDIRECTS_MAX = 5;
const ATTEMPTS = 3;
const PAUSE_MS: Ms = 300;

/**
 * Asks an address and hands its answer over; redirects are followed on the same host only. The answer is read, or thrown away,
 * within the time. Throws a `LinkProblem`.
 */
export async function ask<T>(
  to: Allowed,
  asking: Asking,
  read: (answer: IncomingMessage) => Promise<T>,
): Promise<T> {
  const time = AbortSignal.timeout(asking.timeoutMs);
  const signal = AbortSignal.any([time, asking.signal]);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await followed(to, { ...asking, signal }, read);
    } catch (problem) {
      if (problem instanceof LinkProblem) throw problem;
      const { host } = to.url;
      if (time.aborted) throw unreachable(`${host} took longer than ${asking.timeoutMs / 1_000} s`);
      if (signal.aborted || attempt >= ATTEMPTS)
        throw unreachable(`${host} cannot be reached: ${causeOf(problem)}`);
      await sleep(PAUSE_MS * attempt, undefined, { signal }).catch(() => {});
    }
  }
}

const unreachable = (message: string) =>
  new LinkProblem('unreachable', message, 'check the address and the network, then have it looked at again');

async function followed<T>(
  to: Allowed,
  asking: Asking,
  read: (answer: IncomingMessage) => Promise<T>,
): Promise<T> {
  let { url } = to;
  for (let hop = 0; hop <= REDIRECTS_MAX; hop += 1) {
    const answer = await answerOf({ ...to, url }, asking);
    try {
      const { statusCode = 0, headers } = answer;
      if (statusCode < 300 || statusCode >= 400 || headers.location === undefined) return await read(answer);
      url = sameHost(url, headers.location, statusCode);
    } finally {
      // What was not read is not waited for.
      answer.destroy();
    }
  }
  const next = 'show the address that it ends at';
  throw new LinkProblem('content', `${to.url.host} sends on more than ${REDIRECTS_MAX} times`, next);
}

function sameHost(from: URL, location: string, status: number): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
  const isSame = to !== undefined && to.host === from.host && to.protocol === from.protocol;
  if (isSame && to.username === '' && to.password === '') return to;
  const where = to === undefined ? 'no address' : `${to.protocol}//${to.host}`;
  const next =
    'show the address that is meant, of a host that is allowed; a page behind a login sends on to it';
  throw new LinkProblem('content', `${from.host} sends on to ${where}, another host`, next, status);
}

function answerOf({ url, inside }: Allowed, { headers, signal, lookup }: Asking): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? tlsRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      // A connection of its own: none that was made for another look is taken, whatever it led to.
      { headers, signal, agent: false, lookup: guarded(url.host, inside, lookup) },
      resolve,
    );
    sent.on('error', reject);
    sent.end();
  });
}

/** Judges the very address that is connected to, so that a name cannot lead elsewhere between two questions. */
const guarded =
  (host: string, inside: boolean, lookUp: Lookup): LookupFunction =>
  (name, options, done) =>
    lookUp(name, (problem, addresses) => {
      if (problem !== null) return done(problem, []);
      if (!inside && addresses.some(({ address }) => isPrivate(address))) return done(notInside(host), []);
      const [first] = addresses;
      if (first === undefined) return done(new Error('it has no address'), []);
      if (options.all) return done(null, addresses);
      done(null, first.address, first.family);
    });

/** The code of a failed connection; texts of systems differ. */
function causeOf(problem: unknown): string {
  const { code, message } = problem as { code?: unknown; message?: unknown };
  return String(code ?? message ?? 'no reason given').slice(0, 80);
}
