import type { Uid } from '../base/ids.ts';
import { durationText, earliest, type Instant, msBetween, plus, SECOND } from '../base/instant.ts';
import { limitOf } from '../base/limit.ts';
import type { Verdict } from '../health/verdict.ts';
import { convergeBy } from './observe.ts';
import type { Observed, ObservedTarget } from './observed.ts';
import { ORDER_VALID_MS } from './order.ts';
import type { Plan, Target } from './plan.ts';
import type { Step, Waiting } from './step.ts';

const OPERATORS = ['operator', 'on-call'];

/**
 * What to do now.
 *
 * `observed.targets`: one entry a target of the plan, any order; a missing one counts as not told and
 * is not started. Counts everything first, then chooses, so the answer never depends on names or order of
 * the input; which of the waiting go first is the plan's order. Starts at most what the limits leave,
 * nothing while paused, halted or judged worse, and no wave before the one before it has passed. No wave
 * but the last passes by itself before anything at all was seen to run the image. A limit that cannot be
 * read counts as the smallest.
 */
export function next(plan: Plan, observed: Observed, verdict: Verdict, now: Instant): Step {
  const count = tally(plan, observed);
  const halt = observed.halted === undefined && verdict.kind === 'worse' ? verdict.because : undefined;
  const halted = observed.halted?.because ?? halt;
  if (halted !== undefined) return goBack(plan, count, { halted, halt, observed, now });

  const rollback = takeBack(plan, count, { wanted: goesBack, now });
  const pass = passing(plan, observed, count, now);
  const open = openWave(plan, observed, pass);
  if (observed.paused) return paused(plan, observed, count, { rollback, now });

  const start = choose(plan, count, open);
  const still = !count.some((t) => isMoving(t.seen)) && rollback.length === 0 && start.length === 0;
  const done = open > plan.waves.length && still;
  const wait = waits(plan, observed, count, { open, now });
  const askAgainAt = askAgain(plan, observed, count, { open, now });
  return {
    start,
    rollback,
    wait,
    pass,
    done,
    because: because({ plan, open, start, rollback, pass, done, wait, count }),
    ...(askAgainAt !== undefined && { askAgainAt }),
  };
}

/** A target of the plan beside what is seen of it, in plan order. */
type Counted = { readonly target: Target; readonly seen: ObservedTarget | undefined };

function tally(plan: Plan, observed: Observed): Counted[] {
  const { targets } = observed;
  // Usually they come in plan order, and then there is no need to look each one up.
  const inOrder =
    targets.length === plan.targets.length && targets.every((t, i) => t.uid === plan.targets[i]!.uid);
  if (inOrder) return plan.targets.map((target, i) => ({ target, seen: targets[i] }));
  const byUid = new Map<Uid, ObservedTarget>(observed.targets.map((t) => [t.uid, t]));
  return plan.targets.map((target) => ({ target, seen: byUid.get(target.uid) }));
}

const isMoving = (seen: ObservedTarget | undefined): boolean =>
  seen?.state === 'starting' || seen?.state === 'rolling back';

/** Told and not yet back: what a halt must undo. */
const isOut = (seen: ObservedTarget): boolean =>
  seen.state === 'starting' || seen.state === 'patched' || seen.state === 'failed' || seen.state === 'silent';

/** Must go back though nothing is halted: it failed, or a person asked. */
const goesBack = (seen: ObservedTarget): boolean =>
  isOut(seen) && (seen.state === 'failed' || seen.rollbackWanted !== undefined);

/** May still be started: waiting, and nothing holds it. */
const isReady = (seen: ObservedTarget | undefined): boolean =>
  seen?.state === 'waiting' && seen.hold === undefined;

