import { type Ms, plus } from '../../core/base/instant.ts';
import { bearHub, type HubLife, type Surroundings } from './hub-life.ts';

/** The hubs of a trial, one at a time: when one dies, another is born a while later. */
export type Succession = {
  /** Brings one to life, where none lives. */
  begin(): void;
  /** The one that has started and takes requests. */
  serving(): HubLife | undefined;
  /** The one that lives dies at one of its next calls. */
  doom(how: { readonly callsLeft: number; readonly isDone: boolean; readonly awayMs: Ms }): void;
};

/** A hub that could not start tries again after this. */
const START_AGAIN_MS: Ms = 30_000;

/** `buried`: told when one is gone, so that nobody goes on talking to it. */
export function createSuccession(around: Surroundings, buried: () => void): Succession {
  const { clock } = around;
  let born = 0;
  let living: HubLife | undefined;
  let serving: HubLife | undefined;

  const begin = (): void => {
    if (living !== undefined) return;
    born += 1;
    const next = bearHub(`hub-${born}`, around);
    living = next;
    Promise.race([next.hub.start(), next.died]).then(
      () => {
        serving = next;
      },
      (problem: unknown) => {
        if (next.life.isDead) return;
        around.troubled(problem);
        bury(next, START_AGAIN_MS);
      },
    );
  };

  const bury = (one: HubLife, awayMs: Ms): void => {
    one.kill();
    if (living !== one) return;
    living = undefined;
    serving = undefined;
    buried();
    clock.at(plus(clock.now(), awayMs), begin);
  };

  return {
    begin,
    serving: () => serving,
    doom({ callsLeft, isDone, awayMs }) {
      const one = living;
      if (one !== undefined) one.life.doom = { callsLeft, isDone, die: () => bury(one, awayMs) };
    },
  };
}
