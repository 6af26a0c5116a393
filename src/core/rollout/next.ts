import type { Uid } from '../base/ids.ts';
import { durationText, earliest, type Instant, plus } from '../base/instant.ts';
import type { Verdict } from '../health/verdict.ts';
import { convergeBy } from './observe.ts';
import type { Observed, ObservedTarget } from './observed.ts';
import type { Plan, Target } from './plan.ts';
import type { Step, Waiting } from './step.ts';

const OPERATORS = ['operator', 'on-call'];

/**
 * What to do now.
 *
 * `observed.targets`: one entry a target of the plan, any order; a missing one counts as not told and
 * is not started. Counts everything first, then chooses, so the answer never depends on names or order of
 * the input; which of the waiting go first is the plan's order. Starts at most what the limits leave,
 * nothing while paused, halted or judged worse, and no wave before the one before it has passed.
 * A limit that is not a whole number of at least 1 means 1.
 */
export function next(plan: Plan, observed: Observed, verdict: Verdict, now: Instant): Step {
  const count = tally(plan, observed);
  const halt = observed.halted === undefined && verdict.kind === 'worse' ? verdict.because : undefined;
  const halted = observed.halted?.because ?? halt;
  if (halted !== undefined) return goBack(plan, count, { halted, halt, observed, now });

  const rollback = takeBack(plan, count, (t) => t.state === 'failed' || t.rollbackWanted !== undefined);
  const pass = passing(plan, observed, count, now);
  const open = openWave(plan, observed, pass);
  if (observed.paused) return paused(observed, rollback, now);

  const start = choose(plan, count, open);
  const done = open > plan.waves.length && !count.some((t) => isMoving(t.seen)) && rollback.length === 0;
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
  const byUid = new Map<Uid, ObservedTarget>(observed.targets.map((t) => [t.uid, t]));
  return plan.targets.map((target) => ({ target, seen: byUid.get(target.uid) }));
}

const isMoving = (seen: ObservedTarget | undefined): boolean =>
  seen?.state === 'starting' || seen?.state === 'rolling back';

/** Told and not yet back: what a halt must undo. */
const isOut = (seen: ObservedTarget): boolean =>
  seen.state === 'starting' || seen.state === 'patched' || seen.state === 'failed' || seen.state === 'silent';

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
  const rollback = takeBack(plan, count, isOut);
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
    ...(left > 0 && { askAgainAt: plus(it.now, plan.limits.convergeWithinMs) }),
  };
}

function paused(observed: Observed, rollback: readonly Uid[], now: Instant): Step {
  const { by, reason, at } = observed.paused!;
  return {
    start: [],
    rollback,
    wait: [{ for: `resume: paused by ${by} (${reason})`, since: at, whoCan: OPERATORS }],
    pass: [],
    done: false,
    because: `paused by ${by} for ${durationText(Date.parse(now) - Date.parse(at))}: ${reason}`,
  };
}

/**
 * Those to be told to go back now: newest first, and never more than a third of a management cluster's
 * targets on their way at once.
 */
function takeBack(plan: Plan, count: readonly Counted[], wanted: (seen: ObservedTarget) => boolean): Uid[] {
  const room = roomPerCluster(
    plan,
    count,
    (size) => Math.max(1, Math.floor(size / 3)),
    (seen) => seen?.state === 'rolling back',
  );
  const newest = count
    .filter((t) => t.seen !== undefined && wanted(t.seen))
    .sort((a, b) => (a.seen!.since < b.seen!.since ? 1 : a.seen!.since > b.seen!.since ? -1 : 0));
  return takeWithin(room, newest);
}

/** Ready targets of open waves, in plan order, within what each management cluster may have in flight. */
function choose(plan: Plan, count: readonly Counted[], open: number): Uid[] {
  const limit = plan.limits.inFlightPerManagementCluster;
  const inFlightMax = Number.isSafeInteger(limit) && limit > 0 ? limit : 1;
  const room = roomPerCluster(plan, count, () => inFlightMax, isMoving);
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
    if (soak === undefined || (soak.endsAt > now && !observed.advanced.includes(wave))) break;
    pass.push(wave);
  }
  return pass;
}

/**
 * The soak of a wave: undefined while something of it is still to start or under way, or too many are
 * unknown. Targets that are held do not hold the wave up; they follow when they can.
 */
function soakOf(plan: Plan, observed: Observed, count: readonly Counted[], wave: number) {
  const mine = count.filter((t) => t.target.wave === wave);
  const unsettled = mine.some((t) => t.seen === undefined || isReady(t.seen) || isMoving(t.seen));
  const silent = mine.filter((t) => t.seen?.state === 'silent').length;
  if (unsettled || silent > plan.limits.unknownMax) return undefined;
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
  return soakOf(plan, observed, tally(plan, observed), wave);
}

type At = { readonly open: number; readonly now: Instant };

function waits(plan: Plan, observed: Observed, count: readonly Counted[], { open, now }: At): Waiting[] {
  const out: Waiting[] = [];
  const soak = open <= plan.waves.length ? soakOf(plan, observed, count, open) : undefined;
  if (soak && soak.endsAt > now) {
    const what = `soak of wave ${open}: ${durationText(soak.soakMs)}`;
    out.push({ for: what, since: soak.beganAt, endsAt: soak.endsAt, whoCan: OPERATORS });
  }
  const moving = count.filter((t) => isMoving(t.seen));
  if (moving.length > 0) {
    const since = moving.map((t) => t.seen!.since).reduce((a, b) => (a < b ? a : b));
    out.push({ for: `${moving.length} on their way`, since, endsAt: convergeBy(since, plan), whoCan: [] });
  }
  const silent = count.filter((t) => t.target.wave <= open && t.seen?.state === 'silent');
  if (silent.length > 0) {
    const since = silent.map((t) => t.seen!.since).reduce((a, b) => (a < b ? a : b));
    out.push({ for: `a report from ${silent.length} silent`, since, whoCan: OPERATORS });
  }
  for (const [hold, held] of byHold(count, open)) {
    out.push({ for: `${held.length} held: ${hold}`, since: plan.at, whoCan: OPERATORS });
  }
  return out;
}

function byHold(count: readonly Counted[], open: number): [string, Counted[]][] {
  const groups = new Map<string, Counted[]>();
  for (const t of count) {
    const hold = t.seen?.state === 'waiting' && t.target.wave <= open ? t.seen.hold : undefined;
    if (hold !== undefined) groups.set(hold, [...(groups.get(hold) ?? []), t]);
  }
  return [...groups].sort(([a, m], [b, n]) => n.length - m.length || (a < b ? -1 : 1));
}

/** When time alone can change the answer: a soak ends, or a target has had long enough. */
function askAgain(
  plan: Plan,
  observed: Observed,
  count: readonly Counted[],
  { open, now }: At,
): Instant | undefined {
  const soak = open <= plan.waves.length ? soakOf(plan, observed, count, open) : undefined;
  const deadlines = count.filter((t) => isMoving(t.seen)).map((t) => convergeBy(t.seen!.since, plan));
  const held = byHold(count, open).length > 0 ? plus(now, plan.limits.silentAfterMs) : undefined;
  const ahead = [soak?.endsAt, held, ...deadlines].filter((at) => at !== undefined && at > now);
  return earliest(...ahead);
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
  return parts.length > 0 ? parts.join('; ') : reason;
}
