import { randomBytes } from 'node:crypto';
import { sha256 } from '../../core/base/hash.ts';
import type { Instant } from '../../core/base/instant.ts';
import type { SignedOrder } from '../../core/rollout/order.ts';
import type { Agents, EnrolledAgent } from '../../ports/agents.ts';
import type { Database, Db } from './connection.ts';
import { storable, storableInstant, storableJson } from './storable.ts';

type Enrolment = Parameters<Agents['enrol']>[0];

/**
 * Agents and their one-time tokens: `ffa_` and 32 random bytes, of which only the SHA-256 is kept. What waits for
 * an agent is read from the outbox, so that no crash between deciding and handing over loses an order.
 */
export function agentsOf(database: Database): Agents {
  return {
    invite: (cluster, expiresAt) => database.call((db) => invite(db, cluster, expiresAt)),
    enrol: (it) => database.transaction((trx) => enrol(trx, it)),
    find: (agent) => database.call((db) => find(db, agent)),
    list: () => database.call((db) => living(db).orderBy('management_cluster').execute()),
    revoke: (agent) => database.call((db) => revoke(db, agent)),
    waiting: (cluster, now, limit) => database.call((db) => waitingOrders(db, cluster, { now, limit })),
    awaited: (now) => database.call((db) => awaitedClusters(db, now)),
    ordered: (cluster, keys) => database.call((db) => orderedKeys(db, cluster, keys)),
    settle: (cluster, keys, at) => database.call((db) => settleOrders(db, { cluster, keys, at })),
  };
}

async function invite(db: Db, cluster: string, expiresAt: Instant): Promise<string> {
  storable('The name of a management cluster', cluster);
  const token = `ffa_${randomBytes(32).toString('base64url')}`;
  const row = {
    token_hash: sha256(token),
    expires_at: storableInstant('The end of a token', expiresAt),
  };
  await db
    .insertInto('agent_tokens')
    .values({ management_cluster: cluster, ...row })
    .onConflict((conflict) => conflict.column('management_cluster').doUpdateSet(row))
    .execute();
  return token;
}

/** Of two enrolments at once the second waits for the first to take the token's row away. */
async function enrol(trx: Db, it: Enrolment): Promise<string | undefined> {
  storable('The enrolment', it);
  const tokenHash = sha256(it.token);
  const used = await trx
    .deleteFrom('agent_tokens')
    .where('token_hash', '=', tokenHash)
    .where('management_cluster', '=', it.managementCluster)
    .where('expires_at', '>', it.at)
    .returning('token_hash')
    .executeTakeFirst();
  return used === undefined ? await enrolledBefore(trx, it, tokenHash) : await replace(trx, it, tokenHash);
}

async function enrolledBefore(trx: Db, it: Enrolment, tokenHash: string): Promise<string | undefined> {
  const row = await trx
    .selectFrom('agents')
    .select('agent')
    .where('token_hash', '=', tokenHash)
    .where('management_cluster', '=', it.managementCluster)
    .where('public_key', '=', it.publicKey)
    .where('revoked', '=', false)
    .executeTakeFirst();
  return row?.agent;
}

async function replace(trx: Db, it: Enrolment, tokenHash: string): Promise<string> {
  const { managementCluster, publicKey, at } = it;
  await trx
    .updateTable('agents')
    .set({ revoked: true })
    .where('management_cluster', '=', managementCluster)
    .where('revoked', '=', false)
    .execute();
  const agent = `agent-${randomBytes(6).toString('hex')}`;
  await trx
    .insertInto('agents')
    .values({
      agent,
      management_cluster: managementCluster,
      public_key: publicKey,
      token_hash: tokenHash,
      enrolled_at: at,
    })
    .execute();
  return agent;
}

const living = (db: Db) =>
  db
    .selectFrom('agents')
    .select([
      'agent',
      'management_cluster as managementCluster',
      'public_key as publicKey',
      'enrolled_at as enrolledAt',
    ])
    .where('revoked', '=', false);

async function find(db: Db, agent: string): Promise<EnrolledAgent | undefined> {
  if (!/^agent-[0-9a-f]{12}$/.test(agent)) return undefined;
  return await living(db).where('agent', '=', agent).executeTakeFirst();
}

async function revoke(db: Db, agent: string): Promise<boolean> {
  storable('The name of an agent', agent);
  const { numUpdatedRows } = await db
    .updateTable('agents')
    .set({ revoked: true })
    .where('agent', '=', agent)
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

async function waitingOrders(
  db: Db,
  cluster: string,
  { now, limit }: { readonly now: Instant; readonly limit: number },
): Promise<SignedOrder[]> {
  const rows = await db
    .selectFrom('outbox')
    .select('signed')
    .where('management_cluster', '=', cluster)
    .where('settled_at', 'is', null)
    .where('expires_at', '>', now)
    .orderBy('position')
    .limit(limit)
    .execute();
  return rows.map((row) => row.signed);
}

async function awaitedClusters(db: Db, now: Instant): Promise<string[]> {
  const rows = await db
    .selectFrom('outbox')
    .select('management_cluster')
    .distinct()
    .where('settled_at', 'is', null)
    .where('expires_at', '>', now)
    .orderBy('management_cluster')
    .execute();
  return rows.map((row) => row.management_cluster);
}

async function orderedKeys(db: Db, cluster: string, keys: readonly string[]): Promise<string[]> {
  if (keys.length === 0) return [];
  storableJson('The keys of orders', keys);
  const rows = await db
    .selectFrom('outbox')
    .select('key')
    .where('management_cluster', '=', cluster)
    .where((eb) => eb('key', '=', eb.fn.any(eb.val([...keys]))))
    .execute();
  return rows.map((row) => row.key);
}

type Settled = { readonly cluster: string; readonly keys: readonly string[]; readonly at: Instant };

async function settleOrders(db: Db, { cluster, keys, at }: Settled): Promise<void> {
  if (keys.length === 0) return;
  storableJson('The keys of orders', keys);
  await db
    .updateTable('outbox')
    .set({ settled_at: storableInstant('The time of a report', at) })
    .where('management_cluster', '=', cluster)
    .where('settled_at', 'is', null)
    .where((eb) => eb('key', '=', eb.fn.any(eb.val([...keys]))))
    .execute();
}
