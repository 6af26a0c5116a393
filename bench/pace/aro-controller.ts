import type { ModelFleet } from '../../src/core/forecast/model-fleet.ts';
import {
  type ModelView,
  NOTHING,
  type PacingRule,
  STATE,
  type Undo,
} from '../../src/core/forecast/pacing-rule.ts';
import { anyOrder, Ills, type Policy } from './policy.ts';

/** The rollout policy of ARO HCP's controller for z-streams, by its names; percentages as shares. */
export type AroPolicy = {
  readonly canaryShare: number;
  readonly rollingShare: number;
  /** How long at the version before it counts as successful. */
  readonly minVersionReadyMin: number;
  /** Not there so long after it was told: failed. */
  readonly maxUpgradeMin: number;
  /**
   * The controller looks at versions only. True: one that is bad counts as not there while it is bad. The comparison
   * gives it that.
   */
  readonly seesHealth: boolean;
  readonly order: readonly number[];
};

const BUDGET = { count: 2, share: 0.05 };
/** At least so long between two batches. */
const COOLDOWN_MIN = 1;
/** A rollout that did not move for so long is looked at by a person, who ends it when so many look broken. */
const LOOKED_AT = { afterMin: 180, broken: 3 };
/** It only stops; a person takes things back. */
const A_PERSON: Undo = { delayMin: 60, managementClusterShare: 1 / 3 };

/**
 * `rolloutDecision` of ARO-HCP: a canary of a share and 2 more, a gate until that share is successful, then a
 * rolling window that successful ones leave. Stops when more have failed than 2 and 5 % of those told.
 */
export function aroController(fleet: ModelFleet, it: AroPolicy): PacingRule {
  const ills = new Ills(fleet.size);
  const canary = Math.ceil(it.canaryShare * fleet.size);
  const rolling = Math.ceil(it.rollingShare * fleet.size);
  const toldAt = new Float64Array(fleet.size);
  let told = 0;
  let assignedAt = Number.NEGATIVE_INFINITY;

  const isThere = ({ state }: ModelView, index: number) =>
    state[index] === STATE.running && !(it.seesHealth && ills.has(index));
  /** Told and not successful; how many are. */
  let open: number[] = [];
  let successful = 0;
  const done = new Uint8Array(fleet.size);

  const notice = (view: ModelView, minute: number) => {
    ills.note(view, minute);
    if (!it.seesHealth) return;
    for (const index of view.fellIll) {
      if (done[index] === 0) continue;
      done[index] = 0;
      successful -= 1;
      open.push(index);
    }
  };
  const succeeds = (view: ModelView, index: number, minute: number) =>
    isThere(view, index) && minute - view.runningSince[index]! > it.minVersionReadyMin;
  const sortOut = (view: ModelView, minute: number) => {
    const left = open.filter((index) => !succeeds(view, index, minute));
    if (left.length < open.length)
      for (const index of open) if (succeeds(view, index, minute)) done[index] = 1;
    successful += open.length - left.length;
    open = left;
    return open.filter((index) => !isThere(view, index) && minute - toldAt[index]! > it.maxUpgradeMin).length;
  };
  const select = (most: number, minute: number) => {
    const start = it.order.slice(told, told + most);
    for (const index of start) {
      toldAt[index] = minute;
      open.push(index);
    }
    told += start.length;
    assignedAt = minute;
    return { start, rollback: [] };
  };

  return {
    step(view, minute) {
      notice(view, minute);
      if (minute < assignedAt + COOLDOWN_MIN) return NOTHING;
      const failed = sortOut(view, minute);
      if (failed > Math.max(BUDGET.count, BUDGET.share * told)) return { ...NOTHING, halted: true };
      if (told === fleet.size) return { ...NOTHING, done: true };
      if (told < canary + 2) return select(canary + 2 - told, minute);
      const room = rolling - (told - successful);
      if (successful >= canary && room > 0) return select(room, minute);
      const looked = minute >= assignedAt + LOOKED_AT.afterMin;
      const ends = looked && ills.lasting(view, open, minute) >= LOOKED_AT.broken;
      return ends ? { ...NOTHING, halted: true } : NOTHING;
    },
    undo: A_PERSON,
  };
}

/** Its production defaults. */
export const aro: Policy = {
  name: "ARO's controller (canary 6%, rolling 12%, 1h ready)",
  make: (fleet, seed) =>
    aroController(fleet, {
      canaryShare: 0.06,
      rollingShare: 0.12,
      minVersionReadyMin: 60,
      maxUpgradeMin: 120,
      seesHealth: true,
      order: anyOrder(fleet, seed),
    }),
};
