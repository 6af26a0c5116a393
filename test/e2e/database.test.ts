import { afterAll, expect, test } from 'vitest';
import { startEmbedded } from '../../src/adapters/postgres/embedded.ts';
import { type Ground, layGround, quickConfig } from './ground.ts';
import { adminToken, databasePid, leaveNothing, startHubProcess } from './hub-process.ts';
import { castAt, eventually } from './person.ts';
import { deliveredFrom, isOver, wavesBegun } from './steps.ts';
import { expectToldOnce, readWorld } from './told-once.ts';

const grounds: Ground[] = [];
const ends: (() => Promise<void>)[] = [];
async function ground() {
  const made = await layGround();
  grounds.push(made);
  return made;
}
afterAll(async () => {
  await leaveNothing(...grounds.map((g) => g.dataDir));
  for (const end of ends) await end();
  for (const made of grounds) made.clear();
});

test('while the database is away the hub says so and does nothing; when it is back everything goes on by itself', async () => {
  const it = await ground();
  const where = { dataDir: `${it.dir}/server`, settings: { fsync: 'off' } };
  let server = await startEmbedded(where);
  ends.push(() => server.stop());
  const { host, port, user, database } = server.connection;
  const env = {
    DATABASE_URL: `postgresql://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`,
  };
  const config = it.write(quickConfig(it, { speed: 300 }));
  const hub = await startHubProcess({ config, dataDir: it.dataDir, env });
  const cast = await castAt(() => hub.url, adminToken(it.dataDir));
  const fix = await deliveredFrom(cast, [it.repository.firstTry]);
  await eventually('wave 2', async () => wavesBegun(await cast.engineer.view(fix)) >= 2);

  await server.stop();
  const view = await cast.engineer.get<{ code: string; whoMustAct: string; detail: string }>(
    `/api/fixes/${fix}`,
  );
  expect([view.status, view.body.code, view.body.whoMustAct]).toEqual([503, 'storage-down', 'operator']);
  const pause = await cast.operator.act(fix, { do: 'pause' }, { seen: 1, key: 'pause-in-the-dark' });
  expect([pause.status, pause.body.code]).toEqual([503, 'storage-down']);
  const ready = await cast.engineer.get<{ reasons: string[] }>('/readyz');
  expect([ready.status, ready.body.reasons.length]).toEqual([503, 1]);
  expect((await cast.engineer.get('/healthz')).status).toBe(200);

  server = await startEmbedded(where);
  await eventually('ready', async () => (await cast.engineer.get('/readyz')).status === 200);
  const late = await cast.operator.act(fix, { do: 'pause' }, { key: 'pause-in-the-dark' });
  expect(late.status).toBe(202);
  expect(late.body).not.toHaveProperty('alreadyDoneAt');
  expect((await cast.operator.act(fix, { do: 'resume' })).status).toBe(202);
  await eventually('the end of the rollout', () => isOver(cast, fix));
  expect((await cast.engineer.verify()).verified).toBe(true);
  expect(await hub.stop()).toBe(0);
  expect(expectToldOnce(readWorld(it.dataDir)).told).toBeGreaterThan(30);
});

test('a database of the hub that is killed is started again, and the rollout in progress reaches its end', async () => {
  const it = await ground();
  const hub = await startHubProcess({
    config: it.write(quickConfig(it, { speed: 300 })),
    dataDir: it.dataDir,
  });
  const cast = await castAt(() => hub.url, adminToken(it.dataDir));
  const fix = await deliveredFrom(cast, [it.repository.firstTry]);
  await eventually('wave 2', async () => wavesBegun(await cast.engineer.view(fix)) >= 2);

  const pid = databasePid(it.dataDir)!;
  process.kill(pid, 'SIGKILL');
  const told: number[] = [];
  await eventually('another server, and ready', async () => {
    const { status } = await cast.engineer.get(`/api/fixes/${fix}`);
    told.push(status);
    const now = databasePid(it.dataDir);
    return (
      now !== undefined &&
      now !== pid &&
      status === 200 &&
      (await cast.engineer.get('/readyz')).status === 200
    );
  });
  expect(new Set([...told, 200, 503])).toEqual(new Set([200, 503]));
  await eventually('the end of the rollout', () => isOver(cast, fix));
  expect((await cast.engineer.verify()).verified).toBe(true);
  expect(await hub.stop()).toBe(0);
  expect(databasePid(it.dataDir)).toBeUndefined();
  expectToldOnce(readWorld(it.dataDir));
});
