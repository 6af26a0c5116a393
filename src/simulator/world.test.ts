// Goal: each thing a control plane does in the simulated world.
import { expect, test } from 'vitest';
import { hashOf } from '../core/base/hash.ts';
import { HOUR, MINUTE, type Ms, plus, SECOND } from '../core/base/instant.ts';
import { findBroken } from './checkers.ts';
import {
  COMMITS,
  COMPONENT,
  EPOCH,
  FIXED,
  FLEET,
  orderTo,
  QUIET,
  registerFixes,
  SECOND_FIX,
  sampleOptions,
  somePlane,
  viewOf,
} from './sample-world.ts';
import { createWorld, type World, type WorldOptions } from './world.ts';
import { LIVELY } from './world-spec.ts';

function begin(over: Partial<WorldOptions> = {}) {
  const world = createWorld(sampleOptions(over));
  registerFixes(world);
  return { world, view: viewOf(world) };
}

const pass = (world: World, ms: Ms) => world.advanceTo(plus(world.now(), ms));
const running = (world: World, uid: string) => world.plane(uid)!.components[COMPONENT]!;

test('an order sets the override at once; the image runs alone only after its rollout', async () => {
  const { world, view } = begin();
  const plane = somePlane(world);
  const { release } = plane.components[COMPONENT]!;
  await world.deliver([orderTo(world, plane)]);
  expect(running(world, plane.uid)).toEqual({ release, override: FIXED });
  await pass(world, 30 * MINUTE);
  expect(running(world, plane.uid)).toEqual({ release, override: FIXED, digest: FIXED });
  expect(view.planes.get(plane.uid)).toEqual(world.plane(plane.uid));
  expect(view.images.get(FIXED)).toBe(COMMITS.fixed);
});

test('removing the override brings the release image back', async () => {
  const { world } = begin();
  const plane = somePlane(world);
  await world.deliver([orderTo(world, plane)]);
  await pass(world, 30 * MINUTE);
  await world.deliver([orderTo(world, plane, { action: 'remove', ifOverride: FIXED, sequence: 2 })]);
  await pass(world, 30 * MINUTE);
  const { release } = plane.components[COMPONENT]!;
  expect(running(world, plane.uid)).toEqual({ release, digest: release });
});

test('a rollback in the middle of a rollout ends on the former image', async () => {
  const { world } = begin();
  const plane = somePlane(world);
  await world.deliver([orderTo(world, plane)]);
  await pass(world, SECOND);
  await world.deliver([orderTo(world, plane, { action: 'remove', ifOverride: FIXED, sequence: 2 })]);
  await pass(world, HOUR);
  const { release } = plane.components[COMPONENT]!;
  expect(running(world, plane.uid)).toEqual({ release, digest: release });
  expect(world.record().ran.filter((ran) => ran.uid === plane.uid && ran.digest === FIXED)).toEqual([]);
});

test('most rollouts take minutes, each its own time, and single replicas are faster', async () => {
  const { world } = begin({ fleet: { ...FLEET, planes: 400, managementClusters: 8 } });
  const planes = world.survey().flatMap((report) => report.planes);
  await world.deliver(planes.map((plane) => orderTo(world, plane)));
  await pass(world, HOUR);
  const tookOf = (availability: string) =>
    world
      .record()
      .ran.filter(({ uid, digest }) => digest === FIXED && world.plane(uid)!.availability === availability)
      .map(({ at }) => Date.parse(at) - Date.parse(EPOCH))
      .sort((a, b) => a - b);
  const [many, single] = [tookOf('HighlyAvailable'), tookOf('SingleReplica')];
  expect(many.length + single.length).toBe(400);
  const median = (times: number[]) => times[times.length >> 1]!;
  expect(median(many)).toBeGreaterThan(2.5 * MINUTE);
  expect(median(many)).toBeLessThan(3.5 * MINUTE);
  expect(median(single)).toBeLessThan(median(many));
  expect(new Set(many).size).toBeGreaterThan(300);
});

