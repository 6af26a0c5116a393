import { epochMs, type Instant } from '../core/base/instant.ts';

/** The hub's clock as far as an agent knows it: what the hub said last, and how long ago that was. This machine's clock is not asked. */
export type HubClock = {
  heard(now: Instant): void;
  /** Undefined until the hub has said what time it is. */
  nowMs(): number | undefined;
};

/** `elapsedMs`: rises steadily, whatever is done to the clock of the machine. */
export function createHubClock(elapsedMs: () => number): HubClock {
  let heard: { readonly nowMs: number; readonly atMs: number } | undefined;
  return {
    heard(now) {
      const nowMs = epochMs(now);
      if (Number.isFinite(nowMs)) heard = { nowMs, atMs: elapsedMs() };
    },
    nowMs: () => heard && heard.nowMs + elapsedMs() - heard.atMs,
  };
}
