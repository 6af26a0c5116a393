import type { Digest, FixId, Uid } from '../base/ids.ts';
import { earliest, epochMs, type Instant, plus } from '../base/instant.ts';
import { coverageOf, isCovered } from '../coverage/standing.ts';
import { assess } from '../health/assess.ts';
import type { Verdict } from '../health/verdict.ts';
import { lookAgain, next } from '../rollout/next.ts';
import { observe } from '../rollout/observe.ts';
import type { Observed, ObservedTarget } from '../rollout/observed.ts';
import { ORDER_VALID_MS, type Order } from '../rollout/order.ts';
import type { Plan, Target } from '../rollout/plan.ts';
import type { Step } from '../rollout/step.ts';
import type { Event, TargetChange } from './event.ts';
import type { Facts } from './facts.ts';
import type { Fix, Rollout } from './fix.ts';
import { excludedUids, freezeOf, imagesByDigest, planesByUid, standings } from './scope-of.ts';

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
  if (rollout.endedAt !== undefined) return coveredLate(fix, rollout, facts, now);
  const { observed, verdict } = look(fix, rollout, plan, facts, now);
  const step = next(plan, observed, verdict, now);
  const seen: Event[] = changesOf(rollout, observed.targets);
  const end = endOf({ fix, step, observed, facts, now });
  const events = [...seen, ...eventsOf(step, plan, rollout), ...end];
  const askAgainAt = earliest(step.askAgainAt, lookAgain(plan, now))!;
  return { events, orders: ordersOf(step, plan, rollout, now), because: step.because, askAgainAt };
}

const idle = (because: string): Delivery => ({ events: [], orders: [], because });

/** A delivery that ended short of coverage is covered once the rest is accounted for by name, or gone. */
function coveredLate(fix: Fix, rollout: Rollout, facts: Facts, now: Instant): Delivery {
  if (rollout.halted || fix.coveredAt !== undefined) return idle(`${fix.id} is not being delivered`);
  const coverage = coverageOf(standings(fix, facts, now));
  if (!isCovered(coverage)) return idle(`the rollout of ${fix.id} is over; it is not covered yet`);
  return { events: [{ type: 'Covered', coverage }], orders: [], because: 'covered since the rollout ended' };
}

/** Everything `next` is asked with, also for screens. */
export function look(fix: Fix, rollout: Rollout, plan: Plan, facts: Facts, now: Instant) {
  const images = imagesByDigest(facts.images);
  const targets = observe({
    plan,
    told: rollout.targets,
    planes: planesByUid(facts.fleet),
    excluded: excludedUids(fix, now),
    holdOf: (plane) => {
      const freeze = freezeOf(facts.policy, plane, now);
      return freeze && `frozen (${freeze.name}) until ${freeze.until}`;
    },
    carriesFix: (digest) => images.get(digest)?.fixes.includes(fix.id) ?? false,
    now,
  });
  const observed: Observed = {
    targets,
    ...(rollout.paused && { paused: rollout.paused }),
    ...(rollout.halted && { halted: rollout.halted }),
    advanced: rollout.advanced,
    passed: rollout.passed,
  };
  return { observed, verdict: verdictOf(plan, targets) };
}

/** What the targets changed so far say of the fix. */
export function verdictOf(plan: Plan, targets: readonly ObservedTarget[]): Verdict {
  const byUid = new Map(plan.targets.map((t) => [t.uid, t]));
  const told = targets.filter((t) => t.state !== 'waiting' && t.state !== 'excluded' && byUid.has(t.uid));
  const outcomes = told.map((t) => ({
    wave: byUid.get(t.uid)!.wave,
    managementCluster: byUid.get(t.uid)!.managementCluster,
    broke: t.broke || t.state === 'failed',
    patched: t.state === 'patched',
  }));
  return assess(outcomes, plan.limits);
}

/** Told targets whose state is not what the ledger says any more. */
function changesOf(rollout: Rollout, targets: readonly ObservedTarget[]): Event[] {
  const changes = targets.flatMap((t): TargetChange[] => {
    const told = rollout.targets[t.uid];
    if (told === undefined || told.state === t.state || !isReported(t.state)) return [];
    return [{ uid: t.uid, to: t.state, ...(t.because !== undefined && { because: t.because }) }];
  });
  return changes.length > 0 ? [{ type: 'TargetsObserved', changes }] : [];
}

const isReported = (state: ObservedTarget['state']): state is TargetChange['to'] =>
  state !== 'waiting' && state !== 'excluded' && state !== 'rolling back';