test('a rollout that stalls never ends and is seen to be unhealthy after five minutes; a rollback ends it', async () => {
  const { world } = begin({ nature: { ...QUIET, stallShare: 1 } });
  const plane = somePlane(world);
  await world.deliver([orderTo(world, plane)]);
  await pass(world, 5 * MINUTE - SECOND);
  expect(world.plane(plane.uid)!.unhealthy).toBeUndefined();
  await pass(world, 5 * HOUR);
  expect(world.plane(plane.uid)!.unhealthy).toBe('image pull back off');
  expect(running(world, plane.uid).digest).toBeUndefined();
  await world.deliver([orderTo(world, plane, { action: 'remove', ifOverride: FIXED, sequence: 2 })]);
  await pass(world, HOUR);
  expect(world.plane(plane.uid)).toEqual(plane);
});

test('an image the registry does not hold is never run; what ran goes on, unhealthy, until it is pushed', async () => {
  const world = createWorld(sampleOptions());
  const plane = somePlane(world);
  const { release } = plane.components[COMPONENT]!;
  await world.deliver([orderTo(world, plane)]);
  await pass(world, HOUR);
  expect(running(world, plane.uid)).toEqual({ release, override: FIXED, digest: release });
  expect(world.plane(plane.uid)!.unhealthy).toBe('image pull back off');
  registerFixes(world);
  await pass(world, HOUR);
  expect(running(world, plane.uid).digest).toBe(FIXED);
  expect(world.plane(plane.uid)!.unhealthy).toBeUndefined();
});

test.each([
  { by: 'commit', fault: { commit: COMMITS.fixed } },
  { by: 'digest', fault: { digest: FIXED } },
])(
  'a bad image, named by $by, makes its share of control planes unhealthy, and a rollback heals them',
  async ({ fault }) => {
    const { world } = begin({ fleet: { ...FLEET, planes: 300 } });
    const delay = { medianMs: 10 * MINUTE, sigma: 0.5 };
    world.registerFault({ name: 'leak', ...fault, rate: 0.4, delay, because: 'kube-apiserver restarts' });
    const planes = world.survey().flatMap((report) => report.planes);
    const [treated, control] = [planes.slice(0, 200), planes.slice(200)];
    await world.deliver(treated.map((plane) => orderTo(world, plane)));
    await pass(world, 3 * HOUR);
    const sick = treated.filter((plane) => world.plane(plane.uid)!.unhealthy === 'kube-apiserver restarts');
    expect(sick.length).toBeGreaterThan(50);
    expect(sick.length).toBeLessThan(110);
    expect(control.every((plane) => world.plane(plane.uid)!.unhealthy === undefined)).toBe(true);
    await world.deliver(
      sick.map((plane) => orderTo(world, plane, { action: 'remove', ifOverride: FIXED, sequence: 2 })),
    );
    expect(sick.every((plane) => world.plane(plane.uid)!.unhealthy !== undefined)).toBe(true);
    await pass(world, HOUR);
    expect(sick.filter((plane) => world.plane(plane.uid)!.unhealthy !== undefined)).toEqual([]);
  },
);

test('whether a bad image strikes is decided once: the same control planes are struck again', async () => {
  const { world } = begin();
  const delay = { medianMs: MINUTE, sigma: 0.5 };
  world.registerFault({ name: 'leak', digest: FIXED, rate: 0.5, delay, because: 'it restarts' });
  const planes = world.survey().flatMap((report) => report.planes);
  const struck = () => planes.filter((plane) => world.plane(plane.uid)!.unhealthy !== undefined);
  await world.deliver(planes.map((plane) => orderTo(world, plane)));
  await pass(world, HOUR);
  const first = struck();
  expect(first.length).toBeGreaterThan(5);
  expect(first.length).toBeLessThan(35);
  await world.deliver(
    planes.map((plane) => orderTo(world, plane, { action: 'remove', ifOverride: FIXED, sequence: 2 })),
  );
  await pass(world, HOUR);
  expect(struck()).toEqual([]);
  await world.deliver(planes.map((plane) => orderTo(world, plane, { sequence: 3 })));
  await pass(world, HOUR);
  expect(struck()).toEqual(first);
});

