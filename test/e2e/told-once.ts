import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import type { Instant } from '../../src/core/base/instant.ts';
import { journalPath, openJournal } from '../../src/simulator/journal.ts';
import { createWorld, type World } from '../../src/simulator/world.ts';

/**
 * The world as its journal has it, read on a copy so that the hub's own is left alone. What was
 * genuine is in the journal too, so no key is needed.
 */
export function readWorld(dataDir: string): World {
  const copy = join(dirname(dataDir), 'world-copy', 'world.jsonl');
  mkdirSync(dirname(copy), { recursive: true });
  copyFileSync(journalPath(join(dataDir, 'world')), copy);
  const journal = openJournal(copy);
  try {
    const [founding] = journal.entries;
    if (founding?.kind !== 'founded') throw new Error('the world has no founding');
    const { fleet, epoch } = founding;
    return createWorld({
      fleet,
      epoch,
      verify: () => false,
      journal: { ...journal, append: () => {}, mark: () => {} },
    });
  } finally {
    journal.close();
    rmSync(dirname(copy), { recursive: true, force: true });
  }
}

/**
 * No target was told twice: no key was acted on more than once or came with another text, and between two
 * orders that set an image on a control plane for one fix lies its way back, or the first was refused or expired.
 */
export function expectToldOnce(world: World): { readonly told: number } {
  const deliveries = world.deliveries();
  expect(deliveries.filter((d) => d.acted > 1 || d.differing > 0).map((d) => d.order.key)).toEqual([]);
  const told = new Map<string, { readonly key: string; readonly expiresAt: Instant }>();
  const twice: string[] = [];
  for (const { order, acted, refused } of deliveries) {
    const target = `${order.fix} ${order.uid}`;
    const before = told.get(target);
    if (order.action === 'remove') told.delete(target);
    else if (refused === undefined) {
      if (before !== undefined) twice.push(`${before.key} and ${order.key}`);
      if (acted > 0) told.set(target, { key: order.key, expiresAt: order.expiresAt });
    }
  }
  expect(twice).toEqual([]);
  return { told: new Set(deliveries.map((d) => d.order.uid)).size };
}
