import type { Actor } from '../../core/approval/approval.ts';
import type { FixId } from '../../core/base/ids.ts';
import { fail, ok, type Result } from '../../core/base/result.ts';
import type { Event, Recorded } from '../../core/life/event.ts';
import type { Acted } from '../../wire/api.ts';
import type { Asking, Desk, Trouble } from '../desk.ts';
import { createMetrics } from '../metrics.ts';
import type { Feed } from '../tail.ts';
import type { ApiParts, Log } from './context.ts';
import { EXAMPLES } from './examples.ts';

/** People of the tests, by token. */
export const TOKENS: Readonly<Record<string, Actor>> = {
  'token-admin': { name: 'root', roles: ['admin'] },
  'token-operator': { name: 'adiaz', roles: ['operator', 'on-call'] },
  'token-viewer': { name: 'kato', roles: ['viewer'] },
  'token-nobody': { name: 'nobody', roles: [] },
};

/** A desk that knows one fix, FIX-128, and remembers what it was asked. */
export type MemoryDesk = Desk & { readonly asked: { call: string; request: unknown; asking: Asking }[] };

const known = <T>(fix: FixId, value: T): Result<T, Trouble> =>
  fix === 'FIX-128' ? ok(value) : fail({ code: 'fix-unknown', detail: `no fix ${fix}` });

export function memoryDesk(changes: Partial<Desk> = {}): MemoryDesk {
  const asked: MemoryDesk['asked'] = [];
  const answers = new Map<string, Acted>();
  const act = (call: string, request: unknown, asking: Asking, acted: Acted): Acted => {
    asked.push({ call, request, asking });
    const before = answers.get(asking.key);
    if (before) return { ...before, alreadyDoneAt: '2026-11-21T20:50:00.000Z' };
    if (!asking.dryRun) answers.set(asking.key, acted);
    return acted;
  };
  return {
    asked,
    declare: async (request, asking) =>
      ok(act('declare', request, asking, { ...EXAMPLES.acted, version: 1 })),
    command: async (fix, request, asking) => {
      if (asking.seen !== undefined && asking.seen < 41) {
        const detail = `${fix} is at version 41, you saw ${asking.seen}`;
        return fail({ code: 'stale-version', detail, version: 41, next: [`fleetfix status ${fix}`] });
      }
      return known(fix, act('command', request, asking, EXAMPLES.acted));
    },
    fixes: async () => [EXAMPLES.overview],
    fix: async (fix) => known(fix, EXAMPLES.fix),
    diff: async (fix, query) => {
      asked.push({ call: 'diff', request: query, asking: {} as Asking });
      if (query.line !== undefined && query.line !== '4.19')
        return fail({ code: 'unknown-line', detail: `${fix} has no line ${query.line}` });
      return known(fix, EXAMPLES.diff);
    },
    handOff: async (fix, query) => {
      asked.push({ call: 'handOff', request: query, asking: {} as Asking });
      if (query.line !== undefined && query.line !== '4.19')
        return fail({ code: 'unknown-line', detail: `${fix} has no line ${query.line}` });
      return known(fix, EXAMPLES.handOff);
    },
    text: async (fix, request) => {
      asked.push({ call: 'text', request, asking: {} as Asking });
      return known(fix, { ...EXAMPLES.text, kind: request.kind });
    },
    why: async (fix, target) =>
      known(fix, target === undefined ? { ...EXAMPLES.why } : { ...EXAMPLES.why, target }),
    timeline: async (fix) => known(fix, [EXAMPLES.entry]),
    targets: async (fix, query) => {
      asked.push({ call: 'targets', request: query, asking: {} as Asking });
      return known(fix, { items: [EXAMPLES.target], total: 1 });
    },
    grid: async (fix) => known(fix, EXAMPLES.grid),
    evidence: async (fix) => known(fix, { evidence: [], waivers: [] }),
    log: async (fix, stage, line) => known(fix, `${stage} of ${line}\n`),
    plan: async (fix, input) => {
      asked.push({ call: 'plan', request: input, asking: {} as Asking });
      return known(fix, EXAMPLES.plan);
    },
    planById: async (fix, plan) => known(fix, { ...EXAMPLES.plan, id: plan }),
    plane: async (name) =>
      name === 'cp-7f3a'
        ? ok(EXAMPLES.plane)
        : fail({ code: 'unknown-target', detail: `no control plane ${name}` }),
    roster: async (days) => {
      asked.push({ call: 'roster', request: days, asking: {} as Asking });
      return ok({ ...EXAMPLES.roster, days });
    },
    agents: async () => [
      { managementCluster: 'mc-eu-3', reportedAt: '2026-11-21T20:19:00.000Z', planes: 40 },
    ],
    invite: async (managementCluster) =>
      ok({
        managementCluster,
        token: `secret-of-${managementCluster}`,
        expiresAt: '2026-11-21T21:50:00.000Z',
      }),
    revokeAgent: async (agent) =>
      agent === 'agent-7f3a' ? ok(agent) : fail({ code: 'not-found', detail: `no agent is called ${agent}` }),
    policies: () => [{ name: 'default' }],
    gates: async () => ({ items: [EXAMPLES.gate], recall: [EXAMPLES.recall] }),
    debts: async () => [EXAMPLES.debt],
    testTimes: async (component, query) => {
      asked.push({ call: 'testTimes', request: { component, ...query }, asking: {} as Asking });
      return ok(EXAMPLES.timedTests);
    },
    components: () => [{ name: 'control-plane-operator' }],
    verify: async () => EXAMPLES.verified,
    replay: async (fix) => known(fix, EXAMPLES.replayed),
    tryPace: async (fix) => known(fix, EXAMPLES.tried),
    forecast: async (fix) => known(fix, EXAMPLES.forecast),
    exportFix: async (fix) =>
      known(
        fix,
        (async function* () {
          yield '{"seq":1}';
          yield '{"seq":2}\n';
        })(),
      ),
    person: async (token) => TOKENS[token],
    people: async () => Object.values(TOKENS),
    issue: async (name) => `secret-of-${name}`,
    ...changes,
  };
}