test('an image that was rolled back in time does no harm any more', async () => {
  const { world } = begin();
  const delay = { medianMs: 2 * HOUR, sigma: 0 };
  world.registerFault({ name: 'leak', digest: FIXED, rate: 1, delay, because: 'it restarts' });
  const plane = somePlane(world);
  await world.deliver([orderTo(world, plane)]);
  await pass(world, HOUR);
  await world.deliver([orderTo(world, plane, { action: 'remove', ifOverride: FIXED, sequence: 2 })]);
  await pass(world, 5 * HOUR);
  expect(world.plane(plane.uid)).toEqual(plane);
});

test('the next fix heals what a bad one broke', async () => {
  const { world } = begin();
  const delay = { medianMs: MINUTE, sigma: 0 };
  world.registerFault({ name: 'leak', digest: FIXED, rate: 1, delay, because: 'it restarts' });
  const plane = somePlane(world);
  await world.deliver([orderTo(world, plane)]);
  await pass(world, HOUR);
  expect(world.plane(plane.uid)!.unhealthy).toBe('it restarts');
  await world.deliver([orderTo(world, plane, { digest: SECOND_FIX, ifOverride: FIXED, sequence: 2 })]);
  await pass(world, HOUR);
  expect(world.plane(plane.uid)!.unhealthy).toBeUndefined();
  expect(running(world, plane.uid).digest).toBe(SECOND_FIX);
});

test('a defect found in an image that runs already strikes those who run it', async () => {
  const { world } = begin();
  const delay = { medianMs: MINUTE, sigma: 0 };
  world.registerFault({ name: 'bug', commit: COMMITS.old, rate: 1, delay, because: 'it restarts' });
  await pass(world, HOUR);
  for (const plane of world.survey().flatMap((report) => report.planes))
    expect(plane.unhealthy).toBe(plane.version === '4.19.11' ? 'it restarts' : undefined);
});

test('an override survives an upgrade; without one the new release image runs, long before the version moves', async () => {
  const { world } = begin();
  const [kept, plain] = world
    .survey()
    .flatMap((report) => report.planes)
    .filter((plane) => plane.version === '4.19.11');
  await world.deliver([orderTo(world, kept!)]);
  await pass(world, HOUR);
  world.upgrade({ from: '4.19.11', to: { version: '4.20.7', commit: COMMITS.next }, share: 1, overMs: 1 });
  await pass(world, 8 * MINUTE);
  expect(world.plane(plain!.uid)).toMatchObject({ upgrading: true, version: '4.19.11' });
  expect(running(world, plain!.uid).digest).toBe(running(world, plain!.uid).release);
  await pass(world, 2 * HOUR);
  const release = `sha256:${hashOf({ component: COMPONENT, commit: COMMITS.next })}`;
  expect(running(world, kept!.uid)).toEqual({ release, override: FIXED, digest: FIXED });
  expect(running(world, plain!.uid)).toEqual({ release, digest: release });
  for (const { uid } of [kept!, plain!]) {
    expect(world.plane(uid)!.version).toBe('4.20.7');
    expect(world.plane(uid)!.upgrading).toBeUndefined();
  }
});

test('an upgrade takes its share of those on the version it starts from, spread over its time', async () => {
  const { world } = begin({ fleet: { ...FLEET, planes: 400 } });
  world.upgrade({
    from: '4.19.11',
    to: { version: '4.21.0', commit: COMMITS.next },
    share: 0.5,
    overMs: 4 * HOUR,
  });
  const upgraded = () =>
    world
      .survey()
      .flatMap((r) => r.planes)
      .filter((plane) => plane.version === '4.21.0').length;
  await pass(world, 2 * HOUR);
  const half = upgraded();
  await pass(world, 4 * HOUR);
  expect(half).toBeGreaterThan(30);
  expect(upgraded()).toBeGreaterThan(half + 30);
  expect(upgraded()).toBeGreaterThan(110);
  expect(upgraded()).toBeLessThan(190);
});

