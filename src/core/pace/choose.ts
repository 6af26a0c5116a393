import { HOUR } from '../base/instant.ts';
import { type Field, type Sight, WAITING } from '../health/field.ts';
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
  /** Ascending, with every one that waits among them; absent: all targets. */
  readonly mayWait?: Int32Array | undefined;
};

/**
 * Who starts now, by index, in the order they were chosen: those that burn first, then the others in the
 * plan's random order, as long as every limit has room. Until the one-box has half its credit, no healthy
 * one but the one-box. A management cluster keeps half of its own to compare with while others have room.
 */
export function choose(it: Choice): number[] {
  const { count, pace, field } = it;
  if (count.waiting === 0) return [];
  const caps = capsOf(it);
  const burners = count.waitingBurning > 0 ? chooseWaiting(it, caps, 1) : NOBODY;
  if (isOneBox(count, pace, field)) return [...burners.chosen, ...oneBox(it, caps)];
  const rest = chooseWaiting(it, caps, 0);
  const more = rest.later.filter((i) => hasRoom(it, caps, 0) && takes(it, caps, i));
  return [...burners.chosen, ...rest.chosen, ...more];
}

type Chosen = { readonly chosen: readonly number[]; readonly later: readonly number[] };
const NOBODY: Chosen = { chosen: [], later: [] };

/** Whether the one-box still has to show that it is healthy. */
export const isOneBox = (count: Tally, pace: Pace, field: Field): boolean =>
  count.seen < oneBoxSize(pace, field) / 2;

/** At least one of every stratum, as far as the harm budget goes. */
export const oneBoxSize = (pace: Pace, field: Field): number =>
  Math.max(pace.oneBox, Math.min(field.sets.stratum.sizes.length, Math.floor(pace.harmBudget)));

/** Hard caps that the start of one uses up; `halves`: how many more of a management cluster before half of it is out. */
type Caps = { readonly perCluster: Float64Array; readonly halves: Float64Array; hourly: number };

function capsOf({ field, sight, pace, count, nowMs }: Choice): Caps {
  const { sizes } = field.sets['management cluster'];
  const perCluster = count.busyPerCluster.map((busy) => pace.inFlightPerManagementCluster - busy);
  const halves = sizes.map((size, c) => Math.ceil(size / 2) - count.outPerCluster[c]!);
  const hourly =
    pace.maxPerHour === undefined ? Number.POSITIVE_INFINITY : pace.maxPerHour - lastHour(sight, nowMs);
  return { perCluster, halves, hourly };
}

const lastHour = (sight: Sight, nowMs: number): number =>
  sight.toldAtMs.reduce((n, at) => n + (at > nowMs - HOUR ? 1 : 0), 0);

/** Those that may be started, in the plan's order. */
function waiting({ field, sight, openStage }: Choice, burning: 0 | 1): number[] {
  const found: number[] = [];
  for (let i = 0; i < field.targets; i += 1)
    if (sight.state[i] === WAITING && sight.burning[i] === burning && field.stage[i]! <= openStage)
      found.push(i);
  return found;
}

/**
 * Takes as many as there is room for, in the plan's order; `later`: healthy ones passed over because half of their
 * cluster is out already.
 */
function chooseWaiting(it: Choice, caps: Caps, burning: 0 | 1): Chosen {
  const { field, sight, openStage, mayWait, count } = it;
  const cluster = field.sets['management cluster'].of;
  const chosen: number[] = [];
  const later: number[] = [];
  const end = mayWait?.length ?? field.targets;
  let unseen = burning === 1 ? count.waitingBurning : count.waiting - count.waitingBurning;
  for (let k = 0; k < end && unseen > 0 && hasRoom(it, caps, burning); k += 1) {
    const i = mayWait === undefined ? k : mayWait[k]!;
    if (sight.state[i] !== WAITING || sight.burning[i] !== burning) continue;
    unseen -= 1;
    if (field.stage[i]! > openStage) continue;
    if (burning === 0 && caps.halves[cluster[i]!]! <= 0) later.push(i);
    else if (takes(it, caps, i)) chosen.push(i);
  }
  return { chosen, later };
}

const hasRoom = ({ room, pace }: Choice, caps: Caps, burning: 0 | 1): boolean =>
  caps.hourly > 0 && room.left() > 0 && room.isOpen(burning === 1 ? pace.burningWeight : 1);

function takes({ field, pace, sight, room }: Choice, caps: Caps, i: number): boolean {
  const cluster = field.sets['management cluster'].of[i]!;
  if (caps.perCluster[cluster]! <= 0) return false;
  const weight = field.weight[i]! * (sight.burning[i] === 1 ? pace.burningWeight : 1);
  if (!room.take(i, weight)) return false;
  start(caps, cluster);
  return true;
}

function start(caps: Caps, cluster: number): void {
  caps.perCluster[cluster]! -= 1;
  caps.halves[cluster]! -= 1;
  caps.hourly -= 1;
}

/**
 * The rest of the one-box, every time from the stratum that has fewest so far. Silent ones are replaced, as often as
 * the one-box is large; broken ones are not.
 */
function oneBox(it: Choice, caps: Caps): number[] {
  const { field, count, pace } = it;
  const size = oneBoxSize(pace, field);
  let open = Math.min(size - count.healthyOut, 2 * size - count.healthyOut - count.healthySilent);
  if (open <= 0) return [];
  const cluster = field.sets['management cluster'].of;
  const queues = queuesOf(it, size);
  const told = count.healthyPerStratum.slice();
  const chosen: number[] = [];
  while (open > 0 && caps.hourly > 0) {
    const s = fewest(told, queues);
    if (s === undefined) break;
    const i = queues[s]!.shift()!;
    if (caps.perCluster[cluster[i]!]! <= 0) continue;
    told[s]! += 1;
    open -= 1;
    start(caps, cluster[i]!);
    chosen.push(i);
  }
  return chosen;
}

/** The first of each stratum, as many as the one-box could take. */
function queuesOf(it: Choice, size: number): number[][] {
  const stratum = it.field.sets.stratum;
  const queues: number[][] = Array.from(stratum.sizes, () => []);
  for (const i of waiting(it, 0)) {
    const queue = queues[stratum.of[i]!]!;
    if (queue.length < 2 * size) queue.push(i);
  }
  return queues;
}

/** The stratum with something left that has fewest told; of equals the first in the plan's random order. */
function fewest(told: Float64Array, queues: readonly (readonly number[])[]): number | undefined {
  let best: number | undefined;
  for (let s = 0; s < queues.length; s += 1)
    if (queues[s]!.length > 0 && (best === undefined || told[s]! < told[best]!)) best = s;
  return best;
}
