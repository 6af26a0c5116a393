import type { Uid } from '../base/ids.ts';
import { earliest, type Instant, MINUTE, msBetween, plus } from '../base/instant.ts';
import { coverageOf, isCovered } from '../coverage/standing.ts';
import type { ObservedTarget } from '../rollout/observed.ts';
import type { Order } from '../rollout/order.ts';
import type { Plan } from '../rollout/plan.ts';
import type { Step } from '../rollout/step.ts';
import { afterBackBelow } from './after.ts';
import { takeUpNext } from './earlier.ts';
import type { Event } from './event.ts';
import { foldMore } from './evolve.ts';
import type { Facts } from './facts.ts';
import type { Fix, Rollout } from './fix.ts';
import { ordersOf } from './orders.ts';
import { excludedUids, standings } from './scope-of.ts';
import { observedNow, seenNow } from './seen-now.ts';
import { lookAgain, stepOf } from './step-of.ts';
import { isWatched, watch } from './watch.ts';

/** What delivery does now: events and orders that belong together, and when to ask again. */
export type Delivery = {
  readonly events: readonly Event[];
  readonly orders: readonly Order[];
  readonly because: string;
  readonly askAgainAt?: Instant;
};

/**
 * One step of delivering the plan a fix was started with: what was seen, what follows, what to tell.
 *
 * `plan` must be the rollout's plan. Does nothing for a fix that is not delivering. Asked twice with the
 * same facts, the second answer is empty: the first one's events are in the fix by then.
 */
export function deliver(fix: Fix, plan: Plan, facts: Facts, now: Instant): Delivery {
  const rollout = fix.rollout;
  if (rollout === undefined) return idle(`${fix.id} is not being delivered`);
  const below = afterBackBelow(fix, facts);
  if (below.length > 0)
    return { events: below, orders: [], because: `goes back with ${fix.after}`, askAgainAt: now };
  const next = takeUpNext(fix);
  if (next.length > 0)
    return { events: next, orders: [], because: 'an earlier plan goes back, too', askAgainAt: now };
  if (rollout.endedAt !== undefined && !isJudged(fix, plan, now)) return afterwards(fix, plan, facts, now);
  const observed = observedNow(fix, rollout, plan, facts, now);
  const seen = seenNow(fix, rollout, plan, observed, facts, now);
  // The decision looks at nothing but the plan and the ledger as it is after this, so it can be repeated.
  const after = foldMore(fix, seen, now);
  const step = stepOf(plan, after.rollout!, now);
  const over = rollout.endedAt !== undefined;
  const end = over ? [] : endOf({ fix, step, observed, facts, now });
  const acts = eventsOf(step, plan, after.rollout!);
  const decided = decisionOf(step, after.rollout!, { now, acts: acts.length + end.length > 0 });
  const late = over && acts.length === 0 ? coveredLate(fix, rollout, facts, now).events : [];
  const events = [...seen, ...decided, ...acts, ...end, ...late];
  const askAgainAt = earliest(step.askAgainAt, lookAgain(plan, now))!;
  return { events, orders: ordersOf(step, plan, rollout, now), because: step.because, askAgainAt };
}

const idle = (because: string): Delivery => ({ events: [], orders: [], because });

/**
 * Whether a rollout that is over is judged all the same, since some of those that run the image are still in their risk
 * window: a break of the last wave shows after the wave. What breaks then goes back, and opens the rollout again.
 */
export function isJudged(fix: Fix, plan: Plan, now: Instant): boolean {
  const { rollout } = fix;
  if (rollout === undefined || rollout.halted || fix.retirement || fix.closed) return false;
  return Object.values(rollout.targets).some(
    ({ state, ranAt }) =>
      (state === 'patched' || state === 'silent' || state === 'failed') &&
      ranAt !== undefined &&
      msBetween(ranAt, now) <= plan.pace.windowMs,
  );
}

/** A rollout that is over: still watched for a while, and covered once the rest is accounted for. */
function afterwards(fix: Fix, plan: Plan, facts: Facts, now: Instant): Delivery {
  const covered = coveredLate(fix, fix.rollout!, facts, now);
  const events = [...covered.events, ...watch(fix, plan, facts, now)];
  if (!isWatched(fix, now)) return { ...covered, events };
  return { ...covered, events, askAgainAt: plus(now, WATCH_EVERY_MS) };
}

