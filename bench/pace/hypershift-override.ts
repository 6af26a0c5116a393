import type { PacingRule } from '../../src/core/forecast/pacing-rule.ts';
import { NOTHING, type Undo } from '../../src/core/forecast/pacing-rule.ts';
import { keyOf, shuffled } from '../../src/core/forecast/random.ts';
import { Ills, type Policy, settled } from './policy.ts';

/** Undone by another release of the operator, which takes everything back at once. */
const ANOTHER_RELEASE: Undo = { delayMin: 90, managementClusterShare: 1 };
const SECTOR_ENDS = [0.01, 0.1, 1];
const BETWEEN_SECTORS_MIN = 24 * 60;
const REFUSED_FROM = 3;

/** The overrides file of the operator, promoted to every management cluster together. */
export const overrideAtOnce: Policy = {
  name: 'HO override: every MC at once',
  make: (fleet) => ({
    step: (_, minute) =>
      minute === 0
        ? { start: [...fleet.burning.keys()], rollback: [], done: true }
        : { ...NOTHING, done: true },
    undo: ANOTHER_RELEASE,
  }),
};

/** The same by sectors of management clusters, 24 hours apart; a person refuses the next when 3 look broken. */
export const overrideBySector: Policy = {
  name: 'HO override: 3 sectors x 24 h',
  make(fleet, seed): PacingRule {
    const rank = new Int32Array(fleet.managementClusters);
    shuffled(fleet.managementClusters, keyOf(seed, 902)).forEach((cluster, i) => {
      rank[cluster] = i;
    });
    const sectorOf = (index: number) =>
      SECTOR_ENDS.findIndex((end) => rank[fleet.managementCluster[index]!]! < end * fleet.managementClusters);
    const sectors: number[][] = SECTOR_ENDS.map(() => []);
    for (let index = 0; index < fleet.size; index += 1) sectors[sectorOf(index)]!.push(index);

    const ills = new Ills(fleet.size);
    const told: number[] = [];
    let settledAt: number | undefined = -BETWEEN_SECTORS_MIN;
    return {
      step(view, minute) {
        ills.note(view, minute);
        if (settledAt === undefined && settled(view, told)) settledAt = minute;
        const due = settledAt !== undefined && minute >= settledAt + BETWEEN_SECTORS_MIN;
        if (!due || sectors.length === 0) return { ...NOTHING, done: sectors.length === 0 };
        if (ills.lasting(view, told, minute) >= REFUSED_FROM) return { ...NOTHING, halted: true };
        const start = sectors.shift()!;
        for (const index of start) told.push(index);
        settledAt = undefined;
        return { start, rollback: [] };
      },
      undo: ANOTHER_RELEASE,
    };
  },
};