/** A ledger in memory, read as streams read it. `quiet`: appends tell nobody, as when a hint is lost. */
export function memoryFeed(options: { readonly quiet?: boolean } = {}) {
  const rows: Recorded[] = [];
  const listeners = new Set<(fix: FixId, seq: number) => void>();
  const reads: { after: number; fix?: FixId }[] = [];
  const feed: Feed = {
    head: async () => rows.length,
    since: async (after, limit, fix) => {
      reads.push({ after, ...(fix && { fix }) });
      return rows.filter((row) => row.seq > after && (!fix || row.fix === fix)).slice(0, limit);
    },
    onAppend(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const append = (fix: FixId, event: Event = { type: 'Paused', reason: 'odd' }): Recorded => {
    const version = rows.filter((row) => row.fix === fix).length + 1;
    const seq = rows.length + 1;
    const rest = { at: '2026-11-21T20:50:00.000Z', author: 'adiaz', surface: 'cli', seen: 0 };
    const recorded: Recorded = { seq, fix, version, ...rest, event, previous: '', hash: `${seq}` };
    rows.push(recorded);
    if (!options.quiet) for (const listener of listeners) listener(fix, seq);
    return recorded;
  };
  return { feed, append, rows, listeners, reads };
}

/** A log that keeps its lines. */
export function memoryLog() {
  const lines: { level: string; fields: object; message: string }[] = [];
  const at = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields, message });
  };
  const log: Log = { info: at('info'), warn: at('warn'), error: at('error') };
  return { log, lines };
}

export function memoryParts(changes: Partial<ApiParts> = {}): ApiParts {
  return {
    desk: memoryDesk(),
    feed: memoryFeed().feed,
    ready: async () => [],
    metrics: createMetrics({ version: '0.0.0-test' }),
    log: memoryLog().log,
    version: '0.0.0-test',
    ...changes,
  };
}

export const as = (token: string, headers: Record<string, string> = {}): Record<string, string> => ({
  authorization: `Bearer ${token}`,
  ...headers,
});
