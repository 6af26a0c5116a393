import type { FixView } from '../../core/views/fix-view.ts';
import type { ControlPlaneView } from '../../core/views/target-view.ts';
import type { Context } from '../context.ts';
import { type ExitCode, misuse } from '../exit.ts';
import { fixOf } from '../fixes.ts';
import { describeFix, describePlane } from '../render/describe.ts';
import { show } from '../show.ts';

/** Everything known of a fix, or of a control plane named `target/NAME`. */
export async function describe(
  context: Context,
  input: { what: string; watch?: boolean },
): Promise<ExitCode> {
  const plane = /^(?:target|control-plane)\/(.*)$/.exec(input.what)?.[1];
  if (plane === '') throw misuse('describe target/: the name of the control plane is missing');
  if (plane !== undefined) return await describeTarget(context, plane, input.watch);
  const fix = await fixOf(context, input.what);
  return await show(
    context,
    {
      key: `describe ${fix}`,
      fix,
      load: () => context.client.get<FixView>(`/fixes/${fix}`),
      reading: (view) => ({ value: view, names: [view.id], text: (paper) => describeFix(view, paper) }),
    },
    input.watch,
  );
}

async function describeTarget(context: Context, name: string, watch = false): Promise<ExitCode> {
  return await show(
    context,
    {
      key: `describe target ${name}`,
      load: () => context.client.get<ControlPlaneView>(`/control-planes/${encodeURIComponent(name)}`),
      reading: (view) => ({
        value: view,
        names: [view.name],
        text: (paper) => describePlane(view, context.now(), paper),
      }),
    },
    watch,
  );
}
