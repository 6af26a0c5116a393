import type { Change } from '../../core/assembly/assembly.ts';
import { canonical, sha256 } from '../../core/base/hash.ts';
import type { FixId, PlanId } from '../../core/base/ids.ts';
import { fail, ok } from '../../core/base/result.ts';
import type { Command } from '../../core/life/command.ts';
import { decide } from '../../core/life/decide.ts';
import type { Event } from '../../core/life/event.ts';
import type { Fix } from '../../core/life/fix.ts';
import { movedSince } from '../../core/life/moved.ts';
import { retirePreview } from '../../core/life/retire.ts';
import { sentence } from '../../core/views/timeline.ts';
import type { StoredAnswer } from '../../ports/ledger.ts';
import { type Repository, SourceProblem } from '../../ports/repository.ts';
import type { Acted, CommandRequest, DeclareRequest } from '../../wire/api.ts';
import type { Case, Cases } from '../cases.ts';
import type { Answer, Asking, Desk, Trouble } from '../desk.ts';
import type { Parts } from '../parts.ts';
import { after, record } from '../record.ts';

/** People's acts: judged in core, recorded once per key, on the fix as its author had seen it. */
export function createActs(
  parts: Parts,
  cases: Cases,
  wake: (fix: FixId) => Promise<void>,
): Pick<Desk, 'declare' | 'command'> {
  return {
    declare: (request, asking) =>
      once(parts, 'declare', request, asking, () => declare(parts, cases, request, asking, wake)),
    command: (fix, request, asking) =>
      once(parts, fix, request, asking, () => command({ parts, cases, wake }, fix, request, asking)),
  };
}

type Desks = { readonly parts: Parts; readonly cases: Cases; readonly wake: (fix: FixId) => Promise<void> };

/** The stored answer when this key was answered before; otherwise what `act` says. */
async function once(
  parts: Parts,
  subject: string,
  request: unknown,
  asking: Asking,
  act: () => Answer<Acted>,
): Answer<Acted> {
  const known = asking.dryRun ? undefined : await parts.ledger.answered(asking.key, asking.actor.name);
  return known ? replay(known, bodyHash(subject, request)) : act();
}

function replay(stored: StoredAnswer, body: string): Awaited<Answer<Acted>> {
  if (stored.body !== body) {
    const detail = `this Idempotency-Key was used at ${stored.at} for another request; use a new one`;
    return fail({ code: 'key-reused', detail });
  }
  return ok({ ...(stored.answer as Acted), alreadyDoneAt: stored.at });
}

const bodyHash = (subject: string, request: unknown): string => sha256(canonical({ subject, request }));

async function declare(
  parts: Parts,
  cases: Cases,
  asked: DeclareRequest,
  asking: Asking,
  wake: (fix: FixId) => Promise<void>,
): Answer<Acted> {
  const request = { ...asked, policy: policyOf(parts, asked.policy) };
  const component = cases.component(request.component);
  const facts = await cases.facts(request, asking.actor);
  if (component === undefined || facts === undefined) return fail(notConfigured(parts, request));
  const found = await resolved(parts, component.repository, request, component.branch);
  if (!found.ok) return found;
  const now = parts.clock.now();
  const decision = decide(undefined, found.value, facts, now);
  if (!decision.ok) return decision;
  for (;;) {
    const id = await parts.ledger.nextFixId();
    const answer = acted(id, undefined, decision.value, asking, now);
    if (asking.dryRun) return ok(answer);
    const outcome = await record(parts, {
      ...entryOf(id, undefined, decision.value, asking, now),
      answer: stored('declare', asked, asking, answer, now),
    });
    // Another declaration took the number: take the next.
    if (outcome.outcome === 'moved') continue;
    if (outcome.outcome === 'answered') return replay(outcome.stored, bodyHash('declare', asked));
    await wake(id);
    return ok(answer);
  }
}

/** Who names no policy asks for the one called `default`, or for the only one there is. */
function policyOf({ config: { policies } }: Parts, asked: string): string {
  const isOnly = asked === 'default' && policies.length === 1;
  return isOnly ? policies[0]!.name : asked;
}

function notConfigured(parts: Parts, request: DeclareRequest): Trouble {
  const components = parts.config.components.map((c) => c.name).join(', ');
  const policies = parts.config.policies.map((p) => p.name).join(', ');
  return {
    code: 'invalid',
    detail: `component ${request.component} with policy ${request.policy} is not configured; components: ${components}; policies: ${policies}`,
    next: ['fleetfix get components', 'fleetfix get policies'],
  };
}