function eventsOf(step: Step, plan: Plan, rollout: Rollout): Event[] {
  const { because } = step;
  const started = new Set(rollout.waveStarted.map((w) => w.wave));
  const byUid = new Map(plan.targets.map((t) => [t.uid, t.wave]));
  const fresh = [...new Set(step.start.map((uid) => byUid.get(uid)!))]
    .filter((w) => !started.has(w))
    .sort((a, b) => a - b);
  return [
    ...step.pass.map((wave): Event => ({ type: 'WavePassed', wave, because })),
    ...(step.halt !== undefined ? [{ type: 'Halted', because: step.halt } as const] : []),
    ...(step.rollback.length > 0
      ? [{ type: 'TargetsRolledBack', targets: step.rollback, because } as const]
      : []),
    ...fresh.map((wave): Event => ({ type: 'WaveStarted', wave, size: plan.waves[wave - 1]!.size })),
    ...(step.start.length > 0 ? [{ type: 'TargetsStarted', targets: step.start, because } as const] : []),
  ];
}

/** The end: covered, or over without it because everything is back, or because this plan can reach no more. */
function endOf(it: {
  readonly fix: Fix;
  readonly step: Step;
  readonly observed: Observed;
  readonly facts: Facts;
  readonly now: Instant;
}): Event[] {
  const { fix, step, observed, facts, now } = it;
  if (!step.done) return [];
  const halted = observed.halted !== undefined || step.halt !== undefined;
  const coverage = coverageOf(standings(fix, facts, now));
  if (halted) return [{ type: 'RolloutEnded', because: step.because, coverage }];
  if (isCovered(coverage)) return [{ type: 'Covered', coverage }];
  const excluded = excludedUids(fix, now);
  if (!observed.targets.every((t) => isSpent(t, excluded))) return [];
  const left = `${coverage.waiting + coverage.unknown} of ${coverage.exposed} exposed are not covered`;
  return [{ type: 'RolloutEnded', because: `every wave has passed; ${left}`, coverage }];
}

/** Whether this plan can do no more for the target. One that is held or silent may still come. */
function isSpent(seen: ObservedTarget, excluded: ReadonlySet<Uid>): boolean {
  if (seen.state === 'waiting') return seen.misfit === true;
  return seen.state === 'silent' ? excluded.has(seen.uid) : true;
}

function ordersOf(step: Step, plan: Plan, rollout: Rollout, now: Instant): Order[] {
  const byUid = new Map(plan.targets.map((t) => [t.uid, t]));
  // An order must come after the one before it, also when both fall on one millisecond.
  const after = (uid: Uid): Instant => {
    const before = rollout.targets[uid]?.toldAt;
    return before === undefined || before < now ? now : plus(before, 1);
  };
  return [
    ...step.rollback.map((uid) => backOrder(byUid.get(uid)!, plan.fix, after(uid))),
    ...step.start.map((uid) => setOrder(byUid.get(uid)!, plan.fix, after(uid))),
  ];
}

function setOrder(target: Target, fix: FixId, now: Instant): Order {
  return {
    ...order(target, fix, now),
    action: 'set',
    digest: target.digest,
    ifOverride: target.fromOverride ?? null,
  };
}

function backOrder(target: Target, fix: FixId, now: Instant): Order {
  const base = { ...order(target, fix, now), ifOverride: target.digest };
  return target.fromOverride === undefined
    ? { ...base, action: 'remove' }
    : { ...base, action: 'set', digest: target.fromOverride };
}

type Addressed = Pick<Target, 'uid' | 'name' | 'managementCluster' | 'component'>;

function order(target: Addressed, fix: FixId, now: Instant) {
  // Rises with time and differs between two fixes that speak in the same millisecond.
  const sequence = epochMs(now) * 1_000 + (Number(fix.slice(4)) % 1_000);
  return {
    key: `${fix}/${target.uid}/${sequence}`,
    fix,
    uid: target.uid,
    name: target.name,
    managementCluster: target.managementCluster,
    component: target.component,
    expiresAt: plus(now, ORDER_VALID_MS),
    sequence,
  };
}

/** The order that takes our override away, for retirement. */
export function removeOrder(
  target: Addressed & { readonly override: Digest },
  fix: FixId,
  now: Instant,
): Order {
  const { override, ...addressed } = target;
  return { ...order(addressed, fix, now), action: 'remove', ifOverride: override };
}
