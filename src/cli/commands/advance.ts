import { type ActFlags, act, preview } from '../acts.ts';
import { askText } from '../ask.ts';
import type { Context } from '../context.ts';
import { type ExitCode, misuse } from '../exit.ts';
import { fixOf } from '../fixes.ts';

/** Ends a soak early. `from` names the wave the person believes to be soaking. */
export async function advance(
  context: Context,
  input: ActFlags & { fix: string; from: string; reason?: string },
): Promise<ExitCode> {
  const wave = Number(/^(?:wave-)?([1-9]\d{0,5})$/.exec(input.from)?.[1] ?? 0);
  if (wave === 0) throw misuse(`--from ${input.from}: expected wave-2 or 2`);
  const reason =
    input.reason ?? (await askText(context.io, '--reason', `Why need wave ${wave} not soak longer?`));
  const fix = await fixOf(context, input.fix);
  const { version } = await preview(context, fix);
  const label = `End the soak of wave ${wave} of ${fix}`;
  return await act(
    context,
    { fix, body: { do: 'advance', wave, reason }, seen: version, label, confirm: 'yes' },
    input,
  );
}
