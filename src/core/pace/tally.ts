import {
  BACK,
  FAILED,
  type Field,
  GOING_BACK,
  RUNNING,
  SILENT,
  type Sight,
  STARTING,
  WAITING,
} from '../health/field.ts';
import type { Credit } from './credit.ts';
import type { Guards, SmallSets } from './guards.ts';

/** What the counts are made of. */
export type Counted = {
  readonly field: Field;
  readonly sight: Sight;
  readonly credit: Credit;
  readonly guards: Guards;
  readonly burningWeight: number;
  readonly nowMs: number;
};

/**
 * The counts the pace is decided by. `seen`: evidence credit, the sum of F(age) over those that were healthy
 * before, whether they broke or not. `failed`: those that broke. `unknown`: harm weights of what is out,
 * times the chance that a break has not shown yet; without a report that chance is 1. A failure moves
 * `failed` alone, so one more of them never makes room.
 *
 * The arrays hold the same for each guard set, as `Guards` numbers them; of small ones once they were asked for.
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
  /** Those that may be started but for the limits, and how many of them burn. */
  waiting: number;
  waitingBurning: number;
  /** The healthy ones of them, in each management cluster and in each cell of the guards. */
  readonly waitingPerCluster: Float64Array;
  readonly waitingPerCell: Float64Array;
  /** On their way to the image or back; of these those on their way back; and those that must go back. */
  moving: number;
  goingBack: number;
  toGoBack: number;
  /** In each management cluster: on their way, a break that is still to go back included; and those that run it besides. */
  readonly busyPerCluster: Float64Array;
  readonly outPerCluster: Float64Array;
};

export function tally(it: Counted): Tally {
  const { field, sight, guards, credit, burningWeight, nowMs } = it;
  const count = emptyTally(field, guards.budgets.length, guards.cells.sets.length);
  const { state: states, broke, burning, wanted, ranAtMs } = sight;
  const { weight } = field;
  const cluster = field.sets['management cluster'].of;
  const cell = guards.cells.of;
  const cells = guards.cells.sets.length;
  const seenIn = new Float64Array(cells);
  const unknownIn = new Float64Array(cells);
  const failedIn = new Float64Array(cells);
  const healthyIn = new Float64Array(cells);
  for (let i = 0; i < field.targets; i += 1) {
    const state = states[i]!;
    if (state === WAITING) {
      count.waiting += 1;
      count.waitingBurning += burning[i]!;
      if (burning[i] === 1) continue;
      count.waitingPerCluster[cluster[i]!]! += 1;
      count.waitingPerCell[cell[i]!]! += 1;
      continue;
    }
    countMoving(count, cluster[i]!, state, wanted[i]!, 1);
    const broken = broke[i]!;
    if (!isOut(state, broken)) continue;
    const ranAt = ranAtMs[i]!;
    const shown = (state === RUNNING || broken === 1) && ranAt > 0 ? credit(nowMs - ranAt) : 0;
    const c = cell[i]!;
    if (burning[i] === 1) {
      unknownIn[c]! += weight[i]! * burningWeight * (1 - shown);
      continue;
    }
    seenIn[c]! += shown;
    unknownIn[c]! += weight[i]! * (1 - shown);
    failedIn[c]! += broken;
    healthyIn[c]! += 1;
    if (state === SILENT) count.healthySilent += 1;
    else count.healthyOut += 1;
  }
  for (let c = 0; c < cells; c += 1) {
    count.seen += seenIn[c]!;
    count.unknown += unknownIn[c]!;
    count.failed += failedIn[c]!;
    count.healthyPerStratum[guards.cells.stratum[c]!]! += healthyIn[c]!;
    for (const set of guards.cells.sets[c]!) {
      count.seenIn[set]! += seenIn[c]!;
      count.unknownIn[set]! += unknownIn[c]!;
      count.failedIn[set]! += failedIn[c]!;
    }
  }
  return count;
}

/** Counts one that does not wait; `sign` −1 takes it off again. */
export function countMoving(
  count: Tally,
  cluster: number,
  state: number,
  wanted: number,
  sign: 1 | -1,
): void {
  if (state === RUNNING) {
    count.outPerCluster[cluster]! += sign;
    count.toGoBack += sign * wanted;
    return;
  }
  if (state === GOING_BACK) count.goingBack += sign;
  if (state === GOING_BACK || state === STARTING) count.moving += sign;
  if (state === FAILED || wanted === 1) count.toGoBack += sign;
  if (state !== STARTING && state !== FAILED && state !== GOING_BACK) return;
  count.busyPerCluster[cluster]! += sign;
  count.outPerCluster[cluster]! += sign;
}

/** Counts one set of a small kind. */
export function tallySmall(it: Counted, count: Tally, kind: SmallSets, set: number): void {
  const { sight } = it;
  count.seenIn[set] = 0;
  count.failedIn[set] = 0;
  count.unknownIn[set] = 0;
  const end = kind.starts[set - kind.first + 1]!;
  for (let m = kind.starts[set - kind.first]!; m < end; m += 1) {
    const i = kind.members[m]!;
    if (!isOut(sight.state[i]!, sight.broke[i]!)) continue;
    const shown = shownOf(it, i);
    count.unknownIn[set]! += weightOf(it, i) * (1 - shown);
    if (sight.burning[i] === 1) continue;
    count.seenIn[set]! += shown;
    count.failedIn[set]! += sight.broke[i]!;
  }
}

/** How much of a break would have shown since it ran the image. One that never ran it proves nothing, and frees nothing. */
function shownOf({ sight, credit, nowMs }: Counted, i: number): number {
  if (sight.state[i] !== RUNNING && sight.broke[i] !== 1) return 0;
  return sight.ranAtMs[i]! > 0 ? credit(nowMs - sight.ranAtMs[i]!) : 0;
}

const weightOf = ({ field, sight, burningWeight }: Counted, i: number): number =>
  sight.burning[i] === 1 ? field.weight[i]! * burningWeight : field.weight[i]!;

/** Told and not taken back for another reason than a break: what a break may still come from, or came from. */
export const isOut = (state: number, broke: number): boolean =>
  state === STARTING ||
  state === RUNNING ||
  state === SILENT ||
  state === FAILED ||
  (broke === 1 && (state === GOING_BACK || state === BACK));

export function emptyTally(field: Field, sets: number, cells: number): Tally {
  const clusters = field.sets['management cluster'].sizes.length;
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
    waiting: 0,
    waitingBurning: 0,
    waitingPerCluster: new Float64Array(clusters),
    waitingPerCell: new Float64Array(cells),
    moving: 0,
    goingBack: 0,
    toGoBack: 0,
    busyPerCluster: new Float64Array(clusters),
    outPerCluster: new Float64Array(clusters),
  };
}
