import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { handOffOf } from '../../src/core/hand-off/testing.ts';
import { EXAMPLES } from '../../src/hub/api/examples.ts';
import { rowOf, type World } from './worlds.ts';

const DIST = join(import.meta.dirname, '../../console/dist');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
/** As strict as the hub's own, so that what it would refuse is refused here. */
const POLICY = "default-src 'self'; img-src 'self' data:; font-src 'self' data:; object-src 'none'";

export const TOKEN = 'token-adiaz';

/** A request that changes something, as it arrived. */
export type Sent = {
  readonly path: string;
  readonly key: string | undefined;
  readonly ifMatch: string | undefined;
  readonly body: unknown;
};
type Reply = { readonly status: number; readonly body: unknown };

/**
 * The API of the hub over recorded worlds, on a free loopback port, with the built console at `/`.
 * A world is replaced by `set`; pages are told of it as the hub tells them.
 */
export class RecordedHub {
  readonly sent: Sent[] = [];
  readonly streamsAsked: { readonly lastEventId: string | undefined; readonly url: string }[] = [];
  /** What the next request that changes something, or makes a plan, is answered. */
  onCommand: (sent: Sent) => Reply = () => ({ status: 500, body: {} });
  /** What a forecast is answered, where not the one of the world; it may take its time. */
  onForecast: (() => Reply | Promise<Reply>) | undefined;
  /** Who is on duty, or why that is not known. */
  roster: Reply = good(EXAMPLES.roster);
  /** When set, every API request gets this answer. */
  allAnswer: Reply | undefined;
  #worlds = new Map<string, World>();
  #streams = new Set<{ response: ServerResponse; fix: string | undefined }>();
  #streaming = true;
  #seq = 1_000;
  #server = createServer((request, response) => {
    this.#answer(request, response).catch((error) => response.destroy(error));
  });

  async start(): Promise<string> {
    await new Promise<void>((ready) => this.#server.listen(0, '127.0.0.1', ready));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.cutStreams();
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  reset(worlds: readonly World[]): void {
    this.cutStreams();
    this.#streaming = true;
    this.allAnswer = undefined;
    this.onForecast = undefined;
    this.roster = good(EXAMPLES.roster);
    this.sent.length = 0;
    this.streamsAsked.length = 0;
    this.#worlds = new Map(worlds.map((world) => [world.view.id, world]));
  }

  world(id: string): World {
    return this.#worlds.get(id)!;
  }

  /** Replaces a world and tells every open page that it changed. */
  set(world: World): void {
    this.#worlds.set(world.view.id, world);
    const { id: fix, version } = world.view;
    this.#seq++;
    this.#tell(fix, `id: ${this.#seq}\n`, 'event', {
      fix,
      seq: this.#seq,
      version,
      type: 'Reported',
      text: '',
    });
    this.#tell(fix, '', 'changed', { fix, version });
  }

  /** Ends every open stream and refuses new ones until `reset` or `openStreams`. */
  cutStreams(): void {
    this.#streaming = false;
    for (const { response } of this.#streams) response.destroy();
    this.#streams.clear();
  }

  openStreams(): void {
    this.#streaming = true;
  }

  #tell(fix: string, id: string, event: string, data: unknown): void {
    for (const stream of this.#streams) {
      if (stream.fix === undefined || stream.fix === fix)
        stream.response.write(`${id}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, 'http://hub');
    response.setHeader('content-security-policy', POLICY);
    if (!url.pathname.startsWith('/api/')) return serveFile(url.pathname, response);
    if (this.allAnswer !== undefined) return reply(response, this.allAnswer);
    if (request.headers.authorization !== `Bearer ${TOKEN}`) return reply(response, UNAUTHENTICATED);
    if (url.pathname === '/api/events') return this.#stream(url, request, response);
    if (request.method === 'POST') return this.#command(url, request, response);
    if (this.onForecast && url.pathname.endsWith('/forecast'))
      return reply(response, await this.onForecast());
    return reply(response, this.#read(url));
  }

  #read(url: URL): Reply {
    const all = [...this.#worlds.values()];
    if (url.pathname === '/api/whoami') return good({ name: 'adiaz', roles: ['operator', 'on-call'] });
    if (url.pathname === '/api/components')
      return good({ items: [{ name: 'control-plane-operator' }, { name: 'hypershift-operator' }] });
    if (url.pathname === '/api/roster') return this.roster;
    if (url.pathname === '/api/policies') return good({ items: [{ name: 'standard' }, { name: 'night' }] });
    if (url.pathname === '/api/fixes') return good({ items: all.map(rowOf) });
    const [, , , id = '', part, which, of] = url.pathname.split('/');
    const world = this.#worlds.get(id);
    if (world === undefined) return problem(404, 'fix-unknown', 'No such fix', `no fix ${id}`);
    switch (part) {
      case undefined:
        return good(world.view);
      case 'grid':
        return good(world.grid);
      case 'diff':
        return diff(world, url.searchParams.get('line'));
      case 'hand-off':
        return good({ ...handOffOf(), fix: id });
      case 'plans':
        return which === world.plan.id
          ? good(of === 'forecast' ? world.forecast : world.plan)
          : problem(404, 'plan-unknown', 'No such plan', `${id} has no plan ${which}`);
      case 'timeline':
        return good({ items: world.timeline });
      case 'why':
        return good({ ...world.why, target: url.searchParams.get('target') ?? undefined });
      case 'targets':
        return good(page(world, url.searchParams));
      default:
        return problem(404, 'not-found', 'Nothing here', `nothing is at ${url.pathname}`);
    }
  }

  #stream(url: URL, request: IncomingMessage, response: ServerResponse): void {
    if (!this.#streaming) {
      reply(response, problem(503, 'storage-down', 'Down', 'no streams now'));
      return;
    }
    const lastEventId = request.headers['last-event-id'] as string | undefined;
    this.streamsAsked.push({ lastEventId, url: request.url! });
    const fix = url.searchParams.get('fix') ?? undefined;
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write('retry: 3000\n\n');
    if (lastEventId === undefined) {
      const data = fix === undefined ? { items: [] } : this.#worlds.get(fix)?.view;
      response.write(`id: ${this.#seq}\nevent: snapshot\ndata: ${JSON.stringify(data)}\n\n`);
    }
    const stream = { response, fix };
    this.#streams.add(stream);
    response.on('close', () => this.#streams.delete(stream));
  }

  async #command(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const sent: Sent = {
      path: url.pathname,
      key: request.headers['idempotency-key'] as string | undefined,
      ifMatch: request.headers['if-match'],
      body: JSON.parse(Buffer.concat(chunks).toString('utf8')),
    };
    this.sent.push(sent);
    reply(response, this.onCommand(sent));
  }
}

