import { type ActFlags, act } from '../acts.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit.ts';
import { fixOf } from '../fixes.ts';

export type AcknowledgeInput = ActFlags & { readonly fix: string; readonly note?: string };

/** Says that the hand-off has somebody: nobody else is told. */
export async function acknowledge(context: Context, input: AcknowledgeInput): Promise<ExitCode> {
  const fix = await fixOf(context, input.fix);
  const body = { do: 'acknowledge', ...(input.note ? { note: input.note } : {}) };
  return await act(context, { fix, body, label: `Acknowledge the hand-off of ${fix}` }, input);
}
