import { afterAll, expect, test } from 'vitest';
import { layGround, quickConfig } from './ground.ts';
import { adminToken, databasePid, leaveNothing, startHubProcess, startsNot } from './hub-process.ts';
import { castAt } from './person.ts';
import { declared, inState } from './steps.ts';

const ground = await layGround();
afterAll(async () => {
  await leaveNothing(ground.dataDir);
  ground.clear();
});

test('a second hub on the same data directory is refused and says what to do; the first goes on, and its place can be taken', async () => {
  const config = ground.write(quickConfig(ground, { speed: 600 }));
  const first = await startHubProcess({ config, dataDir: ground.dataDir });
  const pid = databasePid(ground.dataDir);
  const cast = await castAt(() => first.url, adminToken(ground.dataDir));

  const second = await startsNot({ config, dataDir: ground.dataDir });
  expect(second.code).toBe(1);
  expect(second.said).toContain(
    `${ground.dataDir}/database is in use by the hub with process id ${first.child.pid}`,
  );
  expect(second.said).toMatch(
    /Stop that hub, or start this one with another --data-dir, or set DATABASE_URL/,
  );
  expect(second.said).not.toMatch(/ {4}at /);

  expect(databasePid(ground.dataDir)).toBe(pid);
  const fix = await declared(cast, [ground.repository.firstTry]);
  await inState(cast, fix, 'proven');

  expect(await first.stop()).toBe(0);
  expect(databasePid(ground.dataDir)).toBeUndefined();
  const next = await startHubProcess({ config, dataDir: ground.dataDir });
  expect((await (await castAt(() => next.url, adminToken(ground.dataDir))).engineer.view(fix)).state).toBe(
    'proven',
  );
  expect(await next.stop()).toBe(0);
});
