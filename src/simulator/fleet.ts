import { hashOf } from '../core/base/hash.ts';
import type { Commit, Digest, Uid } from '../core/base/ids.ts';
import type { ControlPlane } from '../core/fleet/control-plane.ts';
import { hexDigits, lognormalMs, stream, weightedPick } from './random.ts';

/** A release some of the fleet is on. `commit`: of the component in it, already resolved. `share`: relative. */
export type Release = { readonly version: string; readonly commit: Commit; readonly share: number };

/** What fleet there is at the start. Counts are at least 1. `managementClusters` default: one for 27 planes. */
export type FleetSpec = {
  readonly seed: number;
  readonly planes: number;
  readonly component: string;
  readonly releases: readonly Release[];
  readonly managementClusters?: number | undefined;
  readonly regions: number;
  readonly customers: number;
};

export type ClusterFacts = {
  readonly name: string;
  readonly region: string;
  readonly sector: string;
  readonly platform: string;
  /** Its share of the fleet, relative to the others'. */
  readonly weight: number;
};

/** A control plane as it is made; what changes later is in the world's state. */
export type PlaneFacts = Pick<
  ControlPlane,
  | 'uid'
  | 'name'
  | 'managementCluster'
  | 'region'
  | 'sector'
  | 'customer'
  | 'platform'
  | 'version'
  | 'availability'
> & { readonly release: Digest };

/** Makes control planes one after the other; the n-th is the same whatever comes after it. */
export type PlaneMaker = {
  make(index: number, mayHave: (name: string) => boolean): PlaneFacts;
};

/** 40,000 planes on 1,500 management clusters in the modelled fleet. */
const PLANES_PER_CLUSTER = 27;
const SINGLE_REPLICA_SHARE = 0.1;
const REGIONS = [
  'us-east',
  'eu-west',
  'us-west',
  'ap-south',
  'eu-central',
  'ap-east',
  'sa-east',
  'ca-central',
];
const SECTORS = [
  { name: 'canary', share: 8 },
  { name: 'early', share: 27 },
  { name: 'main', share: 65 },
];
const PLATFORMS = [
  { name: 'aws', share: 60 },
  { name: 'azure', share: 30 },
  { name: 'gcp', share: 10 },
];

/** The digest of the image that a release holds of a component: the same for the same source. */
export const releaseDigest = (component: string, commit: Commit): Digest =>
  `sha256:${hashOf({ component, commit })}`;

/** All management clusters and control planes of a new world; the same spec makes the same fleet. */
export function makeFleet(spec: FleetSpec): {
  readonly clusters: readonly ClusterFacts[];
  readonly planes: readonly PlaneFacts[];
} {
  const clusters = makeClusters(spec);
  const maker = planeMaker(spec, clusters);
  const names = new Set<string>();
  const planes: PlaneFacts[] = [];
  for (let index = 0; index < spec.planes; index += 1) {
    const plane = maker.make(index, (name) => !names.has(name));
    names.add(plane.name);
    planes.push(plane);
  }
  return { clusters, planes };
}

export function makeClusters(spec: FleetSpec): ClusterFacts[] {
  const count = Math.min(
    spec.planes,
    spec.managementClusters ?? Math.max(spec.regions, Math.ceil(spec.planes / PLANES_PER_CLUSTER)),
  );
  const regions = Array.from({ length: spec.regions }, (_, i) => REGIONS[i] ?? `region-${i + 1}`);
  const region = zipf(regions);
  const platform = weightedPick(PLATFORMS, (p) => p.share);
  const sector = weightedPick(SECTORS, (s) => s.share);
  const perRegion = new Map<string, number>();
  return Array.from({ length: count }, (_, index) => {
    const random = stream(spec.seed, 'cluster', index);
    const drawn = region(random());
    // Every region has a cluster before any has two.
    const where = regions[index] ?? drawn;
    const number = (perRegion.get(where) ?? 0) + 1;
    perRegion.set(where, number);
    return {
      name: `mc-${where}-${String(number).padStart(2, '0')}`,
      region: where,
      sector: sector(spread(spec.seed, 'sector', index)).name,
      platform: platform(random()).name,
      weight: lognormalMs(random, { medianMs: 1_000, sigma: 0.6 }),
    };
  });
}

export function planeMaker(spec: FleetSpec, clusters: readonly ClusterFacts[]): PlaneMaker {
  const cluster = weightedPick(clusters, (c) => c.weight);
  const customers = Array.from({ length: spec.customers }, (_, i) => customerName(i, spec.customers));
  const customer = zipf(customers);
  const release = weightedPick(spec.releases, (r) => r.share);
  // Four digits, as people know them, until names would get scarce.
  const digits = Math.max(4, Math.ceil(Math.log2(spec.planes * 4) / 4));
  return {
    make(index, mayHave) {
      const random = stream(spec.seed, 'plane', index);
      const drawn = cluster(random());
      // No management cluster starts empty.
      const { name: managementCluster, region, sector, platform } = clusters[index] ?? drawn;
      const { version, commit } = release(spread(spec.seed, 'release', index));
      const single = random() < SINGLE_REPLICA_SHARE;
      return {
        uid: uuid(hexDigits(random, 32)),
        managementCluster,
        region,
        sector,
        platform,
        customer: customer(random()),
        version,
        availability: single ? 'SingleReplica' : 'HighlyAvailable',
        release: releaseDigest(spec.component, commit),
        name: freeName(() => `cp-${hexDigits(random, digits)}`, mayHave),
      };
    },
  };
}

function freeName(draw: () => string, mayHave: (name: string) => boolean): string {
  for (;;) {
    const name = draw();
    if (mayHave(name)) return name;
  }
}

/** Version 4, variant 1 of RFC 9562, from 32 hex digits. */
export function uuid(hex: string): Uid {
  const variant = ((Number.parseInt(hex[16]!, 16) & 3) | 8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20, 32),
  ].join('-');
}

/** The first is picked twice as often as the second, three times as often as the third, and so on. */
const zipf = (names: readonly string[]) => weightedPick(names, (_, index) => 1 / (index + 1));

const customerName = (index: number, of: number) =>
  `customer-${String(index + 1).padStart(String(of).length, '0')}`;

/**
 * The index-th of points that lie evenly between 0 and 1 however many are taken (the golden ratio
 * sequence, shifted by the seed), so that even a small fleet has every release in its share.
 */
function spread(seed: number, name: string, index: number): number {
  return (stream(seed, name)() + index * 0.6180339887498949) % 1;
}
