import { type ActFlags, act } from '../acts.ts';
import { askText } from '../ask.ts';
import type { Context } from '../context.ts';
import { type ExitCode, misuse } from '../exit.ts';
import { fixOf } from '../fixes.ts';
import { planById } from './plan.ts';

/** Says no to a plan, with the reason its author will read. */
export async function decline(
  context: Context,
  input: ActFlags & { fix: string; plan?: string; reason?: string },
): Promise<ExitCode> {
  const fix = await fixOf(context, input.fix);
  if (!input.plan) throw misuse('--plan is missing: a no names what it declines', [`fleetfix status ${fix}`]);
  const { id } = await planById(context, fix, input.plan);
  const reason = input.reason ?? (await askText(context.io, '--reason', `Why not ${id}?`));
  return await act(
    context,
    { fix, body: { do: 'decline', plan: id, reason }, label: `Decline ${id}` },
    input,
  );
}
