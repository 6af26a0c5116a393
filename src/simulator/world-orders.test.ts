// Goal: an agent carries out an order exactly when it should, and says why when it does not.
import { generateKeyPairSync, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { canonical } from '../core/base/hash.ts';
import { HOUR, MINUTE, plus } from '../core/base/instant.ts';
import type { SignedOrder } from '../core/rollout/order.ts';
import { pinnedKeys } from './pinned-keys.ts';
import {
  COMPONENT,
  EPOCH,
  FIXED,
  orderTo,
  registerFixes,
  SECOND_FIX,
  sampleOptions,
  somePlane,
  viewOf,
} from './sample-world.ts';
import { createWorld, type World } from './world.ts';
import type { PlaneReport } from './world-agents.ts';

const OTHERS_IMAGE = `sha256:${'9'.repeat(64)}` as const;

function begin() {
  const world = createWorld(sampleOptions());
  registerFixes(world);
  world.registerImage({ digest: OTHERS_IMAGE, component: 'hypershift-operator' });
  const view = viewOf(world);
  const plane = somePlane(world);
  const other = somePlane(world, (it) => it.managementCluster !== plane.managementCluster);
  return { world, view, plane, other };
}

type Case = {
  readonly when: string;
  readonly order: (plane: PlaneReport, other: PlaneReport) => Partial<SignedOrder>;
  readonly before?: (world: World, plane: PlaneReport) => unknown;
  readonly because: (plane: PlaneReport, other: PlaneReport) => string;
};

const CASES: readonly Case[] = [
  {
    when: 'its signature does not hold',
    order: () => ({ signature: 'forged' }),
    because: () => 'its signature does not verify against a pinned key',
  },
  {
    when: 'its signature does not hold, whatever else is wrong with it',
    order: () => ({ signature: 'forged', uid: 'no-such-uid', expiresAt: EPOCH }),
    because: () => 'its signature does not verify against a pinned key',
  },
  {
    when: 'the control plane is on another management cluster',
    order: (_, other) => ({ managementCluster: other.managementCluster }),
    because: (plane, other) =>
      `${plane.name} is on management cluster ${plane.managementCluster}, not on ${other.managementCluster}`,
  },
  {
    when: 'there is no such management cluster',
    order: () => ({ managementCluster: 'mc-nowhere' }),
    because: (plane) =>
      `${plane.name} is on management cluster ${plane.managementCluster}, not on mc-nowhere`,
  },
  {
    when: 'the name belongs to another uid',
    order: (_, other) => ({ name: other.name }),
    because: (plane, other) => `uid ${plane.uid} is ${plane.name}, not ${other.name}`,
  },
  {
    when: 'nobody knows the uid',
    order: () => ({ uid: 'no-such-uid', name: 'cp-none' }),
    because: () => 'no control plane has uid no-such-uid',
  },
  {
    when: 'the control plane was deleted',
    order: () => ({}),
    before: (world, plane) => world.destroy(plane.uid, { recreate: false }),
    because: (plane) => `${plane.name} was deleted`,
  },
  {
    when: 'it has expired',
    order: () => ({ expiresAt: EPOCH }),
    because: () => `it expired at ${EPOCH}`,
  },
  {
    when: 'the control plane does not run the component',
    order: () => ({ component: 'etcd' }),
    because: (plane) => `${plane.name} does not run etcd`,
  },
  {
    when: 'what it names is not a digest',
    order: () => ({ digest: 'sha256:latest' }),
    because: () => 'its image "sha256:latest" is not a digest',
  },
  {
    when: 'the image is of another component',
    order: () => ({ digest: OTHERS_IMAGE }),
    because: () => `its image 999999999999 is of hypershift-operator, not of ${COMPONENT}`,
  },
  {
    when: 'a later order came first',
    order: () => ({ sequence: 3 }),
    before: (world, plane) => world.deliver([orderTo(world, plane, { sequence: 4 })]),
    because: (plane) => `its sequence 3 is stale: ${plane.name} was given 4 already`,
  },
  {
    when: 'an override is in place and none was expected',
    order: () => ({ sequence: 2, digest: SECOND_FIX }),
    before: (world, plane) => world.deliver([orderTo(world, plane)]),
    because: () => `expected no override, found override ${FIXED.slice(7, 19)}`,
  },
  {
    when: 'no override is in place and one was expected',
    order: () => ({ action: 'remove', ifOverride: FIXED }),
    because: () => `expected override ${FIXED.slice(7, 19)}, found no override`,
  },
  {
    when: 'the state of the control plane cannot be seen',
    order: () => ({}),
    before: (world, plane) => world.lose(plane.uid, HOUR),
    because: (plane) => `the state of ${plane.name} cannot be seen`,
  },
];

test.each(CASES)('an order is refused and reported when $when', async ({ order, before, because }) => {
  const { world, view, plane, other } = begin();
  await before?.(world, plane);
  const levers = () =>
    world.survey().flatMap((r) => r.planes.map((p) => [p.uid, p.components[COMPONENT]!.override]));
  const kept = levers();
  const refused = orderTo(world, plane, order(plane, other));
  await world.deliver([refused]);
  expect(levers()).toEqual(kept);
  await world.advanceTo(plus(world.now(), MINUTE));
  const expected = { key: refused.key, uid: refused.uid, because: because(plane, other) };
  expect(view.refused.get(refused.key)).toEqual(expected);
  expect(world.deliveries().find((d) => d.order.key === refused.key)).toMatchObject({
    received: 1,
    acted: 0,
    refused: expected.because,
  });
});

test('a control plane that was created again is not the one the order meant', async () => {
  const { world, view, plane } = begin();
  world.destroy(plane.uid, { recreate: true });
  const order = orderTo(world, plane);
  await world.deliver([order]);
  await world.advanceTo(plus(world.now(), MINUTE));
  const { uid } = world.plane(plane.name)!;
  expect(view.refused.get(order.key)!.because).toBe(
    `${plane.name} was created again and is another control plane now, ${uid}`,
  );
  expect(world.plane(uid)!.components[COMPONENT]!.override).toBeUndefined();
});

test('a key is acted on once, however often and in whatever company it comes', async () => {
  const { world, view, plane } = begin();
  const set = orderTo(world, plane);
  await world.deliver([set, set]);
  await world.deliver([orderTo(world, plane, { action: 'remove', ifOverride: FIXED, sequence: 2 }), set]);
  await world.deliver([set]);
  await world.advanceTo(plus(world.now(), HOUR));
  expect(world.plane(plane.uid)!.components[COMPONENT]!.override).toBeUndefined();
  expect(world.deliveries().map(({ received, acted }) => ({ received, acted }))).toEqual([
    { received: 4, acted: 1 },
    { received: 1, acted: 1 },
  ]);
  expect(view.refused.size).toBe(0);
});

test('another order under a key that was used does nothing, and is counted', async () => {
  const { world, plane } = begin();
  await world.deliver([orderTo(world, plane)]);
  await world.deliver([orderTo(world, plane, { digest: SECOND_FIX })]);
  expect(world.plane(plane.uid)!.components[COMPONENT]!.override).toBe(FIXED);
  expect(world.deliveries()[0]).toMatchObject({ received: 2, differing: 1, acted: 1 });
});

test('a forged order does not use up the sequence of a real one', async () => {
  const { world, plane } = begin();
  await world.deliver([orderTo(world, plane, { signature: 'forged', sequence: 9 })]);
  await world.deliver([orderTo(world, plane, { sequence: 1 })]);
  expect(world.plane(plane.uid)!.components[COMPONENT]!.override).toBe(FIXED);
});

test('agents believe only orders signed, as they stand, by a key they pinned', () => {
  const { world, plane } = begin();
  const [ours, theirs] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
  const publicKey = ours.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const verify = pinnedKeys([{ keyId: 'ours', publicKey }]);
  const { keyId: _, signature: __, ...order } = orderTo(world, plane);
  const signed = (key: typeof ours, keyId: string): SignedOrder => ({
    ...order,
    keyId,
    signature: sign(null, Buffer.from(canonical(order)), key.privateKey).toString('base64'),
  });
  expect(verify(signed(ours, 'ours'))).toBe(true);
  expect(verify({ ...signed(ours, 'ours'), sequence: 2 })).toBe(false);
  expect(verify(signed(theirs, 'ours'))).toBe(false);
  expect(verify(signed(ours, 'theirs'))).toBe(false);
  expect(verify({ ...signed(ours, 'ours'), signature: '' })).toBe(false);
});
