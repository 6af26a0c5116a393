import { fail, ok, type Result } from '../../core/base/result.ts';
import { again } from '../../core/forecast/again.ts';
import { againOf, courseOf } from '../../core/life/try-pace.ts';
import type { Pace } from '../../core/pace/pace.ts';
import type { Case } from '../cases.ts';
import type { Tried, Trouble } from '../desk.ts';

/** Plays the rollout of a fix under another pace; every so many minutes of it the hub does its other work. */
export async function tryPace({ fix, facts }: Case, pace: Partial<Pace>): Promise<Result<Tried, Trouble>> {
  const { rollout } = fix;
  const { plan } = facts;
  if (rollout === undefined || plan === undefined || plan.id !== rollout.plan)
    return fail({
      code: 'wrong-state',
      detail: `${fix.id} is ${fix.state}: there is no rollout to play again`,
      next: [`fleetfix plan ${fix.id}`],
    });
  const input = againOf(fix, plan, pace);
  const playing = again(input);
  for (;;) {
    const step = playing.next();
    if (step.done) {
      const budget = { recorded: plan.pace.harmBudget, tried: input.pace.harmBudget };
      const recorded = courseOf(plan, rollout);
      return ok({ fix: fix.id, plan: plan.id, budget, recorded, tried: step.value });
    }
    if (step.value % MINUTES_AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

const MINUTES_AT_ONCE = 10;
