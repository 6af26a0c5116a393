// Goal: one thing drives time, in order, and lets the hub finish at each instant. The wall is one of our own.
import { expect, test } from 'vitest';
import { HOUR, MINUTE, type Ms, msBetween, plus, SECOND } from '../core/base/instant.ts';
import { createPump, type Wall } from './pump.ts';
import { EPOCH, sampleOptions, somePlane, viewOf } from './sample-world.ts';
import { createSteppedClock } from './stepped-clock.ts';
import { createWorld } from './world.ts';

function begin(over: { wall?: Wall; settle?: () => Promise<void> } = {}) {
  const world = createWorld(sampleOptions());
  const clock = createSteppedClock(EPOCH);
  const view = viewOf(world);
  const settled: string[] = [];
  const settle = async () => {
    settled.push(clock.now());
    await over.settle?.();
  };
  const pump = createPump({ world, clock, settle, ...(over.wall === undefined ? {} : { wall: over.wall }) });
  return { world, clock, view, settled, pump };
}

test('a run ends at its instant, with the clock and the world there, having settled at every step', async () => {
  const { world, clock, settled, pump } = begin();
  const at = plus(EPOCH, 5 * MINUTE + SECOND);
  expect(await pump.runUntil({ at })).toEqual({ at, end: 'reached' });
  expect([world.now(), clock.now()]).toEqual([at, at]);
  expect(settled).toEqual([EPOCH, plus(EPOCH, 2 * MINUTE), plus(EPOCH, 4 * MINUTE), at]);
});

test('wakes of the clock and reports of the world come in the order of their times, wakes first', async () => {
  const { world, clock, pump } = begin();
  const order: string[] = [];
  world.listen(async (report) => void order.push(`report ${report.managementCluster} ${clock.now()}`));
  clock.at(plus(EPOCH, 2 * MINUTE), () => order.push(`wake ${clock.now()}`));
  clock.at(plus(EPOCH, 7 * SECOND), () => order.push(`wake ${clock.now()}`));
  await pump.runUntil({ at: plus(EPOCH, 3 * MINUTE) });
  expect(order.map((line) => line.replace(/ mc\S+/, ''))).toEqual([
    ...Array(4).fill(`report ${EPOCH}`),
    `wake ${plus(EPOCH, 7 * SECOND)}`,
    `wake ${plus(EPOCH, 2 * MINUTE)}`,
    ...Array(4).fill(`report ${plus(EPOCH, 2 * MINUTE)}`),
  ]);
});

test('a run for a condition ends at the step that brought it about', async () => {
  const { world, view, pump } = begin();
  const { uid } = somePlane(world);
  world.sicken(uid, 'etcd lost its leader', 10 * MINUTE);
  const isSeenSick = async () => view.planes.get(uid)?.unhealthy !== undefined;
  const isSeenWell = async () => view.planes.get(uid)?.unhealthy === undefined;
  const atMost = plus(EPOCH, HOUR);
  expect(await pump.runUntil({ condition: isSeenSick, atMost })).toEqual({ at: EPOCH, end: 'reached' });
  const well = await pump.runUntil({ condition: isSeenWell, atMost });
  expect(well).toEqual({ at: plus(EPOCH, 10 * MINUTE), end: 'reached' });
});

test('a condition that never holds ends the run at its limit', async () => {
  const { pump } = begin();
  const atMost = plus(EPOCH, HOUR);
  expect(await pump.runUntil({ condition: async () => false, atMost })).toEqual({
    at: atMost,
    end: 'too late',
  });
});

test('work the hub asks to be woken for at the same instant is done before time goes on', async () => {
  const { clock, pump } = begin();
  const done: string[] = [];
  clock.at(plus(EPOCH, SECOND), () => clock.at(clock.now(), () => void done.push(clock.now())));
  await pump.runUntil({ at: plus(EPOCH, SECOND) });
  expect(done).toEqual([plus(EPOCH, SECOND)]);
});

test('a loop that asks to be woken at once for ever is named, not followed', async () => {
  const { clock, pump } = begin();
  const again = () => void clock.at(clock.now(), again);
  again();
  await expect(pump.runUntil({ at: plus(EPOCH, SECOND) })).rejects.toThrow('time stands still');
});

