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
  const burners = count.waitingBurning > 0 ? chooseBurning(it, caps) : [];
  if (isOneBox(count, pace, field)) return [...burners, ...oneBox(it, caps)];
  return [...burners, ...chooseHealthy(it, caps)];
}

/** Whether the one-box still has to show that it is healthy. */
export const isOneBox = (count: Tally, pace: Pace, field: Field): boolean =>
  count.seen < oneBoxSize(pace, field) / 2;

/**
 * How many go first: at least one of every stratum, as far as the harm budget goes. Fewer where a break of each counts for
 * more, and never less than one: nobody learns anything of a change that is tried nowhere.
 */
export function oneBoxSize(pace: Pace, field: Field): number {
  const each = Math.min(field.sets.stratum.sizes.length, Math.floor(pace.harmBudget));
  return Math.max(1, Math.floor(Math.max(pace.oneBox, each) / field.heaviest));
}

/** What is left of the hard caps; `started`: how many of each management cluster were chosen. */
type Caps = { readonly started: Int32Array; hourly: number };

function capsOf({ field, sight, pace, nowMs }: Choice): Caps {
  const started = new Int32Array(field.sets['management cluster'].sizes.length);
  const hourly =
    pace.maxPerHour === undefined ? Number.POSITIVE_INFINITY : pace.maxPerHour - lastHour(sight, nowMs);
  return { started, hourly };
}

const isFull = ({ pace, count }: Choice, { started }: Caps, cluster: number): boolean =>
  count.busyPerCluster[cluster]! + started[cluster]! >= pace.inFlightPerManagementCluster;

const isHalfOut = ({ field, count }: Choice, { started }: Caps, cluster: number): boolean =>
  count.outPerCluster[cluster]! + started[cluster]! >=
  Math.ceil(field.sets['management cluster'].sizes[cluster]! / 2);

const lastHour = (sight: Sight, nowMs: number): number =>
  sight.toldAtMs.reduce((n, at) => n + (at > nowMs - HOUR ? 1 : 0), 0);

/** As many of those that burn as there is room for, in the plan's order. */
function chooseBurning(it: Choice, caps: Caps): number[] {
  const { field, sight, openStage, mayWait, count } = it;
  const chosen: number[] = [];
  const end = mayWait?.length ?? field.targets;
  let unseen = count.waitingBurning;
  for (let k = 0; k < end && unseen > 0 && hasRoom(it, caps, 1); k += 1) {
    const i = mayWait === undefined ? k : mayWait[k]!;
    if (sight.state[i] !== WAITING || sight.burning[i] !== 1) continue;
    unseen -= 1;
    if (field.stage[i]! <= openStage && takes(it, caps, i)) chosen.push(i);
  }
  return chosen;
}

/** Healthy ones, in the plan's order: first where half of a management cluster is not out yet, then anywhere. */
function chooseHealthy(it: Choice, caps: Caps): number[] {
  const first = choosePass(it, caps, { chosen: [], isFirst: true });
  const more = hasRoom(it, caps, 0) ? choosePass(it, caps, { chosen: first, isFirst: false }) : [];
  return [...first, ...more];
}

/**
 * Caps and room only shrink in a step, so who was refused is refused again, and it ends where nobody is left that
 * might not be. `chosen`: by the pass before, ascending.
 */
function choosePass(
  it: Choice,
  caps: Caps,
  { chosen: before, isFirst }: { readonly chosen: readonly number[]; readonly isFirst: boolean },
): number[] {
  const { field, sight, openStage, mayWait } = it;
  const prospects = new Prospects(it, caps, isFirst);
  const chosen: number[] = [];
  const end = mayWait?.length ?? field.targets;
  let taken = 0;
  let isOpen = hasRoom(it, caps, 0);
  for (let k = 0; k < end && isOpen && prospects.isAny(); k += 1) {
    const i = mayWait === undefined ? k : mayWait[k]!;
    if (sight.state[i] !== WAITING || sight.burning[i] !== 0 || !prospects.pass(i)) continue;
    while (before[taken]! < i) taken += 1;
    if (before[taken] === i || field.stage[i]! > openStage) continue;
    if (takes(it, caps, i)) {
      chosen.push(i);
      isOpen = hasRoom(it, caps, 0);
    }
    prospects.look(i);
  }
  return chosen;
}

const hasRoom = ({ room, pace }: Choice, caps: Caps, burning: 0 | 1): boolean =>
  caps.hourly > 0 && room.left() > 0 && room.isOpen(burning === 1 ? pace.burningWeight : 1);

