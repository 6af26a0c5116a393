import { findBroken } from '../checkers.ts';
import type { World } from '../world.ts';

/**
 * Everything that must hold of what agents did. They are looked at again only when something the checks
 * read has changed: acts, what ran and deliveries are only ever added to, and a delivery is refused or found to
 * differ once.
 */
export function createWorldCheck(world: Pick<World, 'record' | 'deliveries'>): () => string[] {
  let seen = '';
  let found: string[] = [];
  return () => {
    const record = world.record();
    const deliveries = world.deliveries();
    let marks = 0;
    for (const { refused, differing } of deliveries) marks += differing + (refused === undefined ? 0 : 1);
    const now = [record.acts.length, record.ran.length, deliveries.length, marks].join();
    if (now !== seen) found = findBroken({ record, deliveries });
    seen = now;
    return found;
  };
}
