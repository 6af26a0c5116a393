import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DAY, plus } from '../../core/base/instant.ts';
import { verifyChain } from '../../core/life/chain.ts';
import type { Event } from '../../core/life/event.ts';
import { order, write } from '../../ports/ledger.contract.ts';
import { StorageDown } from '../../ports/storage.ts';
import { type Connection, clientConfig } from './connection.ts';
import { openStorage, type Storage } from './index.ts';
import { migrate } from './migrate.ts';
import { startTestServer, type TestServer, withStorage } from './testing.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const paused = (reason: string): Event => ({ type: 'Paused', reason });

describe('an open storage', () => {
  let storage: Storage;
  let connection: Connection;
  beforeEach(async () => {
    connection = await server.freshDatabase();
    storage = await openStorage({ connection });
  });
  afterEach(() => storage.close());

  test('refuses to change, remove or empty the ledger, even to the owner of its tables', async () => {
    await storage.ledger.append(write());
    for (const act of [
      `update fleetfix.events set author = 'mallory'`,
      'delete from fleetfix.events',
      'truncate fleetfix.events',
    ]) {
      await expect(server.runSql(connection, act)).rejects.toThrow(/append-only/);
    }
    expect(await storage.ledger.head()).toBe(1);
  });

  test.each([
    ['an author', `author = 'mallory'`, 2, 'content does not match its hash'],
    ['an event', `event = jsonb_set(event, '{reason}', '"fine"')`, 2, 'content does not match its hash'],
    ['a time, by a millisecond', `at = at + interval '1 ms'`, 2, 'content does not match its hash'],
    ['a link', `previous = repeat('0', 64)`, 2, 'does not name the hash of the row before it'],
    ['a version', 'version = 9', 9, 'version 2 is missing before it'],
  ])(
    'has a row named by verification when a superuser changed %s',
    async (_what, change, version, because) => {
      await storage.ledger.append(write({ events: [paused('a'), paused('b'), paused('c')] }));
      const tamper = `update fleetfix.events set ${change} where version = 2`;
      await server.runSql(connection, withoutTrigger(tamper));
      const rows = await storage.ledger.since(0, 100, 'FIX-1');
      expect(verifyChain(rows)).toEqual({ verified: false, broken: { seq: 2, version, because } });
    },
  );

  test('has the row after the gap named when a superuser removed one', async () => {
    await storage.ledger.append(write({ events: [paused('a'), paused('b'), paused('c')] }));
    await server.runSql(connection, withoutTrigger('delete from fleetfix.events where version = 2'));
    expect(verifyChain(await storage.ledger.events('FIX-1'))).toEqual({
      verified: false,
      broken: { seq: 3, version: 3, because: 'version 2 is missing before it' },
    });
  });

  test('says so when a stored plan is not the one that was approved', async () => {
    await server.runSql(
      connection,
      `insert into fleetfix.plans values ('P-00000000', '${'0'.repeat(64)}', '{}')`,
    );
    await expect(storage.plans.find('P-00000000')).rejects.toThrow(
      /does not match its hash .* changed in the database/,
    );
  });

  test('drops answers after 7 days and keeps younger ones', async () => {
    const answer = { actor: 'ana', body: 'b', status: 200, answer: null };
    const [old, young] = ['2026-11-21T20:31:07.123Z', '2026-11-22T20:31:07.123Z'];
    await storage.ledger.append(write({ answer: { ...answer, key: 'old', at: old } }));
    await storage.ledger.append(write({ fix: 'FIX-2', answer: { ...answer, key: 'young', at: young } }));
    await storage.tidy('2026-11-28T20:31:07.124Z');
    expect(await storage.ledger.answered('old', 'ana')).toBeUndefined();
    expect(await storage.ledger.answered('young', 'ana')).toMatchObject({ at: young });
  });

  test('drops orders 7 days after they expired and keeps the others', async () => {
    await storage.ledger.append(write({ orders: [order(1), order(2)] }));
    const weekLater = (ms: number) => plus(order(1).expiresAt, 7 * DAY + ms);
    await storage.tidy(weekLater(0));
    expect(await storage.outbox.pending(10)).toEqual([order(1), order(2)]);
    await storage.tidy(weekLater(1));
    expect(await storage.outbox.pending(10)).toEqual([]);
  });

  test('gives back a stored answer letter for letter, its members in their order', async () => {
    const answer = { z: 1, a: { y: [], b: 'ü' }, '10': 1 };
    await storage.ledger.append(
      write({ answer: { key: 'k', actor: 'ana', body: 'b', status: 200, answer, at: write().at } }),
    );
    const stored = await storage.ledger.answered('k', 'ana');
    expect(JSON.stringify(stored?.answer)).toBe(JSON.stringify(answer));
  });

  describe('people', () => {
    test('are known by their token, of which only the hash is kept', async () => {
      const token = await storage.people.issue('ana', ['engineer', 'approver', 'engineer']);
      expect(token).toMatch(/^ff_[A-Za-z0-9_-]{43}$/);
      expect(await storage.people.byToken(token)).toEqual({ name: 'ana', roles: ['engineer', 'approver'] });
      const client = await connect(connection);
      const { rows } = await client.query('select row_to_json(p)::text as row from fleetfix.people p');
      await client.end();
      expect(rows).toHaveLength(1);
      expect(rows[0].row).not.toContain(token.slice(3));
    });

    test('are unknown by an old token once they have a new one, and by anything else', async () => {
      const old = await storage.people.issue('ana', ['viewer']);
      const token = await storage.people.issue('ana', ['admin']);
      expect(await storage.people.byToken(old)).toBeUndefined();
      expect(await storage.people.byToken(token)).toEqual({ name: 'ana', roles: ['admin'] });
      for (const wrong of ['', 'ff_', `${token} `, token.slice(0, -1), `ff_${'\0'.repeat(43)}`])
        expect(await storage.people.byToken(wrong)).toBeUndefined();
    });

    test('are listed by name', async () => {
      await storage.people.issue('ben', ['qe']);
      await storage.people.issue('ana', []);
      expect(await storage.people.list()).toEqual([
        { name: 'ana', roles: [] },
        { name: 'ben', roles: ['qe'] },
      ]);
    });
  });

  test('closes twice as once, and refuses calls afterwards', async () => {
    await Promise.all([storage.close(), storage.close()]);
    await expect(storage.ledger.head()).rejects.toThrow(StorageDown);
    await expect(storage.healthy()).rejects.toThrow(StorageDown);
  });
});

