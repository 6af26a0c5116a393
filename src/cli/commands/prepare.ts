import { type ActFlags, act } from '../acts.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit.ts';
import { fixOf } from '../fixes.ts';
import { revision } from '../rev.ts';

/** Has a candidate made for a release to come, so that what is upgraded to it waits for a plan only. */
export async function prepare(
  context: Context,
  input: ActFlags & { readonly fix: string; readonly release: string; readonly commit: string },
): Promise<ExitCode> {
  const { release } = input;
  const commit = revision(input.commit, '--commit');
  const fix = await fixOf(context, input.fix);
  const body = { do: 'prepare', release, commit };
  return await act(context, { fix, body, label: `Prepare ${release} for ${fix}` }, input);
}
