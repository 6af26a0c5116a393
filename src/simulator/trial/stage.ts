import { DAY, HOUR, type Instant, MINUTE, type Ms, msBetween, plus } from '../../core/base/instant.ts';
import type { Signer } from '../../ports/signer.ts';
import { pinnedKeys } from '../pinned-keys.ts';
import { stream } from '../random.ts';
import { createSteppedClock } from '../stepped-clock.ts';
import { createWorld } from '../world.ts';
import type { Terms } from './check-rows.ts';
import { scheduleFaults, type Victims } from './faults.ts';
import type { GroundDatabase } from './ground.ts';
import type { Surroundings } from './hub-life.ts';
import { createNetwork } from './network.ts';
import { createOutages } from './outages.ts';
import { createPeople } from './people.ts';
import { remembered } from './remembered.ts';
import { COMPONENT, CREW, type Settings } from './settings.ts';
import { createSuccession } from './succession.ts';
import { createTurnstile } from './turnstile.ts';
import { createWatch } from './watch.ts';
import { createWorkshop } from './workshop.ts';

/** No order gets through in the last moments. */
const QUIET_MS: Ms = 2 * MINUTE;

/** What was done in a trial so far, and how often. */
export type Counts = {
  readonly faults: Record<string, number>;
  readonly acts: Record<string, number>;
  steps: number;
};

/** Its beginning, when the last part without faults begins, and its end. */
export type Times = { readonly epoch: Instant; readonly calmAt: Instant; readonly endAt: Instant };

const plusOne = (counts: Record<string, number>, what: string): void => {
  counts[what] = (counts[what] ?? 0) + 1;
};

/** The world, what lies between it and the hubs, who watches, and the hubs to come. */
export function setStage(given: {
  readonly settings: Settings;
  readonly signer: Signer;
  readonly database: GroundDatabase;
  readonly tokens: ReadonlyMap<string, string>;
  readonly counts: Counts;
}) {
  const { settings, signer, database, tokens, counts } = given;
  const { seed, fleet, nature, config } = settings;
  const clock = createSteppedClock(settings.epoch);
  const watch = createWatch({ clock, terms: termsOf(settings, signer, tokens) });
  const world = createWorld({
    fleet,
    epoch: settings.epoch,
    nature,
    verify: pinnedKeys([{ keyId: signer.keyId, publicKey: signer.publicKey }]),
    // The agent knows that nobody took its report in, and says everything again.
    trouble: () => {},
  });
  const network = createNetwork(world, clock);
  const outages = createOutages(database, clock);
  const turnstile = createTurnstile(stream(seed, 'turnstile'), outages.interfere);
  const memory = remembered(database.storage, outages.isAway);
  const hubs = createSuccession(
    {
      config,
      clock,
      storage: watch.over(memory.storage),
      hasNews: memory.hasNews,
      clusters: watch.overClusters(network),
      workshop: createWorkshop({ seed, clock, releases: fleet.releases.map((r) => r.commit) }),
      signer,
      turnstile,
      onImage: registry({ settings, world, watch, counts }),
      troubled: (problem) => watch.troubled(problem),
    },
    () => network.disconnect(),
  );
  return { clock, watch, world, network, outages, turnstile, hubs };
}

export type Stage = ReturnType<typeof setStage>;

const termsOf = (settings: Settings, { publicKey }: Signer, tokens: ReadonlyMap<string, string>): Terms => ({
  component: COMPONENT,
  approvers: settings.approvers,
  people: new Set(CREW.map((m) => m.name)),
  silentAfterMs: settings.silentAfterMs,
  secrets: [...settings.secrets, ...tokens.values()],
  publicKey,
});

/** Where images are pushed to; some of them are bad. */
function registry({
  settings,
  world,
  watch,
  counts,
}: Pick<Stage, 'world' | 'watch'> & Scene): Surroundings['onImage'] {
  const bad = stream(settings.seed, 'bad images');
  return async (image) => {
    const isNew = !watch.isBuilt(image.digest);
    world.registerImage(image);
    if (!isNew || bad() >= settings.badShare) return;
    plusOne(counts.faults, 'bad image');
    world.registerFault({
      name: `bad ${image.digest}`,
      digest: image.digest,
      rate: 0.1 + 0.9 * bad(),
      delay: { medianMs: Math.round(bad() * 0.5 * HOUR) + 1, sigma: 0.5 },
      because: 'unavailable',
    });
  };
}

type Scene = { readonly settings: Settings; readonly counts: Counts };

/** Every fault that will strike, and when they are over. */
export function scheduleAll(
  stage: Stage,
  { settings, times, counts }: Scene & { readonly times: Times },
): void {
  const { clock, world, network, outages, hubs } = stage;
  const { epoch, calmAt, endAt } = times;
  const victims: Victims = {
    world,
    network,
    killHub: hubs.doom,
    cutDatabase: outages.cut,
    loseAnswers: outages.loseAnswers,
  };
  for (const fault of scheduleFaults(settings, msBetween(epoch, calmAt)))
    clock.at(plus(epoch, fault.afterMs), () => {
      plusOne(counts.faults, fault.kind);
      fault.strike(victims);
    });
  clock.at(calmAt, () => {
    network.heal();
    outages.end();
  });
  // What is told to nobody changes nothing: at the end everything that is so can be known.
  clock.at(plus(endAt, -QUIET_MS), () => {
    for (const { managementCluster } of world.survey()) network.holdOrders(managementCluster, DAY);
  });
}

/** People come by from now on, wild at first and helpful once it is calm. */
export function sendPeople(
  { clock, world, watch, hubs }: Stage,
  given: {
    readonly seed: number;
    readonly tokens: ReadonlyMap<string, string>;
    readonly counts: Counts;
    readonly isCalm: () => boolean;
  },
): void {
  const people = createPeople(
    {
      clock,
      hub: hubs.serving,
      tokens: given.tokens,
      planes: () => world.survey().flatMap((r) => r.planes.map((p) => p.name)),
      heard: (call) => watch.answered(call),
      counted: (what) => plusOne(given.counts.acts, what),
    },
    stream(given.seed, 'people'),
  );
  const nextVisit = (): void => {
    clock.at(plus(clock.now(), people.nextVisitMs()), () => {
      const visit = people.visit(given.isCalm() ? 'helpful' : 'wild');
      visit.catch((problem) => watch.broke('a visit', problem));
      nextVisit();
    });
  };
  nextVisit();
}
