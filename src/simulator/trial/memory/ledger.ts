import { storable, storableInstant, storableJson } from '../../../adapters/postgres/storable.ts';
import type { FixId } from '../../../core/base/ids.ts';
import { link, ORIGIN } from '../../../core/life/chain.ts';
import type { Event, Recorded } from '../../../core/life/event.ts';
import type { SignedOrder } from '../../../core/rollout/order.ts';
import type {
  Append,
  AppendOutcome,
  Fixes,
  FixSummary,
  Ledger,
  Outbox,
  StoredAnswer,
} from '../../../ports/ledger.ts';
import { Unstorable } from '../../../ports/storage.ts';
import type { MemoryDatabase } from './database.ts';
import type { MemoryImages } from './images.ts';
import { frozen, kept } from './kept.ts';

type Tables = {
  readonly rows: Recorded[];
  readonly byFix: Map<FixId, Recorded[]>;
  readonly fixes: Map<FixId, FixSummary>;
  readonly answers: Map<string, StoredAnswer>;
  /** Every key that was ever written. */
  readonly orderKeys: Set<string>;
  readonly pending: Map<string, SignedOrder>;
};

/** The ledger, and what an append changes with it: orders, images, lists and answers. */
export function ledgerIn(
  database: MemoryDatabase,
  images: MemoryImages,
): { readonly ledger: Ledger; readonly outbox: Outbox; readonly fixes: Fixes } {
  const tables: Tables = {
    rows: [],
    byFix: new Map(),
    fixes: new Map(),
    answers: new Map(),
    orderKeys: new Set(),
    pending: new Map(),
  };
  const listeners = new Set<{ readonly tell: (fix: FixId, seq: number) => void }>();
  const ledger: Ledger = {
    nextFixId: () =>
      database.call((): FixId => `FIX-${Math.max(0, ...[...tables.fixes.keys()].map(numberOf)) + 1}`),
    // Versions have no gaps.
    events: (fix, after = 0) => database.call(() => tables.byFix.get(fix)?.slice(after) ?? []),
    since: (after, limit, fix) =>
      database.call(() =>
        (fix === undefined ? tables.rows : (tables.byFix.get(fix) ?? []))
          .filter((row) => row.seq > after)
          .slice(0, limit),
      ),
    head: () => database.call(() => tables.rows.length),
    async append(write) {
      const outcome = await database.call(() => append(tables, images, write));
      const last = outcome.outcome === 'appended' ? outcome.recorded.at(-1) : undefined;
      if (last !== undefined) for (const { tell } of listeners) tell(last.fix, last.seq);
      return outcome;
    },
    answered: (key, actor) => database.call(() => tables.answers.get(answerKey({ key, actor }))),
    onAppend(tell) {
      const own = { tell };
      listeners.add(own);
      return () => void listeners.delete(own);
    },
  };
  return { ledger, outbox: outboxOf(database, tables), fixes: fixesOf(database, tables) };
}

const numberOf = (fix: FixId): number => Number(fix.slice('FIX-'.length));
const answerKey = ({ key, actor }: Pick<StoredAnswer, 'key' | 'actor'>): string =>
  JSON.stringify([actor, key]);

const outboxOf = (database: MemoryDatabase, { pending }: Tables): Outbox => ({
  pending: (limit) => database.call(() => [...pending.values()].slice(0, limit)),
  accepted: (keys) =>
    database.call(() => {
      for (const key of keys) pending.delete(key);
    }),
});

const fixesOf = (database: MemoryDatabase, { fixes }: Tables): Fixes => ({
  list: ({ open }) =>
    database.call(() =>
      [...fixes.values()]
        .filter(({ state }) => open === undefined || open === (state !== 'closed' && state !== 'withdrawn'))
        .sort((a, b) => numberOf(a.id) - numberOf(b.id)),
    ),
});

function append(tables: Tables, images: MemoryImages, write: Append): AppendOutcome {
  refuseUnstorable(write);
  const { fix, answer, orders, summary } = write;
  const stored = answer && tables.answers.get(answerKey(answer));
  if (stored) return { outcome: 'answered', stored };
  const before = tables.byFix.get(fix)?.at(-1);
  const version = before?.version ?? 0;
  if (version !== write.expectedVersion) return { outcome: 'moved', version };
  const recorded = chainOf(write, { previous: before?.hash ?? ORIGIN, seq: tables.rows.length });
  refuseOrders(tables, orders);
  const recordImages = images.upsert(write.images);

  // From here on nothing can fail.
  tables.rows.push(...recorded);
  const own = tables.byFix.get(fix) ?? [];
  own.push(...recorded);
  tables.byFix.set(fix, own);
  const { author, declaredAt } = tables.fixes.get(fix) ?? summary;
  tables.fixes.set(fix, kept({ ...summary, author, declaredAt }));
  for (const order of orders) {
    tables.orderKeys.add(order.key);
    tables.pending.set(order.key, kept(order));
  }
  recordImages();
  if (answer) tables.answers.set(answerKey(answer), kept({ ...answer, answer: answer.answer ?? null }));
  return { outcome: 'appended', recorded };
}

function refuseUnstorable(write: Append): void {
  storableInstant('The time of an append', write.at);
  storableInstant('declaredAt', write.summary.declaredAt);
  storable('The append', { ...write, orders: [], events: [] });
  if (write.expectedVersion === 0 && write.events.length === 0)
    throw new Unstorable(`An append that creates ${write.fix} holds no event; it needs at least one.`);
}

function refuseOrders({ orderKeys }: Tables, orders: readonly SignedOrder[]): void {
  storableJson('The orders', orders);
  const own = new Set<string>();
  for (const { key } of orders) {
    if (orderKeys.has(key) || own.has(key)) throw new Unstorable(`The order key ${key} was used before.`);
    own.add(key);
  }
}

/** The rows of an append, each linked to the one before; events as they will be read back. */
function chainOf(write: Append, head: { readonly previous: string; readonly seq: number }): Recorded[] {
  const { fix, at, author, surface, seen, expectedVersion } = write;
  let { previous, seq } = head;
  return write.events.map((given, i) => {
    const event: Event = frozen(JSON.parse(storable(`The event ${given.type}`, given)));
    const row = { fix, version: expectedVersion + i + 1, at, author, surface, seen, event };
    const hash = link(previous, row);
    seq += 1;
    const recorded = Object.freeze({ seq, ...row, previous, hash });
    previous = hash;
    return recorded;
  });
}
