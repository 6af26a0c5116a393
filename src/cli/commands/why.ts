import type { WhyView } from '../../core/views/why-view.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit.ts';
import { fixOf } from '../fixes.ts';
import { renderWhy } from '../render/why.ts';
import { show } from '../show.ts';

/** What a fix, or one control plane, waits for. */
export async function why(
  context: Context,
  input: { fix: string; target?: string; watch?: boolean },
): Promise<ExitCode> {
  const fix = await fixOf(context, input.fix);
  return await show(
    context,
    {
      key: `why ${fix} ${input.target ?? ''}`,
      fix,
      load: () => context.client.get<WhyView>(`/fixes/${fix}/why`, { target: input.target }),
      reading: (view) => ({
        value: view,
        names: [view.target ?? view.fix],
        text: (paper) => renderWhy(view, paper),
      }),
    },
    input.watch,
  );
}
