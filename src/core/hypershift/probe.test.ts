// Goal: what a probe of node pools does next follows from what is seen, and from nothing else.
import { expect, test } from 'vitest';
import type { Digest } from '../base/ids.ts';
import { HOUR, MINUTE, SECOND } from '../base/instant.ts';
import type { SignedOrder } from '../rollout/order.ts';
import { markText } from './mark.ts';
import { CPO_IMAGE, type Hosted, MARK, type NodePool } from './objects.ts';
import {
  asTried,
  beginProbe,
  isKept,
  isTried,
  judgeBack,
  judgePause,
  judgeTry,
  keep,
  type Outcome,
  type Probe,
  type ProbeLook,
  putBack,
  renewed,
  stratumOf,
  whyNotProbed,
  whyNotTellable,
  withBaseline,
} from './probe.ts';
import {
  CPO,
  clusterWith,
  condition,
  hostedWith,
  LATER,
  look,
  NEW,
  NOW_MS,
  OLD,
  poolWith,
  REPOSITORY,
  withAnnotations,
} from './testing.ts';

const ORDER: SignedOrder = {
  key: 'FIX-1/uid-1/7000',
  fix: 'FIX-1',
  uid: 'uid-1',
  name: 'hc1.ocm-prod-abc',
  managementCluster: 'mc-1',
  component: CPO.name,
  action: 'set',
  digest: NEW,
  ifOverride: null,
  expiresAt: '2026-08-22T13:00:00.000Z',
  sequence: 7_000,
  keyId: 'k',
  signature: 's',
};
const markedWith = (key: string, digest: Digest, fix: `FIX-${number}` = 'FIX-1') => ({
  [CPO_IMAGE]: `${REPOSITORY}@${digest}`,
  [MARK]: markText({
    key,
    fix,
    sequence: 6_999,
    component: CPO.name,
    image: `${REPOSITORY}@${digest}`,
    before: OLD,
  }),
});
const tried = withAnnotations(markedWith(asTried(ORDER).key, NEW));
const all = (digest: Digest) => {
  const ref = `${REPOSITORY}@${digest}`;
  return { images: { operator: ref, apiserver: ref, etcd: ref } };
};
const UNTIL = '2026-08-22T13:00:00Z';

type PoolSays = { readonly until?: string; readonly paused?: boolean; readonly updating?: boolean };
const pool = (
  { until = UNTIL, paused = true, updating = false }: PoolSays = {},
  name = 'workers',
): NodePool =>
  poolWith(name, {
    metadata: { annotations: { 'hypershift.openshift.io/nodePoolCurrentConfig': 'c1' } },
    spec: { clusterName: 'hc1', ...(until !== '' && { pausedUntil: until }) },
    status: {
      conditions: [
        condition('ReconciliationActive', paused ? 'False' : 'True'),
        condition('UpdatingConfig', updating ? 'True' : 'False'),
      ],
    },
  });
const free = () => pool({ until: '', paused: false });
const begun = (): Probe =>
  beginProbe(ORDER, hostedWith({ nodePools: [free()] }), { component: CPO, nowMs: NOW_MS });
const paused = (): Probe => withBaseline(begun(), hostedWith({ nodePools: [pool()] }));
const at = (hosted: Hosted, over: Partial<ProbeLook> = {}): ProbeLook => ({
  ...look,
  hosted,
  component: CPO,
  settleMs: 2 * MINUTE,
  ...over,
});

test('a probe speaks for one image of one component, release and platform', () => {
  const of = (over: object, cluster = clusterWith()) => stratumOf({ ...ORDER, ...over }, cluster);
  const one = of({});
  expect(of({ key: 'other', uid: 'uid-2' }, clusterWith({ metadata: { uid: 'uid-2', name: 'hc2' } }))).toBe(
    one,
  );
  const others = [
    of({ digest: LATER }),
    of({ component: 'other' }),
    of({}, clusterWith({ spec: { platform: { type: 'Azure' } } })),
    of({}, clusterWith({ spec: { release: { image: 'quay.example/release:4.19.12' } } })),
    of({}, clusterWith({ spec: { controlPlaneRelease: { image: 'quay.example/release:4.19.12' } } })),
  ];
  expect(others.filter((it) => it === one)).toEqual([]);
});

