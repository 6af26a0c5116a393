import { HOUR, type Ms } from '../base/instant.ts';
import { cohortsOf } from '../health/cohorts.ts';
import {
  FAILED,
  type Field,
  GOING_BACK,
  HELD,
  OUT,
  RUNNING,
  SILENT,
  type Sight,
  STARTING,
  WAITING,
} from '../health/field.ts';
import { type Episodes, type Judged, judge, noiseOf, type Ruling, ruling } from '../health/judge.ts';
import { choose, isOneBox } from '../pace/choose.ts';
import type { Credit } from '../pace/credit.ts';
import type { Guards } from '../pace/guards.ts';
import type { Live } from '../pace/live-counts.ts';
import type { Pace } from '../pace/pace.ts';
import { roomOf } from '../pace/room.ts';
import { type Counted, type Tally, tally } from '../pace/tally.ts';

/** A stage as the planner needs it. `advanced`: a person ended its wait, or gave the approval it asks for. */
export type StageRule = {
  readonly soakMs: Ms;
  readonly approval: boolean;
  readonly passed: boolean;
  readonly advanced: boolean;
};

/** A rollout at a moment: what is fixed, what is seen, what is known, and people's brakes. */
export type Rolling = {
  readonly field: Field;
  readonly pace: Pace;
  readonly credit: Credit;
  readonly guards: Guards;
  readonly sight: Sight;
  /** The counts of `sight`, from whoever follows its changes; absent: every control plane is looked at. */
  readonly live?: Live | undefined;
  readonly judged: Judged;
  /** Bad episodes that began since `judged`. */
  readonly episodes: Episodes;
  readonly stages: readonly StageRule[];
  readonly paused: boolean;
  /** Everything was started that will be: only judged, and taken back, from here on. */
  readonly over?: boolean;
  readonly halted: boolean;
  /** Strata that were halted alone. */
  readonly haltedStrata: readonly number[];
  /** A stage may pass with at most this many of its targets unknown. */
  readonly unknownMax: number;
  readonly orderValidMs: Ms;
  readonly convergeWithinMs: Ms;
};

/** What to do now, by index, with the numbers it follows from. */
export type Move = {
  readonly start: readonly number[];
  readonly rollback: readonly number[];
  /** Stages that pass, from 0. */
  readonly pass: readonly number[];
  readonly halt?: NonNullable<Ruling['halt']>;
  readonly done: boolean;
  readonly judged: Judged;
  readonly counts: Counts;
};

/** The figures of a decision: all that it followed from, beside what each control plane is seen to be. */
export type Counts = {
  /** Against the image: 1 says nothing, 1/α halts. */
  readonly e: number;
  readonly treated: number;
  readonly controls: number;
  /** Evidence credit, in control planes. */
  readonly seen: number;
  readonly failed: number;
  readonly unknown: number;
  readonly rateAtMost: number;
  /** Harm weight that may still be added; below 0 when none may. */
  readonly room: number;
  readonly oneBox: boolean;
  /** Bad episodes a control plane would have had in its risk window anyway. */
  readonly background: number;
};

/**
 * What to do now. Counts everything first, then chooses, and knows no names: the answer depends on
 * neither. Starts nothing while paused, halted or judged bad, nothing that an unknown outcome leaves no room for,
 * and no stage before the one before it has passed. Rolling back waits for nothing.
 */
export function next(it: Rolling, nowMs: number): Move {
  const { field, sight, pace } = it;
  const strata = field.sets.stratum.sizes.length;
  const of = stillJudged(it);
  const cohorts =
    it.live?.cohorts(nowMs, it.haltedStrata) ?? cohortsOf(field, of.sight, pace.windowMs, nowMs);
  const judged = judge(it.judged, { field, cohorts, episodes: of.episodes, nowMs }, pace);
  const { e, halt } = it.halted ? { e: ruling(judged, strata, pace.alpha).e } : rulingOf(it, judged, strata);
  const counted: Counted = { ...it, burningWeight: pace.burningWeight, nowMs };
  const count = it.live?.tally(nowMs) ?? tally(counted);
  const background = backgroundOf(field, judged, pace);
  const room = roomOf(counted, count, pace, background);
  const counts: Counts = {
    e,
    treated: cohorts.treatedCount,
    controls: cohorts.controlCount,
    seen: count.seen,
    failed: count.failed,
    unknown: count.unknown,
    rateAtMost: room.rateAtMost,
    room: room.left(),
    oneBox: isOneBox(count, pace, field),
    background,
  };
  const bad = strataHalted(it, halt);
  const everything = it.halted || (halt !== undefined && halt.stratum === undefined);
  const isBack = everything || bad.size > 0 || count.toGoBack > 0 || count.goingBack > 0;
  const rollback = isBack ? takeBack(it, { everything, bad }, nowMs) : [];
  const rest = goingBack(without(it, bad), rollback);
  if (everything || it.paused || it.over) {
    const done = everything && rollback.length === 0 && !sight.state.some(isOutState);
    return { start: [], rollback, pass: [], done, judged, counts, ...(halt && { halt }) };
  }
  // An only stage cannot have passed while some wait or are on their way, and that is so nearly all the time.
  const isUnderWay = it.stages.length === 1 && (count.moving > 0 || (bad.size === 0 && count.waiting > 0));
  const pass = isUnderWay ? [] : passing(rest, nowMs);
  const open = openStage(it.stages, pass);
  // Who goes back now takes a place on its management cluster, and leaves the one-box, from this step on.
  const then = { ...counted, sight: rest.sight };
  const left = rollback.length > 0 ? afterGoingBack(it, count, { bad, rollback, then }) : count;
  const place = rollback.length > 0 ? roomOf(then, left, pace, background) : room;
  const start = choose({
    ...rest,
    count: left,
    room: place,
    openStage: open,
    nowMs,
    mayWait: it.live?.mayWait(),
  });
  const still = start.length === 0 && rollback.length === 0 && count.moving === 0;
  const done = open >= it.stages.length && still;
  return { start, rollback, pass, done, judged, counts, ...(halt && { halt }) };
}

