import type { Forecast } from '../../src/core/forecast/forecast.ts';
import type { HandOff } from '../../src/core/hand-off/hand-off.ts';
import type { HubRoster } from '../../src/core/roster/report.ts';
import type { DiffView } from '../../src/core/views/diff-view.ts';
import type { FixView } from '../../src/core/views/fix-view.ts';
import type { FixRow, Grid, TargetPage } from '../../src/core/views/list-view.ts';
import type { PlanView } from '../../src/core/views/plan-view.ts';
import type { TimelineEntry } from '../../src/core/views/target-view.ts';
import type { WhyView } from '../../src/core/views/why-view.ts';
import type { Acted, CommandRequest, Problem } from '../../src/wire/api.ts';
import type { Declaration } from './declaration.ts';
import { endSession, token } from './session.ts';

/** Who this tab is logged in as. */
export type Person = { readonly name: string; readonly roles: readonly string[] };

const TIMEOUT_MS = 30_000;

/** The hub answered, and the answer is no: RFC 9457 as the hub wrote it. */
export class Refused extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** No answer from the hub: down, cut off, or something else answers at its address. */
export class HubSilent extends Error {}

const isText = (value: unknown): value is string => typeof value === 'string';
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter(isText) : []);

/** The names in a list of things that have one. */
const namesIn = ({ items }: { readonly items: readonly { readonly name?: unknown }[] }): string[] =>
  texts(items.map(({ name }) => name));

/** What can be believed of an error body. Anything may answer with a 502, so nothing is taken on trust. */
function problemOf(status: number, body: unknown): Problem {
  const given = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const next = Array.isArray(given.next) ? given.next : [];
  return {
    type: isText(given.type) ? given.type : 'about:blank',
    title: isText(given.title) ? given.title : `The hub answered ${status}`,
    status,
    detail: isText(given.detail) ? given.detail : `The hub answered ${status} without a reason.`,
    instance: isText(given.instance) ? given.instance : '',
    code: isText(given.code) ? given.code : `http-${status}`,
    whoMustAct: isText(given.whoMustAct) ? (given.whoMustAct as Problem['whoMustAct']) : 'operator',
    whoCan: texts(given.whoCan),
    next: next.filter((n): n is Problem['next'][number] => isText(n?.label) && isText(n?.command)),
  };
}

type Asked = { readonly path: string; readonly init?: RequestInit; readonly as?: string };

/** Sends a request with this tab's token. Throws HubSilent when nothing answers; ends the session on 401. */
export async function send({ path, init = {}, as }: Asked): Promise<Response> {
  const headers = new Headers(init.headers);
  const bearer = as ?? token();
  if (bearer !== undefined) headers.set('Authorization', `Bearer ${bearer}`);
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers, cache: 'no-store', credentials: 'omit' });
  } catch (cause) {
    throw new HubSilent('The hub cannot be reached.', { cause });
  }
  if (response.ok) return response;
  const problem = problemOf(response.status, await response.json().catch(() => undefined));
  if (response.status === 401 && as === undefined) endSession(problem.detail);
  throw new Refused(problem);
}

async function ask<T>(asked: Asked): Promise<T> {
  const limit = AbortSignal.timeout(TIMEOUT_MS);
  const response = await send({ ...asked, init: { signal: limit, ...asked.init } });
  try {
    return (await response.json()) as T;
  } catch (cause) {
    throw new HubSilent('What answers at this address is not the hub.', { cause });
  }
}

