/**
 * What falls due at which tick, for control planes by index: one linked list a tick, so that a tick costs what
 * happens in it and nothing more. An index is in it once at most until it was taken.
 */
export class Calendar {
  readonly #first: Int32Array;
  readonly #next: Int32Array;

  constructor(ticks: number, size: number) {
    this.#first = new Int32Array(ticks).fill(-1);
    this.#next = new Int32Array(size);
  }

  /** Notes an index for a tick that was not taken yet. What lies beyond the last tick never falls due. */
  add(tick: number, index: number): void {
    if (tick >= this.#first.length) return;
    this.#next[index] = this.#first[tick]!;
    this.#first[tick] = index;
  }

  /** Calls `due` with every index of a tick. It may add indices, for later ticks. */
  take(tick: number, due: (index: number) => void): void {
    let index = this.#first[tick]!;
    this.#first[tick] = -1;
    while (index !== -1) {
      const following = this.#next[index]!;
      due(index);
      index = following;
    }
  }
}
