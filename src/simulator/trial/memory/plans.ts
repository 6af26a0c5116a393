import { storableJson } from '../../../adapters/postgres/storable.ts';
import { hashOf } from '../../../core/base/hash.ts';
import type { PlanId } from '../../../core/base/ids.ts';
import type { Plan } from '../../../core/rollout/plan.ts';
import type { Plans } from '../../../ports/ledger.ts';
import { Unstorable } from '../../../ports/storage.ts';
import type { MemoryDatabase } from './database.ts';
import { kept } from './kept.ts';

/** Plans by id; what is kept is never changed. */
export function plansIn(database: MemoryDatabase): Plans {
  const plans = new Map<PlanId, Plan>();
  const keep = (plan: Plan) => {
    const { id, hash, ...body } = plan;
    if (hashOf(body) !== hash)
      throw new Unstorable(`The plan ${id} does not match its hash ${hash} and is not kept.`);
    storableJson(`The plan ${id}`, body);
    const known = plans.get(id);
    if (known !== undefined && known.hash !== hash)
      throw new Unstorable(`The plan id ${id} is taken by another plan (hash ${known.hash}).`);
    if (known === undefined) plans.set(id, kept(plan));
  };
  return {
    keep: (plan) => database.call(() => keep(plan)),
    find: (id) => database.call(() => plans.get(id)),
  };
}
