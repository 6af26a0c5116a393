// Goal: a fleet that looks like one, the same for the same spec.
import { expect, test } from 'vitest';
import { type FleetSpec, makeFleet } from './fleet.ts';
import { COMMITS, FLEET } from './sample-world.ts';

const BIG: FleetSpec = {
  seed: 7,
  planes: 2_000,
  component: 'control-plane-operator',
  releases: [
    { version: '4.19.11', commit: COMMITS.old, share: 3 },
    { version: '4.20.2', commit: COMMITS.new, share: 1 },
  ],
  regions: 4,
  customers: 50,
};
const fleet = makeFleet(BIG);
const countBy = (key: (plane: (typeof fleet.planes)[number]) => string) => {
  const counts = new Map<string, number>();
  for (const plane of fleet.planes) counts.set(key(plane), (counts.get(key(plane)) ?? 0) + 1);
  return counts;
};

test('the same spec makes the same fleet, another seed another one', () => {
  expect(makeFleet(BIG)).toEqual(fleet);
  expect(makeFleet({ ...BIG, seed: 8 }).planes).not.toEqual(fleet.planes);
});

test('one more control plane leaves the others as they were', () => {
  const spec = { ...FLEET, planes: 30 };
  expect(makeFleet({ ...spec, planes: 31 }).planes.slice(0, 30)).toEqual(makeFleet(spec).planes);
});

test('names and uids are unique and have their shapes', () => {
  expect(countBy((plane) => plane.name).size).toBe(2_000);
  expect(countBy((plane) => plane.uid).size).toBe(2_000);
  for (const { name, uid } of fleet.planes) {
    expect(name).toMatch(/^cp-[0-9a-f]{4}$/);
    expect(uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
});

test('versions have their shares, in a large fleet as in one of eight', () => {
  expect(countBy((plane) => plane.version).get('4.20.2')).toBeGreaterThan(495);
  expect(countBy((plane) => plane.version).get('4.20.2')).toBeLessThan(505);
  for (const seed of [1, 2, 3, 4, 5]) {
    const small = makeFleet({ ...BIG, seed, planes: 8 }).planes.filter((plane) => plane.version === '4.20.2');
    expect(small.length).toBeGreaterThan(0);
    expect(small.length).toBeLessThan(4);
  }
});

test('most are highly available, management clusters differ in size, few customers have many', () => {
  const single = countBy((plane) => plane.availability).get('SingleReplica')!;
  expect(single).toBeGreaterThan(150);
  expect(single).toBeLessThan(250);
  const sizes = [...countBy((plane) => plane.managementCluster).values()].sort((a, b) => b - a);
  expect(sizes).toHaveLength(75);
  expect(sizes[0]! / sizes.at(-1)!).toBeGreaterThan(4);
  const customers = countBy((plane) => plane.customer);
  expect(customers.get('customer-01')! / customers.get('customer-10')!).toBeGreaterThan(5);
});

test('a management cluster has one region, sector and platform, and every region has one', () => {
  const facts = new Map(fleet.clusters.map((cluster) => [cluster.name, cluster]));
  for (const plane of fleet.planes) {
    const { region, sector, platform } = facts.get(plane.managementCluster)!;
    expect([plane.region, plane.sector, plane.platform]).toEqual([region, sector, platform]);
  }
  expect(facts.size).toBe(fleet.clusters.length);
  expect(countBy((plane) => plane.region).size).toBe(4);
  expect([...countBy((plane) => plane.sector).keys()].sort()).toEqual(['canary', 'early', 'main']);
  expect([...countBy((plane) => plane.platform).keys()].sort()).toEqual(['aws', 'azure', 'gcp']);
});

test('a fleet of one control plane is a fleet', () => {
  const { clusters, planes } = makeFleet({ ...BIG, planes: 1 });
  expect([clusters.length, planes.length]).toEqual([1, 1]);
});
