import type { TimelineEntry } from '../../core/views/target-view.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit.ts';
import { fixOf } from '../fixes.ts';
import { renderTimeline } from '../render/lists.ts';
import type { Items } from '../shapes.ts';
import { show } from '../show.ts';

/** Who decided what, knowing what. Without `--all` the latest `limit` entries. */
export async function timeline(
  context: Context,
  input: { fix: string; limit: number; all?: boolean; watch?: boolean },
): Promise<ExitCode> {
  const fix = await fixOf(context, input.fix);
  return await show(
    context,
    {
      key: `timeline ${fix}`,
      fix,
      load: () => context.client.get<Items<TimelineEntry>>(`/fixes/${fix}/timeline`),
      reading: ({ items }) => {
        const shown = input.all ? items : items.slice(-input.limit);
        const about = { now: context.now(), total: items.length, more: `fleetfix timeline ${fix} --all` };
        return {
          value: { items: shown },
          names: shown.map((entry) => `${fix}/${entry.version}`),
          text: (paper) => renderTimeline(shown, about, paper),
        };
      },
    },
    input.watch,
  );
}
