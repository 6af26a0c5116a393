import { hashOf } from '../../core/base/hash.ts';
import { DAY, HOUR, type Instant, MINUTE, type Ms, plus } from '../../core/base/instant.ts';
import type { Signer } from '../../ports/signer.ts';
import { StorageDown } from '../../ports/storage.ts';
import { findBroken } from '../checkers.ts';
import { pinnedKeys } from '../pinned-keys.ts';
import { createPump } from '../pump.ts';
import { stream } from '../random.ts';
import { createSteppedClock } from '../stepped-clock.ts';
import { createWorld } from '../world.ts';
import { checkDatabase, misbelieved, misfolded } from './check-end.ts';
import { scheduleFaults, type Victims } from './faults.ts';
import type { Ground } from './ground.ts';
import { bearHub, type HubLife } from './hub-life.ts';
import { createNetwork } from './network.ts';
import { createPeople } from './people.ts';
import { remembered } from './remembered.ts';
import { COMPONENT, CREW, type Settings, settingsOf } from './settings.ts';
import { createTurnstile } from './turnstile.ts';
import { createWatch, type Failure } from './watch.ts';
import { createWorkshop } from './workshop.ts';

/** What became of one seed. */
export type Outcome = {
  readonly seed: number;
  readonly simulatedMs: Ms;
  readonly steps: number;
  /** Calls of hubs to the world around them. */
  readonly calls: number;
  readonly events: number;
  readonly faults: Readonly<Record<string, number>>;
  /** What people did, and how often it was done. */
  readonly acts: Readonly<Record<string, number>>;
  /** Of everything that was written: the same seed gives the same. */
  readonly fingerprint: string;
  readonly failure?: Failure;
};

export type TrialOptions = {
  readonly seed: number;
  readonly hours: number;
  readonly ground: Ground;
  readonly signer: Signer;
  /** Ends it early; what was done so far is told. */
  readonly signal?: AbortSignal;
};

/** A hub that could not start tries again after this. */
const START_AGAIN_MS: Ms = 30_000;
/** The last part of a trial has no faults, and people only help: everything comes to its end or says why not. */
const CALM_MS_MAX: Ms = 6 * HOUR;
/** No order gets through in the last moments. */
const QUIET_MS: Ms = 2 * MINUTE;

let laid = 0;

/** Plays one seed from its beginning and checks everything on the way. Throws only for faults of its own. */
export async function runTrial(options: TrialOptions): Promise<Outcome> {
  laid += 1;
  const { ground, seed } = options;
  const database = await ground.layDatabase(`trial_${process.pid}_${threadName()}_${laid}`);
  try {
    return await play(settingsOf(seed), options, database);
  } finally {
    await database.remove();
  }
}

const threadName = (): string => Math.random().toString(36).slice(2, 8);

type Database = Awaited<ReturnType<Ground['layDatabase']>>;

