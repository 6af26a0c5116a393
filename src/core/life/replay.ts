import { canonical } from '../base/hash.ts';
import type { PlanId } from '../base/ids.ts';
import type { Instant } from '../base/instant.ts';
import type { Plan } from '../rollout/plan.ts';
import { decisionOf, eventsOf } from './deliver.ts';
import type { Event, Recorded } from './event.ts';
import { evolve } from './evolve.ts';
import type { Fix } from './fix.ts';
import { stepOf } from './step-of.ts';

/** What making every decision of a fix again came to. */
export type Replay =
  | { readonly same: true; readonly decisions: number }
  | {
      readonly same: false;
      readonly decisions: number;
      /** The first that differs: where it is, what the ledger says and what the same inputs give. */
      readonly differs: {
        readonly version: number;
        readonly at: Instant;
        readonly recorded: readonly Event[];
        readonly again: readonly Event[];
        /** The first value of them that differs, by its path: `0.counts.room: 25 recorded, 24 again`. */
        readonly first: string;
      };
    };

/**
 * Makes every decision of a rollout again, from the plans and from what the ledger held at that moment, and compares what
 * follows from it to the last bit. `history`: all rows of one fix, in order. Yields after every decision, so that
 * others may work in between. Throws RangeError when a plan is missing.
 */
export function* replay(
  history: readonly Recorded[],
  plans: ReadonlyMap<PlanId, Plan>,
): Generator<number, Replay, void> {
  let fix: Fix | undefined;
  let decisions = 0;
  for (let i = 0; i < history.length; i += 1) {
    const row = history[i]!;
    if (row.event.type === 'Decided' && fix?.rollout !== undefined) {
      decisions += 1;
      const recorded = actsAt(history, i);
      const again = decidedAgain(fix, plans, row.at);
      const first = firstDifference(recorded, again);
      if (first !== undefined)
        return {
          same: false,
          decisions,
          differs: { version: row.version, at: row.at, recorded, again, first },
        };
    }
    fix = evolve(fix, row);
    if (row.event.type === 'Decided') yield decisions;
  }
  return { same: true, decisions };
}

function decidedAgain(fix: Fix, plans: ReadonlyMap<PlanId, Plan>, at: Instant): readonly Event[] {
  const rollout = fix.rollout!;
  const plan = plans.get(rollout.plan);
  if (plan === undefined)
    throw new RangeError(
      `${fix.id}: its plan ${rollout.plan} is not kept here, expected every plan it was started with`,
    );
  const step = stepOf(plan, rollout, at);
  // Through JSON, as the ledger keeps them: what it cannot say is not compared.
  const all = [...decisionOf(step, rollout, { now: at, acts: true }), ...eventsOf(step, plan, rollout)];
  return JSON.parse(JSON.stringify(all)) as Event[];
}

/** Where two values first differ, member by member; in which order their members are kept says nothing. */
function firstDifference(
  recorded: unknown,
  again: unknown,
  path: readonly string[] = [],
): string | undefined {
  if (isBranch(recorded) && isBranch(again)) {
    const keys = [...new Set([...Object.keys(recorded), ...Object.keys(again)])].sort();
    for (const key of keys) {
      const found = firstDifference(recorded[key], again[key], [...path, key]);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (recorded === again) return undefined;
  return `${path.join('.')}: ${written(recorded)} recorded, ${written(again)} again`;
}

const isBranch = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const written = (value: unknown): string => (value === undefined ? 'nothing' : canonical(value));

/** The decision and what was done with it, in one transaction: rows of one author and instant. */
function actsAt(history: readonly Recorded[], from: number): Event[] {
  const { at, author } = history[from]!;
  const acts: Event[] = [];
  for (const row of history.slice(from)) {
    const { event } = row;
    const first = row === history[from];
    if (row.at !== at || row.author !== author || (!first && !FOLLOWS.has(event.type))) break;
    acts.push(event);
  }
  return acts;
}

const FOLLOWS: ReadonlySet<Event['type']> = new Set([
  'StagePassed',
  'Halted',
  'Paused',
  'TargetsRolledBack',
  'StageOpened',
  'TargetsStarted',
]);

/** Every plan a fix was started with, in order. */
export const plansOf = (history: readonly Recorded[]): PlanId[] =>
  history.flatMap(({ event }) => (event.type === 'RolloutStarted' ? [event.plan] : []));