const withoutTrigger = (act: string) =>
  `alter table fleetfix.events disable trigger events_are_append_only; ${act}; alter table fleetfix.events enable trigger events_are_append_only`;

async function connect(connection: Connection): Promise<pg.Client> {
  const client = new pg.Client(clientConfig(connection));
  await client.connect();
  return client;
}

describe('migrations', () => {
  test('run once each when several hubs start on one fresh database at once', async () => {
    const connection = await server.freshDatabase();
    await Promise.all([migrate(connection), migrate(connection), migrate(connection)]);
    await migrate(connection);
    const client = await connect(connection);
    const { rows } = await client.query('select name from fleetfix.kysely_migration order by name');
    await client.end();
    expect(rows.map((row) => row.name)).toEqual(['0001', '0002', '0003']);
  });

  test('of a newer version are not run back: the older hub says so and does not start', async () => {
    const connection = await server.freshDatabase();
    await migrate(connection);
    await server.runSql(connection, `insert into fleetfix.kysely_migration values ('0000-unknown', '2030')`);
    await expect(openStorage({ connection })).rejects.toThrow(/made by a newer version of Fleetfix/);
  });

  test('without the right to make tables fail with what is missing', async () => {
    const connection = await server.freshDatabase();
    await server.runSql(connection, 'create role visitor login');
    const visiting = { ...connection, user: 'visitor' };
    await expect(openStorage({ connection: visiting })).rejects.toThrow(
      /needs the right to create the schema fleetfix/,
    );
  });
});

