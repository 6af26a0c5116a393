import { DAY, MINUTE, type Ms } from '../base/instant.ts';
import {
  BACK,
  emptySight,
  FAILED,
  type Field,
  GOING_BACK,
  HELD,
  RUNNING,
  type Sight,
  STARTING,
  USUAL_RATE,
  WAITING,
} from '../health/field.ts';
import { type Judged, notJudged } from '../health/judge.ts';
import { type Burner, doesNotFix, efficacyOf } from '../health/mirror.ts';
import { creditOf } from '../pace/credit.ts';
import { guardsOf } from '../pace/guards.ts';
import type { Pace } from '../pace/pace.ts';
import { next, type Rolling, type StageRule } from '../rollout/next.ts';
import type { ModelFleet } from './model-fleet.ts';
import type { ModelView, PacingRule, RuleStep } from './pacing-rule.ts';
import { keyOf, shuffled } from './random.ts';

/** Minute 0 of a run, far from the 0 that means "never". */
const BEGAN_MS = DAY;
const EPISODE_EVERY_MIN = 120;
const ONE_STAGE: readonly StageRule[] = [{ soakMs: 0, approval: false, passed: false, advanced: false }];

/** What a rollout of the real planner keeps between two looks, fed by the model instead of by reports. */
type Kept = {
  readonly field: Field;
  readonly sight: Sight;
  /** Index of the plan's order for each control plane of the model, and back. */
  readonly place: Int32Array;
  readonly order: Int32Array;
  readonly lastEpisodeMin: Float64Array;
  readonly burners: Map<number, Burner>;
  readonly haltedStrata: number[];
};

export type EvidencePaced = {
  readonly fleet: ModelFleet;
  readonly pace: Pace;
  /** Draws the order in which they start, as a fix and uids do for a real plan. */
  readonly seed: number;
  readonly convergeWithinMin: number;
};

/** The planner itself as a rule of the model: every step is `next` on what the model lets be seen. */
export function evidencePaced({ fleet, pace, seed, convergeWithinMin }: EvidencePaced): PacingRule {
  const kept = keep(fleet, seed);
  const credit = creditOf(pace);
  const guards = guardsOf(kept.field, pace.harmBudget);
  let judged: Judged = notJudged(kept.field, BEGAN_MS);
  return {
    step(view, minute): RuleStep {
      const nowMs = BEGAN_MS + minute * MINUTE;
      const episodes = see(kept, view, minute, pace.windowMs);
      const move = next(
        {
          field: kept.field,
          pace,
          credit,
          guards,
          sight: kept.sight,
          judged,
          episodes,
          stages: ONE_STAGE,
          paused: false,
          halted: false,
          haltedStrata: kept.haltedStrata,
          unknownMax: 0,
          orderValidMs: DAY,
          convergeWithinMs: convergeWithinMin * MINUTE,
        } satisfies Rolling,
        nowMs,
      );
      judged = move.judged;
      if (move.halt?.stratum !== undefined) kept.haltedStrata.push(move.halt.stratum);
      const doubt = minute % DOUBT_EVERY_MIN === 0 && isDoubtful(kept, pace, nowMs);
      const start = doubt ? [] : move.start;
      act(kept, start, move.rollback, nowMs);
      const halted = move.halt !== undefined && move.halt.stratum === undefined;
      return {
        start: start.map((i) => kept.order[i]!),
        rollback: move.rollback.map((i) => kept.order[i]!),
        ...(halted && { halted }),
        ...((move.done || doubt) && { done: true }),
      };
    },
  };
}

const DOUBT_EVERY_MIN = 5;

