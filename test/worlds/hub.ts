import { PassThrough, Writable } from 'node:stream';
import type { Io } from '../../src/cli/io.ts';
import { run } from '../../src/cli/run.ts';
import type { Instant } from '../../src/core/base/instant.ts';
import type { FixView } from '../../src/core/views/fix-view.ts';
import type { TargetView } from '../../src/core/views/target-view.ts';
import { EXAMPLES } from '../../src/hub/api/examples.ts';
import { recorded } from './world.ts';

/** What a request was, for tests that look at what the command line sent. */
export type Sent = {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
};

export type Answer = { readonly status?: number; readonly body?: unknown; readonly text?: string };
/** Answers before the recordings do; undefined passes the request on. */
export type Script = (sent: Sent) => Answer | Response | undefined;

/** A hub in memory: it serves one recorded world by the API's paths and keeps every request. */
export function recordedHub(world: string, script: Script = () => undefined) {
  const sent: Sent[] = [];
  const call = async (input: Parameters<typeof fetch>[0], init: RequestInit = {}): Promise<Response> => {
    init.signal?.throwIfAborted();
    const url = new URL(input instanceof Request ? input.url : String(input));
    const request: Sent = {
      method: init.method ?? 'GET',
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: Object.fromEntries(new Headers(init.headers)),
      body: typeof init.body === 'string' ? JSON.parse(init.body) : undefined,
    };
    sent.push(request);
    const answer = script(request) ?? answerOf(world, request);
    return answer instanceof Response ? answer : responseOf(answer);
  };
  return { fetch: call as typeof fetch, sent };
}

function responseOf({ status = 200, body, text }: Answer): Response {
  const type =
    status >= 400 ? 'application/problem+json' : text === undefined ? 'application/json' : 'text/plain';
  return new Response(text ?? JSON.stringify(body), { status, headers: { 'content-type': type } });
}

/** A problem as the hub sends it. */
export const problem = (status: number, code: string, detail: string, more: object = {}): Answer => ({
  status,
  body: {
    type: `/problems/${code}`,
    title: code,
    status,
    detail,
    instance: 'r-1',
    code,
    whoMustAct: 'caller',
    next: [],
    ...more,
  },
});

const ROW_FACTS = [
  'id',
  'version',
  'title',
  'severity',
  'incident',
  'author',
  'component',
  'state',
  'paused',
  'halted',
  'headline',
  'needs',
  'coverage',
  'clock',
  'health',
];

/** The row of a fix in the list, from its recorded view. */
export const rowOf = (view: FixView): Record<string, unknown> =>
  Object.fromEntries(Object.entries(view).filter(([key]) => ROW_FACTS.includes(key)));

