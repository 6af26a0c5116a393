import type { PlanId } from '../../core/base/ids.ts';
import { MINUTE } from '../../core/base/instant.ts';
import { type Forecast, type ForecastInput, forecast, USUAL_BAD } from '../../core/forecast/forecast.ts';
import { QUIET } from '../../core/forecast/laws.ts';
import { modelFleetOf } from '../../core/forecast/model-fleet-of.ts';
import type { Facts } from '../../core/life/facts.ts';
import type { Fix } from '../../core/life/fix.ts';
import { planesByUid } from '../../core/life/scope-of.ts';
import { isBurning } from '../../core/life/urgency-for.ts';
import type { Plan } from '../../core/rollout/plan.ts';

/** Enough for a look before approval; `fleetfix forecast --runs` plays more. A good fix takes longest to play. */
const RUNS = 10;
const RUNS_LARGE = 4;
const GOOD_RUNS = 5;
const GOOD_RUNS_LARGE = 2;
const LARGE = 10_000;
const KEPT_MAX = 32;

/** Forecasts of plans, each made once: a plan never changes, and the fleet it was made for is in it. */
export function createForecasts() {
  const kept = new Map<PlanId, Promise<Forecast>>();
  return {
    of(fix: Fix, plan: Plan, facts: Facts): Promise<Forecast> {
      const known = kept.get(plan.id);
      if (known) return known;
      if (kept.size >= KEPT_MAX) kept.delete(kept.keys().next().value!);
      const made = make(inputOf(fix, plan, facts));
      kept.set(plan.id, made);
      made.catch(() => kept.delete(plan.id));
      return made;
    },
  };
}

/** Run after run, and between two of them the hub does its other work. */
async function make(input: ForecastInput): Promise<Forecast> {
  const runs = forecast(input);
  for (;;) {
    const step = runs.next();
    if (step.done) return step.value;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function inputOf(fix: Fix, plan: Plan, facts: Facts): ForecastInput {
  const planes = planesByUid(facts.fleet);
  const rows = plan.targets.map((t) => {
    const plane = planes.get(t.uid);
    return {
      uid: t.uid,
      name: t.name,
      managementCluster: t.managementCluster,
      region: t.region,
      platform: t.stratum.slice(0, t.stratum.lastIndexOf(' ')),
      version: t.stratum.slice(t.stratum.lastIndexOf(' ') + 1),
      customer: t.customer,
      burning: plane !== undefined && isBurning(fix, plane),
    };
  });
  return {
    fleet: modelFleetOf(rows).fleet,
    pace: plan.pace,
    laws: plan.targets.length > LARGE ? { ...QUIET, stepMin: 2 } : QUIET,
    bad: USUAL_BAD,
    seed: 1,
    runs: plan.targets.length > LARGE ? RUNS_LARGE : RUNS,
    goodRuns: plan.targets.length > LARGE ? GOOD_RUNS_LARGE : GOOD_RUNS,
    convergeWithinMin: plan.limits.convergeWithinMs / MINUTE,
  };
}