/** How many healthy ones still wait, further on in the plan's order, where one more may start. */
class Prospects {
  readonly #it: Choice;
  readonly #caps: Caps;
  readonly #isFirst: boolean;
  readonly #clusterOf: Int32Array;
  readonly #cellOf: Int32Array;
  readonly #inCluster: Float64Array;
  readonly #inCell: Float64Array;
  /** 1: nobody of it may start any more. */
  readonly #clusterOut: Uint8Array;
  readonly #cellOut: Uint8Array;
  #byCluster = 0;
  #byCell = 0;

  constructor(it: Choice, caps: Caps, isFirst: boolean) {
    const { waitingPerCluster, waitingPerCell } = it.count;
    this.#it = it;
    this.#caps = caps;
    this.#isFirst = isFirst;
    this.#clusterOf = it.field.sets['management cluster'].of;
    this.#cellOf = it.room.cellOf;
    this.#inCluster = waitingPerCluster.slice();
    this.#inCell = waitingPerCell.slice();
    this.#clusterOut = new Uint8Array(waitingPerCluster.length);
    this.#cellOut = new Uint8Array(waitingPerCell.length);
    for (let c = 0; c < waitingPerCluster.length; c += 1) {
      this.#byCluster += waitingPerCluster[c]!;
      if (waitingPerCluster[c]! > 0) this.#lookAtCluster(c);
    }
    for (let c = 0; c < waitingPerCell.length; c += 1) {
      this.#byCell += waitingPerCell[c]!;
      if (waitingPerCell[c]! > 0) this.#lookAtCell(c);
    }
  }

  isAny(): boolean {
    return this.#byCluster > 0 && this.#byCell > 0;
  }

  /** Passes one that waits; whether it may start, as far as is known. Who is in a cell that is full is not counted off. */
  pass(i: number): boolean {
    const cell = this.#cellOf[i]!;
    if (this.#cellOut[cell] === 1) return false;
    this.#inCell[cell]! -= 1;
    this.#byCell -= 1;
    const cluster = this.#clusterOf[i]!;
    if (this.#clusterOut[cluster] === 1) return false;
    this.#inCluster[cluster]! -= 1;
    this.#byCluster -= 1;
    return true;
  }

  /** Looks again at where one is of, after it was tried. */
  look(i: number): void {
    this.#lookAtCluster(this.#clusterOf[i]!);
    this.#lookAtCell(this.#cellOf[i]!);
  }

  #lookAtCluster(cluster: number): void {
    if (this.#clusterOut[cluster] === 1) return;
    const isOut =
      isFull(this.#it, this.#caps, cluster) || (this.#isFirst && isHalfOut(this.#it, this.#caps, cluster));
    if (!isOut) return;
    this.#clusterOut[cluster] = 1;
    this.#byCluster -= this.#inCluster[cluster]!;
  }

  #lookAtCell(cell: number): void {
    if (this.#cellOut[cell] === 1 || !this.#it.room.isClosed(cell)) return;
    this.#cellOut[cell] = 1;
    this.#byCell -= this.#inCell[cell]!;
  }
}

function takes(it: Choice, caps: Caps, i: number): boolean {
  const { field, pace, sight, room } = it;
  const cluster = field.sets['management cluster'].of[i]!;
  if (isFull(it, caps, cluster)) return false;
  const weight = field.weight[i]! * (sight.burning[i] === 1 ? pace.burningWeight : 1);
  if (!room.take(i, weight)) return false;
  start(caps, cluster);
  return true;
}

function start(caps: Caps, cluster: number): void {
  caps.started[cluster]! += 1;
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
    if (isFull(it, caps, cluster[i]!) || field.weight[i]! > Math.max(1, pace.harmBudget)) continue;
    told[s]! += 1;
    open -= 1;
    start(caps, cluster[i]!);
    chosen.push(i);
  }
  return chosen;
}

/** The first of each stratum, as many as the one-box could take. */
function queuesOf({ field, sight, openStage }: Choice, size: number): number[][] {
  const stratum = field.sets.stratum;
  const queues: number[][] = Array.from(stratum.sizes, () => []);
  let open = queues.length;
  for (let i = 0; i < field.targets && open > 0; i += 1) {
    if (sight.state[i] !== WAITING || sight.burning[i] !== 0 || field.stage[i]! > openStage) continue;
    const queue = queues[stratum.of[i]!]!;
    if (queue.length >= 2 * size) continue;
    if (queue.push(i) === 2 * size) open -= 1;
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
