import type { FixView } from '../../core/views/fix-view.ts';
import { type ActFlags, act } from '../acts.ts';
import type { Context } from '../context.ts';
import { type ExitCode, misuse } from '../exit.ts';
import { fixOf } from '../fixes.ts';
import { show as showSight } from '../show.ts';

export type ShowInput = ActFlags & {
  readonly fix: string;
  readonly item: string;
  readonly link?: string;
  readonly note?: string;
};

/** Shows an item of the closing checklist: by an address, which the hub looks at, or by one's word. */
export async function show(context: Context, input: ShowInput): Promise<ExitCode> {
  const { item, link, note } = input;
  if (link === undefined && note === undefined)
    throw misuse(`show --item ${item}: with what? expected --link or --note`, [
      `fleetfix show ${input.fix} --item ${item} --link https://…`,
      `fleetfix show ${input.fix} --item ${item} --note TEXT`,
    ]);
  const fix = await fixOf(context, input.fix);
  const body = { do: 'show', item, ...(link !== undefined && { link }), ...(note !== undefined && { note }) };
  return await act(context, { fix, body, label: `Show ${item} of ${fix}` }, input);
}

/** What must be shown before a fix is closed, and what is next. */
export async function checklist(
  context: Context,
  input: { readonly fix: string; readonly watch?: boolean },
): Promise<ExitCode> {
  const fix = await fixOf(context, input.fix);
  return await showSight(
    context,
    {
      key: `checklist ${fix}`,
      fix,
      load: () => context.client.get<FixView>(`/fixes/${fix}`),
      reading: (view) => ({
        value: { items: view.checklist ?? [] },
        names: (view.checklist ?? []).map(({ name }) => name),
        text: async (paper) => (await import('../render/checklist.ts')).renderChecklist(view, paper),
      }),
      change: (view) => JSON.stringify(view.checklist ?? []),
    },
    input.watch,
  );
}
