import type { ModelFleet } from '../../src/core/forecast/model-fleet.ts';
import {
  type ModelView,
  NOTHING,
  type PacingRule,
  STATE,
  type Undo,
} from '../../src/core/forecast/pacing-rule.ts';
import { anyOrder, Ills, type Policy } from './policy.ts';

/** OCM's Progressive strategy, by the names and defaults of its API. */
export type Progressive = {
  /** At the same time, of the clusters outside mandatory groups. Unset: all of them. */
  readonly maxConcurrency?: number;
  /** Failed or timed out at the same time; one more stops it. Unset: 0. */
  readonly maxFailures?: number;
  /** How long one must be well before it counts as done. Unset: 0. */
  readonly minSuccessTimeMin?: number;
  /** Unset: never. */
  readonly progressDeadlineMin?: number;
  /** Come first, one after the other, each all at once and without any failure. */
  readonly mandatoryGroups?: readonly (readonly number[])[];
  /** Clusters sorted by name. */
  readonly byName: readonly number[];
};

/** Nothing is rolled back: a person is called and does it an hour later. */
const A_PERSON: Undo = { delayMin: 60, managementClusterShare: 1 / 3 };

/**
 * `progressivePerGroup` for mandatory groups, then `progressivePerCluster`, made better in one thing: one that falls ill
 * while it soaks, or while its mandatory group is open, has failed. OCM itself looks at Degraded only as long as
 * Progressing. Done is done: what is bad later is not seen.
 */
export function progressive(fleet: ModelFleet, it: Progressive): PacingRule {
  const ills = new Ills(fleet.size);
  const toldAt = new Float64Array(fleet.size).fill(-1);
  const mandatory = (it.mandatoryGroups ?? []).map((group) => [...group]);
  const inGroup = new Set(mandatory.flat());
  const rest = it.byName.filter((index) => !inGroup.has(index));
  /** Told, and not past their soak; of a mandatory group, all until all are. */
  let open: number[] = [];
  let at = 0;

  const begin = (start: readonly number[], minute: number) => {
    for (const index of start) toldAt[index] = minute;
    open.push(...start);
    return { start, rollback: [], done: mandatory.length === 0 && at === rest.length };
  };
  const soakMin = it.minSuccessTimeMin ?? 0;
  const soaked = ({ state, runningSince }: ModelView, index: number, minute: number) =>
    state[index] === STATE.running && !ills.has(index) && minute >= runningSince[index]! + soakMin;
  const late = it.progressDeadlineMin ?? Number.POSITIVE_INFINITY;
  const failed = ({ state, runningSince }: ModelView, index: number, minute: number) =>
    state[index] === STATE.failed ||
    (state[index] === STATE.running && ills.since[index]! >= runningSince[index]!) ||
    minute >= toldAt[index]! + late;

  const stepMandatory = (view: ModelView, minute: number) => {
    if (open.some((index) => failed(view, index, minute))) return { ...NOTHING, halted: true };
    if (!open.every((index) => soaked(view, index, minute))) return NOTHING;
    open = [];
    const group = mandatory.shift();
    return group ? begin(group, minute) : undefined;
  };
  const stepRest = (view: ModelView, minute: number) => {
    open = open.filter((index) => !soaked(view, index, minute));
    const failures = open.filter((index) => failed(view, index, minute)).length;
    if (failures > (it.maxFailures ?? 0)) return { ...NOTHING, halted: true };
    const timedOut = open.filter((index) => minute >= toldAt[index]! + late).length;
    const room = Math.max(0, (it.maxConcurrency ?? rest.length) - (open.length - timedOut));
    const start = rest.slice(at, at + room);
    at += start.length;
    return begin(start, minute);
  };

  return {
    step(view, minute) {
      ills.note(view, minute);
      const first = at === 0 && inGroup.size > 0 ? stepMandatory(view, minute) : undefined;
      return first ?? stepRest(view, minute);
    },
    undo: A_PERSON,
  };
}

const share = (fleet: ModelFleet, of: number) => Math.ceil(of * fleet.size);

/** The example of its website: canaries in two groups, then no limit, 5 minutes, 5 % may fail. */
export const ocmExample: Policy = {
  name: 'OCM doc example (canary 1%, rest at once, soak 5m, maxF 5%)',
  make(fleet, seed) {
    const byName = anyOrder(fleet, seed);
    const mandatoryGroups = [byName.slice(0, share(fleet, 0.01))];
    return progressive(fleet, {
      byName,
      mandatoryGroups,
      minSuccessTimeMin: 5,
      maxFailures: share(fleet, 0.05),
    });
  },
};

/** The canary is whoever carries a label; here 1 %, and those burning when asked for. */
const tuned = (name: string, burnersToo: boolean): Policy => ({
  name,
  ...(burnersToo && { mindsBurning: true }),
  make(fleet, seed) {
    const byName = anyOrder(fleet, seed);
    const burning = burnersToo ? byName.filter((index) => fleet.burning[index] === 1) : [];
    const canary = new Set([...byName.slice(0, share(fleet, 0.01)), ...burning]);
    return progressive(fleet, {
      byName,
      mandatoryGroups: [[...canary]],
      minSuccessTimeMin: 5,
      maxConcurrency: share(fleet, 0.1),
      maxFailures: share(fleet, 0.01),
    });
  },
});

export const ocmTuned: Policy = tuned('OCM tuned (canary 1%, conc 10%, soak 5m, maxF 1%)', false);
export const ocmBurnersFirst: Policy = tuned('OCM tuned + burners labelled first', true);

/** `maxFailures` left out. */
export const ocmDefault: Policy = {
  name: 'OCM API default maxF 0 (conc 10%)',
  make: (fleet, seed) =>
    progressive(fleet, {
      byName: anyOrder(fleet, seed),
      minSuccessTimeMin: 5,
      maxConcurrency: share(fleet, 0.1),
    }),
};