function keep(fleet: ModelFleet, seed: number): Kept {
  const order = Int32Array.from(shuffled(fleet.size, keyOf(seed, ORDER)));
  const place = new Int32Array(fleet.size);
  order.forEach((index, at) => {
    place[index] = at;
  });
  const of = (numbers: Int32Array) => order.map((index) => numbers[index]!);
  const set = (numbers: Int32Array, count: number) => {
    const sizes = new Float64Array(count);
    for (const n of numbers) sizes[n]! += 1;
    return { of: of(numbers), sizes };
  };
  const field: Field = {
    targets: fleet.size,
    size: fleet.size,
    sets: {
      stratum: set(fleet.stratum, fleet.strata),
      region: set(fleet.region, fleet.regions),
      'management cluster': set(fleet.managementCluster, fleet.managementClusters),
      customer: set(fleet.customer, fleet.customers),
    },
    weight: new Float64Array(fleet.size).fill(1),
    rate: new Float64Array(fleet.size).fill(USUAL_RATE),
    stage: new Int32Array(fleet.size),
  };
  const sight = emptySight(field);
  const burners = new Map<number, Burner>();
  for (let i = 0; i < fleet.size; i += 1) {
    if (fleet.burning[order[i]!] !== 1) continue;
    sight.burning[i] = 1;
    burners.set(i, { fromMs: BEGAN_MS });
  }
  const lastEpisodeMin = new Float64Array(fleet.size).fill(Number.NEGATIVE_INFINITY);
  return { field, sight, place, order, lastEpisodeMin, burners, haltedStrata: [] };
}

/** The purpose of the draw of the order, among those under one seed. */
const ORDER = 77;

/** Takes in what happened since the step before, and says which bad episodes began. */
function see(kept: Kept, view: ModelView, minute: number, windowMs: Ms) {
  const { sight, place } = kept;
  const nowMs = BEGAN_MS + minute * MINUTE;
  const treated: number[] = [];
  const control: number[] = [];
  const broken = (i: number) => {
    if (sight.broke[i] === 0 && sight.burning[i] === 0) treated.push(i);
    sight.state[i] = FAILED;
    sight.broke[i] = 1;
  };
  for (const index of view.recovered) wellAgain(kept, place[index]!, nowMs);
  for (const index of view.ran) {
    const i = place[index]!;
    sight.state[i] = RUNNING;
    sight.ranAtMs[i] = nowMs;
    sight.sinceMs[i] = nowMs;
    const burner = kept.burners.get(i);
    if (burner) kept.burners.set(i, { ...burner, ranAtMs: nowMs });
    if (sight.unwell[i] === 1 && sight.burning[i] === 0) broken(i);
  }
  for (const index of view.fellIll) {
    const i = place[index]!;
    sight.unwell[i] = 1;
    // Long after it began to run, falling ill is not put down to the image.
    if (sight.state[i] === RUNNING && nowMs - sight.ranAtMs[i]! <= windowMs) broken(i);
    else if (sight.state[i] === WAITING && sight.burning[i] === 0) {
      sight.state[i] = HELD;
      if (minute - kept.lastEpisodeMin[i]! >= EPISODE_EVERY_MIN) control.push(i);
      kept.lastEpisodeMin[i] = minute;
    }
  }
  for (const index of view.failed) broken(place[index]!);
  for (const index of view.cameBack) sight.state[place[index]!] = BACK;
  const ascending = (a: number, b: number) => a - b;
  return { treated: treated.sort(ascending), control: control.sort(ascending) };
}

function wellAgain(kept: Kept, i: number, nowMs: number): void {
  const { sight, burners } = kept;
  sight.unwell[i] = 0;
  if (sight.state[i] === HELD) sight.state[i] = WAITING;
  const burner = burners.get(i);
  if (burner && burner.recoveredAtMs === undefined) burners.set(i, { ...burner, recoveredAtMs: nowMs });
}

function act(kept: Kept, start: readonly number[], rollback: readonly number[], nowMs: number): void {
  const { sight } = kept;
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

/** Whether those that burned do not recover with it: then nothing more starts until a person has looked. */
function isDoubtful({ burners }: Kept, pace: Pace, nowMs: number): boolean {
  if (burners.size === 0) return false;
  return doesNotFix(efficacyOf([...burners.values()], { nowMs, ripeMs: pace.windowMs, delta: pace.delta }));
}
