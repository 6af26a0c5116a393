import { drawOf, keyOf, shuffled } from './random.ts';

/**
 * A fleet as the model sees it: control planes are the numbers 0 … size − 1, everything else is in arrays by
 * that number. Nothing in it is a name, so no name can decide.
 */
export type ModelFleet = {
  readonly size: number;
  /** Which management cluster, region, guard stratum (platform and minor version) and customer each is of. */
  readonly managementCluster: Int32Array;
  readonly region: Int32Array;
  readonly stratum: Int32Array;
  readonly customer: Int32Array;
  /** 1: already burning when the rollout begins. */
  readonly burning: Uint8Array;
  /** How many there are of each; numbers run from 0. */
  readonly managementClusters: number;
  readonly regions: number;
  readonly strata: number;
  readonly customers: number;
};

/** Shares of the three platforms and four minor versions: strata of 2.5 % to 28 %. */
const PLATFORM_SHARES = [0.5, 0.3, 0.2];
const MINOR_SHARES = [0.56, 0.175, 0.14, 0.125];

const PURPOSE = { platform: 1, cluster: 2, minor: 3, customer: 4, burning: 5 };

/** What to make a fleet of; what is absent is as in the reference model. */
export type FleetShape = {
  readonly seed: number;
  readonly planes?: number;
  readonly managementClusters?: number;
  readonly regions?: number;
  readonly platformShares?: readonly number[];
  readonly minorShares?: readonly number[];
  /** Absent: every control plane has its own. */
  readonly customers?: number;
  /** The share already burning, from 0 to 1. */
  readonly burningShare?: number;
};

/**
 * A made-up fleet: 40,000 control planes on 1,500 management clusters in 30 regions whose sizes go as 1/k, each
 * management cluster in one region and on one platform. Throws RangeError on counts that are not whole and positive.
 */
export function makeModelFleet(shape: FleetShape): ModelFleet {
  const { seed, planes = 40_000, platformShares = PLATFORM_SHARES, minorShares = MINOR_SHARES } = shape;
  const size = countOf('planes', planes);
  const managementClusters = Math.min(size, countOf('managementClusters', shape.managementClusters ?? 1_500));
  const regions = Math.min(managementClusters, countOf('regions', shape.regions ?? 30));
  const customers = shape.customers === undefined ? size : countOf('customers', shape.customers);
  const regionOf = dealt(managementClusters, zipf(regions));
  const platformOf = dealt(managementClusters, platformShares);
  const mixed = shuffled(managementClusters, keyOf(seed, PURPOSE.platform));

  const pick = (purpose: number, count: number) => {
    const key = keyOf(seed, purpose);
    return Int32Array.from({ length: size }, (_, i) => Math.floor(drawOf(key, i) * count));
  };
  // The first of each management cluster is given, so that none is empty.
  const managementCluster = pick(PURPOSE.cluster, managementClusters).map((cluster, i) =>
    i < managementClusters ? i : cluster,
  );
  const minorKey = keyOf(seed, PURPOSE.minor);
  const ends = minorShares.map((_, i) => minorShares.slice(0, i + 1).reduce((a, b) => a + b, 0));
  const minorOf = (i: number) => {
    const u = drawOf(minorKey, i) * ends.at(-1)!;
    return ends.findIndex((end) => u < end);
  };
  const burning = new Uint8Array(size);
  const burners = Math.round((shape.burningShare ?? 0) * size);
  for (const i of shuffled(size, keyOf(seed, PURPOSE.burning)).subarray(0, burners)) burning[i] = 1;
  return {
    size,
    managementCluster,
    region: managementCluster.map((cluster) => regionOf[cluster]!),
    stratum: managementCluster.map((c, i) => platformOf[mixed[c]!]! * minorShares.length + minorOf(i)),
    customer: customers === size ? managementCluster.map((_, i) => i) : pick(PURPOSE.customer, customers),
    burning,
    managementClusters,
    regions,
    strata: platformShares.length * minorShares.length,
    customers,
  };
}

function countOf(name: string, count: number): number {
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new RangeError(`${name} of a model fleet: ${count}, expected a whole number from 1`);
}

/** Shares of k regions, going as 1/k. */
const zipf = (count: number): number[] => Array.from({ length: count }, (_, k) => 1 / (k + 1));

/** `count` things dealt out by shares, in one run each: 0,0,0,1,1,2. Each gets at least one while they last. */
function dealt(count: number, shares: readonly number[]): Int32Array {
  const spare = Math.max(0, count - shares.length);
  const total = shares.reduce((a, b) => a + b, 0);
  const out = new Int32Array(count);
  let [at, before] = [0, 0];
  shares.forEach((share, k) => {
    before += share;
    const end = Math.min(count, Math.round((before / total) * spare) + k + 1);
    out.fill(k, at, end);
    at = Math.max(at, end);
  });
  return out.fill(shares.length - 1, at);
}
