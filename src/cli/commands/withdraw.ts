import { type ActFlags, act, preview } from '../acts.ts';
import { askText } from '../ask.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit.ts';
import { fixOf } from '../fixes.ts';

/** Takes a fix back before it is delivered. */
export async function withdraw(
  context: Context,
  input: ActFlags & { fix: string; reason?: string },
): Promise<ExitCode> {
  const fix = await fixOf(context, input.fix);
  const { version } = await preview(context, fix);
  const reason = input.reason ?? (await askText(context.io, '--reason', `Why withdraw ${fix}?`));
  const label = `Withdraw ${fix}`;
  return await act(
    context,
    { fix, body: { do: 'withdraw', reason }, seen: version, label, confirm: 'yes' },
    input,
  );
}
