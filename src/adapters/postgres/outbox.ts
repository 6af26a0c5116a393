import { sql } from 'kysely';
import type { Instant } from '../../core/base/instant.ts';
import type { SignedOrder } from '../../core/rollout/order.ts';
import type { Outbox } from '../../ports/ledger.ts';
import type { Database, Db } from './connection.ts';
import { storableJson } from './storable.ts';

/** Orders in the order they were decided, until they are accepted. */
export function outboxOf(database: Database): Outbox {
  return {
    pending: (limit) => database.call((db) => pendingOrders(db, limit)),
    accepted: (keys, at) => database.call((db) => acceptOrders(db, keys, at)),
  };
}

async function pendingOrders(db: Db, limit: number): Promise<SignedOrder[]> {
  const rows = await db
    .selectFrom('outbox')
    .select('signed')
    .where('accepted_at', 'is', null)
    .orderBy('position')
    .limit(limit)
    .execute();
  return rows.map((row) => row.signed);
}

async function acceptOrders(db: Db, keys: readonly string[], at: Instant): Promise<void> {
  if (keys.length === 0) return;
  await db
    .updateTable('outbox')
    .set({ accepted_at: at })
    .where((eb) => eb('key', '=', eb.fn.any(eb.val([...keys]))))
    .where('accepted_at', 'is', null)
    .execute();
}

/** Writes orders within an append, in their order. Fails on the key `outbox_key_key` when one was written before. */
export async function insertOrders(trx: Db, orders: readonly SignedOrder[], at: Instant): Promise<void> {
  if (orders.length === 0) return;
  const rows = storableJson(
    'The orders',
    orders.map((signed) => ({ key: signed.key, signed })),
  );
  await sql`
    insert into fleetfix.outbox (key, signed, created_at)
    select key, signed, ${at}::timestamptz
    from rows from (json_to_recordset(${rows}::json) as (key text, signed json)) with ordinality as row (key, signed, n)
    order by n`.execute(trx);
}
