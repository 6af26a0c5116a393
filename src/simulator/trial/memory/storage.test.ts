// Goal: what trials are played on keeps the promises that PostgreSQL keeps, and fails as a database fails.
import { expect, test } from 'vitest';
import { fleetContract, type OpenFleet } from '../../../ports/fleet.contract.ts';
import { fleetOrderContract } from '../../../ports/fleet-order.contract.ts';
import { ledgerContract, order, write } from '../../../ports/ledger.contract.ts';
import { StorageDown } from '../../../ports/storage.ts';
import { createMemoryStorage } from './storage.ts';

ledgerContract('memory', async () => {
  const storage = createMemoryStorage();
  return { hubs: [storage, storage], close: async () => {} };
});

const openFleet = async (): Promise<OpenFleet> => {
  const { fleet, ledger } = createMemoryStorage();
  let made = 0;
  return {
    fleet,
    built: async (images) => {
      await ledger.append(write({ fix: `FIX-${++made}`, images }));
    },
    close: async () => {},
  };
};
fleetContract('memory', openFleet);
fleetOrderContract('memory', openFleet);

test('a database that goes away in the middle of an append has nothing of it when it is back', async () => {
  const { ledger, outbox, fixes, cut, restore } = createMemoryStorage();
  await ledger.append(write());
  const torn = ledger.append(write({ fix: 'FIX-2', orders: [order(1)] }));
  cut();
  restore();
  await expect(torn).rejects.toThrow(StorageDown);
  expect(await ledger.head()).toBe(1);
  expect(await outbox.pending(10)).toEqual([]);
  expect((await fixes.list({})).map((row) => row.id)).toEqual(['FIX-1']);
});

test('nothing can be read or written while the database is away, and everything is there afterwards', async () => {
  const { ledger, fleet, cut, restore } = createMemoryStorage();
  await ledger.append(write());
  cut();
  await expect(ledger.events('FIX-1')).rejects.toThrow(StorageDown);
  await expect(fleet.planes()).rejects.toThrow(StorageDown);
  await expect(ledger.append(write({ fix: 'FIX-2' }))).rejects.toThrow(StorageDown);
  restore();
  expect(await ledger.events('FIX-1')).toHaveLength(1);
});

test('what was read cannot be changed by whoever reads it', async () => {
  const { ledger } = createMemoryStorage();
  await ledger.append(write());
  const [row] = await ledger.events('FIX-1');
  expect(() => Object.assign(row!.event, { reason: 'another' })).toThrow(TypeError);
});

test('people are known by the last token they were given', async () => {
  const { people } = createMemoryStorage();
  const first = await people.issue('ann', ['qe']);
  const second = await people.issue('ann', ['qe', 'approver', 'qe']);
  expect(await people.byToken(first)).toBeUndefined();
  expect(await people.byToken(second)).toEqual({ name: 'ann', roles: ['qe', 'approver'] });
  expect(await people.list()).toEqual([{ name: 'ann', roles: ['qe', 'approver'] }]);
});
