import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { type Connection, clientConfig } from './connection.ts';
import { type EmbeddedServer, startEmbedded } from './embedded.ts';
import { openStorage, type Storage } from './index.ts';

// For tests only: a server in a temporary folder, as quick as it can be and safe against nothing.

const QUICK = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/** A new empty folder that the server's user may pass through; `remove` takes it away. */
export function temporaryFolder(): { readonly dir: string; remove(): void } {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'fleetfix-pg-'));
  fs.chmodSync(dir, 0o711);
  return { dir, remove: () => fs.rmSync(dir, { recursive: true, force: true }) };
}

export type TestServer = {
  readonly dataDir: string;
  readonly server: EmbeddedServer;
  /** Makes an empty database and says how to reach it. */
  freshDatabase(): Promise<Connection & { readonly database: string }>;
  /** Runs SQL as the superuser of that database. */
  runSql(connection: Connection, text: string): Promise<void>;
  stop(): Promise<void>;
};

/** One server for a test file; every test takes a database of its own. `settings` replace the quick ones. */
export async function startTestServer(
  settings: Readonly<Record<string, string>> = QUICK,
): Promise<TestServer> {
  const folder = temporaryFolder();
  const dataDir = path.join(folder.dir, 'data');
  const server = await startEmbedded({ dataDir, settings }).catch((problem) => {
    folder.remove();
    throw problem;
  });
  let made = 0;
  return {
    dataDir,
    server,
    async freshDatabase() {
      const database = `test_${++made}`;
      await runSql(server.connection, `create database ${database}`);
      return { ...server.connection, database };
    },
    runSql,
    async stop() {
      await server.stop();
      folder.remove();
    },
  };
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

/** An open, empty storage on a server of its own. `stop` ends both and removes every trace. */
export async function withStorage(): Promise<{
  readonly storage: Storage;
  readonly connection: Connection;
  stop(): Promise<void>;
}> {
  const folder = temporaryFolder();
  try {
    const storage = await openStorage({ dataDir: path.join(folder.dir, 'data'), settings: QUICK });
    const stop = async () => {
      await storage.close();
      folder.remove();
    };
    return { storage, connection: storage.connection, stop };
  } catch (problem) {
    folder.remove();
    throw problem;
  }
}
