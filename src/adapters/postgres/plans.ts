import { hashOf } from '../../core/base/hash.ts';
import type { PlanId } from '../../core/base/ids.ts';
import type { Plan } from '../../core/rollout/plan.ts';
import type { Plans } from '../../ports/ledger.ts';
import { Unstorable } from '../../ports/storage.ts';
import type { Database, Db } from './connection.ts';
import { storableJson } from './storable.ts';

/** Plans by id. What is kept is never changed. */
export function plansOf(database: Database): Plans {
  return {
    keep: (plan) => database.call((db) => keep(db, plan)),
    find: (id) => database.call((db) => find(db, id)),
  };
}

async function keep(db: Db, plan: Plan): Promise<void> {
  const { id, hash, ...body } = plan;
  if (hashOf(body) !== hash)
    throw new Unstorable(
      `The plan ${id} does not match its hash ${hash} and is not kept; make the plan again.`,
    );
  await db
    .insertInto('plans')
    .values({ id, hash, body: storableJson(`The plan ${id}`, body) })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  // The id is a short part of the hash: two plans may meet in it, and approval must never name both.
  const kept = await db.selectFrom('plans').select('hash').where('id', '=', id).executeTakeFirstOrThrow();
  if (kept.hash !== hash)
    throw new Unstorable(
      `The plan id ${id} is taken by another plan (hash ${kept.hash}); make the plan again.`,
    );
}

async function find(db: Db, id: PlanId): Promise<Plan | undefined> {
  const row = await db.selectFrom('plans').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) return undefined;
  if (hashOf(row.body) !== row.hash)
    throw new Error(
      `The stored plan ${id} does not match its hash ${row.hash}: it was changed in the database.`,
    );
  return { ...row.body, id: row.id, hash: row.hash };
}
