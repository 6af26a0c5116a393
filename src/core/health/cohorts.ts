import { HOUR, type Ms } from '../base/instant.ts';
import { CONTROL, type Field, HELD, RUNNING, type Sight, WAITING } from './field.ts';

/**
 * The two cohorts of every region at one moment, in bad episodes an hour to be expected of them anyway.
 * `treated[region × strata + stratum]`: those that run the image and are still in their risk window.
 * `control[region]`: those without it. Who is unwell, unheard, burning or broken is in neither, so a
 * control cohort that is sick already blesses nothing.
 */
export type Cohorts = {
  readonly strata: number;
  readonly treated: Float64Array;
  readonly control: Float64Array;
  readonly treatedCount: number;
  readonly controlCount: number;
};

export function cohortsOf(field: Field, sight: Sight, windowMs: Ms, nowMs: number): Cohorts {
  const { region, stratum } = field.sets;
  const strata = stratum.sizes.length;
  const treated = new Float64Array(region.sizes.length * strata);
  const control = new Float64Array(region.sizes.length);
  let treatedCount = 0;
  let controlCount = 0;
  for (let i = 0; i < field.size; i += 1) {
    if (sight.unwell[i] === 1 || sight.burning[i] === 1) continue;
    const state = sight.state[i]!;
    if (state === RUNNING) {
      if (nowMs - sight.ranAtMs[i]! > windowMs || sight.broke[i] === 1) continue;
      treated[region.of[i]! * strata + stratum.of[i]!]! += field.rate[i]!;
      treatedCount += 1;
    } else if (state === WAITING || state === HELD || state === CONTROL) {
      control[region.of[i]!]! += field.rate[i]!;
      controlCount += 1;
    }
  }
  return { strata, treated, control, treatedCount, controlCount };
}

export const treatedIn = ({ treated, strata }: Cohorts, region: number): number => {
  let sum = 0;
  for (let s = 0; s < strata; s += 1) sum += treated[region * strata + s]!;
  return sum;
};

/** Below this share of a region the controls are used up, and the cohort's own past takes their place. */
const CONTROL_SHARE_MIN = 0.1;

export const isAlone = (treated: number, control: number): boolean =>
  control < CONTROL_SHARE_MIN * (treated + control);

/** Episodes to be expected of a cohort in `ms`. */
export const expectedIn = (rate: number, ms: Ms): number => (rate * ms) / HOUR;
