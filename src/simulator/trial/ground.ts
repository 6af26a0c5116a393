import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { type Connection, clientConfig } from '../../adapters/postgres/connection.ts';
import { startEmbedded } from '../../adapters/postgres/embedded.ts';
import { openStorage } from '../../adapters/postgres/index.ts';
import { createMemoryStorage, type HubStorage } from './memory/storage.ts';

/** Where trials are held: a fresh database for each. */
export type Ground = {
  readonly name: 'memory' | 'PostgreSQL';
  /** Makes a database with all tables, empty, and opens it. */
  layDatabase(name: string): Promise<GroundDatabase>;
};

/** One PostgreSQL server, with a database of its own for each trial. */
export type ServerGround = Ground & {
  /** For another process or thread to join (`joinGround`). */
  readonly address: Address;
  close(): Promise<void>;
};

export type Address = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly dir: string;
};

export type GroundDatabase = {
  readonly storage: HubStorage;
  /** Every call fails, until `restore`. A server ends its connections and takes none. */
  cut(): Promise<void>;
  restore(): void;
  /** Ends it and takes every trace away. */
  remove(): Promise<void>;
};

/** Databases in memory: many times as quick, and the same to a hub. */
export const memoryGround: Ground = {
  name: 'memory',
  async layDatabase() {
    const { cut, restore, ...storage } = createMemoryStorage();
    return { storage, cut: async () => cut(), restore, remove: async () => {} };
  },
};

/** As quick as can be: nothing of a trial must outlive the server. */
const QUICK = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  autovacuum: 'off',
  jit: 'off',
  update_process_title: 'off',
};
const TEMPLATE = 'trial_template';

/** Starts the server and makes the tables that each database begins with. */
export async function startGround(): Promise<ServerGround> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'fleetfix-sim-'));
  // The server runs as a user of its own where we are root, and must pass through.
  fs.chmodSync(dir, 0o711);
  const server = await startEmbedded({ dataDir: path.join(dir, 'data'), settings: QUICK }).catch(
    (problem) => {
      fs.rmSync(dir, { recursive: true, force: true });
      throw problem;
    },
  );
  const { host, port, user } = server.connection;
  const stop = async () => {
    await server.stop();
    fs.rmSync(dir, { recursive: true, force: true });
  };
  try {
    await runSql(server.connection, `create database ${TEMPLATE}`);
    const template = await openStorage({ connection: { host, port, user, database: TEMPLATE } });
    await template.close();
    const joined = await joinGround({ host, port, user, dir });
    const close = async () => {
      await joined.close();
      await stop();
    };
    return { ...joined, close };
  } catch (problem) {
    await stop();
    throw problem;
  }
}

/** The same ground, from another thread; closing it leaves the server to whoever started it. */
export async function joinGround(address: Address): Promise<ServerGround> {
  const { host, port, user, dir } = address;
  const keeper = new pg.Client(clientConfig({ host, port, user, database: 'postgres' }));
  await keeper.connect();
  const layDatabase = async (database: string): Promise<GroundDatabase> => {
    await keeper.query(`create database ${database} template ${TEMPLATE}`);
    // A way of its own to the server, which can be closed without closing that of others.
    const way = fs.mkdtempSync(path.join(dir, 'way-'));
    const door = path.join(way, `.s.PGSQL.${port}`);
    const open = () => fs.symlinkSync(path.join(host, `.s.PGSQL.${port}`), door);
    open();
    const connection: Connection = { host: way, port, user, database };
    const storage = await openStorage({ connection });
    return {
      storage,
      async cut() {
        fs.rmSync(door, { force: true });
        await keeper.query(
          'select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1',
          [database],
        );
      },
      restore() {
        if (!fs.existsSync(door)) open();
      },
      async remove() {
        await storage.close();
        await keeper.query(`drop database ${database} with (force)`);
        fs.rmSync(way, { recursive: true, force: true });
      },
    };
  };
  return { name: 'PostgreSQL', address, layDatabase, close: () => keeper.end() };
}

async function runSql(connection: Connection, text: string): Promise<void> {
  const client = new pg.Client(clientConfig(connection));
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