function answerOf(world: string, { method, path, query, body }: Sent): Answer {
  const view = recorded<FixView>(world, 'view')!;
  const item = (name: string): Answer => {
    const value = recorded(world, name);
    return value === undefined ? problem(404, 'not-found', `nothing at ${path}`) : { body: value };
  };
  const fix = path.replace(`/api/fixes/${view.id}`, '');
  if (method === 'POST') return posted(view, path, query, body, item);
  switch (path) {
    case '/healthz':
      return { body: { ok: true } };
    case '/api/whoami':
      return { body: { name: 'kato', roles: ['approver'] } };
    case '/api/fixes':
      return { body: { items: [rowOf(view)] } };
    case '/api/agents':
      return { body: { items: recorded(world, 'agents') ?? [] } };
    case '/api/gates':
      return { body: { items: [EXAMPLES.gate], recall: [EXAMPLES.recall] } };
    case '/api/test-times':
      return { body: EXAMPLES.timedTests };
    case '/api/roster':
      return { body: EXAMPLES.roster };
    case '/api/debts':
      return {
        body: {
          items: [EXAMPLES.debt, { ...EXAMPLES.debt, gate: 'qe-full', overdue: true, dueAt: view.at }],
        },
      };
    case '/api/people':
      return { body: { items: [{ name: 'kato', roles: ['approver'] }] } };
    case '/api/components':
      return {
        body: { items: [{ name: 'control-plane-operator', branch: 'main', gates: [{ name: 'unit' }] }] },
      };
    case '/api/policies':
      return { body: { items: [{ name: 'eu', silentAfterMs: 600_000, freezes: [{ name: 'month-end' }] }] } };
    case '/api/verify':
      return {
        body: {
          verified: true,
          events: view.version,
          fixes: [{ fix: view.id, events: view.version, verified: true }],
        },
      };
    case '/api/control-planes/cp-7f3a':
      return item('plane');
  }
  if (fix === '') return { body: view };
  if (fix === '/why') return item('why');
  if (fix === '/diff') return item('diff');
  if (fix === '/timeline') return { body: { items: recorded(world, 'timeline') ?? [] } };
  if (fix === '/evidence') return item('evidence');
  if (fix === '/targets') return { body: page(recorded<TargetView[]>(world, 'targets') ?? [], query) };
  if (fix === '/logs') return { text: `building ${query.line}\n\u001b[31mred\u001b[0m\u0007 done\n` };
  if (fix === '/export') return { text: '{"seq":1}\n{"seq":2}\n' };
  if (/^\/plans\/P-[0-9a-f]+\/forecast$/.test(fix)) return item('forecast');
  if (/^\/plans\/P-/.test(fix)) return item('plan');
  return problem(
    404,
    path.startsWith('/api/fixes/') ? 'fix-unknown' : 'not-found',
    `there is no ${path.split('/').at(3) ?? path}`,
  );
}

function posted(
  view: FixView,
  path: string,
  query: Sent['query'],
  body: unknown,
  item: (name: string) => Answer,
): Answer {
  if (path.endsWith('/plan')) return item('plan');
  if (path === '/api/people') return { body: { ...(body as object), token: 'tok-once-0123456789' } };
  const act = (body as { do: string }).do;
  const acted = {
    fix: path === '/api/fixes' ? 'FIX-131' : view.id,
    version: view.version + 1,
    state: view.state,
    did: [`${act} recorded`],
    undo: act === 'pause' ? `fleetfix resume ${view.id}` : '',
    see: `fleetfix status ${view.id}`,
  };
  return { status: query.dryRun ? 200 : path === '/api/fixes' ? 201 : 202, body: acted };
}

/** One page of targets as the hub cuts it. */
export function page(all: readonly TargetView[], query: Sent['query']) {
  const found = all.filter(
    (target) =>
      (!query.standing || target.standing === query.standing) &&
      (!query.inPlan || String(target.inPlan) === query.inPlan),
  );
  const from = query.after ? Number(query.after) : 0;
  const to = from + Number(query.limit ?? 50);
  return {
    items: found.slice(from, to),
    total: found.length,
    ...(to < found.length ? { next: String(to) } : {}),
  };
}

export type Ran = { readonly exit: number; readonly out: string; readonly err: string };

/** Runs one command line against a hub and gives what it printed. */
export async function runCli(argv: readonly string[], io: Partial<Io> & Pick<Io, 'fetch'>): Promise<Ran> {
  const out = collector();
  const err = collector();
  const exit = await run(argv, {
    stdout: out.stream,
    stderr: err.stream,
    stdin: new PassThrough().end(),
    env: {
      XDG_CACHE_HOME: '/dev/null/none',
      XDG_CONFIG_HOME: '/dev/null/none',
      FLEETFIX_TOKEN: 'tok-0123456789',
    },
    isTty: false,
    now: (): Instant => '2026-11-21T20:50:00.000Z',
    ...io,
  });
  return { exit, out: out.text(), err: err.text() };
}

/** A stream that keeps what is written to it and says when. */
export function collector() {
  let text = '';
  const waiting: (() => void)[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      for (const wake of waiting.splice(0)) wake();
      done();
    },
  });
  return {
    stream,
    text: () => text,
    /** Resolves once the text holds the words. */
    async shows(words: string) {
      while (!text.includes(words)) await new Promise<void>((wake) => waiting.push(wake));
    },
  };
}
