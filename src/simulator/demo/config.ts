import { type Config, configSchema, type SimulationConfig } from '../../wire/config.ts';
import { RELEASES } from './repository.ts';

/**
 * The larger the fleet, the less a budget is of it. A small one needs a small one-box too: evidence comes from
 * comparing, and too few would be left to compare with.
 */
function paceFor(planes: number) {
  if (planes < 50) return { harmBudget: 4, oneBox: 4 };
  return { harmBudget: planes < 100 ? 'routine' : planes < 500 ? 'standard' : 'urgent' };
}

/** The demo's configuration: one component, one policy, a simulated fleet. Read by the same schema as a file. */
export function demoConfig(input: {
  readonly repository: string;
  readonly seed: number;
  readonly planes: number;
}): Config & { readonly simulation: SimulationConfig } {
  const node = process.execPath;
  const targets = {
    assembly: '10m',
    build: '45m',
    proof: '1h',
    approval: '30m',
    rollout: '4h',
    covered: '6h',
  };
  const lane = { targets, before: ['scope', 'own-test', 'bvt', 'qe-smoke', 'perf-suite'], after: [] };
  const test = (report: string) => ({
    command: [
      node,
      '--test',
      '--test-reporter=junit',
      `--test-reporter-destination=${report}`,
      'test/leases.test.mjs',
    ],
    junit: report,
    timeout: '2m',
  });
  const config = configSchema.parse({
    listen: '127.0.0.1:0',
    components: [
      {
        name: 'lease-operator',
        repository: input.repository,
        image: 'registry.example/lease-operator',
        builder: { kind: 'command', command: [node, 'build.mjs'], output: 'out', timeout: '2m' },
        gates: [
          { name: 'scope', check: 'scope' },
          { name: 'own-test', check: 'own-test', ...test('own.xml') },
          { name: 'bvt', ...test('bvt.xml') },
          { name: 'qe-smoke', attest: 'qe' },
          { name: 'perf-suite', attest: 'qe', takes: '9h' },
        ],
        owners: ['lease-team'],
      },
    ],
    policies: [
      {
        name: 'default',
        severities: { critical: lane, high: lane, moderate: lane },
        approvers: { count: 1, role: 'approver' },
        pace: { ...paceFor(input.planes), inFlightPerManagementCluster: 8 },
        unknownMax: Math.max(5, Math.ceil(input.planes / 40)),
        convergeWithin: '20m',
        silentAfter: '10m',
        planValid: '2h',
      },
    ],
    simulation: {
      seed: input.seed,
      planes: input.planes,
      component: 'lease-operator',
      releases: RELEASES.map(({ version, share }) => ({ version, commit: `v${version}`, share })),
      // About as many control planes on each as on the real ones.
      managementClusters: Math.max(4, Math.ceil(input.planes / 80)),
      speed: 0,
    },
  });
  return { ...config, simulation: config.simulation! };
}
