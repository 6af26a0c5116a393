import type { ModelFleet } from './model-fleet.ts';

/** Who is worked on in each management cluster and who waits in line there, first come first served. */
export class Workers {
  readonly #clusterOf: Int32Array;
  readonly #free: Int32Array;
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  readonly #next: Int32Array;

  constructor(fleet: ModelFleet, atOnce: number) {
    this.#clusterOf = fleet.managementCluster;
    this.#free = new Int32Array(fleet.managementClusters).fill(atOnce);
    this.#first = new Int32Array(fleet.managementClusters).fill(-1);
    this.#last = new Int32Array(fleet.managementClusters).fill(-1);
    this.#next = new Int32Array(fleet.size).fill(-1);
  }

  /** Whether work on it can begin now; otherwise it stands in line. */
  claim(index: number): boolean {
    const cluster = this.#clusterOf[index]!;
    if (this.#free[cluster]! > 0) {
      this.#free[cluster]! -= 1;
      return true;
    }
    const last = this.#last[cluster]!;
    if (last === -1) this.#first[cluster] = index;
    else this.#next[last] = index;
    this.#last[cluster] = index;
    return false;
  }

  /** The next in line where the work on `index` has ended; −1: nobody, and the place is free. */
  release(index: number): number {
    const cluster = this.#clusterOf[index]!;
    const waiting = this.#first[cluster]!;
    if (waiting === -1) {
      this.#free[cluster]! += 1;
      return -1;
    }
    this.#first[cluster] = this.#next[waiting]!;
    this.#next[waiting] = -1;
    if (this.#first[cluster] === -1) this.#last[cluster] = -1;
    return waiting;
  }
}
