import { clockText } from '../../core/base/instant.ts';
import type { LineView } from '../../core/views/fix-view.ts';
import { type ActFlags, act, preview } from '../acts.ts';
import { askText } from '../ask.ts';
import type { Context } from '../context.ts';
import { type ExitCode, misuse } from '../exit.ts';
import { fixOf } from '../fixes.ts';
import { hubDeadlineOf } from '../times.ts';

export type WaiveInput = ActFlags & {
  readonly fix: string;
  readonly gate?: string;
  readonly expires?: string;
  /** Of the closing checklist, in place of a gate. */
  readonly item?: string;
  readonly reason?: string;
};

/** Passes over a gate by name, for a time, or over an item of the closing checklist; shown for ever after. */
export async function waive(context: Context, input: WaiveInput): Promise<ExitCode> {
  const { gate, expires, item } = input;
  if (gate !== undefined && item !== undefined)
    throw misuse('waive --gate --item: expected one of the two, not both');
  if (item !== undefined) return await waiveItem(context, { ...input, item });
  if (gate === undefined)
    throw misuse('waive: expected --gate GATE, or --item ITEM of the closing checklist');
  if (expires === undefined)
    throw misuse(`waive --gate ${gate}: --expires is missing: a gate is passed over for a time, such as 24h`);
  return await waiveGate(context, { ...input, gate, expires });
}

/** An item stays waived: the record is closed with it. */
async function waiveItem(context: Context, input: WaiveInput & { readonly item: string }): Promise<ExitCode> {
  const { item } = input;
  if (input.expires !== undefined)
    throw misuse(`waive --item ${item} --expires: an item of the checklist is waived for good`);
  const reason = input.reason ?? (await askText(context.io, '--reason', `Why may ${item} be left out?`));
  const fix = await fixOf(context, input.fix);
  const { version } = await preview(context, fix);
  const body = { do: 'waive-item', item, reason };
  const label = `Waive ${item} of the checklist of ${fix}`;
  return await act(context, { fix, body, seen: version, label, confirm: 'yes' }, input);
}

async function waiveGate(
  context: Context,
  input: WaiveInput & { readonly gate: string; readonly expires: string },
): Promise<ExitCode> {
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
