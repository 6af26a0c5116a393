import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DemoRepository, makeRepository } from '../../src/simulator/demo/repository.ts';
import { type Config, configSchema } from '../../src/wire/config.ts';

// What every test here stands on: a folder of its own with a real repository and a configuration.

export type Ground = {
  readonly dir: string;
  readonly dataDir: string;
  readonly repository: DemoRepository;
  /** Writes a configuration and gives its path. */
  write(config: RawConfig | string, name?: string): string;
  clear(): void;
};

/** A configuration as a file has it, before it is read. */
export type RawConfig = { readonly [key: string]: unknown };

export async function layGround(): Promise<Ground> {
  const dir = mkdtempSync(join(tmpdir(), 'fleetfix-e2e-'));
  // The user PostgreSQL runs as when we are root must be able to pass through.
  const dataDir = join(dir, 'data');
  mkdirSync(dataDir, { mode: 0o711 });
  chmodSync(dir, 0o711);
  const repository = await makeRepository(join(dir, 'repository'));
  return {
    dir,
    dataDir,
    repository,
    write(config, name = 'fleetfix.yaml') {
      const file = join(dir, name);
      writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config, null, 2));
      return file;
    },
    clear: () => rmSync(dir, { recursive: true, force: true }),
  };
}

type Wishes = {
  readonly planes?: number;
  readonly seed?: number;
  /** Simulated seconds a second; 0: only when stepped. Absent: no simulated fleet at all. */
  readonly speed?: number;
  readonly versions?: readonly string[];
  readonly builder?: { readonly command: readonly string[]; readonly timeout?: string };
  readonly attested?: readonly string[];
  readonly policy?: Readonly<Record<string, unknown>>;
};

const hours = { assembly: '1h', build: '1h', proof: '1h', approval: '1h', rollout: '8h', covered: '12h' };

/**
 * A configuration of the demo's repository that goes quickly: a build and one gate of a second, a small
 * one-box, and evidence that counts after minutes. The budget is the smallest that any incident asks for, so one approver is enough.
 */
export function quickConfig({ repository }: Ground, wishes: Wishes = {}): RawConfig {
  const { planes = 40, seed = 1, speed, versions = ['4.19.11', '4.20.3'], attested = [] } = wishes;
  const node = process.execPath;
  const lane = { targets: hours, before: ['bvt', ...attested] };
  return {
    listen: '127.0.0.1:0',
    components: [
      {
        name: 'lease-operator',
        repository: repository.dir,
        image: 'registry.example/lease-operator',
        builder: {
          kind: 'command',
          command: [node, 'build.mjs'],
          output: 'out',
          timeout: '2m',
          ...wishes.builder,
        },
        gates: [
          { name: 'bvt', command: [node, 'test/leases.test.mjs'], timeout: '2m' },
          ...attested.map((name) => ({ name, attest: 'qe' })),
        ],
        owners: ['lease-team'],
      },
    ],
    policies: [
      {
        name: 'default',
        severities: { critical: lane, high: lane, moderate: lane },
        approvers: { count: 1, role: 'approver' },
        pace: {
          harmBudget: 'routine',
          oneBox: 6,
          law: { median: '5m', sigma: 0.6 },
          inFlightPerManagementCluster: 8,
        },
        unknownMax: 20,
        planValid: '2d',
        ...wishes.policy,
      },
    ],
    ...(speed !== undefined && {
      simulation: {
        seed,
        planes,
        component: 'lease-operator',
        releases: versions.map((version) => ({ version, commit: `v${version}`, share: 1 })),
        managementClusters: 4,
        regions: 2,
        speed,
      },
    }),
  };
}

/** The same, read as a hub reads it, for one that is started in this process. */
export function readConfig(
  raw: RawConfig,
): Config & { readonly simulation: NonNullable<Config['simulation']> } {
  const config = configSchema.parse(raw);
  return { ...config, simulation: config.simulation! };
}