async function command(desks: Desks, id: FixId, request: CommandRequest, asking: Asking): Answer<Acted> {
  const { parts, cases } = desks;
  for (;;) {
    const it = await cases.open(id, { actor: asking.actor, ...planOf(request) });
    if (it === undefined) return fail(unknownFix(id));
    const stale = await staleTrouble(parts, it.fix, asking, request);
    if (stale) return fail(stale);
    const found = await resolvedCommand(desks, it.fix, request);
    if (!found.ok) return found;
    const now = parts.clock.now();
    const decision = decide(it.fix, found.value, it.facts, now);
    if (!decision.ok) return fail({ ...decision.error, version: it.fix.version });
    const answer = acted(id, it.fix, decision.value, asking, now, request);
    if (asking.dryRun) return ok(preview(answer, it, request));
    const outcome = await record(parts, {
      ...entryOf(id, it.fix, decision.value, asking, now),
      answer: stored(id, request, asking, answer, now),
    });
    if (outcome.outcome === 'moved') continue;
    if (outcome.outcome === 'answered') return replay(outcome.stored, bodyHash(id, request));
    await desks.wake(id);
    return ok(answer);
  }
}

export const unknownFix = (id: string): Trouble => ({
  code: 'fix-unknown',
  detail: `there is no fix ${id}`,
  next: ['fleetfix status'],
});

const planOf = (request: CommandRequest): { plan?: PlanId } =>
  request.do === 'approve' || request.do === 'decline' || request.do === 'start'
    ? { plan: request.plan }
    : {};

/**
 * The safe direction is always open: these are taken whatever the reader had seen. So are releases to come, of which
 * several are prepared in a row while the first of them is worked on.
 */
const SAFE: ReadonlySet<CommandRequest['do']> = new Set([
  'pause',
  'rollback',
  'exclude',
  'decline',
  'attest',
  'show',
  'prepare',
  'withdraw',
]);

async function staleTrouble(
  parts: Parts,
  fix: Fix,
  asking: Asking,
  request: CommandRequest,
): Promise<Trouble | undefined> {
  if (SAFE.has(request.do) || asking.seen === undefined || asking.seen === fix.version) return undefined;
  if (asking.seen > fix.version) {
    return {
      code: 'stale-version',
      detail: `${fix.id} is at version ${fix.version}, not yet at ${asking.seen}`,
      version: fix.version,
    };
  }
  const moved = movedSince(await parts.ledger.events(fix.id, asking.seen));
  if (moved.length === 0) return undefined;
  const lines = moved.slice(-3).map((row) => `${row.at.slice(11, 16)}Z ${row.author}: ${sentence(row)}`);
  return {
    code: 'stale-version',
    detail: `${fix.id} moved from version ${asking.seen} to ${fix.version} since your view: ${lines.join('; ')}`,
    version: fix.version,
    next: [`fleetfix status ${fix.id}`],
  };
}

function entryOf(id: FixId, fix: Fix | undefined, events: readonly Event[], asking: Asking, at: string) {
  return { id, fix, events, at, author: asking.actor.name, surface: asking.surface, seen: asking.seen ?? 0 };
}

function stored(subject: string, request: unknown, asking: Asking, answer: Acted, at: string): StoredAnswer {
  return {
    key: asking.key,
    actor: asking.actor.name,
    body: bodyHash(subject, request),
    status: 202,
    answer,
    at,
  };
}

function acted(
  id: FixId,
  fix: Fix | undefined,
  events: readonly Event[],
  asking: Asking,
  at: string,
  request?: CommandRequest,
): Acted {
  const next = after(entryOf(id, fix, events, asking, at));
  return {
    fix: id,
    version: next.version,
    state: next.state,
    did: events.map((event) => sentence({ event })),
    undo: undoOf(id, request),
    see: `fleetfix status ${id}`,
  };
}