/** Slow harm needs no quick look. */
const WATCH_EVERY_MS = 5 * MINUTE;

/** A delivery that ended short of coverage is covered once the rest is accounted for by name, or gone. */
function coveredLate(fix: Fix, rollout: Rollout, facts: Facts, now: Instant): Delivery {
  if (rollout.halted || fix.coveredAt !== undefined) return idle(`${fix.id} is not being delivered`);
  const coverage = coverageOf(standings(fix, facts, now));
  if (!isCovered(coverage)) return idle(`the rollout of ${fix.id} is over; it is not covered yet`);
  return { events: [{ type: 'Covered', coverage }], orders: [], because: 'covered since the rollout ended' };
}

/** The decision as the ledger keeps it: whenever something follows from it, was weighed, or has long not been said. */
export function decisionOf(
  step: Step,
  rollout: Rollout,
  { now, acts }: { readonly now: Instant; readonly acts: boolean },
): Event[] {
  const { episodes, judged, decided } = rollout;
  const weighed = episodes.treated.length + episodes.control.length > 0;
  if (decided !== undefined && !weighed && !acts) return [];
  const stale = judged === undefined || msBetween(judged.at, now) >= JUDGED_EVERY_MS;
  return [
    {
      type: 'Decided',
      because: step.because,
      counts: step.counts,
      episodes,
      ...((weighed || stale || step.halt !== undefined) && { judged: judgementOf(step) }),
    },
  ];
}

/** Without an episode, what is known changes slowly: it is written down again after this. */
const JUDGED_EVERY_MS = 10 * MINUTE;

const judgementOf = ({ judged: { logs, control, recent } }: Step) => ({
  logs: [...logs],
  control,
  recent,
});

export function eventsOf(step: Step, plan: Plan, rollout: Rollout): Event[] {
  const { because } = step;
  const opened = new Set(rollout.opened.map((o) => o.stage));
  const stageOf = new Map(plan.targets.map((t) => [t.uid, t.stage]));
  const fresh = [...new Set(step.start.map((uid) => stageOf.get(uid)!))]
    .filter((stage) => !opened.has(stage))
    .sort((a, b) => a - b);
  return [
    ...step.pass.map((stage): Event => ({ type: 'StagePassed', stage, because })),
    ...(step.halt !== undefined ? [{ type: 'Halted', ...step.halt } as const] : []),
    ...(step.pause !== undefined ? [{ type: 'Paused', reason: step.pause } as const] : []),
    ...(step.rollback.length > 0
      ? [{ type: 'TargetsRolledBack', targets: step.rollback, because } as const]
      : []),
    ...fresh.map(
      (stage): Event => ({
        type: 'StageOpened',
        stage,
        name: plan.stages[stage - 1]!.name,
        size: plan.stages[stage - 1]!.size,
      }),
    ),
    ...(step.start.length > 0 ? [{ type: 'TargetsStarted', targets: step.start, because } as const] : []),
  ];
}

/** The end: covered, or over without it because everything is back, or because this plan can reach no more. */
function endOf(it: {
  readonly fix: Fix;
  readonly step: Step;
  readonly observed: readonly ObservedTarget[];
  readonly facts: Facts;
  readonly now: Instant;
}): Event[] {
  const { fix, step, observed, facts, now } = it;
  if (!step.done) return [];
  const halted = fix.rollout?.halted !== undefined || (step.halt && step.halt.stratum === undefined);
  const coverage = coverageOf(standings(fix, facts, now));
  if (halted) return [{ type: 'RolloutEnded', because: step.because, coverage }];
  if (isCovered(coverage)) return [{ type: 'Covered', coverage }];
  const excluded = excludedUids(fix, now);
  if (!observed.every((t) => isSpent(t, excluded))) return [];
  const left = `${coverage.waiting + coverage.unknown} of ${coverage.exposed} exposed are not covered`;
  return [{ type: 'RolloutEnded', because: `every stage has passed; ${left}`, coverage }];
}

/** Whether this plan can do no more for the target. One that is held or silent may still come. */
function isSpent(seen: ObservedTarget, excluded: ReadonlySet<Uid>): boolean {
  if (seen.state === 'waiting') return seen.misfit === true;
  return seen.state === 'silent' ? excluded.has(seen.uid) : true;
}
