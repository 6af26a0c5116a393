// Goal: an instance that all control planes of a management cluster depend on is as ill, and weighs as much, as they do.
import { expect, test } from 'vitest';
import { planeOf } from '../life/testing.ts';
import type { ControlPlane } from './control-plane.ts';
import { withServed } from './served.ts';

const on = (managementCluster: string, name: string, over: Partial<ControlPlane> = {}) =>
  planeOf(name, { managementCluster, ...over });
const hosted = (count: number, ill: number) =>
  Array.from({ length: count }, (_, i) =>
    on('mc-1', `cp-${i}`, i < ill ? { unhealthy: 'Available is False' } : {}),
  );
const operator = on('mc-1', 'operator');
const served = (all: readonly ControlPlane[], instance = operator) =>
  withServed([instance], [instance, ...all])[0]!;

test.each([
  [0, 0, undefined],
  [3, 0, undefined],
  [3, 1, 'cp-0'],
  [19, 1, 'cp-0'],
  // One of twenty is ill for reasons of its own at any time.
  [20, 1, undefined],
  [20, 2, 'cp-0'],
  [100, 5, undefined],
  [100, 6, 'cp-0'],
])('of %i control planes %i are ill: the instance is as ill as %s', (count, ill, named) => {
  const { unhealthy, served: weight } = served(hosted(count, ill));
  expect(weight!.planes).toBe(Math.max(1, count));
  expect(unhealthy).toBe(
    named && `control planes of its management cluster are ill, among them ${named}: Available is False`,
  );
});

test('what is wrong with the instance itself comes first, and others do not speak for its management cluster', () => {
  expect(served(hosted(3, 3), { ...operator, unhealthy: 'it crashes' }).unhealthy).toBe('it crashes');
  const elsewhere = [on('mc-2', 'x', { unhealthy: 'Available is False' })];
  expect(served(elsewhere)).toEqual({ ...operator, served: { planes: 1 } });
});

test('episodes to be expected are those of all, where one of them is an episode', () => {
  const past = { episodes: 4, hours: 500 };
  expect(served([on('mc-1', 'a', { past }), on('mc-1', 'b')]).served!.rate).toBeCloseTo(
    5 / 1_000 + 1 / 500,
    12,
  );
  expect(served(hosted(20, 0)).served).toEqual({ planes: 20 });
});

test('the order of the fleet changes nothing, not even who is named', () => {
  const all = hosted(5, 3);
  expect(served([...all].reverse())).toEqual(served(all));
});
