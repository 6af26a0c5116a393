import type { HandOff } from '../../core/hand-off/hand-off.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { fixOf } from '../fixes.ts';
import { renderHandOff } from '../render/hand-off.ts';
import { show } from '../show.ts';

// Tests are selected when they are asked for; a large repository takes its time.
const TIMEOUT_MS = 120_000;

/** What whoever tests a fix must know. `as`: the page itself, to be sent on; without it the first screen of it. */
export async function handOff(
  context: Context,
  input: { readonly fix: string; readonly line?: string; readonly as?: string },
): Promise<ExitCode> {
  const fix = await fixOf(context, input.fix);
  const path = `/fixes/${fix}/hand-off`;
  if (input.as !== undefined) {
    const response = await context.client.raw('GET', `/api${path}`, {
      query: { line: input.line, as: input.as },
      timeoutMs: TIMEOUT_MS,
    });
    // The hub has escaped it for what it is; to a terminal it is text without controls already.
    context.out.data(await response.text());
    return EXIT.done;
  }
  return await show(context, {
    key: `hand-off ${fix} ${input.line ?? ''}`,
    fix,
    load: () => context.client.get<HandOff>(path, { line: input.line }, TIMEOUT_MS),
    reading: (it) => ({
      value: it,
      names: it.images.map(({ digest }) => digest),
      text: (paper) => renderHandOff(it, paper),
    }),
  });
}