test('a held control plane takes the lever and does nothing until it is released', async () => {
  const { world } = begin();
  const plane = somePlane(world);
  world.hold(plane.uid, HOUR);
  await world.deliver([orderTo(world, plane)]);
  await pass(world, 50 * MINUTE);
  const { release } = plane.components[COMPONENT]!;
  expect(running(world, plane.uid)).toEqual({ release, override: FIXED, digest: release });
  expect(world.plane(plane.uid)!.paused).toBe(true);
  await pass(world, HOUR);
  expect(running(world, plane.uid).digest).toBe(FIXED);
  expect(world.plane(plane.uid)!.paused).toBeUndefined();
});

test('a deleted control plane is reported gone; one that is created again has its name and another uid', async () => {
  const { world, view } = begin();
  await pass(world, MINUTE);
  const [first, second] = world.survey().flatMap((report) => report.planes);
  world.destroy(first!.uid, { recreate: false });
  world.destroy(second!.uid, { recreate: true });
  await pass(world, MINUTE);
  expect(view.planes.has(first!.uid)).toBe(false);
  expect(view.planes.has(second!.uid)).toBe(false);
  expect(view.reports.flatMap((report) => report.gone).sort()).toEqual([first!.uid, second!.uid].sort());
  const again = world.plane(second!.name)!;
  expect(again.uid).not.toBe(second!.uid);
  expect(view.planes.get(again.uid)).toEqual(again);
});

test('a created control plane is reported with the others', async () => {
  const { world, view } = begin();
  await pass(world, MINUTE);
  world.create();
  await pass(world, MINUTE);
  expect(view.planes.size).toBe(FLEET.planes + 1);
});

test('time never goes back, and is advanced by one at a time', async () => {
  const { world } = begin();
  await pass(world, MINUTE);
  await expect(world.advanceTo(EPOCH)).rejects.toThrow('it only goes on');
  await expect(world.advanceTo('soon')).rejects.toThrow('cannot go to soon');
  const first = pass(world, MINUTE);
  await expect(pass(world, MINUTE)).rejects.toThrow('time is being advanced already');
  await first;
});

test('an image is in the registry once; the same digest for something else is refused', () => {
  const { world } = begin();
  world.registerImage({ digest: FIXED, component: COMPONENT, commit: COMMITS.fixed });
  expect(() => world.registerImage({ digest: FIXED, component: COMPONENT, commit: COMMITS.old })).toThrow(
    `registered as ${COMPONENT} of ${COMMITS.fixed} already`,
  );
});

test('what does not exist cannot be touched, and the message names it', () => {
  const { world } = begin();
  expect(() => world.silence('mc-nowhere', MINUTE)).toThrow('no management cluster is called mc-nowhere');
  expect(() => world.lose('no-uid', MINUTE)).toThrow('no control plane has uid no-uid');
});

test('left to itself for a week, a lively world shows everything it can do, and nothing out of order', async () => {
  const { world, view } = begin({ nature: LIVELY, fleet: { ...FLEET, planes: 200, managementClusters: 10 } });
  const seen = { sick: 0, upgrading: 0, lost: 0, gone: 0, silent: 0 };
  const planes = new Set<string>();
  await pass(world, 7 * 24 * HOUR);
  for (const report of view.reports) {
    seen.sick += report.planes.filter((plane) => plane.unhealthy !== undefined).length;
    seen.upgrading += report.planes.filter((plane) => plane.upgrading).length;
    seen.lost += report.lost.length;
    seen.gone += report.gone.length;
    seen.silent += report.full ? 1 : 0;
    for (const plane of report.planes) planes.add(plane.uid);
  }
  expect(seen.sick).toBeGreaterThan(20);
  expect(seen.upgrading).toBeGreaterThan(3);
  expect(seen.lost).toBeGreaterThan(3);
  expect(seen.gone).toBeGreaterThan(1);
  expect(seen.silent).toBeGreaterThan(12);
  expect(planes.size).toBeGreaterThan(201);
  expect(findBroken({ record: world.record(), deliveries: world.deliveries() })).toEqual([]);
});
