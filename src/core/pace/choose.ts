import { HOUR } from '../base/instant.ts';
import { FAILED, type Field, GOING_BACK, RUNNING, type Sight, STARTING, WAITING } from '../health/field.ts';
import type { Pace } from './pace.ts';
import type { Room } from './room.ts';
import type { Tally } from './tally.ts';

/** What may be chosen from besides the counts. */
export type Choice = {
  readonly field: Field;
  readonly sight: Sight;
  readonly pace: Pace;
  readonly count: Tally;
  readonly room: Room;
  /** The last stage that is open, from 0. */
  readonly openStage: number;
  readonly nowMs: number;
};

/**
 * Who starts now, by index, in the order they were chosen: those that burn first, then the others in the
 * plan's random order, as long as every limit has room. Until the one-box has half its credit, no healthy
 * one but the one-box. A management cluster keeps half of its own to compare with while others have room.
 */
export function choose(it: Choice): number[] {
  const caps = capsOf(it);
  const chosen: number[] = [];
  for (const i of waiting(it, 1)) if (mayStart(it, caps, i)) chosen.push(take(caps, it.field, i));
  if (isOneBox(it.count, it.pace, it.field)) return [...chosen, ...oneBox(it, caps)];
  const halves = halvesOf(it.field, it.sight);
  const later: number[] = [];
  for (const i of waiting(it, 0)) {
    if (caps.hourly <= 0 || it.room.left() <= 0) break;
    const cluster = it.field.sets['management cluster'].of[i]!;
    if (halves[cluster]! <= 0) later.push(i);
    else if (mayStart(it, caps, i)) {
      halves[cluster]! -= 1;
      chosen.push(take(caps, it.field, i));
    }
  }
  for (const i of later) {
    if (caps.hourly <= 0 || it.room.left() <= 0) break;
    if (mayStart(it, caps, i)) chosen.push(take(caps, it.field, i));
  }
  return chosen;
}

/** Whether the one-box still has to show that it is healthy. */
export const isOneBox = (count: Tally, pace: Pace, field: Field): boolean =>
  count.seen < oneBoxSize(pace, field) / 2;

/** At least one of every stratum, as far as the harm budget goes. */
export const oneBoxSize = (pace: Pace, field: Field): number =>
  Math.max(pace.oneBox, Math.min(field.sets.stratum.sizes.length, Math.floor(pace.harmBudget)));

/** Hard caps that the start of one uses up. */
type Caps = { readonly perCluster: Float64Array; hourly: number };

function capsOf({ field, sight, pace, nowMs }: Choice): Caps {
  const cluster = field.sets['management cluster'];
  const perCluster = new Float64Array(cluster.sizes.length).fill(pace.inFlightPerManagementCluster);
  let lastHour = 0;
  for (let i = 0; i < field.targets; i += 1) {
    if (isBusy(sight.state[i]!)) perCluster[cluster.of[i]!]! -= 1;
    if (sight.toldAtMs[i]! > nowMs - HOUR) lastHour += 1;
  }
  return { perCluster, hourly: (pace.maxPerHour ?? Number.POSITIVE_INFINITY) - lastHour };
}

/** On its way to an image or back; a break that is still to be taken back is on its way as well. */
const isBusy = (state: number): boolean => state === STARTING || state === FAILED || state === GOING_BACK;

function* waiting({ field, sight, openStage }: Choice, burning: 0 | 1): Generator<number> {
  for (let i = 0; i < field.targets; i += 1)
    if (sight.state[i] === WAITING && sight.burning[i] === burning && field.stage[i]! <= openStage) yield i;
}

function mayStart({ field, pace, sight, room }: Choice, caps: Caps, i: number): boolean {
  if (caps.hourly <= 0 || caps.perCluster[field.sets['management cluster'].of[i]!]! <= 0) return false;
  const weight = field.weight[i]! * (sight.burning[i] === 1 ? pace.burningWeight : 1);
  return room.take(i, weight);
}

function take(caps: Caps, field: Field, i: number): number {
  caps.perCluster[field.sets['management cluster'].of[i]!]! -= 1;
  caps.hourly -= 1;
  return i;
}

/**
 * The rest of the one-box, every time from the stratum that has fewest so far. Silent ones are replaced, as often as
 * the one-box is large; broken ones are not.
 */
function oneBox(it: Choice, caps: Caps): number[] {
  const { field, count, pace } = it;
  const size = oneBoxSize(pace, field);
  let open = Math.min(size - count.healthyOut, 2 * size - count.healthyOut - count.healthySilent);
  const stratum = field.sets.stratum;
  const queues: number[][] = Array.from(stratum.sizes, () => []);
  for (const i of waiting(it, 0)) {
    const queue = queues[stratum.of[i]!]!;
    if (queue.length < size) queue.push(i);
  }
  const told = count.healthyPerStratum.slice();
  const chosen: number[] = [];
  while (open > 0 && caps.hourly > 0) {
    const s = fewest(told, queues);
    if (s === undefined) break;
    const i = queues[s]!.shift()!;
    if (caps.perCluster[field.sets['management cluster'].of[i]!]! <= 0) continue;
    told[s]! += 1;
    open -= 1;
    chosen.push(take(caps, field, i));
  }
  return chosen;
}

/** The stratum with something left that has fewest told; of equals the first in the plan's random order. */
function fewest(told: Float64Array, queues: readonly (readonly number[])[]): number | undefined {
  let best: number | undefined;
  for (let s = 0; s < queues.length; s += 1)
    if (queues[s]!.length > 0 && (best === undefined || told[s]! < told[best]!)) best = s;
  return best;
}

/** How many more of a management cluster may run the image before half of it does. */
function halvesOf(field: Field, sight: Sight): Float64Array {
  const cluster = field.sets['management cluster'];
  const halves = cluster.sizes.map((size) => Math.ceil(size / 2));
  for (let i = 0; i < field.targets; i += 1) {
    const state = sight.state[i]!;
    if (state === RUNNING || isBusy(state)) halves[cluster.of[i]!]! -= 1;
  }
  return halves;
}
