import { randomBytes } from 'node:crypto';
import type { Actor } from '../../core/approval/approval.ts';
import { sha256 } from '../../core/base/hash.ts';
import type { Role } from '../../core/base/roles.ts';
import type { People } from '../../ports/people.ts';
import type { Database, Db } from './connection.ts';
import { storable } from './storable.ts';

/**
 * People and their tokens: `ff_` and 32 random bytes. Only a token's SHA-256 is kept, which is enough
 * for a secret that nobody can guess, and a look-up by hash tells nothing by the time it takes.
 */
export function peopleOf(database: Database): People {
  return {
    byToken: (token) => database.call((db) => byToken(db, token)),
    issue: (name, roles) => database.call((db) => issue(db, name, roles)),
    list: () =>
      database.call((db) => db.selectFrom('people').select(['name', 'roles']).orderBy('name').execute()),
  };
}

const FORM = /^ff_[A-Za-z0-9_-]{43}$/;

async function byToken(db: Db, token: string): Promise<Actor | undefined> {
  if (!FORM.test(token)) return undefined;
  return await db
    .selectFrom('people')
    .select(['name', 'roles'])
    .where('token_hash', '=', sha256(token))
    .executeTakeFirst();
}

async function issue(db: Db, name: string, roles: readonly Role[]): Promise<string> {
  storable('The name of a person', name);
  const token = `ff_${randomBytes(32).toString('base64url')}`;
  const row = { roles: [...new Set(roles)], token_hash: sha256(token) };
  await db
    .insertInto('people')
    .values({ name, ...row })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
    .execute();
  return token;
}