test.each<[string, Outcome | undefined, RegExp | undefined]>([
  ['nothing', undefined, undefined],
  ['that it fits', { is: 'fits', name: 'a' }, undefined],
  [
    'that it rolls',
    { is: 'rolls', because: 'node pools would roll: w: UpdatingConfig', name: 'hc9.ns' },
    /^node pools would roll: w: UpdatingConfig \(tried on hc9.ns\)$/,
  ],
  [
    'nothing, of this very order',
    { is: 'untold', because: 'X', key: ORDER.key },
    /^whether node pools would roll could not be found out: X$/,
  ],
  ['nothing, of another order', { is: 'untold', because: 'X', key: 'other' }, undefined],
])('what is known is %s', (_, outcome, expected) => {
  const because = whyNotProbed(outcome, ORDER.key);
  if (expected === undefined) expect(because).toBeUndefined();
  else expect(because).toMatch(expected);
});

test.each<[string, readonly NodePool[], RegExp | undefined]>([
  ['free and still', [free()], undefined],
  [
    'paused by somebody',
    [free(), pool({ until: 'true' }, 'other')],
    /^node pool other has a pausedUntil .*\(true\)$/,
  ],
  [
    'paused by somebody who let the time pass',
    [pool({ until: '2020-01-01T00:00:00Z', paused: false })],
    /not ours/,
  ],
  [
    'being updated',
    [pool({ until: '', paused: false, updating: true })],
    /^node pool workers is being updated already \(UpdatingConfig\)$/,
  ],
])('node pools that are %s', (_, pools, expected) => {
  const because = whyNotTellable(pools);
  if (expected === undefined) expect(because).toBeUndefined();
  else expect(because).toMatch(expected);
});

test('it pauses every pool until a time, which always has an end', () => {
  const probe = beginProbe(ORDER, hostedWith({ nodePools: [free(), pool({}, 'two')] }), {
    component: CPO,
    nowMs: NOW_MS + 123,
  });
  expect(probe.pools.map(({ name, uid }) => [name, uid])).toEqual([
    ['workers', 'uid-workers'],
    ['two', 'uid-two'],
  ]);
  expect(probe.until).toEqual([UNTIL]);
});

test.each([
  [0, undefined],
  [39 * MINUTE, undefined],
  [41 * MINUTE, '2026-08-22T13:41:00Z'],
  [3 * HOUR, '2026-08-22T16:00:00Z'],
  [4 * HOUR + SECOND, undefined],
])('%i ms after its begin its pause is set anew to %s', (afterMs, expected) => {
  expect(renewed(begun(), NOW_MS + afterMs)?.until).toEqual(
    expected === undefined ? undefined : [UNTIL, expected],
  );
});

test('what was there before is what is put back, with its mark', () => {
  expect(putBack(begun())).toEqual({
    key: `${ORDER.key}/taken back`,
    fix: 'FIX-1',
    uid: 'uid-1',
    component: CPO.name,
    sequence: 6_999,
    action: 'remove',
  });
  const earlier = withAnnotations(markedWith('FIX-9/uid-1/5', OLD, 'FIX-9'));
  const over = beginProbe(ORDER, hostedWith({ cluster: earlier }), { component: CPO, nowMs: NOW_MS });
  expect(putBack(over)).toMatchObject({
    key: 'FIX-9/uid-1/5',
    fix: 'FIX-9',
    sequence: 6_999,
    action: 'set',
    digest: OLD,
  });
});

test('what is tried is no order done, and what is kept is; putting back is neither', () => {
  expect([isTried(begun(), { cluster: tried }, CPO), isKept(begun(), { cluster: tried })]).toEqual([
    true,
    false,
  ]);
  const kept = withAnnotations(markedWith(keep(begun()).key, NEW));
  expect([isTried(begun(), { cluster: kept }, CPO), isKept(begun(), { cluster: kept })]).toEqual([
    false,
    true,
  ]);
  const moved = withAnnotations({
    ...markedWith(asTried(ORDER).key, NEW),
    [CPO_IMAGE]: `${REPOSITORY}@${LATER}`,
  });
  expect(isTried(begun(), { cluster: moved }, CPO)).toBe(false);
  const back = withAnnotations({ [MARK]: markedWith(putBack(begun()).key, NEW)[MARK]! });
  expect([isTried(begun(), { cluster: back }, CPO), isKept(begun(), { cluster: back })]).toEqual([
    false,
    false,
  ]);
  expect([asTried(ORDER).sequence, keep(begun()).sequence]).toEqual([6_999, 7_000]);
});

