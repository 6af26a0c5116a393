import { afterAll, beforeAll } from 'vitest';
import { ledgerContract } from '../../ports/ledger.contract.ts';
import { openStorage } from './index.ts';
import { startTestServer, type TestServer } from './testing.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

ledgerContract('PostgreSQL', async () => {
  const connection = await server.freshDatabase();
  const hubs = await Promise.all([openStorage({ connection }), openStorage({ connection })]);
  return {
    hubs: hubs as [(typeof hubs)[0], (typeof hubs)[0]],
    close: async () => {
      await Promise.all(hubs.map((hub) => hub.close()));
    },
  };
});
