import { expect, test } from 'vitest';
import { planeOf } from './inventory.ts';
import { CPO_IMAGE } from './objects.ts';
import {
  ago,
  clusterWith,
  condition,
  hostedWith,
  look,
  NEW,
  NOW_MS,
  REPOSITORY,
  SETTINGS,
  workloadsOf,
} from './testing.ts';
import { turnsAtMs } from './turns.ts';

const MIN = 60_000;
const fixed = `${REPOSITORY}@${NEW}`;
const failing = (sinceMs: number) =>
  condition('ReconciliationSucceeded', 'False', {
    reason: 'ReconciliationError',
    lastTransitionTime: ago(sinceMs),
  });
const hosted = (sinceMs: number, given: string | undefined, asked: boolean) =>
  hostedWith({
    cluster: clusterWith({
      metadata: { ...(asked && { annotations: { [CPO_IMAGE]: fixed } }) },
      status: { conditions: [failing(sinceMs)] },
    }),
    workloads: workloadsOf({ ...(given !== undefined && { operator: given }) }),
  });
const unhealthy = (...parts: Parameters<typeof hosted>) =>
  planeOf(hosted(...parts), SETTINGS, look).unhealthy;

test('an image that HyperShift fails to give to the operator is told after two minutes, not after ten', () => {
  expect(unhealthy(1 * MIN, undefined, true)).toBeUndefined();
  expect(unhealthy(2 * MIN, undefined, true)).toBe(
    'HyperShift does not take the image: ReconciliationSucceeded is False (ReconciliationError)',
  );
  expect(turnsAtMs(hosted(1 * MIN, undefined, true), { nowMs: NOW_MS })).toBe(NOW_MS + MIN);
});

test('a reconcile that fails with the image in place, or with none asked for, counts when it lasts', () => {
  expect(unhealthy(9 * MIN, fixed, true)).toBeUndefined();
  expect(unhealthy(9 * MIN, undefined, false)).toBeUndefined();
  expect(unhealthy(10 * MIN, undefined, false)).toBe(
    'ReconciliationSucceeded is False (ReconciliationError)',
  );
});
