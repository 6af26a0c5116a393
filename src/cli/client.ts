import { randomUUID } from 'node:crypto';
import type { Instant } from '../core/base/instant.ts';
import type { Problem } from '../wire/api.ts';
import { type Cache, keyFor } from './cache.ts';
import type { Settings } from './settings.ts';

const CALL_TIMEOUT_MS = 30_000;

/** The hub said no. `body` is its problem document; one is made up when what answered is no hub. */
export class HubProblem extends Error {
  override name = 'HubProblem';
  readonly body: Problem;

  constructor(body: Problem) {
    super(body.detail);
    this.body = body;
  }
}

/** Nothing answered at the hub's address, or not what a hub answers. */
export class HubUnreachable extends Error {
  override name = 'HubUnreachable';
}

/** A list is sent by repeating the parameter; undefined is not sent. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export type Act = {
  readonly path: string;
  readonly body: unknown;
  /** The version the person saw, sent as If-Match. */
  readonly seen?: number;
  readonly dryRun?: boolean;
  /** Whether a repeat after a lost answer takes the same key. Not for pause: a later pause is another one. */
  readonly once?: boolean;
};

/** The hub's API as the commands use it. Every call may throw HubProblem or HubUnreachable. */
export type Client = {
  readonly hub: string;
  get<T>(path: string, query?: Query, timeoutMs?: number): Promise<T>;
  post<T>(act: Act): Promise<T>;
  /** The answer as it is, for streams and raw calls; a problem throws. No time limit once it answers. */
  raw(method: string, path: string, options?: RawOptions): Promise<Response>;
};

export type RawOptions = {
  readonly query?: Query;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
};

/** A client for one hub and one login. */
export function openClient(input: {
  readonly settings: Settings;
  readonly fetch: typeof fetch;
  readonly now: () => Instant;
  readonly cache: Cache;
  /** Told what each answer says of the hub's time. */
  readonly heard?: (now: string | null) => void;
}): Client {
  const { settings, cache, now } = input;
  const who = settings.token ?? '';

  const raw: Client['raw'] = async (method, path, options = {}) => {
    const url = new URL(`${settings.hub}${path}`);
    for (const [name, value] of Object.entries(options.query ?? {}))
      for (const one of Array.isArray(value) ? value : [value])
        if (one !== undefined) url.searchParams.append(name, String(one));
    const response = await reach(input.fetch, url, settings, { method, ...options });
    input.heard?.(response.headers.get('fleetfix-now'));
    if (!response.ok) throw new HubProblem(await problemOf(response, url));
    return response;
  };

  return {
    hub: settings.hub,
    raw,
    async get<T>(path: string, query: Query = {}, timeoutMs = CALL_TIMEOUT_MS) {
      return await jsonOf<T>(await raw('GET', `/api${path}`, { query, timeoutMs }));
    },
    async post<T>({ path, body, seen, dryRun, once }: Act) {
      const text = JSON.stringify(body);
      const request = `${settings.hub} ${who} ${path} ${text} ${seen ?? ''}`;
      const key = once ? keyFor(cache, request, now(), randomUUID) : randomUUID();
      const headers = {
        'idempotency-key': key,
        'content-type': 'application/json',
        'x-fleetfix-surface': 'cli',
        ...(seen === undefined ? {} : { 'if-match': `"${seen}"` }),
      };
      const query = { dryRun: dryRun || undefined };
      if (once && !dryRun) cache.keep(`unanswered ${request}`, now(), key);
      // The same key makes a second try harmless, and a lost answer is what a second try is for.
      const send = () => raw('POST', `/api${path}`, { query, headers, body: text });
      const response = await send().catch((problem) => {
        if (problem instanceof HubUnreachable) return send();
        if (once) cache.drop(`unanswered ${request}`);
        throw problem;
      });
      const value = await jsonOf<T>(response);
      if (once) cache.drop(`unanswered ${request}`);
      return value;
    },
  };
}

async function reach(
  call: typeof fetch,
  url: URL,
  settings: Settings,
  options: RawOptions & { readonly method: string },
): Promise<Response> {
  // Only the time to the answer's head is limited: streams may last.
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), options.timeoutMs ?? CALL_TIMEOUT_MS);
  const signals = [limit.signal, ...(options.signal ? [options.signal] : [])];
  try {
    return await call(url, {
      method: options.method,
      headers: {
        accept: 'application/json',
        ...(settings.token ? { authorization: `Bearer ${settings.token}` } : {}),
        ...options.headers,
      },
      // A redirect could carry the token to another host.
      redirect: 'error',
      signal: AbortSignal.any(signals),
      ...(options.body === undefined ? {} : { body: options.body }),
    });
  } catch (problem) {
    if (options.signal?.aborted) throw problem;
    throw new HubUnreachable(
      `hub ${settings.hub} cannot be reached: ${causeOf(problem, limit.signal.aborted)}`,
    );
  } finally {
    clearTimeout(timer);
  }
}

function causeOf(problem: unknown, timedOut: boolean): string {
  if (timedOut) return 'no answer in time';
  const cause = problem instanceof Error ? (problem.cause ?? problem) : problem;
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return cause instanceof Error ? cause.message : String(cause);
}

async function jsonOf<T>(response: Response): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch {
    throw new HubUnreachable(
      `${new URL(response.url || 'http://hub').origin} answered, but not as a hub does`,
    );
  }
}

async function problemOf(response: Response, url: URL): Promise<Problem> {
  const text = await response.text().catch(() => '');
  try {
    const body = JSON.parse(text);
    if (typeof body.code === 'string' && typeof body.detail === 'string')
      return { next: [], ...body, status: response.status };
  } catch {
    // Not a problem document: a proxy, or something that is no hub.
  }
  return {
    type: 'about:blank',
    title: response.statusText,
    status: response.status,
    detail: `${url.origin}${url.pathname} answered ${response.status} and no reason`,
    instance: url.pathname,
    code: 'unknown',
    whoMustAct: response.status < 500 ? 'caller' : 'us',
    next: [{ label: 'check address and login', command: 'fleetfix doctor' }],
  };
}
