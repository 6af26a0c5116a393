import { setTimeout as sleep } from 'node:timers/promises';
import { earliest, epochMs, type Instant, type Ms, msBetween, plus } from '../core/base/instant.ts';
import type { SteppedClock } from './stepped-clock.ts';
import type { World } from './world.ts';

/** Drives simulated time, for the world and the hub at once. While nothing runs, time stands still. */
export type Pump = {
  /** When something may happen next; never before now. */
  nextAt(): Instant;
  /**
   * Lets time pass as fast as the world and the hub can follow, and ends at `at`, as soon as
   * `condition` holds between two steps, at `atMost`, or when it is held. Throws when time is being
   * driven already.
   */
  runUntil(goal: RunGoal): Promise<RunEnd>;
  /**
   * Follows the wall at `speed` simulated seconds a wall second until `signal` aborts or it is held.
   * When the hub cannot keep up, time passes more slowly; nothing is skipped. Throws when time is
   * being driven already.
   */
  runFree(speed: number, signal: AbortSignal): Promise<void>;
  /** Stops whatever drives time once its step is done; resolves when time stands still. */
  hold(): Promise<void>;
};

export type RunGoal =
  | { readonly at: Instant }
  | { readonly condition: () => Promise<boolean>; readonly atMost: Instant };

/** reached: it came to `at`, or the condition holds. too late: it does not hold at `atMost`. held: it was stopped. */
export type RunEnd = { readonly at: Instant; readonly end: 'reached' | 'too late' | 'held' };

export type PumpParts = {
  readonly world: Pick<World, 'now' | 'nextEventAt' | 'advanceTo'>;
  readonly clock: SteppedClock;
  /** Resolves when the hub has done all it can do at this instant. */
  readonly settle: () => Promise<void>;
  /** The wall's clock; replaced in tests. */
  readonly wall?: Wall;
};

export type Wall = {
  /** Milliseconds from any start; never goes back. */
  nowMs(): Ms;
  /** Resolves after `ms`, or at once when `signal` aborts. */
  rest(ms: Ms, signal: AbortSignal): Promise<void>;
};

const REAL_WALL: Wall = {
  nowMs: () => performance.now(),
  rest: async (ms, signal) => {
    // An abort is what ends the rest early; whoever waits looks at the signal next.
    await sleep(ms, undefined, { signal }).catch(() => {});
  },
};

/** When run freely, the hub's clock is never further behind the wall than this, however little happens. */
const FREE_STEP_MS: Ms = 200;
/** A lag above this is let go: after a laptop's sleep, time goes on from where it was. */
const LAG_MAX_MS: Ms = 5_000;
/** Steps without time passing, after which it is a loop and not work. */
const STANDSTILL_MAX = 10_000;

export function createPump({ world, clock, settle, wall = REAL_WALL }: PumpParts): Pump {
  let driving: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined;
  let standstill = 0;

  const now = () => later(world.now(), clock.now());
  const nextAt = () => later(now(), earliest(world.nextEventAt(), clock.nextWakeAt())!);

  const goTo = async (at: Instant): Promise<void> => {
    standstill = at > now() ? 0 : standstill + 1;
    if (standstill > STANDSTILL_MAX)
      throw new Error(
        `time stands still at ${at} after ${STANDSTILL_MAX} steps: something asks to be woken at once, again and again`,
      );
    clock.advanceTo(at);
    await world.advanceTo(at);
    await settle();
  };

  /** Steps to everything up to and including `at`, and to `at` itself, until it is over. */
  const goThrough = async (at: Instant, isOver: () => Promise<boolean>): Promise<void> => {
    while ((nextAt() <= at || now() < at) && !(await isOver())) await goTo(earliest(nextAt(), at)!);
  };

  /** One at a time: two who drive time would each see the other's jumps. */
  const drive = async <T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    if (driving !== undefined)
      throw new Error('time is being driven already: hold it first, or wait until it stands still');
    const stop = new AbortController();
    const ended = Promise.withResolvers<void>();
    driving = { stop, ended: ended.promise };
    try {
      return await run(stop.signal);
    } finally {
      driving = undefined;
      ended.resolve();
    }
  };

  const runFreely = async (speed: number, signal: AbortSignal): Promise<void> => {
    let start = { wallMs: wall.nowMs(), at: now() };
    while (!signal.aborted) {
      const wallMs = wall.nowMs();
      const at = plus(start.at, Math.floor((wallMs - start.wallMs) * speed));
      if (msBetween(now(), at) > LAG_MAX_MS * speed) start = { wallMs, at: now() };
      else await goThrough(later(now(), at), async () => signal.aborted);
      const dueMs = start.wallMs + msBetween(start.at, nextAt()) / speed - wall.nowMs();
      if (!signal.aborted) await wall.rest(Math.min(FREE_STEP_MS, Math.max(1, dueMs)), signal);
    }
  };

  return {
    nextAt,
    runUntil: (goal) =>
      drive(async (signal): Promise<RunEnd> => {
        const until = 'condition' in goal ? goal.atMost : goal.at;
        if (Number.isNaN(epochMs(until))) throw new RangeError(`${until} is not an instant`);
        if (until < now()) throw new RangeError(`time is at ${now()}, past ${until}: it only goes on`);
        const isReached = async () => ('condition' in goal ? goal.condition() : false);
        await goThrough(until, async () => signal.aborted || (await isReached()));
        if ('condition' in goal ? await goal.condition() : now() >= until)
          return { at: now(), end: 'reached' };
        return { at: now(), end: signal.aborted ? 'held' : 'too late' };
      }),
    runFree(speed, signal) {
      if (!(speed > 0 && speed <= 1_000_000))
        return Promise.reject(
          new RangeError(
            `speed ${speed}: expected more than 0 and at most 1,000,000 simulated seconds a second`,
          ),
        );
      return drive((held) => runFreely(speed, AbortSignal.any([held, signal])));
    },
    async hold() {
      driving?.stop.abort();
      await driving?.ended;
    },
  };
}

const later = (a: Instant, b: Instant): Instant => (a > b ? a : b);
