import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testTimesContract, timedRun } from '../../ports/test-times.contract.ts';
import { openDatabase } from './connection.ts';
import { openStorage } from './index.ts';
import { testTimesOf } from './test-times.ts';
import { startTestServer, type TestServer } from './testing.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

testTimesContract('PostgreSQL', async (testsKept) => {
  const connection = await server.freshDatabase();
  await (await openStorage({ connection })).close();
  const database = openDatabase(connection, () => {});
  return { testTimes: testTimesOf(database, testsKept), close: () => database.close() };
});

test('names of runs go after a week, the times of their tests stay', async () => {
  const storage = await openStorage({ connection: await server.freshDatabase() });
  try {
    const tests = [{ suites: [], file: '', classname: '', name: 'a', seconds: 1, result: 'passed' as const }];
    await storage.testTimes.record(timedRun(tests));
    await storage.tidy('2026-11-28T19:59:00.000Z');
    await storage.testTimes.record(timedRun(tests));
    const runs = async () =>
      (await storage.testTimes.page('lease-operator', { by: 'id', limit: 1 })).items[0]?.runs;
    expect(await runs()).toBe(1);
    await storage.tidy('2026-11-28T20:01:00.000Z');
    await storage.testTimes.record(timedRun(tests));
    expect(await runs()).toBe(2);
  } finally {
    await storage.close();
  }
});

test('lists of numbers are read as they are, and one that holds too much is refused', async () => {
  const database = openDatabase(await server.freshDatabase(), () => {});
  const read = async (list: string) =>
    (await database.call((db) => sql.raw<{ list: unknown }>(`select ${list} as list`).execute(db))).rows[0]
      ?.list;
  try {
    expect(await read('array[3, null, -9007199254740991]::bigint[]')).toEqual([3, null, -9007199254740991]);
    expect(await read("array[0.1, 1e-30, 'Infinity']::float8[]")).toEqual([0.1, 1e-30, Infinity]);
    expect(await read("'{}'::bigint[]")).toEqual([]);
    await expect(read('array[9007199254740993]')).rejects.toThrow('past 2^53: 9007199254740993');
    await expect(read('array[[1.5], [2]]::float8[]')).rejects.toThrow(
      'a plain list of numbers, got {{1.5},{2}}',
    );
  } finally {
    await database.close();
  }
});
