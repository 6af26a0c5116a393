import type { Cohorts } from '../health/cohorts.ts';
import { CONTROL, FAILED, GOING_BACK, HELD, RUNNING, SILENT, type Sight, WAITING } from '../health/field.ts';
import { type Counted, countMoving, emptyTally, isOut, type Tally } from './tally.ts';

/** The counts of a rollout, from whoever is told of every change: the same as a look at every control plane, sooner. */
export type Live = {
  tally(nowMs: number): Tally;
  /** Those that run the image in a stratum that was halted are in no cohort. */
  cohorts(nowMs: number, haltedStrata: readonly number[]): Cohorts;
  /** Targets that broke, are on their way back, or are wanted back, ascending. */
  returning(): number[];
  /** Every target that waits is among these, ascending. Others may be too. */
  mayWait(): Int32Array;
};

/** Those that run the image since one moment: their credit is the same. By column: see `Columns`. */
type Since = {
  readonly atMs: number;
  /** Healthy ones, and the harm weights of all. */
  readonly healthy: Float64Array;
  readonly weight: Float64Array;
  readonly members: number[];
  /** Past their risk window. */
  past: boolean;
};

/** With more sums than so many a target, a look at every control plane is cheaper. */
const SUMS_PER_TARGET = 4;

/**
 * Keeps the counts by adding what changed. `note` takes an index off as it was counted and counts it as it is seen now;
 * so whoever changes anything of a `Sight` says which one, and nothing of how.
 */
export class LiveCounts implements Live {
  readonly #it: Omit<Counted, 'nowMs'>;
  readonly #windowMs: number;
  /** What each index was counted as. */
  readonly #as: Pick<Sight, 'state' | 'ranAtMs' | 'unwell' | 'burning' | 'broke' | 'wanted'>;
  readonly #count: Tally;
  readonly #since = new Map<number, Since>();
  readonly #sinceOf: (Since | undefined)[];
  readonly #width: number;
  /** By column, of those that no break could have shown of yet; and of all. */
  readonly #unseen: Float64Array;
  readonly #failed: Float64Array;
  readonly #treated: Float64Array;
  readonly #treatedIn: Int32Array;
  readonly #control: Float64Array;
  readonly #controlIn: Int32Array;
  #treatedCount = 0;
  #controlCount = 0;
  readonly #returning = new Set<number>();
  #waitList: Int32Array;
  #listed: Uint8Array;
  #gone = 0;
  #isAnew = false;

