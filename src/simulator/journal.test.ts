// Goal: nothing that came into a world is lost, and a world stopped anywhere goes on as if it had not been.
// Method: worlds in real folders, cut journals, and a process that is killed while it takes orders.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { epochMs, HOUR, instantOf, MINUTE, plus, SECOND } from '../core/base/instant.ts';
import { actedTwice, findBroken } from './checkers.ts';
import { journalPath, memoryJournal } from './journal.ts';
import {
  COMMITS,
  COMPONENT,
  EPOCH,
  FIXED,
  FLEET,
  knowledgeOf,
  orderTo,
  registerFixes,
  SECOND_FIX,
  sampleOptions,
  somePlane,
  viewOf,
} from './sample-world.ts';
import { createWorld, openWorld, type World } from './world.ts';
import { HEARTBEAT_EVERY_MS, LIVELY, REPORT_EVERY_MS } from './world-spec.ts';

const made: string[] = [];
afterEach(() => {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true });
});
function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'fleetfix-world-'));
  made.push(dir);
  return dir;
}

/** One thing done to the world from outside. Which plane `n` is depends on the seed alone. */
type Deed = { readonly afterMs: number; readonly deed: (typeof DEEDS)[number]; readonly n: number };
const DEEDS = [
  'set',
  'set again',
  'remove',
  'forge',
  'fault',
  'upgrade',
  'silence',
  'lose',
  'sicken',
  'hold',
  'destroy',
  'create',
] as const;

function does(
  world: World,
  planes: readonly string[],
  { deed, n }: Deed,
  sequence: number,
): Promise<void> | void {
  const plane = world.plane(planes[n % planes.length]!);
  if (plane === undefined) return;
  const override = plane.components[COMPONENT]!.override ?? null;
  const set = orderTo(world, plane, {
    sequence,
    ifOverride: override,
    digest: n % 2 === 0 ? FIXED : SECOND_FIX,
  });
  switch (deed) {
    case 'set':
      return world.deliver([set]);
    case 'set again':
      return world.deliver([
        set,
        ...world
          .deliveries()
          .slice(-2)
          .map((d) => d.order),
      ]);
    case 'remove':
      return world.deliver([orderTo(world, plane, { sequence, action: 'remove', ifOverride: override })]);
    case 'forge':
      return world.deliver([{ ...set, signature: 'forged' }]);
    case 'fault':
      return world.registerFault({
        name: `fault ${sequence}`,
        digest: n % 2 === 0 ? FIXED : SECOND_FIX,
        rate: 0.5,
        delay: { medianMs: 5 * MINUTE, sigma: 0.5 },
        because: 'it restarts',
      });
    case 'upgrade':
      return world.upgrade({ to: { version: `4.21.${n}`, commit: COMMITS.next }, share: 0.3, overMs: HOUR });
    case 'silence':
      return world.silence(plane.managementCluster, 10 * MINUTE);
    case 'lose':
      return world.lose(plane.uid, 10 * MINUTE);
    case 'sicken':
      return world.sicken(plane.uid, 'etcd lost its leader', 10 * MINUTE);
    case 'hold':
      return world.hold(plane.uid, 10 * MINUTE);
    case 'destroy':
      return world.destroy(plane.uid, { recreate: n % 2 === 0 });
    case 'create':
      return world.create();
  }
}

const deeds = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 0, max: 20 * MINUTE }),
    deed: fc.constantFrom(...DEEDS),
    n: fc.nat({ max: 7 }),
  }),
  { minLength: 1, maxLength: 12 },
);

/** Nature a hundred times as busy, so that an hour holds a bit of everything. */
const BUSY = {
  ...LIVELY,
  stallShare: 0.1,
  sickPerPlaneHour: 0.3,
  lostPerPlaneHour: 0.2,
  deletedPerPlaneHour: 0.1,
  recreatedShare: 0.5,
  createdPerPlaneHour: 0.1,
  upgradedPerPlaneHour: 0.1,
  silentPerClusterHour: 1,
};

const optionsOf = (seed: number) =>
  sampleOptions({ nature: BUSY, fleet: { ...FLEET, seed, planes: 16, managementClusters: 3 } });