function page(world: World, query: URLSearchParams) {
  const is = (key: string, value: unknown) => !query.has(key) || query.get(key) === String(value);
  const found = world.targets.filter(
    (t) =>
      is('state', t.state) &&
      is('standing', t.standing) &&
      is('stage', t.stage) &&
      is('wave', t.wave) &&
      is('inPlan', t.inPlan),
  );
  const from = Number(query.get('after') ?? 0);
  const to = from + Number(query.get('limit') ?? 50);
  return {
    items: found.slice(from, to),
    total: found.length,
    ...(to < found.length ? { next: String(to) } : {}),
  };
}

function diff(world: World, line: string | null): Reply {
  const lines = world.diff.lines.filter((one) => line === null || one.line === line);
  return lines.length === 0
    ? problem(404, 'unknown-line', 'No such line', `no line ${line}`)
    : good({ ...world.diff, lines });
}

const good = (body: unknown): Reply => ({ status: 200, body });

/** An RFC 9457 answer as the hub gives it. */
export const problem = (
  status: number,
  code: string,
  title: string,
  detail: string,
  more: { readonly whoCan?: readonly string[] } = {},
): Reply => ({
  status,
  body: {
    type: `/problems/${code}`,
    title,
    status,
    detail,
    instance: 'r-1',
    code,
    whoMustAct: 'caller',
    next: [],
    ...more,
  },
});

const UNAUTHENTICATED = problem(
  401,
  'unauthenticated',
  'Log in first',
  'the token is unknown or was revoked',
);

function reply(response: ServerResponse, { status, body }: Reply): void {
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

async function serveFile(path: string, response: ServerResponse): Promise<void> {
  const file = extname(path) === '' ? '/index.html' : normalize(path);
  try {
    const bytes = await readFile(join(DIST, file));
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    response.end(bytes);
  } catch {
    response.writeHead(404).end();
  }
}
