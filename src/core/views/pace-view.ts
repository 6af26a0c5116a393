import type { Fix } from '../life/fix.ts';
import type { PaceView } from './fix-view.ts';
import type { Looked } from './looked.ts';

/** The figures a rollout goes by, as they are now. */
export function paceView(fix: Fix, { plan, step, observed }: Looked): PaceView {
  const { counts } = step;
  const rollout = fix.rollout!;
  const burners = Object.entries(rollout.burners);
  const treated = burners.filter(([uid]) => rollout.targets[uid] !== undefined);
  const recovered = treated.filter(([, burner]) => burner.recoveredAt !== undefined);
  const waiting = observed.filter((t) => t.state === 'waiting' && t.burning).length;
  return {
    harmBudget: plan.pace.harmBudget,
    unknown: counts.unknown,
    atStake: counts.rateAtMost * counts.unknown,
    rateAtMost: counts.rateAtMost,
    against: counts.e,
    haltsAt: 1 / plan.pace.alpha,
    treated: counts.treated,
    controls: counts.controls,
    failed: counts.failed,
    waves: rollout.waves,
    ...(burners.length > 0 && {
      burning: { treated: treated.length, recovered: recovered.length, waiting },
    }),
  };
}
