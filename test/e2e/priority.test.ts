import { afterAll, expect, test } from 'vitest';
import { type Ground, layGround, quickConfig } from './ground.ts';
import { adminToken, leaveNothing, startHubProcess } from './hub-process.ts';
import { moodyBuilder } from './moody-builder.ts';
import { castAt, eventually } from './person.ts';
import { declared } from './steps.ts';

const ends: Ground[] = [];
afterAll(async () => {
  await leaveNothing(...ends.map((g) => g.dataDir));
  for (const ground of ends) ground.clear();
});

test('a critical fix declared later is built before a moderate one that waits', async () => {
  const ground = await layGround();
  ends.push(ground);
  const builder = moodyBuilder(ground);
  const wishes = { planes: 10, speed: 60, versions: ['4.20.3'], builder: { command: builder.command } };
  const config = ground.write(quickConfig(ground, wishes));
  const hub = await startHubProcess({ config, dataDir: ground.dataDir });
  const cast = await castAt(() => hub.url, adminToken(ground.dataDir));
  builder.will('wait');
  const fixes: string[] = [];
  for (const severity of ['moderate', 'moderate', 'critical']) {
    const fix = await declared(cast, [ground.repository.firstTry], severity);
    fixes.push(fix);
    const is = fixes.length === 1 ? 'running' : 'waiting';
    await eventually(`a build ${is}`, async () =>
      (await cast.engineer.view(fix)).lines.some((l) => l.build === is),
    );
  }
  builder.will('build');
  const begun = await Promise.all(
    fixes.map((fix) =>
      eventually('a build begun', async () => {
        const record = await cast.engineer.record(fix);
        return record.flatMap((l) =>
          l.kind === 'event' && l.event.type === 'BuildStarted' ? [l.seq] : [],
        )[0];
      }),
    ),
  );
  const [first, second, critical] = begun;
  expect([first! < critical!, critical! < second!]).toEqual([true, true]);
});