/** A request whose body is JSON. */
const posted = (body: unknown, headers: Readonly<Record<string, string>> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

/** Of every act: where it came from, and the key that makes one press one act. */
const actHeaders = (key: string) => ({ 'X-Fleetfix-Surface': 'console', 'Idempotency-Key': key });

const at = (fix: string, more = ''): string => `/api/fixes/${encodeURIComponent(fix)}${more}`;

/** Filters of the list of control planes, as they stand in the address. */
export type TargetFilter = {
  readonly standing?: string | undefined;
  readonly state?: string | undefined;
  readonly inPlan?: boolean | undefined;
  readonly stage?: string | undefined;
  readonly wave?: number | undefined;
};

function targetsPath(fix: string, filter: TargetFilter, after?: string): string {
  const query = new URLSearchParams({ limit: '100' });
  for (const [key, value] of Object.entries({ ...filter, after })) {
    if (value !== undefined) query.set(key, String(value));
  }
  return at(fix, `/targets?${query}`);
}

export const api = {
  whoami: (as?: string) =>
    ask<Person>(as === undefined ? { path: '/api/whoami' } : { path: '/api/whoami', as }),
  fixes: async (scope: 'open' | 'all') => {
    const path = scope === 'open' ? '/api/fixes?open=true' : '/api/fixes';
    return (await ask<{ items: readonly FixRow[] }>({ path })).items;
  },
  fix: (fix: string) => ask<FixView>({ path: at(fix) }),
  diff: (fix: string, line: string) =>
    ask<DiffView>({
      path: at(fix, `/diff?line=${encodeURIComponent(line)}`),
      // Commits are compared when they are asked for; a long change takes its time.
      init: { signal: AbortSignal.timeout(4 * TIMEOUT_MS) },
    }),
  /** Tests are selected in it, in bounded time. */
  handOff: (fix: string) =>
    ask<HandOff>({ path: at(fix, '/hand-off'), init: { signal: AbortSignal.timeout(4 * TIMEOUT_MS) } }),
  /** The page itself, as a file. */
  handOffPage: async (fix: string, as: 'html' | 'md') => {
    const signal = AbortSignal.timeout(4 * TIMEOUT_MS);
    return await (await send({ path: at(fix, `/hand-off?as=${as}`), init: { signal } })).blob();
  },
  grid: (fix: string) => ask<Grid>({ path: at(fix, '/grid') }),
  timeline: async (fix: string) =>
    (await ask<{ items: readonly TimelineEntry[] }>({ path: at(fix, '/timeline') })).items,
  targets: (fix: string, filter: TargetFilter, after?: string) =>
    ask<TargetPage>({ path: targetsPath(fix, filter, after) }),
  why: (fix: string, target: string) =>
    ask<WhyView>({ path: at(fix, `/why?target=${encodeURIComponent(target)}`) }),
  roster: () => ask<HubRoster>({ path: '/api/roster' }),
  components: async () => namesIn(await ask({ path: '/api/components' })),
  policies: async () => namesIn(await ask({ path: '/api/policies' })),
  declare: (declaration: Declaration, key: string) =>
    ask<Acted>({ path: '/api/fixes', init: posted(declaration, actHeaders(key)) }),
  /** `seen`: the version the person looked at; left out only for pause and rollback. */
  command: (fix: string, request: CommandRequest, sent: { readonly key: string; readonly seen?: number }) =>
    ask<Acted>({
      path: at(fix, '/commands'),
      init: posted(request, {
        ...actHeaders(sent.key),
        ...(sent.seen === undefined ? {} : { 'If-Match': `"${sent.seen}"` }),
      }),
    }),
  plan: (fix: string, plan: string) => ask<PlanView>({ path: at(fix, `/plans/${encodeURIComponent(plan)}`) }),
  /** Played by the hub for this plan, once; a large fleet takes it many seconds. */
  forecast: (fix: string, plan: string) =>
    ask<Forecast>({
      path: at(fix, `/plans/${encodeURIComponent(plan)}/forecast`),
      init: { signal: AbortSignal.timeout(4 * TIMEOUT_MS) },
    }),
  /** A plan of the fleet as it is now. Changes no fix; it is kept so that it can be approved and started. */
  makePlan: (fix: string, input: { readonly budget?: number | string }) =>
    ask<PlanView>({ path: at(fix, '/plan'), init: posted(input) }),
};
