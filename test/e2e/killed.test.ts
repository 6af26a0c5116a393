import { afterAll, expect, test } from 'vitest';
import { stream } from '../../src/simulator/random.ts';
import { type Ground, layGround, quickConfig } from './ground.ts';
import { adminToken, databasePid, type HubProcess, leaveNothing, startHubProcess } from './hub-process.ts';
import { type Cast, castAt, eventually, type Reply } from './person.ts';
import { inState, isOver, wavesBegun } from './steps.ts';
import { expectToldOnce, readWorld } from './told-once.ts';

const grounds: Ground[] = [];
afterAll(async () => {
  await leaveNothing(...grounds.map((g) => g.dataDir));
  for (const ground of grounds) ground.clear();
});

/** A hub that is killed and started again; who speaks with it does not notice but for lost answers. */
async function killable(ground: Ground, speed: number) {
  const config = ground.write(quickConfig(ground, { seed: 3, speed }));
  const start = () => startHubProcess({ config, dataDir: ground.dataDir });
  let hub: HubProcess = await start();
  const kills: string[] = [];
  return {
    url: () => hub.url,
    kills,
    stop: () => hub.stop(),
    /** Kills it now and starts it again on the same data. */
    async kill(when: string) {
      await hub.kill();
      kills.push(when);
      hub = await start();
      const { status } = await fetch(`${hub.url}/readyz`);
      expect(status, `ready again after a kill ${when}`).toBe(200);
    },
  };
}

/** Keeps what was answered, so that it can be looked for on the ledger. */
function answers() {
  const got: { readonly fix: string; readonly version: number }[] = [];
  return {
    got,
    async take(asked: Promise<Reply<{ readonly fix: string; readonly version: number }>>) {
      const { status, body } = await asked;
      expect([201, 202], JSON.stringify(body)).toContain(status);
      got.push({ fix: body.fix, version: body.version });
      return body.fix;
    },
  };
}

async function expectProven(cast: Cast, fix: string, got: ReturnType<typeof answers>['got']) {
  expect((await cast.engineer.verify()).verified).toBe(true);
  const events = (await cast.engineer.record(fix)).flatMap((l) => (l.kind === 'event' ? [l] : []));
  expect(events.map((e) => e.version)).toEqual(events.map((_, i) => i + 1));
  const people = events.filter((e) => e.author !== 'fleetfix').map((e) => e.version);
  for (const { version } of got) expect(people).toContain(version);
  return events;
}

/** When each seed kills. All of them: in wave 2, where the most is under way. */
const POINTS = {
  11: ['while lines are assembled', 'after start is answered'],
  12: ['while images are built', 'after pause is answered'],
  13: ['after declare is answered', 'after approve is answered'],
} as const;

for (const [seed, points] of Object.entries(POINTS)) {
  test(`a hub that is killed ${points.join(', ')} and in wave 2 goes on to the end: nothing answered is lost, nobody is told twice`, async () => {
    const ground = await layGround();
    grounds.push(ground);
    const random = stream(Number(seed), 'kills');
    const soon = (mostMs: number) => new Promise((resolve) => setTimeout(resolve, random() * mostMs));
    const hub = await killable(ground, 400);
    const cast = await castAt(hub.url, adminToken(ground.dataDir));
    const { got, take } = answers();
    const killAt = async (point: string) => {
      if ((points as readonly string[]).includes(point)) await hub.kill(point);
    };

    const { firstTry, followUp } = ground.repository;
    const fix = await take(cast.engineer.declare({ commits: [firstTry, followUp] }));
    await killAt('after declare is answered');
    if (points.includes('while lines are assembled' as never)) await soon(250);
    await killAt('while lines are assembled');
    if (points.includes('while images are built' as never)) {
      await eventually('a build', async () =>
        (await cast.engineer.view(fix)).lines.some((l) => l.build === 'running'),
      );
      await soon(150);
    }
    await killAt('while images are built');
    await inState(cast, fix, 'proven');

    const plan = (await cast.engineer.plan(fix)).id;
    await take(cast.approver.act(fix, { do: 'approve', plan }));
    await killAt('after approve is answered');
    await take(cast.operator.act(fix, { do: 'start', plan }));
    await killAt('after start is answered');

    await eventually('wave 2', async () => wavesBegun(await cast.engineer.view(fix)) >= 2);
    await soon(300);
    await hub.kill('in wave 2');
    await take(cast.operator.act(fix, { do: 'pause', reason: 'who calls?' }));
    await killAt('after pause is answered');
    expect((await cast.engineer.view(fix)).paused).toBe(true);
    await take(cast.operator.act(fix, { do: 'resume', reason: 'go on' }));

    await eventually('the end of the rollout', () => isOver(cast, fix));
    const events = await expectProven(cast, fix, got);
    expect(events.filter((e) => e.event.type === 'StageOpened')).toHaveLength(1);
    const started = events.flatMap((e) => (e.event.type === 'TargetsStarted' ? [e.event.targets] : []));
    expect(started.length).toBeGreaterThanOrEqual(2);
    expect(new Set(started.flat()).size).toBe(started.flat().length);
    for (const type of ['LineAssembled', 'Built'])
      expect(events.filter((e) => e.event.type === type)).toHaveLength(2);
    expect(await hub.stop()).toBe(0);
    expect(databasePid(ground.dataDir)).toBeUndefined();
    expect(expectToldOnce(readWorld(ground.dataDir)).told).toBeGreaterThan(30);
  });
}
