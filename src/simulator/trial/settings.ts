import type { Instant, Ms } from '../../core/base/instant.ts';
import { MINUTE, plus, SECOND } from '../../core/base/instant.ts';
import type { Role } from '../../core/base/roles.ts';
import { type Config, configSchema } from '../../wire/config.ts';
import type { FleetSpec } from '../fleet.ts';
import { chance, type Random, stream } from '../random.ts';
import { LIVELY, type Nature } from '../world-spec.ts';
import { commitFrom } from './workshop.ts';

/** What one seed stands for: a fleet, its nature, a policy, and how hard everything goes wrong. */
export type Settings = {
  readonly seed: number;
  readonly epoch: Instant;
  readonly fleet: FleetSpec;
  readonly nature: Nature;
  readonly config: Config;
  readonly approvers: number;
  readonly silentAfterMs: Ms;
  /** How much of each kind of fault there is, relative to its usual rate; many are 0 in a given seed. */
  readonly storm: (kind: string) => number;
  /** Of images that are built, how many are bad. */
  readonly badShare: number;
  /** Planted where a hub reads them, to be found nowhere else. */
  readonly secrets: readonly string[];
};

export const COMPONENT = 'control-plane-operator';
const EPOCH: Instant = '2026-03-02T03:00:00.000Z';

/** Everybody who acts. Whoever declares a fix cannot approve it, so there are enough of each. */
export const CREW: readonly { readonly name: string; readonly roles: readonly Role[] }[] = [
  { name: 'engineer-1', roles: ['engineer', 'requester'] },
  { name: 'engineer-2', roles: ['engineer', 'approver'] },
  { name: 'approver-1', roles: ['approver'] },
  { name: 'approver-2', roles: ['approver', 'qe'] },
  { name: 'approver-3', roles: ['approver'] },
  { name: 'approver-4', roles: ['approver', 'on-call'] },
  { name: 'qe-1', roles: ['qe'] },
  { name: 'operator-1', roles: ['operator'] },
  { name: 'on-call-1', roles: ['on-call'] },
  { name: 'admin-1', roles: ['admin'] },
];

export function settingsOf(seed: number): Settings {
  const luck = stream(seed, 'settings');
  const between = (low: number, high: number) => low + Math.floor(luck() * (high - low + 1));
  const releases = Array.from({ length: between(1, 3) }, (_, i) => ({
    version: `4.${19 + i}.${between(1, 20)}`,
    commit: commitFrom({ seed, release: i }),
    share: between(1, 4),
  }));
  const heartbeatEveryMs = pick(luck, [2, 10, 15, 20, 30, 30]) * MINUTE;
  const silentAfterMs = Math.max(10 * MINUTE, 2.5 * heartbeatEveryMs);
  const approvers = between(1, 2);
  const secrets = ['repository', 'builder'].map((where) => `s3cret-${where}-${commitFrom({ seed, where })}`);
  const fleet: FleetSpec = {
    seed,
    planes: between(20, 60),
    component: COMPONENT,
    releases,
    managementClusters: between(3, 6),
    regions: between(1, 3),
    customers: 8,
  };
  return {
    seed,
    epoch: EPOCH,
    fleet,
    nature: natureOf(luck, heartbeatEveryMs),
    config: configOf({ luck, approvers, silentAfterMs, secrets }),
    approvers,
    silentAfterMs,
    storm: (kind) => pick(stream(seed, 'storm', kind), [0, 0.5, 1, 1, 3]),
    badShare: pick(luck, [0, 0.2, 0.4, 0.8]),
    secrets,
  };
}

const pick = <T>(luck: Random, items: readonly T[]): T => items[Math.floor(luck() * items.length)]!;

/** Livelier than the modelled fleet: a small one must show in three days what a large one shows in an hour. */
function natureOf(luck: Random, heartbeatEveryMs: Ms): Nature {
  const much = pick(luck, [0, 1, 1, 4]);
  return {
    ...LIVELY,
    stallShare: 0.01 * much,
    sickPerPlaneHour: 0.004 * much,
    lostPerPlaneHour: 0.002 * much,
    deletedPerPlaneHour: 0.0005 * much,
    recreatedShare: 0.5,
    createdPerPlaneHour: 0.0005 * much,
    upgradedPerPlaneHour: 0.0005 * much,
    silentPerClusterHour: 0.02 * much,
    heartbeatEveryMs,
  };
}

function configOf(input: {
  readonly luck: Random;
  readonly approvers: number;
  readonly silentAfterMs: Ms;
  readonly secrets: readonly string[];
}): Config {
  const { luck, approvers, silentAfterMs, secrets } = input;
  const targets = {
    assembly: '10m',
    build: '45m',
    proof: '1h',
    approval: '30m',
    rollout: '4h',
    covered: '6h',
  };
  const lane = { targets, before: ['bvt', 'qe-smoke'], after: [] };
  const frozenAt = plus(EPOCH, (4 + luck() * 60) * 60 * MINUTE);
  return configSchema.parse({
    components: [
      {
        name: COMPONENT,
        repository: `https://robot:${secrets[0]}@git.example/${COMPONENT}.git`,
        image: `registry.example/${COMPONENT}`,
        builder: { kind: 'command', command: ['make', 'image', `TOKEN=${secrets[1]}`], output: 'out' },
        gates: [
          { name: 'bvt', command: ['make', 'bvt'] },
          { name: 'qe-smoke', attest: 'qe' },
        ],
        owners: ['operator-team'],
      },
    ],
    policies: [
      {
        name: 'default',
        severities: { critical: lane, high: lane, moderate: lane },
        approvers: { count: approvers, role: 'approver' },
        ...paceOf(luck),
        convergeWithin: pick(luck, ['15m', '30m']),
        silentAfter: `${Math.round(silentAfterMs / SECOND)}s`,
        planValid: pick(luck, ['1h', '4h']),
        freezes: chance(luck, 0.3)
          ? [
              {
                name: 'peak-hours',
                from: frozenAt,
                to: plus(frozenAt, 3 * 60 * MINUTE),
                selector: { sector: 'main' },
                reason: 'customers are busy',
              },
            ]
          : [],
      },
    ],
  });
}

/** How fast a policy goes; the one place that names its members. */
function paceOf(luck: Random) {
  const budget = pick(luck, [undefined, undefined, undefined, 12, 'standard', 'urgent']);
  return {
    pace: {
      ...(budget !== undefined && { harmBudget: budget }),
      oneBox: pick(luck, [1, 3, 12]),
      inFlightPerManagementCluster: pick(luck, [1, 3, 8]),
      ...(chance(luck, 0.3) && { minSoak: pick(luck, ['5m', '30m']) }),
      ...(chance(luck, 0.2) && { maxPerHour: pick(luck, [5, 20]) }),
    },
    stages: pick(luck, [
      [],
      [],
      [{ name: 'canary', take: { selector: { sector: 'canary' } }, soak: '10m' }],
      [
        { name: 'few', take: 5, approval: true },
        { name: 'half', take: '50%', soak: '5m' },
      ],
    ]),
    windows: chance(luck, 0.15) ? [{ days: ['mon', 'tue', 'wed', 'thu'], from: '02:00', to: '20:00' }] : [],
    unknownMax: pick(luck, [0, 2, 5]),
  };
}