function goBack(
  plan: Plan,
  count: readonly Counted[],
  it: {
    readonly halted: string;
    readonly halt: string | undefined;
    readonly observed: Observed;
    readonly now: Instant;
  },
): Step {
  const rollback = takeBack(plan, count, { wanted: isOut, now: it.now });
  const left = count.filter((t) => t.seen && (isOut(t.seen) || t.seen.state === 'rolling back')).length;
  const since = it.observed.halted?.at ?? it.now;
  const what = `${left} to go back`;
  return {
    start: [],
    rollback,
    wait: left === 0 ? [] : [{ for: `rollback: ${what}`, since, whoCan: [] }],
    pass: [],
    ...(it.halt !== undefined && { halt: it.halt }),
    done: left === 0,
    because: left === 0 ? `halted (${it.halted}); all are back` : `halted (${it.halted}); ${what}`,
    ...(left > 0 && { askAgainAt: convergeBy(it.now, plan) }),
  };
}

function paused(
  plan: Plan,
  observed: Observed,
  count: readonly Counted[],
  { rollback, now }: { readonly rollback: readonly Uid[]; readonly now: Instant },
): Step {
  const { by, reason, at } = observed.paused!;
  const askAgainAt = earliest(...deadlines(plan, count, now));
  return {
    start: [],
    rollback,
    wait: [{ for: `resume: paused by ${by} (${reason})`, since: at, whoCan: OPERATORS }],
    pass: [],
    done: false,
    because: `paused by ${by} for ${durationText(msBetween(at, now))}: ${reason}`,
    ...(askAgainAt !== undefined && { askAgainAt }),
  };
}

/**
 * Those to be told to go back now: newest first, and never more than a third of a management cluster's
 * targets on their way at once. One that had its time does not keep the others from going back, and one
 * that is still not back when its order has run out is told anew.
 */
function takeBack(
  plan: Plan,
  count: readonly Counted[],
  { wanted, now }: { readonly wanted: (seen: ObservedTarget) => boolean; readonly now: Instant },
): Uid[] {
  const newest = count
    .filter((t) => t.seen !== undefined && wanted(t.seen))
    .sort((a, b) => (a.seen!.since < b.seen!.since ? 1 : a.seen!.since > b.seen!.since ? -1 : 0));
  const again = count.filter(({ seen }) => seen?.state === 'rolling back' && orderEnds(seen) <= now);
  const repeated = again.map(({ target }) => target.uid);
  if (newest.length === 0) return repeated;
  const room = roomPerCluster(
    plan,
    count,
    (size) => Math.max(1, Math.floor(size / 3)),
    (seen) => seen?.state === 'rolling back' && convergeBy(seen.since, plan) > now,
  );
  return [...takeWithin(room, newest), ...repeated];
}

const orderEnds = (seen: ObservedTarget): Instant => plus(seen.since, ORDER_VALID_MS);

/** Ready targets of open waves, in plan order, within what each management cluster may have in flight. */
function choose(plan: Plan, count: readonly Counted[], open: number): Uid[] {
  const inFlightMax = limitOf(plan.limits.inFlightPerManagementCluster, 1);
  // What is about to go back is on its way as well.
  const busy = (seen: ObservedTarget | undefined) => isMoving(seen) || (seen !== undefined && goesBack(seen));
  const room = roomPerCluster(plan, count, () => inFlightMax, busy);
  return takeWithin(
    room,
    count.filter((t) => t.target.wave <= open && isReady(t.seen)),
  );
}

function roomPerCluster(
  plan: Plan,
  count: readonly Counted[],
  limitOf: (size: number) => number,
  busy: (seen: ObservedTarget | undefined) => boolean,
): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const t of plan.targets) sizes.set(t.managementCluster, (sizes.get(t.managementCluster) ?? 0) + 1);
  const room = new Map([...sizes].map(([cluster, size]) => [cluster, limitOf(size)]));
  for (const { target, seen } of count) {
    if (busy(seen)) room.set(target.managementCluster, room.get(target.managementCluster)! - 1);
  }
  return room;
}

function takeWithin(room: Map<string, number>, candidates: readonly Counted[]): Uid[] {
  return candidates
    .filter(({ target }) => {
      const left = room.get(target.managementCluster)!;
      room.set(target.managementCluster, left - 1);
      return left > 0;
    })
    .map(({ target }) => target.uid);
}

