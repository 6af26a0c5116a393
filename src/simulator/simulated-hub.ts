import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createRepositories } from '../adapters/git/index.ts';
import type { Commit } from '../core/base/ids.ts';
import type { Instant } from '../core/base/instant.ts';
import type { Api } from '../hub/api/context.ts';
import type { Hub } from '../hub/hub.ts';
import { type RunningHub, startHub } from '../hub/main.ts';
import type { Clock } from '../ports/clock.ts';
import type { Config, SimulationConfig } from '../wire/config.ts';
import type { Release } from './fleet.ts';
import { pinnedKeys } from './pinned-keys.ts';
import { createPump, type Pump } from './pump.ts';
import { createSteppedClock, type SteppedClock } from './stepped-clock.ts';
import { openWorld, type World } from './world.ts';
import type { Nature } from './world-spec.ts';

export type SimulatedHub = RunningHub & {
  readonly world: World;
  readonly pump: Pump;
  readonly clock: Clock;
  /** The commit a name stands for in a repository. Throws when there is none. */
  commitOf(name: string, location: string): Promise<Commit>;
};

/**
 * A real hub over a fleet that exists only in the simulator. The world is kept in the data directory,
 * so that it goes on where it was when the process is started again, killed or not.
 */
export async function startSimulatedHub(options: {
  readonly config: Config & { readonly simulation: SimulationConfig };
  readonly dataDir: string;
  readonly epoch: Instant;
  readonly listen?: string;
  readonly nature?: Partial<Nature>;
  readonly logLevel?: string;
  /** The data directory is gone when the hub is. */
  readonly isThrownAway?: boolean;
  /** More routes on the hub's server, with the means to drive the world. */
  readonly extend?: (app: Api, simulated: { readonly world: World; readonly pump: Pump }) => void;
}): Promise<SimulatedHub> {
  const { config, dataDir } = options;
  const { simulation } = config;
  const releases = await resolveReleases(config, simulation, dataDir);
  const worldDir = join(dataDir, 'world');
  await mkdir(worldDir, { recursive: true });
  let world: World | undefined;
  let pump: Pump | undefined;
  const clock = createSteppedClock(options.epoch);
  const running = await startHub({
    config,
    dataDir,
    clock,
    ...(options.listen && { listen: options.listen }),
    ...(options.isThrownAway && { isThrownAway: true }),
    ...(options.logLevel && { logLevel: options.logLevel }),
    clusters: async (signer, storage) => {
      world = openWorld(worldDir, {
        fleet: { ...simulation, releases },
        epoch: options.epoch,
        verify: pinnedKeys([{ keyId: signer.keyId, publicKey: signer.publicKey }]),
        ...(options.nature && { nature: options.nature }),
      });
      // Time goes on from the last thing that is known to have happened, in the world or on the ledger.
      const [last] = await storage.ledger.since((await storage.ledger.head()) - 1, 1);
      for (const at of [world.now(), last?.at]) if (at !== undefined && at > clock.now()) clock.advanceTo(at);
      return world;
    },
    stepped: true,
    onImage: async (image) => world!.registerImage(image),
    extend: (app, hub) => {
      pump = createHubPump(world!, clock, hub);
      options.extend?.(app, { world: world!, pump });
    },
  });
  return {
    ...running,
    world: world!,
    pump: pump!,
    clock,
    commitOf: (name, location) => commitOf(name, location, dataDir),
    async close() {
      await pump!.hold();
      await running.close();
      world!.close();
    },
  };
}

/**
 * Run freely, time goes on while builds and gates run, as it does for people; driven, it waits for them,
 * so that how long they took changes no decision.
 */
function createHubPump(world: World, clock: SteppedClock, hub: Hub): Pump {
  let isFree = false;
  const pump = createPump({ world, clock, settle: () => hub.settled({ work: !isFree }) });
  return {
    ...pump,
    async runFree(speed, signal) {
      isFree = true;
      try {
        await pump.runFree(speed, signal);
      } finally {
        isFree = false;
      }
    },
  };
}

/** The commits of the releases, as the component's repository knows them. Throws SourceProblem. */
async function resolveReleases(
  config: Config,
  simulation: SimulationConfig,
  dataDir: string,
): Promise<Release[]> {
  const component = config.components.find((c) => c.name === simulation.component)!;
  return Promise.all(
    simulation.releases.map(async ({ version, commit, share }) => ({
      version,
      commit: await commitOf(commit, component.repository, dataDir),
      share,
    })),
  );
}

async function commitOf(name: string, location: string, dataDir: string): Promise<Commit> {
  const repository = await createRepositories({ dir: join(dataDir, 'git') }).open(location);
  const found = await repository.resolve(name);
  if (found === undefined) throw new Error(`${name} is no commit, branch or tag of ${location}`);
  return found;
}
