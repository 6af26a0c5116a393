import { type ActFlags, act, preview } from '../acts.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit.ts';
import { fixOf } from '../fixes.ts';

/** Drops our overrides where the release now carries the fix. */
export async function retire(context: Context, input: ActFlags & { fix: string }): Promise<ExitCode> {
  const fix = await fixOf(context, input.fix);
  const { version } = await preview(context, fix);
  const label = `Drop the overrides of ${fix}`;
  return await act(context, { fix, body: { do: 'retire' }, seen: version, label, confirm: 'yes' }, input);
}
