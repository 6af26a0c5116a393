import type { ModelRun } from './model-run.ts';
import { STATE, type Undo } from './pacing-rule.ts';

/** The way back of a halted rollout: newest first, and so many of a management cluster at a time. */
export class Undoing {
  readonly #run: ModelRun;
  readonly #room: Int32Array;
  readonly #beginsMin: number;
  /** Still to be told, in order; undefined until it begins. */
  #left: number[] | undefined;

  constructor(run: ModelRun, { delayMin, managementClusterShare }: Undo, haltedAtMin: number) {
    const { fleet } = run.view;
    const sizes = new Int32Array(fleet.managementClusters);
    for (let i = 0; i < fleet.size; i += 1) sizes[fleet.managementCluster[i]!]! += 1;
    this.#run = run;
    this.#room = sizes.map((size) => Math.max(1, Math.floor(size * managementClusterShare)));
    this.#beginsMin = haltedAtMin + delayMin;
  }

  /** Tells those that may go back now. */
  step(minute: number): void {
    if (minute < this.#beginsMin) return;
    this.#left ??= this.#newestFirst();
    const { fleet, state } = this.#run.view;
    this.#left = this.#left.filter((index) => {
      if (state[index] === STATE.goingBack || state[index] === STATE.back) return false;
      const cluster = fleet.managementCluster[index]!;
      if (this.#run.goingBackIn[cluster]! >= this.#room[cluster]!) return true;
      this.#run.takeBack(index);
      return false;
    });
  }

  get over(): boolean {
    return this.#left?.length === 0 && this.#run.moving === 0;
  }

  /** Those on their way to it are the newest of all. */
  #newestFirst(): number[] {
    const { state, runningSince } = this.#run.view;
    const told: number[] = [];
    for (let index = 0; index < state.length; index += 1) {
      const is = state[index]!;
      if (is === STATE.applying || is === STATE.running || is === STATE.failed) told.push(index);
    }
    const since = (index: number) =>
      state[index] === STATE.running ? runningSince[index]! : Number.MAX_SAFE_INTEGER;
    return told.sort((a, b) => since(b) - since(a));
  }
}