async function play(settings: Settings, options: TrialOptions, database: Database): Promise<Outcome> {
  const { seed, epoch } = settings;
  const { signer, signal } = options;
  const endAt = plus(epoch, Math.round(options.hours * HOUR));
  const calmAt = plus(endAt, -Math.min(CALM_MS_MAX, Math.round((options.hours * HOUR) / 3)));
  const clock = createSteppedClock(epoch);
  const counts = { faults: {} as Record<string, number>, acts: {} as Record<string, number>, steps: 0 };
  const count = (of: 'faults' | 'acts', what: string) => {
    counts[of][what] = (counts[of][what] ?? 0) + 1;
  };

  const tokens = new Map<string, string>();
  for (const { name, roles } of CREW) tokens.set(name, await database.storage.people.issue(name, roles));
  const watch = createWatch({
    clock,
    terms: {
      component: COMPONENT,
      approvers: settings.approvers,
      people: new Set(CREW.map((m) => m.name)),
      silentAfterMs: settings.silentAfterMs,
      secrets: [...settings.secrets, ...tokens.values()],
      publicKey: signer.publicKey,
    },
  });

  const world = createWorld({
    fleet: settings.fleet,
    epoch,
    nature: settings.nature,
    verify: pinnedKeys([{ keyId: signer.keyId, publicKey: signer.publicKey }]),
    // The agent knows that nobody took its report in, and says everything again.
    trouble: () => {},
  });
  const network = createNetwork(world, clock);

  let answersToLose = 0;
  const turnstile = createTurnstile(stream(seed, 'turnstile'), ({ name }) => {
    if (answersToLose === 0 || !WRITES.has(name)) return undefined;
    answersToLose -= 1;
    return new StorageDown('The database at trial cannot be used: the connection broke (answer lost)');
  });
  const workshop = createWorkshop({
    seed,
    clock,
    releases: settings.fleet.releases.map((r) => r.commit),
  });

  const bad = stream(seed, 'bad images');
  const onImage = async (image: { digest: `sha256:${string}`; component: string; commit: string }) => {
    const isNew = !watch.isBuilt(image.digest);
    world.registerImage(image);
    if (!isNew || bad() >= settings.badShare) return;
    count('faults', 'bad image');
    world.registerFault({
      name: `bad ${image.digest}`,
      digest: image.digest,
      rate: 0.1 + 0.9 * bad(),
      delay: { medianMs: Math.round(bad() * 0.5 * HOUR) + 1, sigma: 0.5 },
      because: 'unavailable',
    });
  };

  let isAway = false;
  const storage = watch.over(remembered(database.storage, () => isAway));
  let born = 0;
  let hub: HubLife | undefined;
  let serving: HubLife | undefined;
  const bear = (): void => {
    if (hub !== undefined) return;
    born += 1;
    const next = bearHub(`hub-${born}`, {
      config: settings.config,
      clock,
      storage,
      clusters: watch.overClusters(network),
      workshop,
      signer,
      turnstile,
      onImage,
      troubled: (problem) => watch.troubled(problem),
    });
    hub = next;
    Promise.race([next.hub.start(), next.died]).then(
      () => {
        serving = next;
      },
      (problem: unknown) => {
        if (next.life.isDead) return;
        watch.troubled(problem);
        bury(next, START_AGAIN_MS);
      },
    );
  };
  const bury = (one: HubLife, awayMs: Ms): void => {
    one.kill();
    if (hub !== one) return;
    hub = undefined;
    serving = undefined;
    network.disconnect();
    clock.at(plus(clock.now(), awayMs), bear);
  };

  const restore = () => {
    isAway = false;
    database.restore();
  };
  let toCut: Ms | undefined;
  const victims: Victims = {
    world,
    network,
    killHub: ({ callsLeft, isDone, awayMs }) => {
      const one = hub;
      if (one !== undefined) one.life.doom = { callsLeft, isDone, die: () => bury(one, awayMs) };
    },
    cutDatabase: (forMs) => {
      toCut = forMs;
    },
    loseAnswers: (n) => {
      answersToLose = n;
    },
  };

  const people = createPeople(
    {
      clock,
      hub: () => serving,
      tokens,
      planes: () => world.survey().flatMap((r) => r.planes.map((p) => p.name)),
      heard: (call) => watch.answered(call),
      counted: (what) => count('acts', what),
    },
    stream(seed, 'people'),
  );
  const isCalm = () => clock.now() >= calmAt;
  const nextVisit = (): void => {
    clock.at(plus(clock.now(), people.nextVisitMs()), () => {
      people.visit(isCalm() ? 'helpful' : 'wild').catch((problem) => watch.broke('a visit', problem));
      nextVisit();
    });
  };

  for (const fault of scheduleFaults(settings, Date.parse(calmAt) - Date.parse(epoch)))
    clock.at(plus(epoch, fault.afterMs), () => {
      count('faults', fault.kind);
      fault.strike(victims);
    });
  // What is told to nobody changes nothing: at the end everything that is so can be known.
  clock.at(plus(endAt, -QUIET_MS), () => {
    for (const { managementCluster } of world.survey()) network.holdOrders(managementCluster, DAY);
  });
  clock.at(calmAt, () => {
    network.heal();
    answersToLose = 0;
    restore();
  });

  const settle = async () => {
    counts.steps += 1;
    if (toCut !== undefined && !isAway && !isCalm()) {
      // Between calls, so that what a hub was told does not depend on the machine's speed.
      await turnstile.quiet();
      isAway = true;
      await database.cut();
      clock.at(plus(clock.now(), toCut), restore);
    }
    toCut = undefined;
    await turnstile.quiet();
    const one = serving;
    if (one !== undefined)
      await Promise.race([one.hub.settled({ work: false }), one.died]).catch((problem) =>
        watch.troubled(problem),
      );
    await turnstile.quiet();
    await watch.endStep({ storage: database.storage, isAway });
    watch.findings(
      'agents act on what they were told, once',
      findBroken({ record: world.record(), deliveries: world.deliveries() }),
    );
  };

  bear();
  nextVisit();
  const pump = createPump({ world, clock, settle });
  const isOver = async () => watch.failure() !== undefined || signal?.aborted === true;
  await pump.runUntil({ condition: isOver, atMost: endAt });
  if (!(await isOver())) await checkEnd();
  serving?.kill();

  async function checkEnd(): Promise<void> {
    watch.findings('the ledger holds what was written', await checkDatabase(database.storage, watch.story));
    const now = clock.now();
    const heartbeatMs = settings.nature.heartbeatEveryMs!;
    const heard = new Set(
      [...watch.story.heardAt].flatMap(([name, at]) => (at >= plus(now, -heartbeatMs) ? [name] : [])),
    );
    const planes = await database.storage.fleet.planes();
    watch.findings(
      'a hub believes what is so once it has heard everybody',
      misbelieved({ planes, survey: world.survey(), heard, now, heartbeatMs }),
    );
    const pending = await database.storage.outbox.pending(10);
    watch.findings(
      'every order is handed over',
      pending.map((o) => `${o.key} still waits`),
    );
    for (const fix of watch.story.fixes.values()) {
      const one = serving;
      if (one === undefined) break;
      const kept = one.hub.cases.load(fix.id);
      await turnstile.quiet();
      watch.findings('a hub’s copy is the fold', misfolded(await kept, watch.story.rows));
    }
  }

  const failure = watch.failure();
  return {
    seed,
    simulatedMs: Date.parse(clock.now()) - Date.parse(epoch),
    steps: counts.steps,
    calls: turnstile.passed(),
    events: watch.story.rows.length,
    faults: counts.faults,
    acts: counts.acts,
    fingerprint: hashOf(watch.story.rows.map((row) => row.hash)).slice(0, 16),
    ...(failure && { failure }),
  };
}

const WRITES: ReadonlySet<string> = new Set([
  'ledger.append',
  'fleet.report',
  'outbox.accepted',
  'plans.keep',
  'clusters.deliver',
]);

export type { Failure, Instant };