/** The first wave that has not passed, one past the last when all have. */
function openWave(plan: Plan, observed: Observed, pass: readonly number[]): number {
  const passed = new Set([...observed.passed.map((p) => p.wave), ...pass]);
  const open = plan.waves.findIndex((_, i) => !passed.has(i + 1));
  return open === -1 ? plan.waves.length + 1 : open + 1;
}

/** Waves that pass at this moment; a later one never before an earlier. */
function passing(plan: Plan, observed: Observed, count: readonly Counted[], now: Instant): number[] {
  if (observed.paused) return [];
  const pass: number[] = [];
  for (let wave = openWave(plan, observed, []); wave <= plan.waves.length; wave += 1) {
    const soak = soakOf(plan, observed, count, wave);
    if (soak === undefined) break;
    const waits = soak.endsAt > now || isBlind(plan, count, wave);
    if (waits && !observed.advanced.includes(wave)) break;
    pass.push(wave);
  }
  return pass;
}

/**
 * Whether the wave has run its course and nothing of the plan was seen to run the image: all of it failed,
 * is held or silent. More would then start on no evidence at all. After the last wave nothing starts.
 */
function isBlind(plan: Plan, count: readonly Counted[], wave: number): boolean {
  if (wave >= plan.waves.length || count.some((t) => t.seen?.state === 'patched')) return false;
  return count.some((t) => t.target.wave === wave && couldShow(t.seen));
}

/** Whether something is to be learned of it under this plan: it was told, or may still be. */
const couldShow = (seen: ObservedTarget | undefined): boolean =>
  seen?.misfit !== true && seen?.state !== 'excluded' && seen?.state !== 'gone';

/** The open wave when it cannot pass because nothing runs the image: a person ends it or rolls back. */
export function blindWave(plan: Plan, observed: Observed): number | undefined {
  const count = tally(plan, observed);
  const open = openWave(plan, observed, []);
  const settled = soakOf(plan, observed, count, open) !== undefined;
  return settled && isBlind(plan, count, open) && !observed.advanced.includes(open) ? open : undefined;
}

/**
 * The soak of a wave: undefined while something of it is still to start or under way, or too many are
 * unknown. Targets that are held do not hold the wave up; they follow when they can.
 */
function soakOf(plan: Plan, observed: Observed, count: readonly Counted[], wave: number) {
  if (wave > plan.waves.length) return undefined;
  const mine = count.filter((t) => t.target.wave === wave);
  const unsettled = mine.some((t) => t.seen === undefined || isReady(t.seen) || isMoving(t.seen));
  const silent = mine.filter((t) => t.seen?.state === 'silent').length;
  if (unsettled || silent > limitOf(plan.limits.unknownMax, 0)) return undefined;
  const told = mine.filter((t) => t.seen?.state === 'patched').map((t) => t.seen!.since);
  const before = observed.passed.find((p) => p.wave === wave - 1)?.at;
  const beganAt = told.reduce((a, b) => (a > b ? a : b), before ?? plan.at);
  // A wave in which nothing runs the image has nothing to soak.
  const soakMs = told.length === 0 ? 0 : plan.waves[wave - 1]!.soakMs;
  return { beganAt, endsAt: plus(beganAt, soakMs), soakMs };
}

/** How far a wave's soak is; undefined when it does not soak. */
export function soaking(
  plan: Plan,
  observed: Observed,
  wave: number,
): { readonly beganAt: Instant; readonly endsAt: Instant; readonly soakMs: number } | undefined {
  const count = tally(plan, observed);
  return isBlind(plan, count, wave) ? undefined : soakOf(plan, observed, count, wave);
}

type At = { readonly open: number; readonly now: Instant };

