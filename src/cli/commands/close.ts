import { type ActFlags, act, preview } from '../acts.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit.ts';
import { fixOf } from '../fixes.ts';

/** Ends the record of a fix, with the word for how it ended. */
export async function close(
  context: Context,
  input: ActFlags & { fix: string; as: string },
): Promise<ExitCode> {
  const fix = await fixOf(context, input.fix);
  const { version } = await preview(context, fix);
  const label = `Close ${fix} as ${input.as}`;
  return await act(
    context,
    { fix, body: { do: 'close', as: input.as }, seen: version, label, confirm: 'yes' },
    input,
  );
}