describe('a database that cannot be used', () => {
  test.each([
    [
      'that does not exist',
      () => ({ ...server.server.connection, database: 'nowhere' }),
      /there is no such database/,
    ],
    ['that nobody listens for', () => ({ ...server.server.connection, port: 5999 }), /it cannot be reached/],
  ])('%s is StorageDown, and says where', async (_what, connection, message) => {
    const refused = openStorage({ connection: connection() });
    await expect(refused).rejects.toThrow(StorageDown);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toThrow(server.server.connection.host);
  });

  test('never shows the password of its URL', async () => {
    const refused = openStorage({ databaseUrl: 'postgres://ana:s3cret@127.0.0.1:1/fleet' });
    const problem = await refused.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(problem).toBeInstanceOf(StorageDown);
    expect((problem as Error).message).toContain('127.0.0.1:1/fleet');
    expect(String((problem as Error).stack)).not.toContain('s3cret');
  });

  test('and is reached by a URL like any other', async () => {
    const { host, user, database } = await server
      .freshDatabase()
      .then((c) => ({ ...server.server.connection, ...c }));
    const storage = await openStorage({
      databaseUrl: `postgres://${user}@/${database}?host=${encodeURIComponent(host)}`,
    });
    await storage.healthy();
    await storage.close();
  });
});

describe('a database whose sessions are cut off', () => {
  let connection: Awaited<ReturnType<TestServer['freshDatabase']>>;
  let mine: Storage;
  let other: Storage;
  beforeEach(async () => {
    connection = await server.freshDatabase();
    [mine, other] = await Promise.all([openStorage({ connection }), openStorage({ connection })]);
  });
  afterEach(async () => {
    await Promise.all([mine.close(), other.close()]);
  });
  const cutOff = (which: string) =>
    server.runSql(
      server.server.connection,
      `select pg_terminate_backend(pid, 10_000) from pg_stat_activity where datname = '${connection.database}' and ${which}`,
    );
  const mayConnect = (may: boolean) =>
    server.runSql(server.server.connection, `alter database ${connection.database} allow_connections ${may}`);

  test('is used again with new ones', async () => {
    await mine.ledger.append(write());
    await cutOff('true');
    await retried(() => mine.ledger.append(write({ fix: 'FIX-2' })));
    expect((await mine.fixes.list({})).map((row) => row.id)).toEqual(['FIX-1', 'FIX-2']);
  });

  test('tells its listeners, when they are back, of what was appended while they were not', async () => {
    const first = Promise.withResolvers<number>();
    const second = Promise.withResolvers<number>();
    mine.ledger.onAppend((fix, seq) => (fix === 'FIX-1' ? first : second).resolve(seq));
    await other.ledger.append(write());
    await first.promise;
    // The sessions that listen are those whose last statement looked for the head of the ledger.
    await mayConnect(false);
    await cutOff(`query like 'select coalesce(max(seq)%'`);
    await other.ledger.append(write({ fix: 'FIX-2' }));
    await mayConnect(true);
    expect(await second.promise).toBe(await other.ledger.head());
  });
});

/** Until it works: each try ends in StorageDown or not at all. */
async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (problem) {
      if (!(problem instanceof StorageDown)) throw problem;
    }
  }
}

test('the fixture for other tests opens an empty storage and leaves nothing behind', async () => {
  const { storage, stop } = await withStorage();
  expect(await storage.ledger.nextFixId()).toBe('FIX-1');
  await stop();
  await expect(storage.healthy()).rejects.toThrow(StorageDown);
});

test('a closed storage leaves no session on the server', async () => {
  const connection = await server.freshDatabase();
  const storage = await openStorage({ connection });
  await storage.healthy();
  await storage.close();
  const client = await connect(connection);
  const { rows } = await client.query(
    'select application_name from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  );
  await client.end();
  expect(rows).toEqual([]);
});