/** What is still judged: a stratum that was halted is known to be bad, and no evidence against the rest any more. */
function stillJudged(it: Rolling): Pick<Rolling, 'sight' | 'episodes'> {
  const { field, sight, episodes, haltedStrata } = it;
  if (haltedStrata.length === 0) return it;
  const of = field.sets.stratum.of;
  const treated = episodes.treated.filter((i) => !haltedStrata.includes(of[i]!));
  // Who is told of every change counts them so itself.
  const judged = it.live ? sight : seenAs(it, new Set(haltedStrata), RUNNING, GOING_BACK);
  return { sight: judged, episodes: { ...episodes, treated } };
}

function rulingOf(it: Rolling, judged: Judged, strata: number): Ruling {
  const found = ruling(judged, strata, it.pace.alpha);
  const again = found.halt?.stratum !== undefined && it.haltedStrata.includes(found.halt.stratum);
  return again ? { e: found.e } : found;
}

/** Bad episodes a control plane would have had in its risk window anyway, with the noise there is now. */
const backgroundOf = ({ meanRate }: Field, judged: Judged, pace: Pace): number =>
  meanRate * noiseOf(judged) * (pace.windowMs / HOUR);

const strataHalted = (it: Rolling, halt: Ruling['halt']): ReadonlySet<number> =>
  new Set(halt?.stratum === undefined ? it.haltedStrata : [...it.haltedStrata, halt.stratum]);

/** The same rollout with nothing waiting in a stratum that is halted. */
export function without(it: Rolling, bad: ReadonlySet<number>): Rolling {
  return bad.size === 0 ? it : { ...it, sight: seenAs(it, bad, WAITING, HELD) };
}

/** What is seen, but for those of some strata in one state, who are taken for being in another. */
function seenAs({ field, sight }: Rolling, strata: ReadonlySet<number>, from: number, to: number): Sight {
  const of = field.sets.stratum.of;
  const isOne = markedOf(field, strata);
  const state = sight.state.slice();
  for (let i = 0; i < state.length; i += 1) if (state[i] === from && isOne[of[i]!] === 1) state[i] = to;
  return { ...sight, state };
}

/** By stratum: 1 for those named. */
function markedOf({ sets }: Field, strata: ReadonlySet<number>): Uint8Array {
  const marked = new Uint8Array(sets.stratum.sizes.length);
  for (const s of strata) marked[s] = 1;
  return marked;
}

/** The same rollout with those on their way back that are told to go back now. */
function goingBack(it: Rolling, rollback: readonly number[]): Rolling {
  if (rollback.length === 0) return it;
  const state = it.sight.state.slice();
  for (const i of rollback) state[i] = GOING_BACK;
  return { ...it, sight: { ...it.sight, state } };
}

/** The counts once those have begun to go back. Nearly always they broke, and then that moves no more than a few counts. */
function afterGoingBack(
  { sight }: Rolling,
  count: Tally,
  it: { readonly bad: ReadonlySet<number>; readonly rollback: readonly number[]; readonly then: Counted },
): Tally {
  const begin = it.rollback.filter((i) => sight.state[i] !== GOING_BACK);
  if (it.bad.size > 0 || !begin.every((i) => sight.state[i] === FAILED && sight.broke[i] === 1))
    return tally(it.then);
  return {
    ...count,
    moving: count.moving + begin.length,
    goingBack: count.goingBack + begin.length,
    toGoBack: count.toGoBack - begin.filter((i) => sight.wanted[i] === 0).length,
  };
}