test.each<[string, NodePool[], number, string]>([
  ['a pool that does not show the pause', [free()], 0, 'wait'],
  ['a pool that HyperShift has not seen paused', [pool({ paused: false })], 0, 'wait'],
  ['a pause of another time', [pool({ until: '2026-08-22T14:00:00Z' })], 0, 'wait'],
  ['all paused', [pool()], 0, 'go'],
  ['pools that are gone', [], 0, 'go'],
  ['no pause for too long', [pool({ paused: false })], 5 * MINUTE + 1, 'untold'],
])('with %s before the lever is moved: %s', (_, nodePools, afterMs, expected) => {
  const seen = at(hostedWith({ nodePools }), { nowMs: NOW_MS + afterMs });
  expect(judgePause(begun(), seen).is).toBe(expected);
});

const before = { cluster: tried };
test.each<[string, Hosted, Partial<ProbeLook>, string]>([
  ['the old image runs', hostedWith({ ...before, nodePools: [pool()] }), {}, 'wait'],
  [
    'a pool would roll while the old image runs in places',
    hostedWith({ ...before, nodePools: [pool({ updating: true })] }),
    {},
    'rolls',
  ],
  [
    'a pool would roll though all runs for long',
    hostedWith({ ...before, ...all(NEW), nodePools: [pool(), pool({ updating: true })] }),
    { calmSinceMs: NOW_MS - HOUR },
    'rolls',
  ],
  ['all runs it', hostedWith({ ...before, ...all(NEW), nodePools: [pool()] }), {}, 'calm'],
  [
    'all has been running it for a while',
    hostedWith({ ...before, ...all(NEW), nodePools: [pool()] }),
    { calmSinceMs: NOW_MS - 2 * MINUTE + 1 },
    'calm',
  ],
  [
    'all has been running it for long enough',
    hostedWith({ ...before, ...all(NEW), nodePools: [pool()] }),
    { calmSinceMs: NOW_MS - 2 * MINUTE },
    'go',
  ],
  [
    'it runs, and its lever was taken by somebody',
    hostedWith({ ...all(NEW), nodePools: [pool()] }),
    { calmSinceMs: NOW_MS - HOUR },
    'wait',
  ],
  [
    'somebody ended the pause',
    hostedWith({ ...before, ...all(NEW), nodePools: [free()] }),
    { calmSinceMs: NOW_MS - HOUR },
    'untold',
  ],
  [
    'somebody ended the pause, and it rolls',
    hostedWith({ ...before, nodePools: [pool({ until: '', updating: true })] }),
    {},
    'rolls',
  ],
  [
    'it takes too long',
    hostedWith({ ...before, nodePools: [pool()] }),
    { nowMs: NOW_MS + 30 * MINUTE + 1 },
    'untold',
  ],
])('with the lever in place, when %s', (_, hosted, over, expected) => {
  expect(judgeTry(paused(), at(hosted, over)).is).toBe(expected);
});

test('what would roll is said with the signs of it', () => {
  const hosted = hostedWith({ ...before, nodePools: [pool({ updating: true })] });
  expect(judgeTry(paused(), at(hosted))).toEqual({
    is: 'rolls',
    because: 'node pools would roll: workers: UpdatingConfig',
  });
});

test.each<[string, Hosted, Partial<ProbeLook>, string]>([
  ['something holds the image', hostedWith({ ...all(NEW), nodePools: [pool()] }), {}, 'wait'],
  [
    'only the operator is back, and a pool still wants to roll',
    hostedWith({ nodePools: [pool({ updating: true })] }),
    { calmSinceMs: NOW_MS - HOUR },
    'wait',
  ],
  ['all is back', hostedWith({ nodePools: [pool()] }), {}, 'calm'],
  ['all has been back', hostedWith({ nodePools: [pool()] }), { calmSinceMs: NOW_MS - 2 * MINUTE }, 'go'],
  [
    'nothing is back, and no pause can be left',
    hostedWith({ ...all(NEW), nodePools: [pool({ updating: true })] }),
    { nowMs: NOW_MS + 5 * HOUR + 1 },
    'go',
  ],
])('with the lever put back, when %s', (_, hosted, over, expected) => {
  expect(judgeBack(paused(), at(hosted, over)).is).toBe(expected);
});
