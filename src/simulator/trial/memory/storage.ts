import type { Storage } from '../../../adapters/postgres/index.ts';
import { createMemoryDatabase, type MemoryDatabase } from './database.ts';
import { fleetIn } from './fleet.ts';
import { imagesIn } from './images.ts';
import { ledgerIn } from './ledger.ts';
import { peopleIn } from './people.ts';
import { plansIn } from './plans.ts';

/** What a hub keeps, without what only a server has. */
export type HubStorage = Pick<Storage, 'ledger' | 'outbox' | 'plans' | 'fixes' | 'fleet' | 'people'>;

/**
 * The storage of a hub in memory. It keeps every promise of the ports that PostgreSQL keeps (the same
 * contract tests say so, and trials play seeds on both), but outlives nothing: it is for trials only.
 */
export function createMemoryStorage(): HubStorage & Pick<MemoryDatabase, 'cut' | 'restore'> {
  const database = createMemoryDatabase();
  const images = imagesIn(database);
  return {
    ...ledgerIn(database, images),
    plans: plansIn(database),
    fleet: fleetIn(database, images),
    people: peopleIn(database),
    cut: database.cut,
    restore: database.restore,
  };
}
