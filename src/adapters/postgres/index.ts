import { sql } from 'kysely';
import { DAY, type Instant, type Ms, plus } from '../../core/base/instant.ts';
import type { Agents } from '../../ports/agents.ts';
import type { Fleet } from '../../ports/fleet.ts';
import type { Fixes, Ledger, Outbox, Plans } from '../../ports/ledger.ts';
import type { People } from '../../ports/people.ts';
import type { TestTimes } from '../../ports/test-times.ts';
import { agentsOf } from './agents.ts';
import { type Connection, type Database, nameOf, openDatabase, within } from './connection.ts';
import { startEmbedded } from './embedded.ts';
import { asStorageDown } from './errors.ts';
import { fixesOf } from './fixes.ts';
import { fleetOf } from './fleet.ts';
import { ledgerOf } from './ledger.ts';
import { migrate } from './migrate.ts';
import { type Notices, openNotices } from './notices.ts';
import { outboxOf } from './outbox.ts';
import { peopleOf } from './people.ts';
import { plansOf } from './plans.ts';
import { testTimesOf } from './test-times.ts';

/** Everything the hub keeps, in one PostgreSQL database. */
export type Storage = {
  readonly ledger: Ledger;
  readonly outbox: Outbox;
  readonly plans: Plans;
  readonly fixes: Fixes;
  readonly fleet: Fleet;
  readonly people: People;
  readonly agents: Agents;
  readonly testTimes: TestTimes;
  /** For others that use the same database (pg-boss). */
  readonly connection: Connection;
  /** Resolves when the database answers; rejects with `StorageDown` when it does not within 5 s. */
  healthy(): Promise<void>;
  /** Drops what is kept for a time only: answers and names of test runs older than 7 days, and orders that expired as long ago. */
  tidy(now: Instant): Promise<void>;
  /** Ends all connections, and stops the embedded server if there is one. */
  close(): Promise<void>;
};

/** An embedded server in a directory of ours, a server of somebody else's by URL, or one that runs already. */
export type Where =
  | { readonly dataDir: string; readonly settings?: Readonly<Record<string, string>> }
  | { readonly databaseUrl: string }
  | { readonly connection: Connection };

const HEALTHY_WITHIN_MS: Ms = 5_000;
const KEPT_MS: Ms = 7 * DAY;

/**
 * Opens the store and brings its tables up to date. Throws `StorageDown`, `MigrationProblem`, and for
 * a data directory `DataDirTaken` and `EmbeddedProblem`; whatever was started before is stopped again.
 */
export async function openStorage(
  where: Where,
  options: { readonly log?: (text: string) => void } = {},
): Promise<Storage> {
  const log = options.log ?? (() => {});
  const server = 'dataDir' in where ? await startEmbedded({ ...where, log }) : undefined;
  try {
    const connection = server?.connection ?? connectionOf(where);
    return await openOn(connection, { log, stopServer: async () => server?.stop() });
  } catch (problem) {
    await server?.stop();
    throw problem;
  }
}

function connectionOf(where: Where): Connection {
  if ('databaseUrl' in where) return { connectionString: where.databaseUrl };
  if ('connection' in where) return where.connection;
  throw new TypeError('an embedded server has its own connection');
}

async function openOn(
  connection: Connection,
  { log, stopServer }: { log: (text: string) => void; stopServer: () => Promise<void> },
): Promise<Storage> {
  await migrate(connection);
  const database = openDatabase(connection, log);
  const notices = await openNotices(connection, log).catch(async (problem) => {
    await database.close();
    throw asStorageDown(problem, nameOf(connection));
  });
  let closed: Promise<void> | undefined;
  return {
    ...portsOf(database, notices),
    connection,
    healthy: () => within(HEALTHY_WITHIN_MS, nameOf(connection), ping(database)),
    tidy: (now) => database.call((db) => dropOld(db, now)),
    close() {
      closed ??= notices
        .close()
        .then(() => database.close())
        .finally(stopServer);
      return closed;
    },
  };
}

const portsOf = (database: Database, notices: Notices) => ({
  ledger: ledgerOf(database, notices),
  outbox: outboxOf(database),
  plans: plansOf(database),
  fixes: fixesOf(database),
  fleet: fleetOf(database),
  people: peopleOf(database),
  agents: agentsOf(database),
  testTimes: testTimesOf(database),
});

const ping = (database: Database) =>
  database.call(async (db) => {
    await sql`select 1`.execute(db);
  });

async function dropOld(db: Parameters<Parameters<Database['call']>[0]>[0], now: Instant): Promise<void> {
  const before = plus(now, -KEPT_MS);
  await db.deleteFrom('answers').where('at', '<', before).execute();
  await db.deleteFrom('outbox').where('expires_at', '<', before).execute();
  await db.deleteFrom('test_runs').where('at', '<', before).execute();
}
