import { MINUTE } from '../../src/core/base/instant.ts';
import { evidencePaced } from '../../src/core/forecast/evidence-paced.ts';
import type { ModelFleet } from '../../src/core/forecast/model-fleet.ts';
import { type Pace, PROFILES, paceOf, USUAL } from '../../src/core/pace/pace.ts';
import type { Policy } from './policy.ts';

const CONVERGE_WITHIN_MIN = 30;

/** The planner itself, with the usual pace but for what is given; `sees`: the fleet as it knows it. */
const paced = (
  name: string,
  pace: Partial<Pace>,
  sees: (fleet: ModelFleet) => ModelFleet = (fleet) => fleet,
): Policy => ({
  name,
  mindsBurning: true,
  make: (fleet, seed) =>
    evidencePaced({
      fleet: sees(fleet),
      pace: paceOf({ ...USUAL, ...pace }),
      seed,
      convergeWithinMin: CONVERGE_WITHIN_MIN,
    }),
});

/** By its profiles. */
export const PROFILED: readonly Policy[] = Object.entries(PROFILES).map(([name, harmBudget]) =>
  paced(`Evidence-paced ${name} H=${harmBudget}`, { harmBudget }),
);

const oneStratum = (fleet: ModelFleet): ModelFleet => ({
  ...fleet,
  stratum: new Int32Array(fleet.size),
  strata: 1,
});
const nobodyBurns = (fleet: ModelFleet): ModelFleet => ({ ...fleet, burning: new Uint8Array(fleet.size) });
const urgent = PROFILES.urgent;

/** Urgent with one part taken away each, to see what that part is good for. */
export const ABLATIONS: readonly Policy[] = [
  paced('Evidence-paced urgent, breaks assumed to show by 10 min (false where they do not)', {
    harmBudget: urgent,
    law: { medianMs: 10 * MINUTE, sigma: 0.5 },
  }),
  paced('Evidence-paced urgent, strata unknown', { harmBudget: urgent }, oneStratum),
  // One of each stratum comes first in any case, so that without strata there is no one-box at all.
  paced('Evidence-paced urgent, strata unknown, no one-box', { harmBudget: urgent, oneBox: 1 }, oneStratum),
  paced('Evidence-paced urgent, blind to what burns', { harmBudget: urgent }, nobodyBurns),
];
