import type { Verdict } from '../health/verdict.ts';
import type { Plan } from '../rollout/plan.ts';
import type { Step } from '../rollout/step.ts';
import type { Rollout } from './fix.ts';
import { figure } from './step-of.ts';

/** Evidence that nothing is wrong: a failure rate above this would have shown by now. */
const ENOUGH = 0.5;

/** What the evidence so far says of the fix, in words. Little evidence is no verdict. */
export function verdictOf(step: Step, rollout: Rollout, plan: Plan): Verdict {
  const { counts } = step;
  const judged = rollout.halted?.asked ? undefined : rollout.halted?.because;
  const halted = judged ?? step.halt?.because ?? rollout.haltedStrata.at(-1)?.because;
  if (halted !== undefined) return { kind: 'worse', because: halted };
  const limit = figure(1 / plan.pace.alpha);
  const against = `evidence against it ${figure(counts.e)} (halts at ${limit})`;
  if (counts.treated === 0 && counts.seen === 0)
    return { kind: 'not enough data', because: 'no control plane runs the image yet' };
  const most = `at most ${figure(counts.rateAtMost * 100)} % can fail`;
  const broke = `${counts.failed} broke, ${counts.controls} to compare with`;
  if (counts.rateAtMost > ENOUGH)
    return { kind: 'not enough data', because: `${most}; ${broke}; ${against}` };
  return { kind: 'not worse', because: `${most}; ${broke}; ${against}` };
}
