// Goal: what agents say, when, and what they make up for.
import { expect, test } from 'vitest';
import { HOUR, MINUTE, type Ms, plus, SECOND } from '../core/base/instant.ts';
import {
  COMPONENT,
  EPOCH,
  FIXED,
  FLEET,
  orderTo,
  QUIET,
  registerFixes,
  sampleOptions,
  somePlane,
  viewOf,
} from './sample-world.ts';
import { createWorld, type World, type WorldOptions } from './world.ts';

function begin(over: Partial<WorldOptions> = {}) {
  const world = createWorld(sampleOptions(over));
  registerFixes(world);
  return { world, view: viewOf(world) };
}

const pass = (world: World, ms: Ms) => world.advanceTo(plus(world.now(), ms));
const running = (world: World, uid: string) => world.plane(uid)!.components[COMPONENT]!;

test('the first that is heard of every management cluster is a full report, and together they name every control plane once', async () => {
  const { world, view } = begin();
  await world.advanceTo(world.nextEventAt());
  expect(view.reports).toHaveLength(4);
  expect(view.reports.every((report) => report.full)).toBe(true);
  const uids = view.reports.flatMap((report) => report.planes.map((plane) => plane.uid));
  expect(new Set(uids).size).toBe(FLEET.planes);
  expect(uids).toHaveLength(FLEET.planes);
});

test('an agent with nothing new says so every two minutes', async () => {
  const { world, view } = begin();
  await pass(world, 10 * MINUTE);
  const deltas = view.reports.filter((report) => !report.full);
  expect(deltas).toHaveLength(5 * 4);
  expect(deltas.every((report) => report.planes.length === 0 && report.images.length === 0)).toBe(true);
});

test('a world may say how often an agent with nothing new is heard', async () => {
  const { world, view } = begin({ nature: { ...QUIET, heartbeatEveryMs: 5 * MINUTE } });
  await pass(world, 10 * MINUTE);
  expect(view.reports.filter((report) => !report.full)).toHaveLength(2 * 4);
});

test('an agent that crashed says everything it sees, and nothing of what it had not said yet', async () => {
  const { world, view } = begin();
  await pass(world, MINUTE);
  const plane = somePlane(world);
  await world.deliver([orderTo(world, plane, { name: 'another' })]);
  world.crash(plane.managementCluster);
  await pass(world, 10 * MINUTE);
  const reports = view.reports.filter((report) => report.managementCluster === plane.managementCluster);
  expect(reports.filter((report) => report.full)).toHaveLength(2);
  expect(view.refused.size).toBe(0);
});

test('what changed is reported at the next half minute', async () => {
  const { world, view } = begin();
  await pass(world, 31 * SECOND);
  const plane = somePlane(world);
  world.sicken(plane.uid, 'etcd lost its leader', HOUR);
  expect(world.nextEventAt()).toBe(plus(EPOCH, MINUTE));
  await pass(world, 29 * SECOND);
  expect(view.planes.get(plane.uid)!.unhealthy).toBe('etcd lost its leader');
});

test('a silent agent says nothing, then everything, and does then what it was told in the meantime', async () => {
  const { world, view } = begin();
  await pass(world, MINUTE);
  const plane = somePlane(world);
  world.silence(plane.managementCluster, 20 * MINUTE);
  await world.deliver([orderTo(world, plane)]);
  const before = view.reports.length;
  await pass(world, 19 * MINUTE);
  expect(running(world, plane.uid).override).toBeUndefined();
  const heard = view.reports.slice(before).map((report) => report.managementCluster);
  expect(heard).not.toContain(plane.managementCluster);
  expect(new Set(heard).size).toBe(3);
  await pass(world, 2 * MINUTE);
  expect(running(world, plane.uid).override).toBe(FIXED);
  const back = view.reports.slice(before).filter((r) => r.managementCluster === plane.managementCluster);
  expect(back[0]!.full).toBe(true);
  expect(view.planes.get(plane.uid)!.components[COMPONENT]!.override).toBe(FIXED);
});