test('a world stopped at any point and opened again is, and reports, as one that never stopped', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 1_000 }), deeds, fc.nat(), async (seed, plan, cutAt) => {
      const dir = folder();
      const steady = createWorld(optionsOf(seed));
      let stopped = openWorld(dir, optionsOf(seed));
      for (const world of [steady, stopped]) registerFixes(world);
      const planes = steady.survey().flatMap((report) => report.planes.map((plane) => plane.uid));
      const steadyView = viewOf(steady);
      const view = viewOf(stopped);
      for (const [index, deed] of plan.entries()) {
        const at = plus(steady.now(), deed.afterMs);
        for (const world of [steady, stopped]) {
          await world.advanceTo(at);
          await does(world, planes, deed, index + 1);
        }
        if (index !== cutAt % plan.length) continue;
        // No close: a killed process does not say goodbye. Writing on would be a second owner, so nobody does.
        stopped = openWorld(dir, optionsOf(seed));
        viewOf(stopped, view);
        expect(stopped.now()).toBe(steady.now());
      }
      // An hour on and at a moment agents look, so that nothing is known to the world alone.
      const end = instantOf(Math.ceil(epochMs(plus(steady.now(), HOUR)) / REPORT_EVERY_MS) * REPORT_EVERY_MS);
      await steady.advanceTo(end);
      await stopped.advanceTo(end);
      expect(stopped.survey()).toEqual(steady.survey());
      expect(stopped.deliveries()).toEqual(steady.deliveries());
      expect(stopped.record()).toEqual(steady.record());
      // The hub comes to know the same, but for agents that are silent now.
      const since = plus(end, -HEARTBEAT_EVERY_MS);
      expect(knowledgeOf(view, since)).toEqual(knowledgeOf(steadyView, since));
      expect(findBroken({ record: stopped.record(), deliveries: stopped.deliveries() })).toEqual([]);
      stopped.close();
    }),
    { numRuns: 60, seed: 42 },
  );
});

test('a line that a crash cut short is dropped, wherever it was cut; what was accepted before it stays', async () => {
  const dir = folder();
  const first = openWorld(dir, sampleOptions());
  registerFixes(first);
  const [one, two] = first.survey().flatMap((report) => report.planes);
  await first.deliver([orderTo(first, one!)]);
  const accepted = readFileSync(journalPath(dir)).length;
  await first.deliver([orderTo(first, two!)]);
  first.close();
  const whole = readFileSync(journalPath(dir));
  for (const length of [accepted, accepted + 1, accepted + 100, whole.length - 1]) {
    writeFileSync(journalPath(dir), whole.subarray(0, length));
    const again = openWorld(dir, sampleOptions());
    expect(again.deliveries().map((delivery) => delivery.order.uid)).toEqual([one!.uid]);
    // A mark of time is shorter than what was cut: it must not leave the rest of it behind.
    await again.advanceTo(plus(EPOCH, 1));
    again.close();
    openWorld(dir, sampleOptions()).close();
    const second = openWorld(dir, sampleOptions());
    await second.deliver([orderTo(second, two!)]);
    second.close();
    const third = openWorld(dir, sampleOptions());
    expect(third.deliveries().map((delivery) => delivery.order.uid)).toEqual([one!.uid, two!.uid]);
    third.close();
  }
});

