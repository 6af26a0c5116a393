import { type ActFlags, act, preview } from '../acts.ts';
import type { Context } from '../context.ts';
import { type ExitCode, misuse } from '../exit.ts';
import { fixOf } from '../fixes.ts';

/** Does a failed stage again. */
export async function retry(
  context: Context,
  input: ActFlags & { fix: string; stage: string },
): Promise<ExitCode> {
  const stages = ['assembly', 'build', 'proof', 'closing'];
  if (!stages.includes(input.stage))
    throw misuse(`--stage ${input.stage}: expected one of ${stages.join(', ')}`);
  const fix = await fixOf(context, input.fix);
  const { version } = await preview(context, fix);
  const body = { do: 'retry', stage: input.stage };
  return await act(context, { fix, body, seen: version, label: `Retry ${input.stage} of ${fix}` }, input);
}
