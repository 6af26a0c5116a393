import type { Ms } from '../base/instant.ts';
import { type LatencyLaw, shownBy } from './latency-law.ts';
import type { Pace } from './pace.ts';

/** F by age, looked up: as cheap as it must be for a hundred thousand control planes at every step. */
export type Credit = (ageMs: Ms) => number;

const STEPS_PER_MEDIAN = 120;
/** From here on a break would have shown, but for one in a hundred million. */
const SURELY_SHOWN = 1 - 1e-8;
const STEPS_MAX = 20_000;

/** Credit of an age: F of the age rounded down to a step, 0 below the minimum soak. Never more than F. */
export function creditOf({ law, minSoakMs }: Pick<Pace, 'law' | 'minSoakMs'>): Credit {
  const stepMs = Math.max(1, law.medianMs / STEPS_PER_MEDIAN);
  const table = tableOf(law, stepMs);
  const last = table.length - 1;
  return (ageMs) => {
    if (!(ageMs >= minSoakMs) || ageMs <= 0) return 0;
    const step = Math.floor(ageMs / stepMs);
    return step >= last ? table[last]! : table[step]!;
  };
}

function tableOf(law: LatencyLaw, stepMs: Ms): Float64Array {
  const table: number[] = [];
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const shown = shownBy(law, step * stepMs);
    if (shown >= SURELY_SHOWN) return Float64Array.from([...table, 1]);
    table.push(shown);
  }
  return Float64Array.from(table);
}
