import { randomUUID } from 'node:crypto';
import type { Role } from '../../src/core/base/roles.ts';
import type { FixView } from '../../src/core/views/fix-view.ts';
import type { PlanView } from '../../src/core/views/plan-view.ts';
import type { Verified } from '../../src/hub/desk.ts';
import type { Acted, Problem } from '../../src/wire/api.ts';
import { PATIENCE_MS } from '../patience.ts';

export type Reply<T> = { readonly status: number; readonly body: T };

/** Somebody with a token who speaks HTTP with a hub. `hub` is asked each time: a hub may come back elsewhere. */
export type Person = {
  get<T>(path: string): Promise<Reply<T>>;
  post<T>(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Reply<T>>;
  declare(change: Declared, key?: string): Promise<Reply<Acted & Problem>>;
  /** One act, on the version that is now unless told otherwise. */
  act(
    fix: string,
    command: { readonly do: string; readonly [key: string]: unknown },
    how?: How,
  ): Promise<Reply<Acted & Problem>>;
  /** What an address holds, as text. */
  text(path: string): Promise<string>;
  view(fix: string): Promise<FixView>;
  plan(fix: string): Promise<PlanView>;
  verify(): Promise<Verified>;
  /** The export of a fix, a value a line. */
  record(fix: string): Promise<readonly Line[]>;
};

type How = { readonly key?: string; readonly seen?: number };
export type Declared = {
  readonly commits: readonly string[];
  readonly severity?: string;
  readonly title?: string;
  readonly component?: string;
};
export type Line =
  | {
      readonly kind: 'event';
      readonly seq: number;
      readonly version: number;
      readonly at: string;
      readonly author: string;
      readonly event: { readonly type: string; readonly [key: string]: unknown };
    }
  | { readonly kind: 'plan'; readonly plan: { readonly id: string; readonly hash: string } };

export function personAt(hub: () => string, token: string): Person {
  const call = async <T>(method: string, path: string, body?: unknown, headers = {}): Promise<Reply<T>> => {
    const response = await fetch(`${hub()}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return { status: response.status, body: (await response.json()) as T };
  };
  const sure = async <T>(asked: Promise<Reply<T>>): Promise<T> => {
    const { status, body } = await asked;
    if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
    return body;
  };
  const text = async (path: string) => {
    const response = await fetch(`${hub()}${path}`, { headers: { authorization: `Bearer ${token}` } });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return response.text();
  };
  const view = (fix: string) => sure(call<FixView>('GET', `/api/fixes/${fix}`));
  return {
    get: (path) => call('GET', path),
    post: (path, body, headers) => call('POST', path, body, headers),
    view,
    declare: (
      { commits, severity = 'critical', title = 'leases: give them back', component = 'lease-operator' },
      key = randomUUID(),
    ) =>
      call(
        'POST',
        '/api/fixes',
        {
          do: 'declare',
          title,
          severity,
          reason: 'control planes run out of memory',
          change: { kind: 'commits', commits },
          component,
        },
        { 'idempotency-key': key },
      ),
    async act(fix, command, { key = randomUUID(), seen } = {}) {
      const version = seen ?? (await view(fix)).version;
      return call('POST', `/api/fixes/${fix}/commands`, command, {
        'idempotency-key': key,
        'if-match': `"${version}"`,
      });
    },
    plan: (fix) => sure(call<PlanView>('POST', `/api/fixes/${fix}/plan`, {})),
    verify: () => sure(call<Verified>('GET', '/api/verify')),
    text,
    async record(fix) {
      return (await text(`/api/fixes/${fix}/export`))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Line);
    },
  };
}

export const CAST = {
  engineer: ['engineer'],
  approver: ['approver'],
  operator: ['operator', 'on-call'],
  qe: ['qe'],
} as const satisfies Record<string, readonly Role[]>;
export type Cast = Readonly<Record<keyof typeof CAST | 'admin', Person>>;

/** Gives everybody a token of their own. */
export async function castAt(hub: () => string, token: string): Promise<Cast> {
  const admin = personAt(hub, token);
  const made: Record<string, Person> = { admin };
  for (const [name, roles] of Object.entries(CAST)) {
    const { body } = await admin.post<{ token: string }>('/api/people', { name, roles });
    made[name] = personAt(hub, body.token);
  }
  return made as Cast;
}

/** Looks again and again until it is there; rejects with what was seen last when it does not come. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  const began = performance.now();
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() - began > PATIENCE_MS)
      throw new Error(`${what} did not come within ${PATIENCE_MS / 1_000} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
