import type { Ms } from '../../core/base/instant.ts';
import { durationText } from '../../core/base/instant.ts';
import type { FixView } from '../../core/views/fix-view.ts';
import type { Context } from '../context.ts';
import { follow } from '../events.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { fixOf } from '../fixes.ts';
import { type Goal, goalOf, missing, standingOf } from '../goal.ts';
import { renderStatus } from '../render/status.ts';
import { durationOf } from '../times.ts';
import { changeOf, lineOf, stillText } from './status.ts';

const POLL_MS: Ms = 2_000;

/**
 * Follows a fix until the goal is reached (0), cannot be reached any more (5), or time is up (3). The last
 * lines say what is missing.
 */
export async function wait(
  context: Context,
  input: { fix: string; for: string; timeout?: string },
): Promise<ExitCode> {
  const goal = goalOf(input.for);
  const timeoutMs = input.timeout === undefined ? undefined : durationOf(input.timeout, '--timeout');
  const fix = await fixOf(context, input.fix);
  const interrupted = context.io.interrupted?.() ?? new AbortController().signal;
  const limit = new AbortController();
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => limit.abort(), timeoutMs);
  const away = (message: string) => context.out.say(`${message}; still trying`);
  const signal = AbortSignal.any([interrupted, limit.signal]);
  const views = follow({
    client: context.client,
    fix,
    pollMs: context.io.pollMs ?? POLL_MS,
    signal,
    onAway: away,
  });
  try {
    return await watchFor(context, { goal, views, interrupted, timeoutMs });
  } finally {
    clearTimeout(timer);
  }
}

type Waited = {
  readonly goal: Goal;
  readonly views: AsyncIterable<FixView>;
  readonly interrupted: AbortSignal;
  readonly timeoutMs: Ms | undefined;
};

async function watchFor(
  context: Context,
  { goal, views, interrupted, timeoutMs }: Waited,
): Promise<ExitCode> {
  let last: FixView | undefined;
  for await (const view of views) {
    if (last === undefined || changeOf(view) !== changeOf(last)) context.out.say(lineOf(view));
    last = view;
    const standing = standingOf(view, goal);
    if (standing.kind === 'reached')
      return await end(context, view, EXIT.done, [`${view.id}: ${standing.because}`]);
    if (standing.kind === 'impossible') {
      const lines = [
        `${view.id} cannot get ${goal.text} as things stand: ${standing.because}`,
        ...missing(view, goal),
      ];
      return await end(context, view, EXIT.failed, lines);
    }
  }
  if (!last) return EXIT.ours;
  const why = interrupted.aborted
    ? `${last.id} is ${stillText(last)}; I only stopped watching.`
    : `${last.id} is not ${goal.text} after ${durationText(timeoutMs ?? 0)}, and still can be.`;
  return await end(context, last, EXIT.notYet, [why, ...missing(last, goal)]);
}

/** Data formats print the last view; the words go to stderr. */
async function end(
  context: Context,
  view: FixView,
  exit: ExitCode,
  lines: readonly string[],
): Promise<ExitCode> {
  const { format } = context.out;
  if (format !== 'table')
    await context.out.print({ value: view, names: [view.id], text: (paper) => renderStatus(view, paper) });
  for (const line of lines) context.out.say(line);
  return exit;
}
