import type { FixId } from '../../core/base/ids.ts';
import { earliest, type Instant } from '../../core/base/instant.ts';
import { agenda, type Task } from '../../core/life/agenda.ts';
import type { LookTask } from '../../core/life/checklist.ts';
import { type Delivery, deliver } from '../../core/life/deliver.ts';
import { handOff } from '../../core/life/hand-off.ts';
import { retire } from '../../core/life/retire.ts';
import type { Case, Cases } from '../cases.ts';
import type { Parts } from '../parts.ts';
import { record } from '../record.ts';

/** What tending a fix came to: whether anything was written, and when to look again. */
export type Tended = {
  readonly wrote: boolean;
  readonly orders: number;
  readonly tasks: readonly (Task | LookTask)[];
  readonly askAgainAt?: Instant;
};

/**
 * The loop of one fix: load facts, ask core, write events and orders in one transaction, say when to
 * ask again. Safe to run at any time, twice, and by two hubs at once: the one that comes second finds the
 * fix moved and decides anew.
 */
export async function tend(parts: Parts, cases: Cases, id: FixId): Promise<Tended> {
  const it = await cases.open(id);
  if (it === undefined) return { wrote: false, orders: 0, tasks: [] };
  const now = parts.clock.now();
  const todo = agenda(it.fix, it.facts, now);
  const tasks = [...todo.tasks, ...(todo.looks ?? [])];
  const moves = [delivery(it, now), retire(it.fix, it.facts, now)];
  const handed = handOff(it.fix, it.facts, now);
  const events = [...todo.events, ...handed.events, ...moves.flatMap((m) => m.events)];
  const orders = moves.flatMap((m) => m.orders);
  const askAgainAt = earliest(todo.askAgainAt, handed.askAgainAt, ...moves.map((m) => m.askAgainAt));
  const again = askAgainAt === undefined ? {} : { askAgainAt };
  if (events.length === 0) return { wrote: false, orders: 0, tasks, ...again };

  const outcome = await record(parts, {
    id,
    fix: it.fix,
    events,
    at: now,
    author: 'fleetfix',
    surface: 'hub',
    seen: it.fix.version,
    orders: orders.map((order) => parts.signer.sign(order)),
  });
  if (outcome.outcome === 'moved') return tend(parts, cases, id);
  parts.log.info({ fix: id, events: events.map((e) => e.type), orders: orders.length }, moves[0]!.because);
  return { wrote: true, orders: orders.length, tasks, ...again };
}

function delivery({ fix, facts }: Case, now: Instant): Delivery {
  if (facts.plan === undefined || facts.plan.id !== fix.rollout?.plan) {
    return { events: [], orders: [], because: 'nothing is being delivered' };
  }
  return deliver(fix, facts.plan, facts, now);
}
