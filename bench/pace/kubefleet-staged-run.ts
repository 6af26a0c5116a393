import type { ModelFleet } from '../../src/core/forecast/model-fleet.ts';
import {
  type ModelView,
  NOTHING,
  type PacingRule,
  STATE,
  type Undo,
} from '../../src/core/forecast/pacing-rule.ts';
import { anyOrder, cutAt, Ills, type Policy } from './policy.ts';

/** A staged update run of kubefleet. */
export type StagedRun = {
  /** Clusters of each stage, sorted by label and name. */
  readonly stages: readonly (readonly number[])[];
  /** Of the clusters of a stage, rounded down. Unset: 1 cluster. */
  readonly maxConcurrencyShare?: number;
  /** The timed wait after a stage. */
  readonly waitMin: number;
};

const A_PERSON: Undo = { delayMin: 60, managementClusterShare: 1 / 3 };
/** A person approves after a stage, but not when so many look broken. */
const REFUSED_FROM = 3;
/** The run is marked as stuck after 5 minutes; a person who finds one broken an hour later ends it. */
const LOOKED_AT_AFTER_MIN = 60;

/**
 * Walks the list of a stage; a cluster that is available at a check after it was updated has succeeded and is not
 * looked at again. No cluster ever fails and nothing stops the run but a person.
 */
export function stagedRun(
  fleet: ModelFleet,
  { stages, maxConcurrencyShare, waitMin }: StagedRun,
): PacingRule {
  const ills = new Ills(fleet.size);
  const told: number[] = [];
  let updating: number[] = [];
  let [stage, at] = [0, 0];
  let completeAt: number | undefined;
  let movedAt = 0;

  const available = ({ state, runningSince }: ModelView, index: number, minute: number) =>
    state[index] === STATE.running && minute > runningSince[index]! && !ills.has(index);
  const isStuck = (view: ModelView, minute: number) =>
    updating.length > 0 &&
    minute >= movedAt + LOOKED_AT_AFTER_MIN &&
    ills.lasting(view, updating, minute) > 0;

  return {
    step(view, minute) {
      ills.note(view, minute);
      const left = updating.filter((index) => !available(view, index, minute));
      if (left.length < updating.length) movedAt = minute;
      updating = left;
      if (isStuck(view, minute)) return { ...NOTHING, halted: true };
      const members = stages[stage];
      if (members === undefined) return { ...NOTHING, done: true };
      if (at === members.length && updating.length === 0) {
        completeAt ??= minute;
        if (stage === stages.length - 1) return { ...NOTHING, done: true };
        if (minute < completeAt + waitMin) return NOTHING;
        if (ills.lasting(view, told, minute) >= REFUSED_FROM) return { ...NOTHING, halted: true };
        [stage, at, completeAt] = [stage + 1, 0, undefined];
        return NOTHING;
      }
      const most =
        maxConcurrencyShare === undefined ? 1 : Math.max(1, Math.floor(maxConcurrencyShare * members.length));
      const start = members.slice(at, at + Math.max(0, most - updating.length));
      at += start.length;
      updating.push(...start);
      for (const index of start) told.push(index);
      if (start.length > 0) movedAt = minute;
      return { start, rollback: [] };
    },
    undo: A_PERSON,
  };
}

export const kubefleet: Policy = {
  name: 'kubefleet (1/10/100%, conc 10%, 1h + approval)',
  make: (fleet, seed) =>
    stagedRun(fleet, {
      stages: cutAt(anyOrder(fleet, seed), [0.01, 0.1]),
      maxConcurrencyShare: 0.1,
      waitMin: 60,
    }),
};
