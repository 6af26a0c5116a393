import { type Instant, msBetween } from '../base/instant.ts';
import type { ClockedStage, StageClock } from './fix.ts';

/** Starts a stage's clock; a stage that runs already, or ran before, goes on from what it has. */
export function started(
  clocks: readonly StageClock[],
  stage: ClockedStage,
  at: Instant,
): readonly StageClock[] {
  const known = clocks.find((c) => c.stage === stage);
  if (known === undefined)
    return [...clocks, { stage, startedAt: at, machineMs: 0, peopleMs: 0, countedAt: at }];
  if (known.endedAt === undefined) return clocks;
  // Between two runs of a stage nobody waited for it: that time belongs to neither.
  const { endedAt: _, ...open } = known;
  return replace(clocks, { ...open, countedAt: at });
}

/** Ends a stage's clock; one that never started took no time, and one that has ended keeps its end. */
export function ended(
  clocks: readonly StageClock[],
  stage: ClockedStage,
  at: Instant,
): readonly StageClock[] {
  if (clocks.find((c) => c.stage === stage)?.endedAt !== undefined) return clocks;
  const running = started(clocks, stage, at);
  const known = running.find((c) => c.stage === stage)!;
  return replace(running, { ...counted(known, at), endedAt: at });
}

/** From now on the stage waits for a person. */
export function awaitsPerson(
  clocks: readonly StageClock[],
  stage: ClockedStage,
  wait: { readonly at: Instant; readonly for: string },
): readonly StageClock[] {
  const known = started(clocks, stage, wait.at).find((c) => c.stage === stage)!;
  const waiting = {
    ...counted(known, wait.at),
    personSince: known.personSince ?? wait.at,
    personFor: wait.for,
  };
  return replace(started(clocks, stage, wait.at), waiting);
}

/** A person has acted: the stage moves by itself again. */
export function movesAgain(
  clocks: readonly StageClock[],
  stage: ClockedStage,
  at: Instant,
): readonly StageClock[] {
  const known = clocks.find((c) => c.stage === stage);
  if (known?.personSince === undefined || known.endedAt !== undefined) return clocks;
  return replace(clocks, counted(known, at));
}

/** The clock as it reads at `at`: a running one counted up to then. */
export function readAt(clock: StageClock, at: Instant): StageClock {
  if (clock.endedAt !== undefined) return clock;
  const read = counted(clock, at);
  return clock.personSince === undefined
    ? read
    : { ...read, personSince: clock.personSince, personFor: clock.personFor ?? '' };
}

/** Books the time since the last count on whoever was awaited, and clears the wait for a person. */
function counted(clock: StageClock, at: Instant): StageClock {
  const { personSince, personFor: _, ...rest } = clock;
  const ms = Math.max(0, msBetween(clock.countedAt, at));
  return personSince === undefined
    ? { ...rest, machineMs: clock.machineMs + ms, countedAt: at }
    : { ...rest, peopleMs: clock.peopleMs + ms, countedAt: at };
}

const replace = (clocks: readonly StageClock[], clock: StageClock): readonly StageClock[] =>
  clocks.map((c) => (c.stage === clock.stage ? clock : c));