function waits(plan: Plan, observed: Observed, count: readonly Counted[], { open, now }: At): Waiting[] {
  const out: Waiting[] = [];
  const soak = soakOf(plan, observed, count, open);
  const unread = count.filter((t) => t.seen === undefined);
  if (unread.length > 0) out.push({ for: `a first look at ${unread.length}`, since: plan.at, whoCan: [] });
  if (soak && isBlind(plan, count, open)) {
    const what = `anything to run the image: nothing of wave ${open} does`;
    out.push({ for: what, since: soak.beganAt, whoCan: OPERATORS });
  }
  if (soak && soak.endsAt > now) {
    const what = `soak of wave ${open}: ${durationText(soak.soakMs)}`;
    out.push({ for: what, since: soak.beganAt, endsAt: soak.endsAt, whoCan: OPERATORS });
  }
  const moving = count.filter((t) => isMoving(t.seen));
  if (moving.length > 0) {
    const since = moving.map((t) => t.seen!.since).reduce((a, b) => (a < b ? a : b));
    // Starting ends one way or the other; going back takes as long as it takes.
    const ends = moving.every((t) => t.seen?.state === 'starting') && { endsAt: convergeBy(since, plan) };
    out.push({ for: `${moving.length} on their way`, since, ...ends, whoCan: [] });
  }
  const silent = count.filter((t) => t.target.wave <= open && t.seen?.state === 'silent');
  if (silent.length > 0) {
    const since = silent.map((t) => t.seen!.since).reduce((a, b) => (a < b ? a : b));
    out.push({ for: `a report from ${silent.length} silent`, since, whoCan: OPERATORS });
  }
  for (const [hold, held] of byHold(count, open)) {
    out.push({ for: `${held} held: ${hold}`, since: plan.at, whoCan: OPERATORS });
  }
  return out;
}

function byHold(count: readonly Counted[], open: number): [string, number][] {
  const groups = new Map<string, number>();
  for (const t of count) {
    const hold = t.seen?.state === 'waiting' && t.target.wave <= open ? t.seen.hold : undefined;
    if (hold !== undefined) groups.set(hold, (groups.get(hold) ?? 0) + 1);
  }
  return [...groups].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}

/** When time alone can change the answer: a soak ends, or a target has had long enough. */
function askAgain(
  plan: Plan,
  observed: Observed,
  count: readonly Counted[],
  { open, now }: At,
): Instant | undefined {
  const soak = soakOf(plan, observed, count, open);
  const held = byHold(count, open).length > 0 ? lookAgain(plan, now) : undefined;
  const ahead = [soak?.endsAt, held].filter((at) => at !== undefined && at > now);
  return earliest(...ahead, ...deadlines(plan, count, now));
}

/** When to look again at what no deadline of its own ends: half of what makes an agent silent, at least a second. */
export const lookAgain = (plan: Plan, now: Instant): Instant =>
  plus(now, Math.max(SECOND, Math.floor(limitOf(plan.limits.silentAfterMs, 0) / 2)));

/** When those on their way have had long enough: to converge, or to be back. */
function deadlines(plan: Plan, count: readonly Counted[], now: Instant): Instant[] {
  return count
    .flatMap(({ seen }) => {
      if (seen?.state === 'starting') return [convergeBy(seen.since, plan)];
      return seen?.state === 'rolling back' ? [convergeBy(seen.since, plan), orderEnds(seen)] : [];
    })
    .filter((at) => at > now);
}

function because(it: {
  readonly plan: Plan;
  readonly open: number;
  readonly start: readonly Uid[];
  readonly rollback: readonly Uid[];
  readonly pass: readonly number[];
  readonly done: boolean;
  readonly wait: readonly Waiting[];
  readonly count: readonly Counted[];
}): string {
  const parts: string[] = [];
  if (it.pass.length > 0) parts.push(`wave ${it.pass.join(', ')} passed`);
  if (it.rollback.length > 0) parts.push(`${it.rollback.length} failed and go back`);
  if (it.start.length > 0)
    parts.push(
      `wave ${it.open > it.plan.waves.length ? it.plan.waves.length : it.open}: room for ${it.start.length}`,
    );
  if (it.done) parts.push('every wave has passed');
  const reason = it.wait[0] ? `waiting for ${it.wait[0].for}` : 'nothing left to start';
  if (it.done && it.wait.length > 0) parts.push(reason);
  return parts.length > 0 ? parts.join('; ') : reason;
}
