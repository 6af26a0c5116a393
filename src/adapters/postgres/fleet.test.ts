import { afterAll, beforeAll, expect, test } from 'vitest';
import { fleetContract, type OpenFleet, plane } from '../../ports/fleet.contract.ts';
import { fleetOrderContract } from '../../ports/fleet-order.contract.ts';
import { write } from '../../ports/ledger.contract.ts';
import { openStorage } from './index.ts';
import { startTestServer, type TestServer } from './testing.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const open = async (): Promise<OpenFleet> => {
  const storage = await openStorage({ connection: await server.freshDatabase() });
  let made = 0;
  return {
    fleet: storage.fleet,
    built: async (images) => {
      await storage.ledger.append(write({ fix: `FIX-${++made}`, images }));
    },
    close: () => storage.close(),
  };
};

fleetContract('PostgreSQL', open);
fleetOrderContract('PostgreSQL', open);

test('a report of 5,000 control planes is one transaction: a fault in one of them leaves none', async () => {
  const storage = await openStorage({ connection: await server.freshDatabase() });
  try {
    const planes = Array.from({ length: 5_000 }, (_, n) => plane(`uid-${n}`));
    const rest = { managementCluster: 'mc-1', gone: [], lost: [], images: [], refused: [] };
    const at = '2026-11-21T20:00:00.000Z';
    const broken = [...planes, plane('bad', { customer: 'a\0b' })];
    await expect(storage.fleet.report({ ...rest, planes: broken }, at)).rejects.toThrow(
      'The report[5000].customer holds the character U+0000, which cannot be stored. Leave it out.',
    );
    expect(await storage.fleet.agents()).toEqual([]);
    await storage.fleet.report({ ...rest, planes }, at);
    expect(await storage.fleet.planes()).toHaveLength(5_000);
  } finally {
    await storage.close();
  }
});
