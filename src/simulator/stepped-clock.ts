import { epochMs, type Instant, instantOf } from '../core/base/instant.ts';
import type { Clock } from '../ports/clock.ts';
import { createEventQueue } from './event-queue.ts';

/** A clock that stands still until it is moved. */
export type SteppedClock = Clock & {
  /** When the first wake is due, which may be past already; undefined when nobody waits. */
  nextWakeAt(): Instant | undefined;
  /**
   * Moves to `at` and on the way calls each wake that is due, at its own time, earliest first. A wake
   * that another one asks for without any delay is called by the next move, so that two which keep
   * asking for each other cannot hold time up. Throws RangeError when `at` is in the past.
   */
  advanceTo(at: Instant): void;
};

type Wake = { call: (() => void) | undefined };

export function createSteppedClock(start: Instant): SteppedClock {
  let now = start;
  let isMoving = false;
  const wakes = createEventQueue<Wake>();
  const postponed: { readonly atMs: number; readonly wake: Wake }[] = [];

  const callDue = (untilMs: number) => {
    while (wakes.firstAtMs() <= untilMs) {
      const { atMs, event } = wakes.shift()!;
      const dueAt = instantOf(atMs);
      if (event.call !== undefined && dueAt > now) now = dueAt;
      event.call?.();
    }
  };

  return {
    now: () => now,
    at(at, call) {
      const atMs = epochMs(at);
      if (Number.isNaN(atMs)) throw new RangeError(`${at} is not an instant`);
      const wake: Wake = { call };
      if (isMoving && at <= now) postponed.push({ atMs, wake });
      else wakes.push(atMs, wake);
      return () => {
        wake.call = undefined;
      };
    },
    nextWakeAt() {
      while (wakes.first() !== undefined && wakes.first()!.call === undefined) wakes.shift();
      const firstAtMs = wakes.firstAtMs();
      return firstAtMs === Number.POSITIVE_INFINITY ? undefined : instantOf(firstAtMs);
    },
    advanceTo(at) {
      if (!(at >= now))
        throw new RangeError(`the clock is at ${now} and cannot go to ${at}: it only goes on`);
      isMoving = true;
      try {
        callDue(epochMs(at));
        now = at;
      } finally {
        isMoving = false;
        for (const { atMs, wake } of postponed.splice(0)) wakes.push(atMs, wake);
      }
    },
  };
}
