import { epochMs, type Instant } from '../base/instant.ts';
import type { Fix } from '../life/fix.ts';
import { efficacyAt } from '../life/step-of.ts';
import type { PaceView } from './fix-view.ts';
import type { Looked } from './looked.ts';

/** The figures a rollout goes by, as they are now. */
export function paceView(fix: Fix, { plan, step, observed }: Looked, now: Instant): PaceView {
  const { counts } = step;
  const rollout = fix.rollout!;
  const efficacy = efficacyAt(plan, rollout, epochMs(now));
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
    ...(efficacy && {
      burning: { treated: efficacy.treated, recovered: efficacy.recovered, waiting },
    }),
  };
}
