import { randomBytes } from 'node:crypto';
import { storable } from '../../../adapters/postgres/storable.ts';
import type { Actor } from '../../../core/approval/approval.ts';
import type { People } from '../../../ports/people.ts';
import type { MemoryDatabase } from './database.ts';

/** People by name, each with one token. */
export function peopleIn(database: MemoryDatabase): People {
  const byName = new Map<string, Actor & { readonly token: string }>();
  const actorOf = ({ name, roles }: Actor): Actor => ({ name, roles });
  return {
    byToken: (token) =>
      database.call(() => {
        const found = [...byName.values()].find((person) => person.token === token);
        return found && actorOf(found);
      }),
    issue: (name, roles) =>
      database.call(() => {
        storable('The name of a person', name);
        const token = `ff_${randomBytes(32).toString('base64url')}`;
        byName.set(name, { name, roles: [...new Set(roles)], token });
        return token;
      }),
    list: () =>
      database.call(() => [...byName.values()].map(actorOf).sort((a, b) => (a.name < b.name ? -1 : 1))),
  };
}
