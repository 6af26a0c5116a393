import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import type { Ms } from '../../core/base/instant.ts';
import { StorageDown } from '../../ports/storage.ts';
import { asStorageDown, mayRunAgain } from './errors.ts';
import type { Tables } from './tables.ts';

/** How to reach a server, as `pg` and `pg-boss` take it. */
export type Connection =
  | { readonly connectionString: string }
  | { readonly host: string; readonly port: number; readonly user: string; readonly database: string };

/** The database with its faults translated: every call rejects with `StorageDown` while it cannot be used. */
export type Database = {
  call<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T>;
  /** One transaction at READ COMMITTED, run again when it lost a deadlock. */
  transaction<T>(work: (trx: Transaction<Tables>) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

export type Db = Kysely<Tables> | Transaction<Tables>;

const STATEMENT_WITHIN_MS: Ms = 30_000;
/** Longer than the server's own limit: reached only when the network swallows the answer. */
const CALL_WITHIN_MS: Ms = 60_000;
const CONNECT_WITHIN_MS: Ms = 10_000;

/** Where the database is, fit for messages and logs. */
export function nameOf(connection: Connection): string {
  if ('host' in connection) return connection.host;
  try {
    const url = new URL(connection.connectionString);
    return `${url.searchParams.get('host') ?? url.host}${url.pathname}`;
  } catch {
    return 'DATABASE_URL';
  }
}

/** Options every connection of ours has. Timestamps are read as instants and big integers as numbers. */
export function clientConfig(connection: Connection): pg.ClientConfig {
  return {
    ...connection,
    application_name: 'fleetfix',
    connectionTimeoutMillis: CONNECT_WITHIN_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: { getTypeParser: parserOf as typeof pg.types.getTypeParser },
  };
}

const { builtins } = pg.types;

function parserOf(oid: number, format?: 'text' | 'binary'): unknown {
  if (format === 'binary') return pg.types.getTypeParser(oid, 'binary');
  const parse = pg.types.getTypeParser(oid, 'text');
  if (oid === builtins.TIMESTAMPTZ) return (text: string) => (parse(text) as unknown as Date).toISOString();
  if (oid === builtins.INT8) return safeNumber;
  if (oid === INT8_ARRAY) return listOf(safeNumber);
  return oid === FLOAT8_ARRAY ? listOf(Number) : parse;
}

/** Not among those `pg` has names for (pg_type). */
const INT8_ARRAY = 1016;
const FLOAT8_ARRAY = 1022;

/** `{1,2.5,NULL}`. What `pg` has for it goes by letters, and the runs of 100,000 tests are read at one go. */
const listOf = (numberOf: (text: string) => number) => (text: string) => {
  if (!/^\{[^{}]*\}$/.test(text))
    throw new RangeError(`expected a plain list of numbers, got ${text.slice(0, 80)}`);
  if (text === '{}') return [];
  return text
    .slice(1, -1)
    .split(',')
    .map((one) => (one === 'NULL' ? null : numberOf(one)));
};

function safeNumber(text: string): number {
  const n = Number(text);
  if (!Number.isSafeInteger(n)) throw new RangeError(`the database holds a number past 2^53: ${text}`);
  return n;
}

export function openPool(connection: Connection, more: pg.PoolConfig, log: (text: string) => void): pg.Pool {
  const pool = new pg.Pool({ ...clientConfig(connection), ...more });
  // A connection that breaks while idle or in use must not end the process; its query, if any, rejects.
  pool.on('error', (problem) => log(`a connection to the database broke: ${problem.message}`));
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** Connects when first used. */
export function openDatabase(connection: Connection, log: (text: string) => void): Database {
  const limits = {
    max: 10,
    statement_timeout: STATEMENT_WITHIN_MS,
    idle_in_transaction_session_timeout: STATEMENT_WITHIN_MS,
  };
  const pool = openPool(connection, limits, log);
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }).withSchema('fleetfix');
  const server = nameOf(connection);
  const call = async <T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> => {
    try {
      return await within(CALL_WITHIN_MS, server, work(db));
    } catch (problem) {
      throw asStorageDown(problem, server);
    }
  };
  return {
    call,
    transaction: (work) => call(() => runTransaction(db, work, 3)),
    // Not kysely's `destroy`, which leaves a pool that was never used open to be used later.
    close: () => pool.end(),
  };
}

async function runTransaction<T>(
  db: Kysely<Tables>,
  work: (trx: Transaction<Tables>) => Promise<T>,
  triesLeft: number,
): Promise<T> {
  try {
    return await db.transaction().setIsolationLevel('read committed').execute(work);
  } catch (problem) {
    if (triesLeft <= 1 || !mayRunAgain(problem)) throw problem;
    return runTransaction(db, work, triesLeft - 1);
  }
}

/** Rejects with `StorageDown` when the work is not done in time; the work itself goes on to its own end. */
export async function within<T>(limitMs: Ms, server: string, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () =>
      late.reject(new StorageDown(`The database at ${server} did not answer within ${limitMs / 1_000} s.`)),
    limitMs,
  );
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
