import { clockText } from '../../core/base/instant.ts';
import type { LineView } from '../../core/views/fix-view.ts';
import { type ActFlags, act, preview } from '../acts.ts';
import { askText } from '../ask.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit.ts';
import { fixOf } from '../fixes.ts';
import { hubDeadlineOf } from '../times.ts';

export type WaiveInput = ActFlags & {
  readonly fix: string;
  readonly gate: string;
  readonly expires: string;
  readonly reason?: string;
};

/** Passes over a gate by name, for a time; shown for ever after. */
export async function waive(context: Context, input: WaiveInput): Promise<ExitCode> {
  const { io } = context;
  const expiresAt = await hubDeadlineOf(input.expires, '--expires', context);
  const reason = input.reason ?? (await askText(io, '--reason', `Why may ${input.gate} be passed over?`));
  const fix = await fixOf(context, input.fix);
  const { version, lines } = await preview(context, fix);
  for (const text of new Set(cutsOf(lines, input.gate))) context.out.say(`  ${text}`);
  const label = `Waive ${input.gate} of ${fix} until ${clockText(expiresAt, context.now())}`;
  const body = { do: 'waive', gate: input.gate, reason, expiresAt };
  return await act(context, { fix, body, seen: version, label, confirm: 'yes' }, input);
}

/** What waiting for the gate costs and what passing over it may: the same on every line that waits for it. */
const cutsOf = (lines: readonly LineView[], gate: string): string[] =>
  lines.flatMap(({ gates }) => gates.flatMap((one) => (one.gate === gate && one.cut ? [one.cut] : [])));