const isMoving = (state: number): boolean => state === STARTING || state === GOING_BACK;
const isOut = (state: number): boolean =>
  state === STARTING || state === RUNNING || state === FAILED || state === SILENT;
const isOutState = (state: number): boolean => isOut(state) || state === GOING_BACK;

/**
 * Who is told to go back now: newest first, never more than a third of a management cluster's targets on their way
 * at once. One that had its time does not keep the others from going back, and one that is still not back
 * when its order has run out is told anew.
 */
function takeBack(
  it: Rolling,
  scope: { readonly everything: boolean; readonly bad: ReadonlySet<number> },
  nowMs: number,
): number[] {
  const { field, sight } = it;
  const stratum = field.sets.stratum.of;
  const isBad = markedOf(field, scope.bad);
  const wanted: number[] = [];
  const again: number[] = [];
  const among = scope.everything || scope.bad.size > 0 ? undefined : it.live?.returning();
  const end = among?.length ?? field.targets;
  for (let k = 0; k < end; k += 1) {
    const i = among?.[k] ?? k;
    const state = sight.state[i]!;
    if (state === GOING_BACK && sight.sinceMs[i]! + it.orderValidMs <= nowMs) again.push(i);
    if (!isOut(state)) continue;
    if (scope.everything || state === FAILED || sight.wanted[i] === 1 || isBad[stratum[i]!] === 1)
      wanted.push(i);
  }
  if (wanted.length === 0) return again;
  wanted.sort((a, b) => sight.toldAtMs[b]! - sight.toldAtMs[a]! || a - b);
  const busy = goingBackIn(it, among, nowMs);
  const cluster = field.sets['management cluster'];
  const taken = wanted.filter((i) => {
    const c = cluster.of[i]!;
    busy[c]! += 1;
    return busy[c]! <= Math.max(1, Math.floor(cluster.sizes[c]! / 3));
  });
  return [...taken, ...again];
}

/** How many of each management cluster are on their way back and still have time for it. */
function goingBackIn(
  { field, sight, convergeWithinMs }: Rolling,
  among: readonly number[] | undefined,
  nowMs: number,
): Int32Array {
  const cluster = field.sets['management cluster'];
  const busy = new Int32Array(cluster.sizes.length);
  const end = among?.length ?? field.targets;
  for (let k = 0; k < end; k += 1) {
    const i = among?.[k] ?? k;
    if (sight.state[i] === GOING_BACK && sight.sinceMs[i]! + convergeWithinMs > nowMs)
      busy[cluster.of[i]!]! += 1;
  }
  return busy;
}

/** The first stage that has not passed, from 0; one past the last when all have. */
export function openStage(stages: readonly StageRule[], pass: readonly number[] = []): number {
  const open = stages.findIndex((s, i) => !s.passed && !pass.includes(i));
  return open === -1 ? stages.length : open;
}

function passing(it: Rolling, nowMs: number): number[] {
  const pass: number[] = [];
  for (let stage = openStage(it.stages); stage < it.stages.length; stage += 1) {
    const rule = it.stages[stage]!;
    const at = stageAt(it, stage);
    if (!at.settled) break;
    const waits = at.soakedAtMs > nowMs || rule.approval || isBlind(it, stage, at);
    if (waits && !rule.advanced) break;
    pass.push(stage);
  }
  return pass;
}

/** How far a stage is. `settled`: nothing of it is to start or on its way, and few enough are unknown. */
export type StageAt = {
  readonly settled: boolean;
  readonly running: number;
  /** Not deleted, not taken out: it was told, or may still be. */
  readonly reachable: number;
  readonly lastRanAtMs: number;
  readonly soakedAtMs: number;
};

export function stageAt({ field, sight, stages, unknownMax }: Rolling, stage: number): StageAt {
  let open = 0;
  let silent = 0;
  let running = 0;
  let reachable = 0;
  let last = 0;
  for (let i = 0; i < field.targets; i += 1) {
    if (field.stage[i] !== stage) continue;
    const state = sight.state[i]!;
    if (state === WAITING || isMoving(state)) open += 1;
    else if (state === SILENT) silent += 1;
    else if (state === RUNNING) {
      running += 1;
      last = Math.max(last, sight.ranAtMs[i]!);
    }
    if (state !== OUT) reachable += 1;
  }
  const soakedAtMs = running === 0 ? 0 : last + stages[stage]!.soakMs;
  return { settled: open === 0 && silent <= unknownMax, running, reachable, lastRanAtMs: last, soakedAtMs };
}

/**
 * Whether a stage has run its course and nothing at all was seen to run the image. More would then
 * start on no evidence. After the last stage nothing starts.
 */
export const isBlind = (it: Rolling, stage: number, at: StageAt): boolean =>
  stage < it.stages.length - 1 &&
  at.running === 0 &&
  at.reachable > 0 &&
  !it.sight.state.some((s) => s === RUNNING);