test('only one drives time; a hold ends it between two steps, and then another may', async () => {
  const reachedStep = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const settle = async () => {
    reachedStep.resolve();
    await goOn.promise;
  };
  const { world, clock, pump } = begin({ settle });
  const run = pump.runUntil({ at: plus(EPOCH, HOUR) });
  await reachedStep.promise;
  await expect(pump.runUntil({ at: plus(EPOCH, HOUR) })).rejects.toThrow('time is being driven already');
  await expect(pump.runFree(60, new AbortController().signal)).rejects.toThrow(
    'time is being driven already',
  );
  const held = pump.hold();
  goOn.resolve();
  await held;
  expect(await run).toEqual({ at: EPOCH, end: 'held' });
  expect([world.now(), clock.now()]).toEqual([EPOCH, EPOCH]);
  expect((await pump.runUntil({ at: plus(EPOCH, MINUTE) })).end).toBe('reached');
});

test('holding what stands still is fine', async () => {
  await begin().pump.hold();
});

test('what the hub throws ends the run, and time can be driven again', async () => {
  let fails = true;
  const { pump } = begin({
    settle: async () => {
      if (fails) throw new Error('the hub broke');
    },
  });
  await expect(pump.runUntil({ at: plus(EPOCH, MINUTE) })).rejects.toThrow('the hub broke');
  fails = false;
  expect((await pump.runUntil({ at: plus(EPOCH, MINUTE) })).end).toBe('reached');
});

test('a run into the past is refused', async () => {
  const { pump } = begin();
  await expect(pump.runUntil({ at: plus(EPOCH, -1) })).rejects.toThrow('it only goes on');
  await expect(pump.runUntil({ at: 'soon' })).rejects.toThrow('soon is not an instant');
});

/** A wall whose time passes only in rests, and stops the run when it is over. */
function wallOf(lastsMs: Ms, also: (nowMs: Ms) => void = () => {}) {
  const stop = new AbortController();
  let nowMs = 1_000;
  const wall = {
    nowMs: () => nowMs,
    rest: async (ms: Ms) => {
      nowMs += ms;
      also(nowMs);
      if (nowMs >= 1_000 + lastsMs) stop.abort();
    },
  };
  return { wall, stop, pass: (ms: Ms) => (nowMs += ms) };
}

test('run freely, time follows the wall at its speed, and moves between reports too', async () => {
  const { wall, stop } = wallOf(10 * SECOND);
  const { clock, view, settled, pump } = begin({ wall });
  await pump.runFree(60, stop.signal);
  const passed = msBetween(EPOCH, clock.now());
  expect(passed).toBeGreaterThan(9.7 * MINUTE);
  expect(passed).toBeLessThanOrEqual(10 * MINUTE);
  expect(view.reports.length).toBeGreaterThanOrEqual(4 * 5);
  expect(settled.length).toBeGreaterThan(40);
  expect(settled).toEqual([...settled].sort());
});

test('a wall that jumped, as after a sleep, does not make time rush', async () => {
  let jumped = false;
  const fake = wallOf(HOUR + 10 * SECOND, (nowMs) => {
    if (jumped || nowMs < 5 * SECOND) return;
    jumped = true;
    fake.pass(HOUR);
  });
  const { clock, pump } = begin({ wall: fake.wall });
  await pump.runFree(60, fake.stop.signal);
  const passed = msBetween(EPOCH, clock.now());
  expect(passed).toBeGreaterThan(9 * MINUTE);
  expect(passed).toBeLessThan(11 * MINUTE);
});

test('a free run ends when it is held, and time stands still from then on', async () => {
  const { clock, settled, pump } = begin();
  const run = pump.runFree(60, new AbortController().signal);
  await pump.hold();
  await run;
  const [at, steps] = [clock.now(), settled.length];
  await pump.runUntil({ at });
  expect(clock.now()).toBe(at);
  expect(settled.length).toBeLessThanOrEqual(steps + 1);
});

test('a speed that is none is refused', async () => {
  const { pump } = begin();
  for (const speed of [0, -1, Number.NaN, 2_000_000])
    await expect(pump.runFree(speed, new AbortController().signal)).rejects.toThrow('expected more than 0');
});
