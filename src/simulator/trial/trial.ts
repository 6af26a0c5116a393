import { hashOf } from '../../core/base/hash.ts';
import type { FixId } from '../../core/base/ids.ts';
import { HOUR, type Instant, type Ms, msBetween, plus } from '../../core/base/instant.ts';
import type { Signer } from '../../ports/signer.ts';
import { createPump } from '../pump.ts';
import { checkEnding } from './check-end.ts';
import { createWorldCheck } from './check-world.ts';
import type { Ground, GroundDatabase } from './ground.ts';
import type { HubStorage } from './memory/storage.ts';
import { CREW, type Settings, settingsOf } from './settings.ts';
import { type Counts, type Stage, scheduleAll, sendPeople, setStage, type Times } from './stage.ts';
import type { Failure } from './watch.ts';

/** What became of one seed. */
export type Outcome = {
  readonly seed: number;
  /** The kind of database that the hubs had. */
  readonly on: Ground['name'];
  /** In simulated time. */
  readonly endedAt: Instant;
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

/** The last part of a trial has no faults, and people only help: everything comes to its end or says why not. */
const CALM_MS_MAX: Ms = 6 * HOUR;
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

function timesOf({ epoch }: Settings, hours: number): Times {
  const wholeMs = Math.round(hours * HOUR);
  const endAt = plus(epoch, wholeMs);
  return { epoch, endAt, calmAt: plus(endAt, -Math.min(CALM_MS_MAX, Math.round(wholeMs / 3))) };
}

async function play(settings: Settings, options: TrialOptions, database: GroundDatabase): Promise<Outcome> {
  const { signer, signal } = options;
  const times = timesOf(settings, options.hours);
  const counts: Counts = { faults: {}, acts: {}, steps: 0 };
  const tokens = await issueTokens(database.storage);
  const stage = setStage({ settings, signer, database, tokens, counts });
  const { clock, world, watch, hubs, turnstile } = stage;
  scheduleAll(stage, { settings, times, counts });
  sendPeople(stage, { seed: settings.seed, tokens, counts, isCalm: () => clock.now() >= times.calmAt });

  hubs.begin();
  const pump = createPump({ world, clock, settle: settleOf(stage, database.storage, counts) });
  const isOver = async () => watch.failure() !== undefined || signal?.aborted === true;
  await pump.runUntil({ condition: isOver, atMost: times.endAt });
  if (!(await isOver())) await lookBack(stage, database.storage, settings.nature.heartbeatEveryMs!);
  hubs.serving()?.kill();

  const { story } = watch;
  const failure = watch.failure();
  return {
    seed: settings.seed,
    on: options.ground.name,
    endedAt: clock.now(),
    simulatedMs: msBetween(times.epoch, clock.now()),
    steps: counts.steps,
    calls: turnstile.passed(),
    events: story.rows.length,
    faults: counts.faults,
    acts: counts.acts,
    fingerprint: hashOf(story.rows.map((row) => row.hash)).slice(0, 16),
    ...(failure && { failure }),
  };
}

async function issueTokens({ people }: HubStorage): Promise<Map<string, string>> {
  const tokens = new Map<string, string>();
  for (const { name, roles } of CREW) tokens.set(name, await people.issue(name, roles));
  return tokens;
}

/** What happens before time goes on: the hub does all it can do, and everything is checked. */
function settleOf(stage: Stage, storage: HubStorage, counts: Counts): () => Promise<void> {
  const { world, watch, outages, turnstile, hubs } = stage;
  const checkWorld = createWorldCheck(world);
  return async () => {
    counts.steps += 1;
    await outages.strike(turnstile.quiet);
    await turnstile.quiet();
    const one = hubs.serving();
    if (one !== undefined)
      await Promise.race([one.hub.settled({ work: false }), one.died]).catch((problem) =>
        watch.troubled(problem),
      );
    await turnstile.quiet();
    await watch.endStep({ storage, isAway: outages.isAway() });
    watch.findings('agents act on what they were told, once', checkWorld());
  };
}

async function lookBack(stage: Stage, storage: HubStorage, heartbeatMs: Ms): Promise<void> {
  const { clock, world, watch, turnstile, hubs } = stage;
  const one = hubs.serving();
  const copyOf = async (id: FixId) => {
    const kept = one!.hub.cases.load(id);
    await turnstile.quiet();
    return kept;
  };
  const checked = await checkEnding({
    storage,
    story: watch.story,
    survey: world.survey(),
    now: clock.now(),
    heartbeatMs,
    ...(one && { copyOf }),
  });
  for (const [invariant, found] of checked) watch.findings(invariant, found);
}
