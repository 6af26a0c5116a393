import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import type { FixId } from '../../core/base/ids.ts';
import { agentsContract } from '../../ports/agents.contract.ts';
import { write } from '../../ports/ledger.contract.ts';
import { clientConfig } from './connection.ts';
import { openStorage } from './index.ts';
import { startTestServer, type TestServer } from './testing.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

agentsContract('PostgreSQL', async () => {
  const connection = await server.freshDatabase();
  const storage = await openStorage({ connection });
  let made = 0;
  return {
    agents: storage.agents,
    ordered: async (orders) => {
      const fix: FixId = `FIX-${++made}`;
      await storage.ledger.append(write({ fix, orders }));
    },
    async everything() {
      const client = new pg.Client(clientConfig(connection));
      await client.connect();
      try {
        const { rows } = await client.query(
          'select row_to_json(a)::text as text from fleetfix.agents a union all select row_to_json(t)::text from fleetfix.agent_tokens t',
        );
        return rows.map((row) => row.text).join('\n');
      } finally {
        await client.end();
      }
    },
    close: () => storage.close(),
  };
});