test('of two overlapping silences, sicknesses or losses the one that lasts longer counts', async () => {
  const { world, view } = begin();
  const plane = somePlane(world);
  const quiet = somePlane(world, (it) => it.managementCluster !== plane.managementCluster);
  const lost = somePlane(
    world,
    (it) => it.managementCluster === plane.managementCluster && it.uid !== plane.uid,
  );
  await pass(world, MINUTE);
  for (const forMs of [30 * MINUTE, 10 * MINUTE]) {
    world.silence(quiet.managementCluster, forMs);
    world.sicken(plane.uid, 'etcd lost its leader', forMs);
    world.lose(lost.uid, forMs);
  }
  const before = view.reports.length;
  await pass(world, 29 * MINUTE);
  expect(view.reports.slice(before).map((r) => r.managementCluster)).not.toContain(quiet.managementCluster);
  expect(view.planes.get(plane.uid)!.unhealthy).toBe('etcd lost its leader');
  expect(view.lost.get(plane.managementCluster)).toEqual([lost.uid]);
  await pass(world, 2 * MINUTE);
  expect(view.reports.slice(before).map((r) => r.managementCluster)).toContain(quiet.managementCluster);
  expect(view.planes.get(plane.uid)!.unhealthy).toBeUndefined();
  expect(view.lost.get(plane.managementCluster)).toEqual([]);
});

test('an order that expired while its agent was silent is refused when the agent is back', async () => {
  const { world, view } = begin();
  const plane = somePlane(world);
  world.silence(plane.managementCluster, 2 * HOUR);
  const order = orderTo(world, plane);
  await world.deliver([order]);
  await pass(world, 3 * HOUR);
  expect(view.refused.get(order.key)!.because).toBe(`it expired at ${order.expiresAt}`);
  expect(running(world, plane.uid).override).toBeUndefined();
});

test('a control plane its agent cannot see is named as lost in every report until it is seen again', async () => {
  const { world, view } = begin();
  await pass(world, MINUTE);
  const plane = somePlane(world);
  world.lose(plane.uid, 10 * MINUTE);
  const before = view.reports.length;
  await pass(world, 9 * MINUTE);
  const reports = view.reports.slice(before).filter((r) => r.managementCluster === plane.managementCluster);
  expect(reports.length).toBeGreaterThan(3);
  expect(reports.every((r) => r.lost.includes(plane.uid) && r.planes.length === 0)).toBe(true);
  await pass(world, 2 * MINUTE);
  expect(view.reports.findLast((r) => r.managementCluster === plane.managementCluster)!.lost).toEqual([]);
  expect(view.reports.slice(before).flatMap((r) => r.planes)).toEqual([plane]);
});

test('a control plane that changed and was deleted before its agent looked is only reported gone', async () => {
  const { world, view } = begin();
  await pass(world, MINUTE);
  const plane = somePlane(world);
  world.sicken(plane.uid, 'etcd lost its leader', HOUR);
  world.destroy(plane.uid, { recreate: false });
  const before = view.reports.length;
  await pass(world, 30 * SECOND);
  expect(view.reports.slice(before)).toMatchObject([{ planes: [], gone: [plane.uid] }]);
});

test('a report that was not received is followed by a full one', async () => {
  const trouble: string[] = [];
  const world = createWorld(
    sampleOptions({ trouble: (error, report) => trouble.push(`${error} ${report.managementCluster}`) }),
  );
  let isDown = true;
  const received: boolean[] = [];
  world.listen(async (report) => {
    if (isDown) throw new Error('down');
    received.push(report.full === true);
  });
  await pass(world, 0);
  expect(trouble).toHaveLength(4);
  expect(trouble[0]).toMatch(/^Error: down mc-/);
  isDown = false;
  await pass(world, 30 * SECOND);
  expect(received).toEqual([true, true, true, true]);
});

test('a rejected report makes advancing fail when nobody else is told, and time can go on after it', async () => {
  const world = createWorld(sampleOptions());
  world.listen(() => Promise.reject(new Error('down')));
  await expect(pass(world, MINUTE)).rejects.toThrow('down');
  const view = viewOf(world);
  await pass(world, MINUTE);
  expect(view.planes.size).toBe(FLEET.planes);
});

test('an order given while reports come in counts from then, and is in none of the reports of that moment', async () => {
  const world = createWorld(sampleOptions());
  registerFixes(world);
  const planes = world.survey().map((report) => report.planes[0]!);
  const overrides: unknown[] = [];
  world.listen(async (report) => {
    await world.deliver(planes.map((plane) => orderTo(world, plane)));
    overrides.push(...report.planes.flatMap((plane) => plane.components[COMPONENT]!.override ?? []));
  });
  await pass(world, 0);
  expect(overrides).toEqual([]);
  await pass(world, 30 * SECOND);
  expect(overrides).toEqual(planes.map(() => FIXED));
});
