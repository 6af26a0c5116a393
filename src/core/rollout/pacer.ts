import { HOUR, MINUTE, type Ms } from '../base/instant.ts';
import {
  BACK,
  CONTROL,
  emptySight,
  FAILED,
  type Field,
  GOING_BACK,
  HELD,
  LASTS_MS,
  OUT,
  RUNNING,
  SILENT,
  type Sight,
  STARTING,
  WAITING,
} from '../health/field.ts';
import { type Judged, notJudged, withoutStratum } from '../health/judge.ts';
import { type Burner, doesNotFix, efficacyOf, ripeMs } from '../health/mirror.ts';
import { creditOf } from '../pace/credit.ts';
import { type Guards, guardsOf } from '../pace/guards.ts';
import { LiveCounts } from '../pace/live-counts.ts';
import type { Pace } from '../pace/pace.ts';
import { type Move, next, type StageRule } from './next.ts';

/**
 * What can be said of one control plane. running: it was seen to run the image. failed: it did not come to run it in
 * time, or hard evidence speaks against it. unhealthy, healthy: a bad episode began, or is over. silent, heard:
 * whether anything is heard of it. back: it went back. held, free: whether it may be started. out: deleted, or
 * taken out by name.
 */
export const NEWS = [
  'running',
  'failed',
  'unhealthy',
  'healthy',
  'silent',
  'heard',
  'back',
  'held',
  'free',
  'out',
] as const;
export type News = (typeof NEWS)[number];

/** A rollout followed observation by observation, in numbers; what the hub does from its ledger, for models and other programs. */
export type Pacer = {
  readonly sight: Sight;
  /** Tells what was seen of an index at a time. Order within one look does not matter, except for one index. */
  see(index: number, news: News, atMs: number): void;
  /** What to do now; what it says is taken as done: those started are starting, those taken back are going back. */
  step(nowMs: number): PacerMove;
};

/** `doubt`: those that burn do not recover with it; nothing starts any more until a person has looked. */
export type PacerMove = Move & { readonly doubt: boolean };

export type PacerOptions = {
  readonly field: Field;
  readonly pace: Pace;
  /** Those of the field and the pace's budget, where somebody has made them already. */
  readonly guards?: Guards;
  /** By index: shows the symptom at the beginning. */
  readonly burning?: Uint8Array;
  readonly beganMs: number;
  readonly convergeWithinMs: Ms;
};

const EPISODE_EVERY_MS = 2 * HOUR;
const DOUBT_EVERY_MS = 5 * MINUTE;
const ONE_STAGE: readonly StageRule[] = [{ soakMs: 0, approval: false, passed: false, advanced: false }];

