import { type ActFlags, act, preview } from '../acts.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit.ts';
import { fixOf } from '../fixes.ts';

/** Lets a paused rollout go on. */
export async function resume(
  context: Context,
  input: ActFlags & { fix: string; reason?: string },
): Promise<ExitCode> {
  const fix = await fixOf(context, input.fix);
  const { version } = await preview(context, fix);
  const body = { do: 'resume', ...(input.reason ? { reason: input.reason } : {}) };
  return await act(context, { fix, body, seen: version, label: `Resume ${fix}`, confirm: 'yes' }, input);
}
