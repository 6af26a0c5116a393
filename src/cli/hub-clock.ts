import { epochMs, type Instant, instantOf, type Ms } from '../core/base/instant.ts';

/** The time the hub judges by. Until it has answered once, this machine's. */
export type HubClock = {
  readonly now: () => Instant;
  /** Takes in what an answer said of the hub's time; anything that is no instant is passed over. */
  readonly heard: (text: string | null) => void;
  readonly isHeard: () => boolean;
};

/** Ages and deadlines are the hub's: over a simulated fleet its time may run ahead of this machine by days. */
export function openHubClock(wall: () => Instant): HubClock {
  let aheadMs: Ms | undefined;
  return {
    now: () => (aheadMs === undefined ? wall() : instantOf(epochMs(wall()) + aheadMs)),
    heard: (text) => {
      const theirs = Date.parse(text ?? '');
      if (Number.isFinite(theirs)) aheadMs = theirs - epochMs(wall());
    },
    isHeard: () => aheadMs !== undefined,
  };
}
