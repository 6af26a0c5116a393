import { type ActFlags, act } from '../acts.ts';
import type { Context } from '../context.ts';
import { type ExitCode, misuse } from '../exit.ts';
import { fixOf } from '../fixes.ts';
import { sayPlan } from './plan.ts';

/** Approves the plan that is shown, and no other. Without a terminal the plan must be named. */
export async function approve(
  context: Context,
  input: ActFlags & { fix: string; plan?: string },
): Promise<ExitCode> {
  const fix = await fixOf(context, input.fix);
  if (!input.plan)
    throw misuse('--plan is missing: an approval names what it approves', [
      `fleetfix plan ${fix}`,
      `fleetfix status ${fix}`,
    ]);
  const [plan, view] = await Promise.all([sayPlan(context, fix, input.plan), versionOf(context, fix)]);
  const label = `Approve ${plan.id} for ${plan.inPlan} control planes`;
  const body = { do: 'approve', plan: plan.id };
  return await act(context, { fix, body, seen: view, label, confirm: 'yes', previewed: true }, input);
}

/** The version of the fix now, for acts whose preview is a plan. */
export async function versionOf(context: Context, fix: string): Promise<number> {
  return (await context.client.get<{ version: number }>(`/fixes/${fix}`)).version;
}
