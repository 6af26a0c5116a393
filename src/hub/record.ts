import type { FixId } from '../core/base/ids.ts';
import type { Instant } from '../core/base/instant.ts';
import type { ImageFacts } from '../core/fleet/control-plane.ts';
import type { Event, Recorded } from '../core/life/event.ts';
import { evolve } from '../core/life/evolve.ts';
import type { Fix } from '../core/life/fix.ts';
import type { SignedOrder } from '../core/rollout/order.ts';
import type { AppendOutcome, FixSummary, StoredAnswer } from '../ports/ledger.ts';
import type { Parts } from './parts.ts';

/** What is to be written about a fix, decided on `fix` as it was. */
export type Entry = {
  readonly id: FixId;
  readonly fix: Fix | undefined;
  readonly events: readonly Event[];
  readonly at: Instant;
  readonly author: string;
  readonly surface: string;
  readonly seen: number;
  readonly orders?: readonly SignedOrder[];
  readonly images?: readonly ImageFacts[];
  readonly answer?: StoredAnswer;
};

/** Writes events, orders and images in one transaction; `moved` means: load again and decide again. */
export async function record({ ledger, metrics }: Parts, entry: Entry): Promise<AppendOutcome> {
  const outcome = await ledger.append({
    fix: entry.id,
    expectedVersion: entry.fix?.version ?? 0,
    events: entry.events,
    at: entry.at,
    author: entry.author,
    surface: entry.surface,
    seen: entry.seen,
    orders: entry.orders ?? [],
    images: entry.images ?? [],
    summary: summaryOf(after(entry)),
    ...(entry.answer && { answer: entry.answer }),
  });
  if (outcome.outcome === 'appended')
    for (const { event } of outcome.recorded) metrics.eventsAppended(event.type);
  return outcome;
}

/** The fix as it will be once the entry is written. */
export function after(
  entry: Pick<Entry, 'id' | 'fix' | 'events' | 'at' | 'author' | 'surface' | 'seen'>,
): Fix {
  const rows = entry.events.map(
    (event, i): Recorded => ({
      seq: 0,
      fix: entry.id,
      version: (entry.fix?.version ?? 0) + 1 + i,
      at: entry.at,
      author: entry.author,
      surface: entry.surface,
      seen: entry.seen,
      event,
      previous: '',
      hash: '',
    }),
  );
  return rows.reduce<Fix | undefined>(evolve, entry.fix)!;
}

function summaryOf(fix: Fix): FixSummary {
  const { id, title, severity, state, component, author, declaredAt } = fix;
  return { id, title, severity, state, component, author, declaredAt };
}
