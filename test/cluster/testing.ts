import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type Binaries, findBinaries } from './binaries.ts';
import { type Cluster, type ClusterOptions, startCluster } from './cluster.ts';

/** The first run on a machine builds Kubernetes. */
const BUILD_WITHIN_MS = 3 * 3_600_000;

/**
 * For the top of a test file or a `describe`: the programs of a cluster. Where they cannot be had, each test is
 * skipped with the reason; FLEETFIX_CLUSTER=off skips too, for who does not want to wait for the first build.
 */
export function withBinaries(): () => Binaries {
  let found: Awaited<ReturnType<typeof findBinaries>> | undefined;
  beforeAll(async () => {
    found =
      process.env.FLEETFIX_CLUSTER === 'off' ? { reason: 'FLEETFIX_CLUSTER is off' } : await findBinaries();
  }, BUILD_WITHIN_MS);
  beforeEach((context) => {
    if (found?.binaries === undefined) context.skip(found?.reason);
  });
  return () => found!.binaries!;
}

/** The same with one cluster that runs for all tests of the file or `describe`. */
export function withCluster(options: Omit<ClusterOptions, 'binaries'> = {}): () => Cluster {
  const binaries = withBinaries();
  let cluster: Cluster | undefined;
  beforeAll(async () => {
    if (binaries() !== undefined) cluster = await startCluster({ ...options, binaries: binaries() });
  });
  afterAll(() => cluster?.stop());
  return () => cluster!;
}
