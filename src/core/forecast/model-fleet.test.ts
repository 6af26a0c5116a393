import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { breaking, STORMY } from './laws.ts';
import { makeModelFleet } from './model-fleet.ts';
import { type FleetRow, modelFleetOf } from './model-fleet-of.ts';
import { simulate } from './simulate.ts';
import { steadily } from './testing.ts';

describe('the made-up fleet', () => {
  const fleet = makeModelFleet({ seed: 1, burningShare: 0.01 });
  const counts = (of: Int32Array, groups: number) => {
    const out = new Array<number>(groups).fill(0);
    for (const group of of) out[group]! += 1;
    return out.sort((a, b) => a - b);
  };

  test('has 40,000 control planes on 1,500 management clusters in 30 regions, none of them empty', () => {
    expect(fleet).toMatchObject({ size: 40_000, managementClusters: 1_500, regions: 30, strata: 12 });
    expect(counts(fleet.managementCluster, 1_500)[0]).toBeGreaterThan(0);
    const regions = counts(fleet.region, 30);
    expect(regions[0]).toBeGreaterThan(100);
    expect(regions[29]! / regions[28]!).toBeGreaterThan(1.6);
  });

  test('has strata of 2.5 % to 28 % and one of 7 %', () => {
    const shares = counts(fleet.stratum, 12).map((count) => Math.round((200 * count) / fleet.size) / 2);
    expect(shares[0]).toBeCloseTo(2.5, 0);
    expect(shares[11]).toBeCloseTo(28, 0);
    expect(shares).toContain(7);
  });

  test('keeps a management cluster in one region and on one platform', () => {
    const regionOf = new Map<number, number>();
    const platformOf = new Map<number, number>();
    fleet.managementCluster.forEach((cluster, i) => {
      expect(regionOf.get(cluster) ?? fleet.region[i]).toBe(fleet.region[i]);
      regionOf.set(cluster, fleet.region[i]!);
      const platform = Math.floor(fleet.stratum[i]! / 4);
      expect(platformOf.get(cluster) ?? platform).toBe(platform);
      platformOf.set(cluster, platform);
    });
  });

  test('has the share burning that was asked for', () => {
    expect(fleet.burning.reduce((a, b) => a + b, 0)).toBe(400);
  });

  test.each([0, -1, 1.5, Number.NaN])('is refused with %d control planes', (planes) => {
    expect(() => makeModelFleet({ seed: 1, planes })).toThrow('expected a whole number from 1');
  });

  test('may be smaller than the number of management clusters asked for', () => {
    expect(makeModelFleet({ seed: 1, planes: 7 })).toMatchObject({
      size: 7,
      managementClusters: 7,
      regions: 7,
    });
  });
});

describe('the model of a real fleet', () => {
  const rows: FleetRow[] = Array.from({ length: 90 }, (_, i) => ({
    uid: `uid-${i}`,
    name: `cp-${i}`,
    managementCluster: `mc-${i % 9}`,
    region: `region-${i % 3}`,
    platform: i % 9 < 4 ? 'aws' : 'azure',
    version: `4.${18 + (i % 2)}.${i % 5}`,
    customer: `customer-${i % 4}`,
    burning: i % 10 === 0,
  }));
  const outcomeOf = (of: readonly FleetRow[]) => {
    const { fleet } = modelFleetOf(of);
    return simulate({ fleet, laws: breaking(STORMY, 0.3, 5), rule: steadily(3), seed: 7, untilMin: 600 });
  };

  test('counts what there is', () => {
    const { fleet } = modelFleetOf(rows);
    expect(fleet).toMatchObject({ size: 90, managementClusters: 9, regions: 3, strata: 4, customers: 4 });
    expect(fleet.burning.reduce((a, b) => a + b, 0)).toBe(9);
  });

  test('says which row each number is', () => {
    const { fleet, order } = modelFleetOf(rows);
    const clusters = [...new Set(rows.map((row) => row.managementCluster))];
    for (const cluster of clusters) {
      const numbers = new Set(
        [...order].flatMap((row, i) =>
          rows[row]!.managementCluster === cluster ? fleet.managementCluster[i]! : [],
        ),
      );
      expect(numbers.size).toBe(1);
    }
    expect([...order].sort((a, b) => a - b)).toEqual([...rows.keys()]);
    expect([...order].map((row) => (rows[row]!.burning ? 1 : 0))).toEqual([...fleet.burning]);
  });

  test('tells management clusters of one name in two regions apart', () => {
    const twins = ['east', 'west'].map((region) => ({ ...rows[0]!, region, managementCluster: 'mc' }));
    expect(modelFleetOf(twins).fleet.managementClusters).toBe(2);
  });

  test('has the same outcomes whatever the order of its rows and their names', () => {
    const expected = outcomeOf(rows);
    expect(expected.broken).toBeGreaterThan(0);
    const mixed = fc.shuffledSubarray(rows, { minLength: rows.length, maxLength: rows.length });
    fc.assert(
      fc.property(mixed, fc.string(), (other, word) => {
        const renamed = other.map((row, i) => ({
          ...row,
          uid: `${word}${rows.length - i}`,
          name: `${i}${word}`,
        }));
        expect(outcomeOf(renamed)).toEqual(expected);
      }),
      { seed: 11, numRuns: 30 },
    );
  });
});
