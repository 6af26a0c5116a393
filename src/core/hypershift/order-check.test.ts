import { expect, test } from 'vitest';
import type { Order } from '../rollout/order.ts';
import { planeOf } from './inventory.ts';
import { CPO_IMAGE } from './objects.ts';
import { type OrderCheck, whyRefused } from './order-check.ts';
import { ago, hostedWith, look, NEW, NOW_MS, OLD, REPOSITORY, SETTINGS, withAnnotations } from './testing.ts';

const order: Order = {
  key: 'FIX-1/uid-1/3',
  fix: 'FIX-1',
  uid: 'uid-1',
  name: 'hc1.ocm-prod-abc',
  managementCluster: 'mc-1',
  component: 'control-plane-operator',
  action: 'set',
  digest: NEW,
  ifOverride: null,
  expiresAt: ago(-60_000),
  sequence: 3,
};
const plane = planeOf(hostedWith(), SETTINGS, look);
const fixed = planeOf(
  hostedWith({ cluster: withAnnotations({ [CPO_IMAGE]: `${REPOSITORY}@${NEW}` }) }),
  SETTINGS,
  look,
);
const check: OrderCheck = { plane, settings: SETTINGS, lastSequence: 2, nowMs: NOW_MS, genuine: true };
const { digest: _, ...none } = order;

test('an order that fits is not refused', () => {
  expect(whyRefused(order, check)).toBeUndefined();
  expect(whyRefused(order, { plane, settings: SETTINGS, nowMs: NOW_MS, genuine: true })).toBeUndefined();
  expect(
    whyRefused({ ...none, action: 'remove', ifOverride: NEW }, { ...check, plane: fixed }),
  ).toBeUndefined();
});

test.each<[because: string, order: Partial<Order>, it: Partial<OrderCheck>]>([
  ['its signature does not verify against a pinned key', {}, { genuine: false }],
  ['hc1.ocm-prod-abc is on management cluster mc-1, not on mc-2', { managementCluster: 'mc-2' }, {}],
  ['no control plane has uid uid-1', {}, { plane: undefined }],
  ['hc1.ocm-prod-abc was deleted', {}, { plane: undefined, deleted: true }],
  [
    'hc1.ocm-prod-abc was created again and is another control plane now, uid-2',
    {},
    { plane: undefined, namesake: 'uid-2' },
  ],
  ['hc1.ocm-prod-abc was created again and is another control plane now, uid-1', { uid: 'uid-0' }, {}],
  ['uid uid-1 is hc1.ocm-prod-abc, not hc2.ocm-prod-abc', { name: 'hc2.ocm-prod-abc' }, {}],
  [`it expired at ${ago(0)}`, { expiresAt: ago(0) }, {}],
  ['it expired at soon', { expiresAt: 'soon' }, {}],
  ['hc1.ocm-prod-abc does not run etcd', { component: 'etcd' }, {}],
  ['hc1.ocm-prod-abc does not run control-plane-operator', {}, { plane: { ...plane, components: {} } }],
  ['hc1.ocm-prod-abc does not run constructor', { component: 'constructor' }, {}],
  ['it asks to remove and names an image', { action: 'remove' }, {}],
  ['its image "registry.example/x:v1" is not a digest', { digest: 'registry.example/x:v1' as never }, {}],
  ['its sequence 3 is stale: hc1.ocm-prod-abc was given 3 already', {}, { lastSequence: 3 }],
  ['its sequence NaN is not a number', { sequence: Number.NaN }, {}],
  ['expected no override, found override b2b2b2b2b2b2', {}, { plane: fixed }],
  ['expected override a1a1a1a1a1a1, found no override', { ifOverride: OLD }, {}],
])('it is refused: %s', (because, change, it) => {
  expect(whyRefused({ ...order, ...change }, { ...check, ...it })).toBe(because);
});

test('of several reasons the first is told: of a forged order nothing else, an expired one before its image', () => {
  const wrong = { ...order, managementCluster: 'mc-2', expiresAt: ago(1), digest: 'x' as never, sequence: 1 };
  expect(whyRefused(wrong, { ...check, genuine: false })).toContain('signature');
  expect(whyRefused(wrong, check)).toContain('management cluster');
  expect(whyRefused({ ...wrong, managementCluster: 'mc-1' }, check)).toContain('expired');
  expect(whyRefused({ ...wrong, managementCluster: 'mc-1', expiresAt: order.expiresAt }, check)).toContain(
    'digest',
  );
});
