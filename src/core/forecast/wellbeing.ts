/** Why a control plane may be in a bad state. Hidden: what is observed is only that it is in one. */
export const CAUSE = { broken: 1, episode: 2, burning: 4 } as const;

/** Who is in a bad state, and since the last `forget` who fell ill and who recovered. */
export class Wellbeing {
  /** By index: 1 while at least one cause lasts. */
  readonly unhealthy: Uint8Array;
  readonly fellIll: number[] = [];
  readonly recovered: number[] = [];
  readonly #causes: Uint8Array;

  constructor(size: number) {
    this.unhealthy = new Uint8Array(size);
    this.#causes = new Uint8Array(size);
  }

  has(index: number, cause: number): boolean {
    return (this.#causes[index]! & cause) !== 0;
  }

  add(index: number, cause: number): void {
    if (this.#causes[index] === 0) {
      this.unhealthy[index] = 1;
      this.fellIll.push(index);
    }
    this.#causes[index]! |= cause;
  }

  drop(index: number, cause: number): void {
    if (!this.has(index, cause)) return;
    this.#causes[index]! &= ~cause;
    if (this.#causes[index] !== 0) return;
    this.unhealthy[index] = 0;
    this.recovered.push(index);
  }

  /** Empties the two lists; the state stays. */
  forget(): void {
    this.fellIll.length = 0;
    this.recovered.length = 0;
  }
}
