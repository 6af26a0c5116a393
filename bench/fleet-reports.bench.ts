import { openStorage } from '../src/adapters/postgres/index.ts';
import { startTestServer } from '../src/adapters/postgres/testing.ts';
import type { Report } from '../src/core/fleet/report.ts';
import type { Bench } from './bench.ts';

const CLUSTERS = 150;
const PLANES_PER_CLUSTER = 66;
const ROUNDS = 5;
const DIGEST = `sha256:${'a'.repeat(64)}` as const;

function reportOf(cluster: number, round: number): Report {
  return {
    managementCluster: `mc-${cluster}`,
    planes: Array.from({ length: PLANES_PER_CLUSTER }, (_, i) => ({
      uid: `uid-${cluster}-${i}`,
      name: `cp-${cluster}-${i}`,
      managementCluster: `mc-${cluster}`,
      region: 'eu-west',
      sector: 'main',
      customer: `customer-${i}`,
      platform: 'aws',
      version: `4.19.${round}`,
      availability: 'HighlyAvailable',
      components: { 'control-plane-operator': { digest: DIGEST, release: DIGEST } },
    })),
    gone: [],
    lost: [],
    images: [],
    refused: [],
  };
}

export const bench: Bench = {
  what: 'control planes taken in by reports of changed ones, 66 a report, 4 reports at once, 9,900 in the fleet, fsync on',
  unit: 'per s',
  promised: { atLeast: 5_000 },
  async run() {
    const server = await startTestServer({});
    try {
      const storage = await openStorage({ connection: await server.freshDatabase() });
      const rates: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const began = performance.now();
        for (let first = 0; first < CLUSTERS; first += 4) {
          const some = Array.from({ length: Math.min(4, CLUSTERS - first) }, (_, i) =>
            reportOf(first + i, round),
          );
          await Promise.all(some.map((report) => storage.fleet.report(report, '2026-11-21T20:00:00.000Z')));
        }
        rates.push((CLUSTERS * PLANES_PER_CLUSTER * 1_000) / (performance.now() - began));
      }
      await storage.close();
      return rates;
    } finally {
      await server.stop();
    }
  },
};
