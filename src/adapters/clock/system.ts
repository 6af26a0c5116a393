import { epochMs, type Instant, instantOf } from '../../core/base/instant.ts';
import type { Clock } from '../../ports/clock.ts';

/**
 * The longest sleep before the clock is looked at again. Timers count time that passed, not what the
 * clock says: after the machine slept or its clock was put right, a wake is at most this late. It also
 * keeps far instants within what a timer of Node can hold (24 days).
 */
const SLEEP_MS_MAX = 60_000;

/**
 * The system's clock. `at` never wakes before its instant by the system's clock, never within the call
 * itself, and does not keep the process alive. Throws RangeError for an instant that is not a time.
 */
export function systemClock(): Clock {
  return {
    now: () => instantOf(Date.now()),
    at(at: Instant, wake: () => void) {
      const due = epochMs(at);
      if (Number.isNaN(due)) throw new RangeError(`not an instant: "${at}"`);
      let timer: NodeJS.Timeout | undefined;
      const sleep = () => {
        const left = Math.max(0, due - Date.now());
        timer = setTimeout(left <= SLEEP_MS_MAX ? look : sleep, Math.min(left, SLEEP_MS_MAX));
        timer.unref();
      };
      // A timer may fire a moment early, and the clock may have been put back meanwhile.
      const look = () => (Date.now() >= due ? wake() : sleep());
      sleep();
      return () => clearTimeout(timer);
    },
  };
}
