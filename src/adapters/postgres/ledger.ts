import { sql } from 'kysely';
import type { FixId } from '../../core/base/ids.ts';
import { link, ORIGIN } from '../../core/life/chain.ts';
import type { Event, Recorded } from '../../core/life/event.ts';
import type { Append, AppendOutcome, Ledger, StoredAnswer } from '../../ports/ledger.ts';
import { Unstorable } from '../../ports/storage.ts';
import type { Database, Db } from './connection.ts';
import { isTaken } from './errors.ts';
import { upsertImages } from './images.ts';
import { APPENDED, type Notices } from './notices.ts';
import { insertOrders } from './outbox.ts';
import { storable, storableInstant, storableJson } from './storable.ts';

/** Appends of all hubs wait for each other on this lock, so that `seq` rises in the order of commits. */
const APPENDING = 0x66_69_78;

/** The ledger in PostgreSQL: one row an event, and with it, in one transaction, all that an append changes. */
export function ledgerOf(database: Database, notices: Notices): Ledger {
  return {
    nextFixId: () => database.call(nextFixId),
    events: (fix, after = 0) => database.call((db) => eventsOf(db, fix, after)),
    since: (after, limit, fix) =>
      database.call((db) => eventsSince(db, { after, limit, ...(fix && { fix }) })),
    head: () => database.call(headSeq),
    append: (write) => append(database, write),
    answered: (key, actor) => database.call((db) => findAnswer(db, key, actor)),
    onAppend: (listener) => notices.subscribe(listener),
  };
}

async function nextFixId(db: Db): Promise<FixId> {
  const row = await db
    .selectFrom('fixes')
    .select((eb) => eb.fn.max('number').as('number'))
    .executeTakeFirst();
  return `FIX-${(row?.number ?? 0) + 1}`;
}

const COLUMNS = [
  'seq',
  'fix',
  'version',
  'at',
  'author',
  'surface',
  'seen',
  'event',
  'previous',
  'hash',
] as const;

function eventsOf(db: Db, fix: FixId, after: number): Promise<Recorded[]> {
  return db
    .selectFrom('events')
    .select(COLUMNS)
    .where('fix', '=', fix)
    .where('version', '>', after)
    .orderBy('version')
    .execute();
}

function eventsSince(db: Db, from: { after: number; limit: number; fix?: FixId }): Promise<Recorded[]> {
  const all = db.selectFrom('events').select(COLUMNS).where('seq', '>', from.after);
  const some = from.fix === undefined ? all : all.where('fix', '=', from.fix);
  return some.orderBy('seq').limit(from.limit).execute();
}

async function headSeq(db: Db): Promise<number> {
  const row = await db
    .selectFrom('events')
    .select((eb) => eb.fn.max('seq').as('seq'))
    .executeTakeFirst();
  return row?.seq ?? 0;
}

async function findAnswer(db: Db, key: string, actor: string): Promise<StoredAnswer | undefined> {
  return await db
    .selectFrom('answers')
    .select(['key', 'actor', 'body', 'status', 'answer', 'at'])
    .where('key', '=', key)
    .where('actor', '=', actor)
    .executeTakeFirst();
}

async function append(database: Database, write: Append): Promise<AppendOutcome> {
  refuseUnstorable(write);
  try {
    return await database.transaction((trx) => appendIn(trx, write));
  } catch (problem) {
    if (isTaken(problem, 'outbox_key_key')) throw orderGivenTwice(problem);
    // The unique key is the guard of last resort against a writer that does not take the lock.
    if (!isTaken(problem, 'events_fix_version_key')) throw problem;
    return { outcome: 'moved', version: (await database.call((db) => headOf(db, write.fix))).version };
  }
}

/** Two orders to one target were numbered alike: a fault of the caller, and nothing was written. */
const orderGivenTwice = (problem: unknown) =>
  new Unstorable(
    `An order key was used before: ${(problem as { detail?: string }).detail}. Each order to a target needs a new sequence.`,
    { cause: problem },
  );

function refuseUnstorable(write: Append) {
  storableInstant('The time of an append', write.at);
  storable('The append', { ...write, orders: [], events: [] });
  if (write.expectedVersion === 0 && write.events.length === 0)
    throw new Unstorable(`An append that creates ${write.fix} holds no event; it needs at least one.`);
}

async function appendIn(trx: Db, write: Append): Promise<AppendOutcome> {
  await sql`select pg_advisory_xact_lock(${APPENDING})`.execute(trx);
  const stored = write.answer && (await findAnswer(trx, write.answer.key, write.answer.actor));
  if (stored) return { outcome: 'answered', stored };
  const head = await headOf(trx, write.fix);
  if (head.version !== write.expectedVersion) return { outcome: 'moved', version: head.version };

  const recorded = await insertEvents(trx, chainOf(write, head.hash));
  await upsertSummary(trx, write);
  await insertOrders(trx, write.orders, write.at);
  await upsertImages(trx, write.images);
  if (write.answer) await insertAnswer(trx, write.answer);
  const last = recorded.at(-1);
  // PostgreSQL sends it when the transaction is committed, and not at all when it is not.
  if (last) await sql`select pg_notify(${APPENDED}, ${`${last.fix} ${last.seq}`})`.execute(trx);
  return { outcome: 'appended', recorded };
}

async function headOf(db: Db, fix: FixId): Promise<{ version: number; hash: string }> {
  const row = await db
    .selectFrom('events')
    .select(['version', 'hash'])
    .where('fix', '=', fix)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? { version: 0, hash: ORIGIN };
}

type Linked = Omit<Recorded, 'seq'>;

/** The rows of an append, each linked to the one before; events as they will be read back. */
function chainOf(write: Append, head: string): Linked[] {
  const { fix, at, author, surface, seen } = write;
  const rows: Linked[] = [];
  for (const [i, given] of write.events.entries()) {
    const event = JSON.parse(storable(`The event ${given.type}`, given)) as Event;
    const row = { fix, version: write.expectedVersion + i + 1, at, author, surface, seen, event };
    const previous = rows.at(-1)?.hash ?? head;
    rows.push({ ...row, previous, hash: link(previous, row) });
  }
  return rows;
}

async function insertEvents(trx: Db, rows: readonly Linked[]): Promise<Recorded[]> {
  if (rows.length === 0) return [];
  // Sorted before the sequence gives its numbers, so `seq` rises with `version`.
  const inserted = await sql<{ seq: number; version: number }>`
    insert into fleetfix.events (fix, version, at, author, surface, seen, event, previous, hash)
    select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as row (
      fix text, version integer, at timestamptz, author text, surface text, seen integer, event jsonb, previous text, hash text)
    order by version
    returning seq, version`.execute(trx);
  const seqOf = new Map(inserted.rows.map((row) => [row.version, row.seq]));
  return rows.map((row) => ({ seq: seqOf.get(row.version)!, ...row }));
}

async function upsertSummary(trx: Db, write: Append) {
  const { declaredAt, ...summary } = write.summary;
  await trx
    .insertInto('fixes')
    .values({ ...summary, declared_at: storableInstant('declaredAt', declaredAt) })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet(({ ref }) => ({
        title: ref('excluded.title'),
        severity: ref('excluded.severity'),
        state: ref('excluded.state'),
        component: ref('excluded.component'),
      })),
    )
    .execute();
}

async function insertAnswer(trx: Db, stored: StoredAnswer) {
  const answer = storableJson('The answer', stored.answer ?? null);
  await trx
    .insertInto('answers')
    .values({ ...stored, answer })
    .execute();
}
