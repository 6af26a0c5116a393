import type { FixView } from '../../core/views/fix-view.ts';
import { type ActFlags, act } from '../acts.ts';
import { askText } from '../ask.ts';
import type { Context } from '../context.ts';
import { type ExitCode, misuse } from '../exit.ts';
import { fixOf } from '../fixes.ts';
import { sayPlan } from './plan.ts';

/** Prints the plan, asks for the fix's id, and starts it. After a halt it is a new campaign, and that needs a reason. */
export async function start(
  context: Context,
  input: ActFlags & { fix: string; plan?: string; reason?: string },
): Promise<ExitCode> {
  const fix = await fixOf(context, input.fix);
  const view = await context.client.get<FixView>(`/fixes/${fix}`);
  const id = input.plan ?? view.plan;
  if (!id) throw misuse(`${fix} has no approved plan: --plan is missing`, [`fleetfix plan ${fix}`]);
  const plan = await sayPlan(context, fix, id);
  const label = `Start ${plan.id} on ${plan.inPlan} control planes`;
  const reason =
    input.reason ??
    (view.halted
      ? await askText(context.io, '--reason', `${fix} was halted. Why start it again?`)
      : undefined);
  const body = { do: 'start', plan: plan.id, ...(reason ? { reason } : {}) };
  return await act(context, { fix, body, seen: view.version, label, confirm: 'id', previewed: true }, input);
}
