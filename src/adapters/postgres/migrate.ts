import fs from 'node:fs/promises';
import path from 'node:path';
import { Kysely, type Migration, type MigrationProvider, Migrator, PostgresDialect, sql } from 'kysely';
import { type Connection, nameOf, openPool } from './connection.ts';
import { asStorageDown } from './errors.ts';

/** The database cannot be brought to the form this version needs; trying again does not help. */
class MigrationProblem extends Error {
  override name = 'MigrationProblem';
}

const FOLDER = path.join(import.meta.dirname, 'migrations');

/**
 * Applies the SQL files that the database does not have yet, in order, all in one transaction under
 * an advisory lock: two hubs that start at once apply each of them once. Throws `StorageDown` when the
 * database cannot be used, else `MigrationProblem`.
 */
export async function migrate(connection: Connection): Promise<void> {
  const dialect = new PostgresDialect({ pool: openPool(connection, { max: 1 }, () => {}) });
  const db = new Kysely<unknown>({ dialect });
  try {
    const migrator = new Migrator({ db, provider: sqlFiles, migrationTableSchema: 'fleetfix' });
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) throw explain(error, nameOf(connection));
  } finally {
    await db.destroy();
  }
}

const sqlFiles: MigrationProvider = {
  async getMigrations() {
    const names = (await fs.readdir(FOLDER)).filter((name) => name.endsWith('.sql')).sort();
    const migrations: Record<string, Migration> = {};
    for (const name of names) {
      const text = await fs.readFile(path.join(FOLDER, name), 'utf8');
      migrations[path.basename(name, '.sql')] = {
        up: async (db) => {
          await sql.raw(text).execute(db);
        },
      };
    }
    return migrations;
  },
};

function explain(problem: unknown, server: string): unknown {
  const down = asStorageDown(problem, server);
  if (down !== problem) return down;
  const { message } = problem as Error;
  const next = /previously executed migration/.test(message)
    ? 'It was made by a newer version of Fleetfix; start that version.'
    : 'Its user needs the right to create the schema fleetfix and tables in it.';
  return new MigrationProblem(
    `The tables at ${server} cannot be made or brought up to date: ${message}. ${next}`,
    {
      cause: problem,
    },
  );
}
