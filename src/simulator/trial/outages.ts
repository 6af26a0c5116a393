import { type Ms, plus } from '../../core/base/instant.ts';
import type { Clock } from '../../ports/clock.ts';
import { StorageDown } from '../../ports/storage.ts';
import type { GroundDatabase } from './ground.ts';
import type { Interference } from './turnstile.ts';

/** What goes wrong with the database of a trial, until it is over with all that. */
export type Outages = {
  isAway(): boolean;
  /** It goes away at the next `strike` and comes back so much later. */
  cut(forMs: Ms): void;
  /** So many of the next writes take effect, and whoever asked for them is told that they failed. */
  loseAnswers(count: number): void;
  readonly interfere: Interference;
  /** Carries out what was asked for, between two calls: what a hub was told must not depend on the machine's speed. */
  strike(quiet: () => Promise<void>): Promise<void>;
  /** Everything works from now on. */
  end(): void;
};

const WRITES: ReadonlySet<string> = new Set([
  'ledger.append',
  'fleet.report',
  'outbox.accepted',
  'plans.keep',
  'clusters.deliver',
]);

export function createOutages(database: GroundDatabase, clock: Clock): Outages {
  let isAway = false;
  let isOver = false;
  let answersToLose = 0;
  let cutForMs: Ms | undefined;
  const restore = () => {
    isAway = false;
    database.restore();
  };
  return {
    isAway: () => isAway,
    cut(forMs) {
      cutForMs = forMs;
    },
    loseAnswers(count) {
      answersToLose = count;
    },
    interfere({ name }) {
      if (answersToLose === 0 || !WRITES.has(name)) return undefined;
      answersToLose -= 1;
      return new StorageDown('The database at trial cannot be used: the connection broke (answer lost)');
    },
    async strike(quiet) {
      const forMs = cutForMs;
      cutForMs = undefined;
      if (forMs === undefined || isAway || isOver) return;
      await quiet();
      isAway = true;
      await database.cut();
      clock.at(plus(clock.now(), forMs), restore);
    },
    end() {
      isOver = true;
      answersToLose = 0;
      restore();
    },
  };
}
