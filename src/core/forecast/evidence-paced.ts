import { DAY, MINUTE } from '../base/instant.ts';
import { type Field, USUAL_RATE } from '../health/field.ts';
import { type Guards, guardsOf } from '../pace/guards.ts';
import type { Pace } from '../pace/pace.ts';
import { createPacer, type News } from '../rollout/pacer.ts';
import type { ModelFleet } from './model-fleet.ts';
import type { ModelView, PacingRule, RuleStep } from './pacing-rule.ts';
import { keyOf, shuffled } from './random.ts';

export type EvidencePaced = {
  readonly fleet: ModelFleet;
  readonly pace: Pace;
  /** Draws the order in which they start, as a fix and uids do for a real plan. */
  readonly seed: number;
  readonly convergeWithinMin: number;
  /** Made for the same fleet, pace and seed; absent: made now. */
  readonly ground?: Ground;
};

/** What every rollout of a fleet under a pace and a seed stands on, whatever happens in it. */
export type Ground = {
  /** The model's index of each of the planner's, and back. */
  readonly order: Int32Array;
  readonly place: Int32Array;
  readonly field: Field;
  readonly guards: Guards;
  readonly burning: Uint8Array;
};

/** Minute 0 of a run, far from the 0 that means "never". */
const BEGAN_MS = DAY;

/** What happens first to one that is in two lists of one step: it recovered before it ran, and fell ill after. */
const IN_ORDER = [
  ['recovered', 'healthy'],
  ['ran', 'running'],
  ['fellIll', 'unhealthy'],
  ['failed', 'failed'],
  ['cameBack', 'back'],
] as const satisfies readonly (readonly [keyof ModelView, News])[];

/** The planner itself as a rule of the model: every step is `next` on what the model lets be seen. */
export function evidencePaced(it: EvidencePaced): PacingRule {
  const { fleet, pace, convergeWithinMin } = it;
  const { order, place, field, guards, burning } = it.ground ?? groundOf(fleet, pace, it.seed);
  const pacer = createPacer({
    field,
    guards,
    pace,
    burning,
    beganMs: BEGAN_MS,
    convergeWithinMs: convergeWithinMin * MINUTE,
  });
  return {
    step(view, minute): RuleStep {
      const nowMs = BEGAN_MS + minute * MINUTE;
      for (const [list, news] of IN_ORDER)
        for (const index of view[list]) pacer.see(place[index]!, news, nowMs);
      const move = pacer.step(nowMs);
      const halted = move.halt !== undefined && move.halt.stratum === undefined;
      return {
        start: move.start.map((i) => order[i]!),
        rollback: move.rollback.map((i) => order[i]!),
        ...(halted && { halted }),
        ...((move.done || move.doubt) && { done: true }),
      };
    },
  };
}

export function groundOf(fleet: ModelFleet, pace: Pace, seed: number): Ground {
  const order = shuffled(fleet.size, keyOf(seed, ORDER));
  const place = new Int32Array(fleet.size);
  const burning = new Uint8Array(fleet.size);
  for (let at = 0; at < order.length; at += 1) {
    place[order[at]!] = at;
    burning[at] = fleet.burning[order[at]!]!;
  }
  const field = fieldIn(order, fleet);
  return { order, place, field, guards: guardsOf(field, pace.harmBudget), burning };
}

/** The purpose of the draw of the order, among those under one seed. */
const ORDER = 77;

/** The model's fleet as the planner knows a plan, in the model's own order. */
export function fieldOfModel(fleet: ModelFleet): Field {
  const order = new Int32Array(fleet.size);
  for (let i = 0; i < order.length; i += 1) order[i] = i;
  return fieldIn(order, fleet);
}

function fieldIn(order: Int32Array, fleet: ModelFleet): Field {
  const set = (numbers: Int32Array, count: number) => {
    const sizes = new Float64Array(count);
    const of = new Int32Array(order.length);
    for (let at = 0; at < order.length; at += 1) {
      of[at] = numbers[order[at]!]!;
      sizes[of[at]!]! += 1;
    }
    return { of, sizes };
  };
  return {
    targets: fleet.size,
    size: fleet.size,
    sets: {
      stratum: set(fleet.stratum, fleet.strata),
      region: set(fleet.region, fleet.regions),
      'management cluster': set(fleet.managementCluster, fleet.managementClusters),
      customer: set(fleet.customer, fleet.customers),
    },
    weight: new Float64Array(fleet.size).fill(1),
    heaviest: 1,
    rate: new Float64Array(fleet.size).fill(USUAL_RATE),
    meanRate: USUAL_RATE,
    stage: new Int32Array(fleet.size),
  };
}
