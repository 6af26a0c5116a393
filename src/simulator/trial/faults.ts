import { MINUTE, type Ms } from '../../core/base/instant.ts';
import { chance, exponentialMs, lognormalMs, type Random, stream } from '../random.ts';
import type { World } from '../world.ts';
import type { PlaneReport } from '../world-agents.ts';
import type { Network } from './network.ts';
import type { Settings } from './settings.ts';
import { commitFrom } from './workshop.ts';

/** What faults are done to. */
export type Victims = {
  readonly world: World;
  readonly network: Network;
  /** The hub dies at one of its next calls, and another starts a while later. */
  readonly killHub: (how: {
    readonly callsLeft: number;
    readonly isDone: boolean;
    readonly awayMs: Ms;
  }) => void;
  readonly cutDatabase: (forMs: Ms) => void;
  /** From one of the next calls of a hub on, so many answers are lost though the call took effect. */
  readonly loseAnswers: (count: number) => void;
};

type Fault = {
  readonly perHour: number;
  readonly strike: (victims: Victims, luck: Random) => void;
};

const SPELL = { medianMs: 10 * MINUTE, sigma: 1 };

/** Every kind of fault, how often it comes in a usual seed, and what it does. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  'hub killed': {
    perHour: 0.15,
    strike: ({ killHub }, luck) =>
      killHub({ callsLeft: Math.floor(luck() * 60), isDone: chance(luck, 0.5), awayMs: spell(luck) / 4 }),
  },
  'database away': {
    perHour: 0.06,
    strike: ({ cutDatabase }, luck) => cutDatabase(spell(luck) / 2),
  },
  'answers of the database lost': {
    perHour: 0.1,
    strike: ({ loseAnswers }, luck) => loseAnswers(1 + Math.floor(luck() * 3)),
  },
  'reports cut off': {
    perHour: 0.1,
    strike: ({ network, world }, luck) => network.cutReports(someCluster(world, luck), spell(luck)),
  },
  'orders held up': {
    perHour: 0.1,
    strike: ({ network, world }, luck) => network.holdOrders(someCluster(world, luck), 3 * spell(luck)),
  },
  'reports twice and out of order': {
    perHour: 0.1,
    strike: ({ network, world }, luck) =>
      network.echo(someCluster(world, luck), 2 * spell(luck), Math.floor(luck() * 6 * MINUTE)),
  },
  'agent’s clock off': {
    perHour: 0.05,
    strike: ({ network, world }, luck) =>
      network.skew(someCluster(world, luck), Math.round((luck() - 0.5) * 2 * 400 * 24 * 60 * MINUTE)),
  },
  'management cluster cut off': {
    perHour: 0.08,
    strike: ({ world }, luck) => world.silence(someCluster(world, luck), 2 * spell(luck)),
  },
  'agent crashed': {
    perHour: 0.1,
    strike: ({ world }, luck) => world.crash(someCluster(world, luck)),
  },
  'control plane out of sight': {
    perHour: 0.1,
    strike: ({ world }, luck) => world.lose(somePlane(world, luck).uid, 2 * spell(luck)),
  },
  'control plane held': {
    perHour: 0.1,
    strike: ({ world }, luck) => world.hold(somePlane(world, luck).uid, 2 * spell(luck)),
  },
  'control plane ill': {
    perHour: 0.1,
    strike: ({ world }, luck) =>
      world.sicken(somePlane(world, luck).uid, 'etcd lost its leader', spell(luck)),
  },
  'control plane deleted': {
    perHour: 0.03,
    strike: ({ world }, luck) => world.destroy(somePlane(world, luck).uid, { recreate: false }),
  },
  'control plane under another uid': {
    perHour: 0.05,
    strike: ({ world }, luck) => world.destroy(somePlane(world, luck).uid, { recreate: true }),
  },
  'control plane created': { perHour: 0.04, strike: ({ world }) => world.create() },
  'incident in a region': {
    perHour: 0.02,
    strike: ({ world }, luck) => {
      const { region } = somePlane(world, luck);
      const share = 0.3 + 0.7 * luck();
      const forMs = 2 * spell(luck);
      for (const plane of planesOf(world))
        if (plane.region === region && chance(luck, share))
          world.sicken(plane.uid, 'the region has an incident', forMs);
    },
  },
  upgrade: {
    perHour: 0.015,
    strike: ({ world }, luck) => {
      const { releases } = world.founding.fleet;
      const isNew = chance(luck, 0.5);
      const version = isNew ? `4.30.${Math.floor(luck() * 5)}` : releases.at(-1)!.version;
      const commit = isNew ? commitFrom({ version }) : releases.at(-1)!.commit;
      world.upgrade({ to: { version, commit }, share: luck() / 2, overMs: 12 * spell(luck) });
    },
  },
};

const spell = (luck: Random): Ms => lognormalMs(luck, SPELL);

const planesOf = (world: World): PlaneReport[] => world.survey().flatMap((report) => report.planes);

function somePlane(world: World, luck: Random): PlaneReport {
  const planes = planesOf(world);
  return planes[Math.floor(luck() * planes.length)]!;
}

function someCluster(world: World, luck: Random): string {
  const names = world.survey().map((report) => report.managementCluster);
  return names[Math.floor(luck() * names.length)]!;
}

/** When each fault strikes, from the seed alone: what one does shifts no other. */
export function scheduleFaults(
  settings: Settings,
  untilMs: Ms,
): { readonly kind: string; readonly afterMs: Ms; readonly strike: (victims: Victims) => void }[] {
  return Object.entries(FAULTS).flatMap(([kind, { perHour, strike }]) => {
    const luck = stream(settings.seed, 'fault', kind);
    const strikes = [];
    const rate = perHour * settings.storm(kind);
    for (let afterMs = exponentialMs(luck, rate); afterMs < untilMs; afterMs += exponentialMs(luck, rate)) {
      const own = stream(settings.seed, 'fault', kind, afterMs);
      strikes.push({ kind, afterMs, strike: (victims: Victims) => strike(victims, own) });
    }
    return strikes;
  });
}
