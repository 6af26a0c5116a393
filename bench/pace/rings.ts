import type { ModelFleet } from '../../src/core/forecast/model-fleet.ts';
import { NOTHING, type PacingRule, STATE, type Undo } from '../../src/core/forecast/pacing-rule.ts';
import { anyOrder, cutAt, Ills, type Policy, settled } from './policy.ts';

const QUICK: Undo = { delayMin: 10, managementClusterShare: 1 / 3 };

/** Rings with a fixed soak; halts as soon as so large a share of the ring is bad at a time, and at least `gateCount`. */
function ringsOf(
  fleet: ModelFleet,
  it: {
    readonly rings: readonly (readonly number[])[];
    readonly soakMin: number;
    readonly gateShare: number;
    readonly gateCount: number;
  },
): PacingRule {
  const ills = new Ills(fleet.size);
  const ringOf = new Int32Array(fleet.size);
  it.rings.forEach((members, k) => {
    for (const index of members) ringOf[index] = k;
  });
  let ring = -1;
  let settledAt: number | undefined = Number.NEGATIVE_INFINITY;
  return {
    step(view, minute) {
      ills.note(view, minute);
      const members = it.rings[ring] ?? [];
      const bad = [...ills.now].filter((i) => ringOf[i] === ring && view.state[i] === STATE.running).length;
      if (bad >= it.gateCount && bad >= it.gateShare * members.length) return { ...NOTHING, halted: true };
      if (settledAt === undefined && settled(view, members)) settledAt = minute;
      if (settledAt === undefined || minute < settledAt + it.soakMin) return NOTHING;
      ring += 1;
      const start = it.rings[ring];
      if (start === undefined) return { ...NOTHING, done: true };
      settledAt = undefined;
      return { start, rollback: [] };
    },
    undo: QUICK,
  };
}

export const rings: Policy = {
  name: 'Rings 1/5/20/50/100%, soak 60m, gate 1%',
  make: (fleet, seed) =>
    ringsOf(fleet, {
      rings: cutAt(anyOrder(fleet, seed), [0.01, 0.05, 0.2, 0.5]),
      soakMin: 60,
      gateShare: 0.01,
      gateCount: 3,
    }),
};