  constructor(it: Omit<Counted, 'nowMs'>, windowMs: number) {
    const { field, guards, sight } = it;
    this.#it = it;
    this.#windowMs = windowMs;
    this.#as = {
      state: sight.state.slice(),
      ranAtMs: new Float64Array(field.size),
      unwell: sight.unwell.slice(),
      burning: sight.burning.slice(),
      broke: sight.broke.slice(),
      wanted: sight.wanted.slice(),
    };
    this.#sinceOf = new Array(field.size).fill(undefined);
    this.#count = emptyTally(field, 0, guards.cells.sets.length);
    this.#width = guards.columns.sets.length;
    this.#unseen = new Float64Array(this.#width);
    this.#failed = new Float64Array(this.#width);
    const regions = field.sets.region.sizes.length;
    const parts = regions * field.sets.stratum.sizes.length;
    this.#treated = new Float64Array(parts);
    this.#treatedIn = new Int32Array(parts);
    this.#control = new Float64Array(regions);
    this.#controlIn = new Int32Array(regions);
    this.#listed = new Uint8Array(field.targets);
    for (let i = 0; i < field.size; i += 1) {
      if (sight.ranAtMs[i] !== 0) this.#enter(i);
      this.#add(i, 1);
      if (sight.state[i] !== WAITING || sight.wanted[i] === 1) this.#list(i);
    }
    this.#waitList = this.#listAnew();
  }

  /** Whether this is still cheaper than a look at every control plane. Once it is not, it keeps nothing any more. */
  get isCheap(): boolean {
    return this.#since.size * this.#width <= SUMS_PER_TARGET * this.#it.field.targets;
  }

  /** Counts an index anew. Called after anything of it changed; when it ran the image is said once. */
  note(i: number): void {
    if (!this.isCheap) return;
    const { sight } = this.#it;
    const as = this.#as;
    this.#add(i, -1);
    as.state[i] = sight.state[i]!;
    as.unwell[i] = sight.unwell[i]!;
    as.burning[i] = sight.burning[i]!;
    as.broke[i] = sight.broke[i]!;
    as.wanted[i] = sight.wanted[i]!;
    this.#enter(i);
    this.#add(i, 1);
    this.#list(i);
  }

  tally(nowMs: number): Tally {
    const { guards, credit } = this.#it;
    const seen = new Float64Array(this.#width);
    const unknown = this.#unseen.slice();
    for (const { atMs, healthy, weight } of this.#since.values()) {
      const shown = credit(nowMs - atMs);
      const hidden = 1 - shown;
      for (let c = 0; c < seen.length; c += 1) {
        seen[c]! += healthy[c]! * shown;
        unknown[c]! += weight[c]! * hidden;
      }
    }
    const sets = guards.budgets.length;
    const count: Tally = {
      ...this.#count,
      seen: seen[0]!,
      unknown: unknown[0]!,
      failed: this.#failed[0]!,
      seenIn: new Float64Array(sets),
      unknownIn: new Float64Array(sets),
      failedIn: new Float64Array(sets),
      waitingPerCluster: this.#count.waitingPerCluster.slice(),
      waitingPerCell: this.#count.waitingPerCell.slice(),
      healthyPerStratum: this.#count.healthyPerStratum.slice(),
      busyPerCluster: this.#count.busyPerCluster.slice(),
      outPerCluster: this.#count.outPerCluster.slice(),
    };
    for (let c = 1; c < seen.length; c += 1) {
      const set = guards.columns.sets[c]!;
      count.seenIn[set] = seen[c]!;
      count.unknownIn[set] = unknown[c]!;
      count.failedIn[set] = this.#failed[c]!;
    }
    return count;
  }

  cohorts(nowMs: number, haltedStrata: readonly number[]): Cohorts {
    for (const since of this.#since.values()) {
      const past = nowMs - since.atMs > this.#windowMs;
      if (past !== since.past) this.#turn(since);
    }
    const strata = this.#it.field.sets.stratum.sizes.length;
    const treated = this.#treated.slice();
    let treatedCount = this.#treatedCount;
    for (const s of new Set(haltedStrata))
      for (let part = s; part < treated.length; part += strata) {
        treatedCount -= this.#treatedIn[part]!;
        treated[part] = 0;
      }
    return {
      strata,
      treated,
      control: this.#control.slice(),
      treatedCount,
      controlCount: this.#controlCount,
    };
  }

  returning(): number[] {
    return [...this.#returning].sort((a, b) => a - b);
  }

  mayWait(): Int32Array {
    if (this.#isAnew || this.#gone * 2 > this.#waitList.length) this.#waitList = this.#listAnew();
    return this.#waitList;
  }

  /** Puts an index among those that run the image since its moment. */
  #enter(i: number): void {
    const atMs = this.#it.sight.ranAtMs[i]!;
    if (atMs === this.#as.ranAtMs[i]) return;
    this.#as.ranAtMs[i] = atMs;
    this.#sinceOf[i] = undefined;
    if (atMs === 0) return;
    let since = this.#since.get(atMs);
    if (since === undefined) {
      since = {
        atMs,
        healthy: new Float64Array(this.#width),
        weight: new Float64Array(this.#width),
        members: [],
        past: false,
      };
      this.#since.set(atMs, since);
    }
    this.#sinceOf[i] = since;
    since.members.push(i);
  }

  /** Adds what an index was counted as, or (−1) takes it off. */
  #add(i: number, sign: 1 | -1): void {
    this.#addCohort(i, sign);
    const { field } = this.#it;
    if (i >= field.targets) return;
    const { state, broke, burning, wanted } = this.#as;
    const is = state[i]!;
    const count = this.#count;
    if (is === WAITING) {
      count.waiting += sign;
      count.waitingBurning += sign * burning[i]!;
      if (burning[i] === 1) return;
      count.waitingPerCluster[field.sets['management cluster'].of[i]!]! += sign;
      count.waitingPerCell[this.#it.guards.cells.of[i]!]! += sign;
      return;
    }
    countMoving(count, field.sets['management cluster'].of[i]!, is, wanted[i]!, sign);
    if (isOut(is, broke[i]!)) this.#addOut(i, sign);
  }

  /** One that was told: its harm, its credit, its break. */
  #addOut(i: number, sign: 1 | -1): void {
    const { field, guards, burningWeight } = this.#it;
    const { shifts } = guards.columns;
    const { state, broke, burning, ranAtMs } = this.#as;
    const is = state[i]!;
    const isHealthy = burning[i] === 0;
    const weight = sign * field.weight[i]! * (isHealthy ? 1 : burningWeight);
    const shows = (is === RUNNING || broke[i] === 1) && ranAtMs[i]! > 0;
    const since = shows ? this.#sinceOf[i] : undefined;
    const weights = since?.weight ?? this.#unseen;
    const healthy = isHealthy ? since?.healthy : undefined;
    const failed = isHealthy ? sign * broke[i]! : 0;
    for (let k = -1; k < shifts.length; k += 1) {
      const c = k === -1 ? 0 : guards.large[k]![i]! + shifts[k]!;
      weights[c]! += weight;
      this.#failed[c]! += failed;
      if (healthy) healthy[c]! += sign;
    }
    if (!isHealthy) return;
    this.#count.healthyPerStratum[field.sets.stratum.of[i]!]! += sign;
    if (is === SILENT) this.#count.healthySilent += sign;
    else this.#count.healthyOut += sign;
  }

  #addCohort(i: number, sign: 1 | -1): void {
    const { state, unwell, burning, broke } = this.#as;
    if (unwell[i] === 1 || burning[i] === 1) return;
    const is = state[i]!;
    if (is === RUNNING) {
      if (broke[i] === 0 && this.#sinceOf[i]?.past === false) this.#addTreated(i, sign);
      return;
    }
    if (is !== WAITING && is !== HELD && is !== CONTROL) return;
    const region = this.#it.field.sets.region.of[i]!;
    this.#controlCount += sign;
    this.#controlIn[region]! += sign;
    this.#control[region]! += sign * this.#it.field.rate[i]!;
    if (this.#controlIn[region] === 0) this.#control[region] = 0;
  }

  #addTreated(i: number, sign: 1 | -1): void {
    const { region, stratum } = this.#it.field.sets;
    const part = region.of[i]! * stratum.sizes.length + stratum.of[i]!;
    this.#treatedCount += sign;
    this.#treatedIn[part]! += sign;
    this.#treated[part]! += sign * this.#it.field.rate[i]!;
    // What was rounded away goes with the last of them.
    if (this.#treatedIn[part] === 0) this.#treated[part] = 0;
  }

  /** Their risk window is over, or (the clock was set back) is not. */
  #turn(since: Since): void {
    const { state, unwell, burning, broke } = this.#as;
    since.past = !since.past;
    for (const i of since.members)
      if (
        this.#sinceOf[i] === since &&
        state[i] === RUNNING &&
        broke[i] === 0 &&
        unwell[i] === 0 &&
        burning[i] === 0
      )
        this.#addTreated(i, since.past ? -1 : 1);
  }

  /** Notes whether an index waits or may wait again, and whether it is to come back. */
  #list(i: number): void {
    if (i >= this.#it.field.targets) return;
    const { state, wanted } = this.#as;
    const is = state[i]!;
    if (is === FAILED || is === GOING_BACK || wanted[i] === 1) this.#returning.add(i);
    else this.#returning.delete(i);
    const waits = is === WAITING || is === HELD;
    if (waits && this.#listed[i] === 0) this.#isAnew = true;
    if (!waits && this.#listed[i] === 1) {
      this.#listed[i] = 0;
      this.#gone += 1;
    }
  }

  #listAnew(): Int32Array {
    const { targets } = this.#it.field;
    const list = new Int32Array(targets);
    let length = 0;
    for (let i = 0; i < targets; i += 1) {
      const is = this.#as.state[i]!;
      const waits = is === WAITING || is === HELD;
      this.#listed[i] = waits ? 1 : 0;
      if (waits) list[length++] = i;
    }
    this.#gone = 0;
    this.#isAnew = false;
    return list.subarray(0, length);
  }
}