export function createPacer(it: PacerOptions): Pacer {
  const { field, pace, beganMs } = it;
  const credit = creditOf(pace);
  const guards = it.guards ?? guardsOf(field, pace.harmBudget);
  const strata = field.sets.stratum.sizes.length;
  const sight = emptySight(field);
  const burners = burnersOf(it, sight);
  const counts = new LiveCounts(
    { field, sight, credit, guards, burningWeight: pace.burningWeight },
    pace.windowMs,
  );
  const held = new Uint8Array(field.size);
  const ill = new Uint8Array(field.size);
  const unheard = new Uint8Array(field.size);
  const beforeSilence = new Uint8Array(field.size);
  const struckMs = new Float64Array(field.size).fill(Number.NEGATIVE_INFINITY);
  /** Those that fell ill long after they began to run the image, with the time. */
  const lateMs = new Map<number, number>();
  const haltedStrata: number[] = [];
  let judged: Judged = notJudged(field, beganMs);
  let treated: number[] = [];
  let control: number[] = [];
  let halted = false;
  let doubt = false;
  let doubtedMs = beganMs;

  const broken = (i: number): void => {
    if (sight.broke[i] === 0 && sight.burning[i] === 0) treated.push(i);
    sight.broke[i] = 1;
    sight.state[i] = FAILED;
  };
  /** What one that is not told is: it may be started unless it is held, not heard, or ill for another reason than the incident. */
  const settle = (i: number): void => {
    sight.unwell[i] = ill[i]! | unheard[i]!;
    if (sight.state[i] !== WAITING && sight.state[i] !== HELD) return;
    const isIll = ill[i] === 1 && sight.burning[i] === 0;
    sight.state[i] = held[i] === 1 || unheard[i] === 1 || isIll ? HELD : WAITING;
  };
  /** Ill while it runs the image: broken by it, or long after it began to, which is watched. */
  const illWith = (i: number, atMs: number): void => {
    if (atMs - sight.ranAtMs[i]! <= pace.windowMs) broken(i);
    else lateMs.set(i, atMs);
  };

  const see = (i: number, news: News, atMs: number): void => {
    take(i, news, atMs);
    counts.note(i);
  };

  const take = (i: number, news: News, atMs: number): void => {
    const state = sight.state[i]!;
    if (state === OUT) return;
    switch (news) {
      case 'running':
        if (state !== STARTING && state !== SILENT) return;
        sight.ranAtMs[i] ||= atMs;
        ran(burners, i, atMs);
        // What broke stays broken, however it is seen again.
        sight.state[i] = sight.broke[i] === 1 ? FAILED : RUNNING;
        if (sight.state[i] === RUNNING && ill[i] === 1 && sight.burning[i] === 0) illWith(i, atMs);
        return;
      case 'failed':
        if (isOut(state)) broken(i);
        return;
      case 'unhealthy':
        fellIll(i, atMs);
        return;
      case 'healthy':
        ill[i] = 0;
        unheard[i] = 0;
        lateMs.delete(i);
        recovered(burners, i, atMs);
        // One that recovered by itself is like any other from then on.
        if (state === WAITING || state === HELD) sight.burning[i] = 0;
        settle(i);
        return;
      case 'silent':
        if (isOut(state) && state !== SILENT) beforeSilence[i] = state;
        if (isOut(state)) sight.state[i] = SILENT;
        else unheard[i] = 1;
        settle(i);
        return;
      case 'heard':
        unheard[i] = 0;
        if (state === SILENT) sight.state[i] = beforeSilence[i]!;
        if (state === SILENT && sight.state[i] === RUNNING && ill[i] === 1 && sight.burning[i] === 0)
          illWith(i, atMs);
        settle(i);
        return;
      case 'back':
        if (isOut(state) || state === GOING_BACK) sight.state[i] = BACK;
        return;
      case 'held':
      case 'free':
        held[i] = news === 'held' ? 1 : 0;
        settle(i);
        return;
      case 'out':
        sight.state[i] = OUT;
        sight.unwell[i] = 1;
    }
  };

  const fellIll = (i: number, atMs: number): void => {
    const state = sight.state[i]!;
    // What burns is ill already, and that is not put down to the image.
    if (sight.burning[i] === 1 && burners.get(i)?.recoveredAtMs === undefined) return;
    const before = ill[i];
    ill[i] = 1;
    settle(i);
    if (state === RUNNING) illWith(i, atMs);
    if (state !== WAITING && state !== HELD && state !== CONTROL) return;
    if (before === 1) return;
    if (atMs - struckMs[i]! >= EPISODE_EVERY_MS) control.push(i);
    struckMs[i] = atMs;
  };

  const step = (nowMs: number): PacerMove => {
    for (const [i, ms] of lateMs) {
      if (nowMs - ms < LASTS_MS) continue;
      lateMs.delete(i);
      if (sight.state[i] !== RUNNING) continue;
      sight.state[i] = FAILED;
      sight.broke[i] = 1;
      counts.note(i);
    }
    const move = next(
      {
        field,
        pace,
        credit,
        guards,
        sight,
        live: counts.isCheap ? counts : undefined,
        judged,
        episodes: { treated: treated.sort(ascending), control: control.sort(ascending) },
        stages: ONE_STAGE,
        paused: false,
        halted,
        haltedStrata,
        unknownMax: field.targets,
        orderValidMs: HOUR,
        convergeWithinMs: it.convergeWithinMs,
      },
      nowMs,
    );
    treated = [];
    control = [];
    judged = move.judged;
    const bad = move.halt?.stratum;
    if (move.halt && bad === undefined) halted = true;
    if (bad !== undefined) {
      haltedStrata.push(bad);
      judged = withoutStratum(judged, bad, strata);
    }
    if (!doubt && burners.size > 0 && nowMs - doubtedMs >= DOUBT_EVERY_MS) {
      doubtedMs = nowMs;
      const found = efficacyOf([...burners.values()], { nowMs, ripeMs: ripeMs(pace), delta: pace.delta });
      doubt = doesNotFix(found);
    }
    const start = doubt ? [] : move.start;
    done(sight, start, move.rollback, nowMs);
    for (const i of move.rollback) counts.note(i);
    for (const i of start) counts.note(i);
    return { ...move, start, doubt };
  };
  return { sight, see, step };
}

const ascending = (a: number, b: number): number => a - b;

const isOut = (state: number): boolean =>
  state === STARTING || state === RUNNING || state === SILENT || state === FAILED;

function burnersOf({ field, burning, beganMs }: PacerOptions, sight: Sight): Map<number, Burner> {
  const burners = new Map<number, Burner>();
  for (let i = 0; burning !== undefined && i < field.targets; i += 1) {
    if (burning[i] !== 1) continue;
    sight.burning[i] = 1;
    burners.set(i, { fromMs: beganMs });
  }
  return burners;
}

function ran(burners: Map<number, Burner>, i: number, atMs: number): void {
  const burner = burners.get(i);
  if (burner && burner.ranAtMs === undefined) burners.set(i, { ...burner, ranAtMs: atMs });
}

function recovered(burners: Map<number, Burner>, i: number, atMs: number): void {
  const burner = burners.get(i);
  if (burner && burner.recoveredAtMs === undefined) burners.set(i, { ...burner, recoveredAtMs: atMs });
}

function done(sight: Sight, start: readonly number[], rollback: readonly number[], nowMs: number): void {
  for (const i of rollback) {
    sight.state[i] = GOING_BACK;
    sight.sinceMs[i] = nowMs;
  }
  for (const i of start) {
    sight.state[i] = STARTING;
    sight.sinceMs[i] = nowMs;
    sight.toldAtMs[i] = nowMs;
  }
}
