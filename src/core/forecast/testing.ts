import type { ModelFleet } from './model-fleet.ts';
import type { ModelView, PacingRule, Undo } from './pacing-rule.ts';

/** A fleet of one management cluster, region, stratum and customer, in which nothing burns. */
export function plainFleet(size: number): ModelFleet {
  const zeros = () => new Int32Array(size);
  return {
    size,
    managementCluster: zeros(),
    region: zeros(),
    stratum: zeros(),
    customer: zeros(),
    burning: new Uint8Array(size),
    managementClusters: 1,
    regions: 1,
    strata: 1,
    customers: 1,
  };
}

/** Starts `perStep` at every step in the order of their numbers, and is done when all are told. */
export function steadily(perStep: number, undo?: Undo): PacingRule {
  let told = 0;
  return {
    step({ fleet }) {
      const count = Math.min(perStep, fleet.size - told);
      const start = Array.from({ length: count }, (_, k) => told + k);
      told += count;
      return { start, rollback: [], done: told === fleet.size };
    },
    ...(undo && { undo }),
  };
}

/** A rule with eyes: calls `look` before every step of another. */
export const watched = (rule: PacingRule, look: (view: ModelView, minute: number) => void): PacingRule => ({
  ...rule,
  step(view, minute) {
    look(view, minute);
    return rule.step(view, minute);
  },
});

/** Everything of a view at a moment, as plain values. */
export const seenIn = (view: ModelView) => ({
  state: [...view.state],
  runningSince: [...view.runningSince],
  unhealthy: [...view.unhealthy],
  ran: [...view.ran],
  fellIll: [...view.fellIll],
  recovered: [...view.recovered],
  cameBack: [...view.cameBack],
  failed: [...view.failed],
});
