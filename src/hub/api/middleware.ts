import { randomUUID } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import { ROLES } from '../../core/base/roles.ts';
import { AGENT_PATHS } from '../../wire/agent.ts';
import type { ApiEnv, ApiParts } from './context.ts';
import { Fault } from './fault.ts';

type Middleware = MiddlewareHandler<ApiEnv>;

export const BODY_BYTES_MAX = 1024 * 1024;

/** Everything comes from this origin. PatternFly's style sheets carry small pictures and fonts as data. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** Keeps a caller's Request-Id when it is a plain word, makes one otherwise, and sends it with every answer. */
export const identifyRequest: Middleware = async (c, next) => {
  const given = c.req.header('request-id') ?? '';
  const id = /^[A-Za-z0-9._-]{1,128}$/.test(given) ? given : randomUUID();
  c.set('requestId', id);
  await next();
  c.res.headers.set('request-id', id);
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) c.res.headers.set(name, value);
};

/** Asked so often that a line each would hide the rest: by machines that watch, and by agents. */
const QUIET: readonly string[] = ['/healthz', '/readyz', '/metrics', AGENT_PATHS.reports, AGENT_PATHS.orders];

/** Measures and logs every request by its route template. Queries, headers and bodies are never logged. */
export function observe({ metrics, log }: ApiParts): Middleware {
  return async (c, next) => {
    const began = performance.now();
    await next();
    const seconds = (performance.now() - began) / 1_000;
    const { method } = c.req;
    const { status } = c.res;
    const route =
      templateOf(matchedRoutes(c).map((matched) => matched.path)) ?? (status < 400 ? 'console' : 'unmatched');
    metrics.requestEnded({ method, route, status, seconds });
    if (QUIET.includes(route) && status < 400) return;
    const fields = { requestId: c.get('requestId'), method, route, status, ms: Math.round(seconds * 1_000) };
    log.info({ ...fields, ...(c.get('actor') && { actor: c.get('actor').name }) }, 'request');
  };
}

/** `/api/fixes/:id` becomes `/api/fixes/{id}`. Undefined when no route answered, so that labels stay few. */
const templateOf = (paths: readonly string[]): string | undefined =>
  paths.findLast((path) => !path.endsWith('*'))?.replaceAll(/:([^/]+)/g, '{$1}');

/** The hub's time goes with every answer: over a simulated fleet it is not the time of the reader's machine. */
export function tellTime({ now }: ApiParts): Middleware {
  return async (c, next) => {
    await next();
    if (now !== undefined) c.res.headers.set('fleetfix-now', now());
  };
}

/** Whoever holds a token is who the token was issued to; everybody else is asked to log in. */
export function authenticate({ desk }: ApiParts): Middleware {
  return async (c, next) => {
    const token = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(c.req.header('authorization') ?? '')?.[1];
    const actor = token === undefined ? undefined : await desk.person(token);
    if (token === undefined || actor === undefined) {
      const detail =
        token === undefined
          ? 'header.Authorization: expected Bearer and a token'
          : 'header.Authorization: the token is unknown or was revoked';
      throw new Fault({ code: 'unauthenticated', detail, next: ['fleetfix login'] });
    }
    c.set('token', token);
    c.set('actor', actor);
    await next();
    // Answers hold what only this person may see, and change with the next event.
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store');
  };
}

/** Reading needs a role, any role. What a person may do is core's to judge, not ours. */
export const requireRole: Middleware = async (c, next) => {
  const actor = c.get('actor');
  if (actor.roles.length === 0) {
    const detail = `${actor.name} has no role; reading needs one of ${ROLES.join(', ')}`;
    throw new Fault({ code: 'forbidden', detail, whoCan: ['admin'] });
  }
  await next();
};

/** `what`: such as `people are kept`. */
export const requireAdmin =
  (what: string): Middleware =>
  async (c, next) => {
    const actor = c.get('actor');
    if (!actor.roles.includes('admin')) {
      const detail = `${what} by the role admin; ${actor.name} has ${actor.roles.join(', ')}`;
      throw new Fault({ code: 'forbidden', detail, whoCan: ['admin'] });
    }
    await next();
  };

/** Reads a body of at most so many bytes before any route sees it, whether or not its length was announced. */
export const limitBodyTo =
  (max: number): Middleware =>
  async (c, next) => {
    const { body, headers, url } = c.req.raw;
    if (body === null) return next();
    if (Number(c.req.header('content-length') ?? 0) > max) throw tooLarge(max);
    const bytes = await readUpTo(body, max);
    c.req.raw = new Request(url, { method: c.req.method, headers, body: bytes });
    await next();
  };

export const limitBody: Middleware = limitBodyTo(BODY_BYTES_MAX);

async function readUpTo(body: ReadableStream<Uint8Array>, max: number): Promise<Blob> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > max) throw tooLarge(max);
    chunks.push(new Uint8Array(chunk));
  }
  return new Blob(chunks);
}

const tooLarge = (max: number) =>
  new Fault({ code: 'too-large', detail: `body: expected at most ${sizeText(max)}` });

const sizeText = (bytes: number): string =>
  bytes < 1024 * 1024 ? `${bytes / 1024} KiB` : `${bytes / 1024 / 1024} MiB`;