test('a process killed while it takes orders has lost none it accepted and does none twice', async () => {
  const dir = folder();
  const child: ChildProcessByStdio<null, Readable, null> = spawn(
    process.execPath,
    ['--input-type=module', '--eval', TAKES_ORDERS, '--', dir],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const accepted: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    accepted.push(line);
    if (accepted.length === 60) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
  const world = openWorld(dir, sampleOptions());
  const kept = world.deliveries();
  expect(accepted.length).toBeGreaterThanOrEqual(60);
  expect(kept.map((delivery) => delivery.order.key)).toEqual(expect.arrayContaining(accepted));
  await world.deliver(kept.map((delivery) => delivery.order));
  expect(kept.every((delivery) => delivery.received === 2)).toBe(true);
  expect(actedTwice({ record: world.record() })).toEqual([]);
  expect(world.record().acts).toHaveLength(kept.length);
  world.close();
});

/** Hands over orders for ever, lets time pass, and prints each key once it was accepted. */
const TAKES_ORDERS = `
  const here = ${JSON.stringify(new URL('.', import.meta.url).href)};
  const { openWorld } = await import(here + 'world.ts');
  const { FIXED, orderTo, registerFixes, sampleOptions } = await import(here + 'sample-world.ts');
  const { plus } = await import(here + '../core/base/instant.ts');
  const world = openWorld(process.argv.at(-1), sampleOptions());
  registerFixes(world);
  const { uid } = world.survey()[0].planes[0];
  for (let sequence = 1; ; sequence += 1) {
    const plane = world.plane(uid);
    const ifOverride = plane.components[Object.keys(plane.components)[0]].override ?? null;
    const action = ifOverride === null ? 'set' : 'remove';
    const order = orderTo(world, plane, { sequence, ifOverride, action });
    await world.deliver([order]);
    process.stdout.write(order.key + '\\n');
    await world.advanceTo(plus(world.now(), 1_000));
  }
`;

test('an order that could not be kept is not carried out, and can be handed over again', async () => {
  const kept = memoryJournal();
  let isFull = false;
  const journal = {
    ...kept,
    append: (entry: Parameters<typeof kept.append>[0]) => {
      if (isFull) throw new Error('no space left on device');
      kept.append(entry);
    },
  };
  const world = createWorld({ ...sampleOptions(), journal });
  registerFixes(world);
  const plane = somePlane(world);
  isFull = true;
  await expect(world.deliver([orderTo(world, plane)])).rejects.toThrow('no space left');
  expect(world.plane(plane.uid)).toEqual(plane);
  expect(world.deliveries()).toEqual([]);
  isFull = false;
  await world.deliver([orderTo(world, plane)]);
  expect(world.deliveries()).toMatchObject([{ received: 1, acted: 1 }]);
});

test('a full disk is said to whoever hands over an order, and leaves a journal that can be opened', async () => {
  const dir = folder();
  // No room past 16 KiB: the system's limit on a file stands in for a full disk.
  const args = ['-c', 'ulimit -f 32; exec "$0" "$@"', process.execPath, '--input-type=module', '--eval'];
  const child = spawn('sh', [...args, TAKES_ORDERS, '--', dir], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [accepted, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect(errors).toContain('EFBIG');
  expect(readFileSync(journalPath(dir)).at(-1)).toBe(0x0a);
  const world = openWorld(dir, sampleOptions());
  const keys = world.deliveries().map((delivery) => delivery.order.key);
  expect(keys.length).toBeGreaterThan(5);
  expect(keys).toEqual(accepted.trimEnd().split('\n'));
  world.close();
});

test('a world that is only left running does not fill the disk', async () => {
  const dir = folder();
  const world = openWorld(dir, sampleOptions());
  await world.advanceTo(plus(EPOCH, MINUTE));
  const size = readFileSync(journalPath(dir)).length;
  for (let second = 61; second < 400; second += 1) await world.advanceTo(plus(EPOCH, second * SECOND));
  expect(readFileSync(journalPath(dir)).length).toBe(size);
  world.close();
  const again = openWorld(dir, sampleOptions());
  expect(again.now()).toBe(plus(EPOCH, 399 * SECOND));
  again.close();
});

test('an opened world keeps its own beginning, whatever the time and the commits are now', async () => {
  const dir = folder();
  const first = openWorld(dir, sampleOptions());
  const survey = first.survey();
  first.close();
  const releases = FLEET.releases.map((release) => ({ ...release, commit: COMMITS.next }));
  const again = openWorld(dir, sampleOptions({ epoch: plus(EPOCH, HOUR), fleet: { ...FLEET, releases } }));
  expect(again.founding.epoch).toBe(EPOCH);
  expect(again.survey()).toEqual(survey);
  again.close();
});

test('a folder that holds another world is refused, naming the difference', () => {
  const dir = folder();
  openWorld(dir, sampleOptions()).close();
  expect(() => openWorld(dir, sampleOptions({ fleet: { ...FLEET, seed: 2 } }))).toThrow(
    'founded with seed 1, and 2 is asked for',
  );
});

test.each([
  ['not JSON', 'garbage', /world\.jsonl:2: not JSON/],
  ['an unknown kind', '{"kind":"miracle"}', /world\.jsonl:2: kind: /],
  ['a wrong member', `{"kind":"silence","at":"${EPOCH}","managementCluster":"mc","forMs":-1}`, /:2: forMs: /],
  ['a time that is none', '{"kind":"time","at":"soon"}', /:2: at: not an instant/],
  ['a second founding', undefined, /founded twice/],
  [
    'what cannot have been',
    `{"kind":"lose","at":"${EPOCH}","uid":"no-uid","forMs":1}`,
    /no control plane has uid no-uid/,
  ],
])('a journal with %s in it is refused with the place of the fault', (_, line, message) => {
  const dir = folder();
  openWorld(dir, sampleOptions()).close();
  const founding = readFileSync(journalPath(dir), 'utf8').trimEnd();
  writeFileSync(journalPath(dir), `${founding}\n${line ?? founding}\n`);
  expect(() => openWorld(dir, sampleOptions())).toThrow(message);
});

test('a journal that does not begin with a founding, or goes back in time, is refused', () => {
  const dir = folder();
  writeFileSync(journalPath(dir), `{"kind":"time","at":"${EPOCH}"}\n`);
  expect(() => openWorld(dir, sampleOptions())).toThrow('expected the founding of a world, found time');
  truncateSync(journalPath(dir));
  openWorld(dir, sampleOptions()).close();
  for (const at of [plus(EPOCH, HOUR), EPOCH])
    appendFileSync(journalPath(dir), `{"kind":"time","at":"${at}"}\n`);
  expect(() => openWorld(dir, sampleOptions())).toThrow('the journal goes back in time');
});

test('a closed world takes no more orders', async () => {
  const world = openWorld(folder(), sampleOptions());
  world.close();
  world.close();
  await expect(world.deliver([orderTo(world, somePlane(world))])).rejects.toThrow('is closed');
});