/** How to take an act back, or why it cannot be. */
function undoOf(id: FixId, request: CommandRequest | undefined): string {
  switch (request?.do) {
    case undefined:
      return `fleetfix withdraw ${id} --reason TEXT`;
    case 'pause':
      return `fleetfix resume ${id} --reason TEXT`;
    case 'resume':
    case 'advance':
      return `fleetfix pause ${id}`;
    case 'start':
      return `fleetfix rollback ${id} --reason TEXT`;
    case 'approve':
      return `fleetfix decline ${id} --plan ${request.plan} --reason TEXT`;
    case 'rollback':
      return 'a new plan, approved and started';
    case 'backport':
      // Assembled plainly, as if nothing had been taken.
      if (request.accept) return `fleetfix backport ${id} --to ${request.to?.join(',')}`;
      return `fleetfix backport ${id}`;
    case 'prepare':
      return 'not needed: no control plane is changed by it; another --commit for the release takes its place';
    case 'retry':
      if (request.stage === 'closing') return 'not needed: links are only looked at again';
      return `fleetfix backport ${id}`;
    case 'attest':
      return undoOfWord(id, request);
    case 'show':
      return `not needed: shown again, it replaces this: fleetfix checklist ${id}`;
    default:
      return 'cannot be undone; it stays on the record';
  }
}

/** A word is not taken back; a later one on the same images counts instead. That something passes is said by who has seen it. */
function undoOfWord(id: FixId, { gate, line, result }: Extract<CommandRequest, { do: 'attest' }>): string {
  const again = `fleetfix attest ${id} --check ${gate}${line === undefined ? '' : ` --line ${line}`}`;
  return result === 'pass'
    ? `${again} --result fail --note TEXT`
    : `a later word counts instead: ${again} --result pass|fail`;
}

/** What `retire` would do is more than its event: which overrides would go and which would stay. */
function preview(answer: Acted, it: Case, request: CommandRequest): Acted {
  if (request.do !== 'retire') return answer;
  const { drop, keep } = retirePreview(it.fix, it.facts);
  const kept = keep.slice(0, 5).map((k) => `${k.name} keeps its override: ${k.because}`);
  return { ...answer, did: [`${drop.length} overrides would be dropped, ${keep.length} kept`, ...kept] };
}

/** The command with every commit named in full, as the repository knows it. */
async function resolvedCommand({ parts, cases }: Desks, fix: Fix, request: CommandRequest) {
  const named = namedCommits(request);
  if (named === undefined) return ok(request as Command);
  const repository = await parts.repositories.open(cases.component(fix.component)!.repository);
  const commits = await fullIds(repository, named);
  if (!commits.ok) return commits;
  const full = request.do === 'prepare' ? { commit: commits.value[0]! } : { with: commits.value };
  return ok({ ...request, ...full } as Command);
}

function namedCommits(request: CommandRequest): readonly string[] | undefined {
  if (request.do === 'prepare') return [request.commit];
  return request.do === 'backport' ? request.with : undefined;
}

async function resolved(parts: Parts, location: string, request: DeclareRequest, branch: string) {
  try {
    const repository = await parts.repositories.open(location);
    const change = await fullChange(repository, request.change);
    if (!change.ok) return change;
    const commits = await repository.commitsOf(change.value, branch);
    if (commits.length === 0)
      return fail<Trouble>({ code: 'source-problem', detail: 'the change names no commit' });
    return ok({ ...request, change: change.value } as Extract<Command, { do: 'declare' }>);
  } catch (problem) {
    if (problem instanceof SourceProblem)
      return fail<Trouble>({ code: 'source-problem', detail: problem.message });
    throw problem;
  }
}

async function fullChange(repository: Repository, change: DeclareRequest['change']): Answer<Change> {
  switch (change.kind) {
    case 'commits': {
      const commits = await fullIds(repository, change.commits);
      return commits.ok ? ok({ ...change, commits: commits.value }) : commits;
    }
    case 'range': {
      const ends = await fullIds(repository, [change.from, change.to]);
      return ends.ok ? ok({ ...change, from: ends.value[0]!, to: ends.value[1]! }) : ends;
    }
    case 'git-revert': {
      const commits = await fullIds(repository, [change.commit]);
      return commits.ok ? ok({ ...change, commit: commits.value[0]! }) : commits;
    }
    case 'pull-request': {
      const { url, ...named } = change;
      return ok(url === undefined ? named : { ...named, url });
    }
    case 'patch':
      return ok(change);
  }
}

async function fullIds(repository: Repository, names: readonly string[]) {
  const found: string[] = [];
  for (const name of names) {
    const commit = await repository.resolve(name);
    if (commit === undefined) {
      const detail = `commit ${name} does not exist in the repository: expected a commit id, branch or tag that it holds`;
      return fail<Trouble>({ code: 'source-problem', detail });
    }
    found.push(commit);
  }
  return ok(found);
}
