import { QUIET } from '../src/core/forecast/laws.ts';
import { makeModelFleet } from '../src/core/forecast/model-fleet.ts';
import { simulate } from '../src/core/forecast/simulate.ts';
import { steadily } from '../src/core/forecast/testing.ts';
import { type Benches, timesOf } from './bench.ts';
import { BASELINES, BASELINES_WITH_BURNERS, EVIDENCE_PACED } from './pace/policies.ts';
import { printTables } from './pace/tables.ts';

const PLANES = 40_000;

/** How policies compare, as tables; and what the model itself takes under a rule that decides in no time. */
export const benches: Benches = {
  async run({ seeds = 5, print }) {
    const policies = [...BASELINES, ...EVIDENCE_PACED];
    printTables({ policies, withBurners: BASELINES_WITH_BURNERS, planes: PLANES, seeds }, print);
    return [
      { what: 'one good fix in the fleet model, 40,000 control planes', unit: 'ms', samples: modelMs() },
    ];
  },
};

function modelMs(): number[] {
  const fleet = makeModelFleet({ seed: 1, planes: PLANES });
  let seed = 0;
  return timesOf(() => {
    seed += 1;
    const outcome = simulate({ fleet, laws: QUIET, rule: steadily(200), seed, untilMin: 1_000 });
    // A run that brings it to nobody would be quick for the wrong reason.
    if (outcome.t100Min === undefined) throw new Error(`only ${outcome.started} were told`);
  }, 50);
}
