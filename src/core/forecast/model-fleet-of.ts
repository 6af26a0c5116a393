import type { ModelFleet } from './model-fleet.ts';

/** One control plane of a real fleet, as far as the model needs it. */
export type FleetRow = {
  readonly uid: string;
  readonly name: string;
  readonly managementCluster: string;
  readonly region: string;
  readonly platform: string;
  /** The release, e.g. `4.19.11`; its minor version counts. */
  readonly version: string;
  readonly customer: string;
  readonly burning?: boolean;
};

/** A fleet of the model, and which row each of its numbers is: `rows[order[i]]` is control plane i. */
export type NumberedFleet = { readonly fleet: ModelFleet; readonly order: Int32Array };

/**
 * The model of a real fleet. Rows are put in the order of what they are (region, platform, minor version,
 * management cluster, customer, burning) and numbered in it; those that are the same in all of these are alike to
 * the model. So neither the order of the rows nor a name or uid changes anything that is drawn later.
 */
export function modelFleetOf(rows: readonly FleetRow[]): NumberedFleet {
  const region = ranked(rows.map((row) => row.region));
  const stratum = ranked(rows.map((row) => JSON.stringify([row.platform, minorOf(row.version)])));
  // Two regions may each have a management cluster of one name.
  const cluster = ranked(rows.map((row) => JSON.stringify([row.region, row.managementCluster])));
  const customer = ranked(rows.map((row) => row.customer));
  const burning = Uint8Array.from(rows, (row) => (row.burning === true ? 1 : 0));
  const keys = [region.rank, stratum.rank, cluster.rank, customer.rank, burning];
  const order = Int32Array.from(rows, (_, i) => i).sort((a, b) => {
    for (const key of keys) {
      if (key[a] !== key[b]) return key[a]! - key[b]!;
    }
    return 0;
  });
  const inOrder = (of: Ranked) => order.map((row) => of.rank[row]!);
  const fleet = {
    size: rows.length,
    managementCluster: inOrder(cluster),
    region: inOrder(region),
    stratum: inOrder(stratum),
    customer: inOrder(customer),
    burning: Uint8Array.from(order, (row) => burning[row]!),
    managementClusters: cluster.count,
    regions: region.count,
    strata: stratum.count,
    customers: customer.count,
  };
  return { fleet, order };
}

type Ranked = { readonly rank: Int32Array; readonly count: number };

/** The rank of each word among the different ones. */
function ranked(words: readonly string[]): Ranked {
  const different = [...new Set(words)].sort((a, b) => (a < b ? -1 : 1));
  const rankOf = new Map(different.map((word, rank) => [word, rank]));
  return { rank: Int32Array.from(words, (word) => rankOf.get(word)!), count: different.length };
}

/** `4.19` of `4.19.11`; a version of another form is its own. */
const minorOf = (version: string): string => /^\d+\.\d+/.exec(version)?.[0] ?? version;
