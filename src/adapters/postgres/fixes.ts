import type { State } from '../../core/life/fix.ts';
import type { Fixes, FixSummary } from '../../ports/ledger.ts';
import type { Database, Db } from './connection.ts';

const ENDED: readonly State[] = ['closed', 'withdrawn'];

/** All fixes in order of declaration; with `open` only those that have not, or that have, ended. */
export function fixesOf(database: Database): Fixes {
  return { list: ({ open }) => database.call((db) => list(db, open)) };
}

async function list(db: Db, open: boolean | undefined): Promise<FixSummary[]> {
  const all = db.selectFrom('fixes').selectAll().orderBy('number');
  const some = open === undefined ? all : all.where('state', open ? 'not in' : 'in', ENDED);
  const rows = await some.execute();
  return rows.map(({ number: _, declared_at: declaredAt, ...summary }) => ({ ...summary, declaredAt }));
}
