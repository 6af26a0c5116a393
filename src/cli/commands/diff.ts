import type { DiffView } from '../../core/views/diff-view.ts';
import type { Context } from '../context.ts';
import type { ExitCode } from '../exit.ts';
import { fixOf } from '../fixes.ts';
import { renderDiff } from '../render/diff.ts';
import { show } from '../show.ts';

// The hub compares commit by commit when it is asked; a long change takes its time.
const TIMEOUT_MS = 120_000;

/** What the candidates of a fix are made of, and where there is none, what stands in the way. */
export async function diff(
  context: Context,
  input: { readonly fix: string; readonly line?: string; readonly stat?: boolean },
): Promise<ExitCode> {
  const fix = await fixOf(context, input.fix);
  const query = { line: input.line, stat: input.stat || undefined };
  return await show(context, {
    key: `diff ${fix} ${input.line ?? ''} ${input.stat ?? false}`,
    fix,
    load: () => context.client.get<DiffView>(`/fixes/${fix}/diff`, query, TIMEOUT_MS),
    reading: (view) => ({
      value: view,
      names: view.lines.map(({ line }) => line),
      text: (paper) => renderDiff(view, { isStat: input.stat ?? false }, paper),
    }),
  });
}
