import { clockText, type Instant } from '../../core/base/instant.ts';
import type { FixView } from '../../core/views/fix-view.ts';
import type { FixRow } from '../../core/views/list-view.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit.ts';
import { fixOf } from '../fixes.ts';
import { sortRows } from '../mine.ts';
import { clean } from '../render/paper.ts';
import { renderStatus } from '../render/status.ts';
import type { Items, Person } from '../shapes.ts';
import { type Sight, show } from '../show.ts';

/** One screen for one fix; without a fix, every open one, those that need you first. */
export async function status(context: Context, input: { fix?: string; watch?: boolean }): Promise<ExitCode> {
  if (input.fix === undefined) return await show(context, openFixes(context), input.watch);
  return await show(context, await oneFix(context, input.fix), input.watch);
}

async function oneFix(context: Context, text: string): Promise<Sight<FixView>> {
  const fix = await fixOf(context, text);
  return {
    key: `status ${fix}`,
    fix,
    load: () => context.client.get<FixView>(`/fixes/${fix}`),
    reading: (view) => ({ value: view, names: [view.id], text: (paper) => renderStatus(view, paper) }),
    change: changeOf,
    line: lineOf,
    ended: hasEnded,
    stoppedWatching: (view) => `${view.id} is ${stillText(view)}; I only stopped watching.`,
  };
}

/** What makes a new line: a recorded event, or a number on the screen; not the passing of time. */
export const changeOf = (view: FixView): string =>
  JSON.stringify([
    view.version,
    view.state,
    view.coverage,
    view.health.kind,
    view.rollout.map((row) => [row.name, row.done]),
  ]);

/** One fix on one line. */
export function lineOf(fix: FixView): string {
  const view = clean(fix);
  const { patched, exposed, unknown } = view.coverage;
  const counts = `${patched} of ${exposed} patched${unknown > 0 ? `, ${unknown} unknown` : ''}`;
  return `${timeOf(view.at)}  ${view.id}  v${view.version}  ${view.headline}  ${counts}`;
}

const timeOf = (at: Instant) => clockText(at, at);

/** True when nothing can change any more. */
export const hasEnded = (view: Pick<FixView, 'state'>): boolean =>
  view.state === 'closed' || view.state === 'withdrawn';

/** `still rolling out`, `covered`, for the sentence on Ctrl-C. */
export function stillText(view: FixView): string {
  if (view.halted) return 'still halted';
  if (view.paused) return 'still paused';
  if (view.state === 'delivering') return 'still rolling out';
  return hasEnded(view) ? view.state : `still ${view.state}`;
}

type OpenFixes = Items<FixRow> & { readonly me?: Person };

function openFixes(context: Context): Sight<OpenFixes> {
  return {
    key: 'status',
    load: async () => {
      // Without knowing who asks the order is less helpful, and nothing else is lost.
      const me = context.client.get<Person>('/whoami').catch(() => undefined);
      const { items } = await context.client.get<Items<FixRow>>('/fixes', { open: true });
      const person = await me;
      return { items: sortRows(items, person), ...(person ? { me: person } : {}) };
    },
    reading: ({ items, me }) => ({
      value: { items },
      names: items.map((row) => row.id),
      text: async (paper) => (await import('../render/fixes.ts')).renderFixes(items, me, paper),
    }),
    change: ({ items }) => JSON.stringify(items.map((row) => [row.id, row.version, row.coverage.patched])),
  };
}
