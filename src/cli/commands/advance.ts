import { type ActFlags, act, preview } from '../acts.ts';
import { askText } from '../ask.ts';
import type { Context } from '../context.ts';
import { type ExitCode, misuse } from '../exit.ts';
import { fixOf } from '../fixes.ts';

/** Ends the wait of a stage: its soak, or the word it waits for. `from` names the stage the person believes to be open. */
export async function advance(
  context: Context,
  input: ActFlags & { fix: string; from: string; reason?: string },
): Promise<ExitCode> {
  const stage = input.from;
  const fix = await fixOf(context, input.fix);
  if (!/^[a-z0-9][a-z0-9.-]{0,62}$/.test(stage))
    throw misuse(`--from ${stage}: expected the name of the open stage`, [
      `fleetfix get stages --for ${fix}`,
    ]);
  const reason =
    input.reason ?? (await askText(context.io, '--reason', `Why need stage ${stage} not wait longer?`));
  const { version } = await preview(context, fix);
  const label = `End the wait of stage ${stage} of ${fix}`;
  return await act(
    context,
    { fix, body: { do: 'advance', stage, reason }, seen: version, label, confirm: 'yes' },
    input,
  );
}
