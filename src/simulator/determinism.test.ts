// Goal: the same seed and the same orders at the same times give the same reports, every time and at any size.
import { expect, test } from 'vitest';
import { canonical, sha256 } from '../core/base/hash.ts';
import { HOUR, MINUTE, plus } from '../core/base/instant.ts';
import { createPump } from './pump.ts';
import { COMPONENT, EPOCH, FIXED, FLEET, orderTo, registerFixes, sampleOptions } from './sample-world.ts';
import { createSteppedClock } from './stepped-clock.ts';
import { createWorld } from './world.ts';
import { LIVELY } from './world-spec.ts';

/** Four simulated hours of 2,000 planes that get an image with a defect, in waves; the hash of all that was heard. */
async function runFleet(seed: number) {
  const fleet = { ...FLEET, seed, planes: 2_000, managementClusters: 75, regions: 4 };
  const world = createWorld(sampleOptions({ fleet, nature: LIVELY }));
  registerFixes(world);
  const delay = { medianMs: 20 * MINUTE, sigma: 0.5 };
  world.registerFault({ name: 'leak', digest: FIXED, rate: 0.1, delay, because: 'it restarts' });
  const clock = createSteppedClock(EPOCH);
  const pump = createPump({ world, clock, settle: async () => {} });
  const planes = world.survey().flatMap((report) => report.planes);
  const heard: string[] = [];
  world.listen(async (report) => void heard.push(sha256(`${clock.now()} ${canonical(report)}`)));
  for (let wave = 0; wave < 8; wave += 1) {
    await pump.runUntil({ at: plus(EPOCH, wave * 30 * MINUTE) });
    await world.deliver(planes.slice(wave * 200, (wave + 1) * 200).map((plane) => orderTo(world, plane)));
  }
  await pump.runUntil({ at: plus(EPOCH, 4 * HOUR) });
  const runningIt = world
    .survey()
    .flatMap((report) => report.planes)
    .filter((plane) => plane.components[COMPONENT]!.digest === FIXED).length;
  return { hash: sha256(heard.join()), reports: heard.length, runningIt };
}

test('2,000 control planes over four hours sound the same twice, and different from another seed', async () => {
  const first = await runFleet(7);
  expect(first.reports).toBeGreaterThan(75 * 120);
  expect(first.runningIt).toBeGreaterThan(1_500);
  expect(await runFleet(7)).toEqual(first);
  expect((await runFleet(8)).hash).not.toBe(first.hash);
});

test('how time is cut into steps does not matter', async () => {
  const hear = async (stepMs: number) => {
    const world = createWorld(sampleOptions({ nature: LIVELY }));
    registerFixes(world);
    const heard: string[] = [];
    world.listen(async (report) => void heard.push(`${world.now()} ${canonical(report)}`));
    await world.deliver(
      world.survey().flatMap((report) => report.planes.map((plane) => orderTo(world, plane))),
    );
    for (let at = stepMs; at <= 2 * HOUR; at += stepMs) await world.advanceTo(plus(EPOCH, at));
    return heard;
  };
  const inOne = await hear(2 * HOUR);
  expect(await hear(10_000)).toEqual(inOne);
});
