import {
  BACK,
  FAILED,
  type Field,
  GOING_BACK,
  RUNNING,
  SETS,
  SILENT,
  type Sight,
  STARTING,
} from '../health/field.ts';
import type { Credit } from './credit.ts';

/**
 * The counts the pace is decided by. `seen`: evidence credit, the sum of F(age) over those that were healthy
 * before, whether they broke or not. `failed`: those that broke. `unknown`: harm weights of what is out,
 * times the chance that a break has not shown yet; without a report that chance is 1. A failure moves
 * `failed` alone, so one more of them never makes room.
 * The arrays hold the same for each guard set, the kinds of `SETS` one after the other.
 */
export type Tally = {
  seen: number;
  failed: number;
  unknown: number;
  readonly seenIn: Float64Array;
  readonly failedIn: Float64Array;
  readonly unknownIn: Float64Array;
  /** Healthy ones told so far, without the silent ones; and the silent ones. */
  healthyOut: number;
  healthySilent: number;
  /** Healthy ones told so far in each stratum. */
  readonly healthyPerStratum: Float64Array;
};

/** Where the sets of a kind begin in the arrays of a tally. */
export function offsets(field: Field): number[] {
  const out = [0];
  for (const kind of SETS) out.push(out.at(-1)! + field.sets[kind].sizes.length);
  return out;
}

export function tally(
  field: Field,
  sight: Sight,
  it: { readonly credit: Credit; readonly burningWeight: number; readonly nowMs: number },
): Tally {
  const at = offsets(field);
  const count = emptyTally(field, at.at(-1)!);
  const ofs = SETS.map((kind) => field.sets[kind].of);
  for (let i = 0; i < field.targets; i += 1) {
    const state = sight.state[i]!;
    if (!isOut(state, sight.broke[i]!)) continue;
    const burning = sight.burning[i] === 1;
    const broke = sight.broke[i] === 1;
    const shown = state === RUNNING || broke ? it.credit(it.nowMs - beganMs(sight, i)) : 0;
    const seen = burning ? 0 : shown;
    const weight = burning ? field.weight[i]! * it.burningWeight : field.weight[i]!;
    const unknown = weight * (1 - shown);
    const failed = broke && !burning ? 1 : 0;
    count.seen += seen;
    count.failed += failed;
    count.unknown += unknown;
    for (let k = 0; k < ofs.length; k += 1) {
      const set = at[k]! + ofs[k]![i]!;
      count.seenIn[set]! += seen;
      count.failedIn[set]! += failed;
      count.unknownIn[set]! += unknown;
    }
    if (burning) continue;
    count.healthyPerStratum[ofs[0]![i]!]! += 1;
    if (state === SILENT) count.healthySilent += 1;
    else count.healthyOut += 1;
  }
  return count;
}

/** Told and not taken back for another reason than a break: what a break may still come from, or came from. */
const isOut = (state: number, broke: number): boolean =>
  state === STARTING ||
  state === RUNNING ||
  state === SILENT ||
  state === FAILED ||
  (broke === 1 && (state === GOING_BACK || state === BACK));

/** Since when a break could show: since it ran the image, or since it was told where it never did. */
const beganMs = (sight: Sight, i: number): number => sight.ranAtMs[i]! || sight.toldAtMs[i]!;

function emptyTally(field: Field, sets: number): Tally {
  return {
    seen: 0,
    failed: 0,
    unknown: 0,
    seenIn: new Float64Array(sets),
    failedIn: new Float64Array(sets),
    unknownIn: new Float64Array(sets),
    healthyOut: 0,
    healthySilent: 0,
    healthyPerStratum: new Float64Array(field.sets.stratum.sizes.length),
  };
}
