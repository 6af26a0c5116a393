import type { FixId } from '../core/base/ids.ts';
import { clockText } from '../core/base/instant.ts';
import type { FixView } from '../core/views/fix-view.ts';
import type { TimelineEntry } from '../core/views/target-view.ts';
import type { Acted } from '../wire/api.ts';
import { askId, askYes } from './ask.ts';
import { HubProblem } from './client.ts';
import type { Context } from './context.ts';
import { Ending, EXIT, type ExitCode, exitOf } from './exit.ts';
import type { Items } from './shapes.ts';

export type ActFlags = { readonly dryRun?: boolean; readonly yes?: boolean };

/** One act of a person on one fix. */
export type ActRequest = {
  readonly fix: FixId;
  readonly body: { readonly do: string } & Readonly<Record<string, unknown>>;
  /** The version shown before the act; absent for acts that must work whatever was seen. */
  readonly seen?: number;
  /** How it is confirmed: not at all, by a yes, or by typing the fix's id. */
  readonly confirm?: 'yes' | 'id';
  /** What the person is about to do, on the question: `Start P-7f3a on 640 control planes`. */
  readonly label: string;
  /** The preview is on the screen already. */
  readonly previewed?: boolean;
};

/** Loads the fix and shows where it stands; the act that follows is bound to this version. */
export async function preview(context: Context, fix: FixId): Promise<FixView> {
  const view = await context.client.get<FixView>(`/fixes/${fix}`);
  const { head } = await import('./render/status.ts');
  const { clean, screen } = await import('./render/paper.ts');
  context.out.say(screen(head(clean(view), context.out.paper), context.out.paper));
  return view;
}

/** Previews, asks, acts, and prints what changed, how to see it and how to undo it. */
export async function act(context: Context, request: ActRequest, flags: ActFlags): Promise<ExitCode> {
  return await printActed(context, await perform(context, request, flags), flags.dryRun ?? false);
}

/** The same without printing the answer. */
export async function perform(context: Context, request: ActRequest, flags: ActFlags): Promise<Acted> {
  const once = request.seen !== undefined;
  const path = `/fixes/${request.fix}/commands`;
  const seen = request.seen === undefined ? {} : { seen: request.seen };
  const send = (dryRun: boolean) =>
    context.client.post<Acted>({ path, body: request.body, ...seen, dryRun, once });
  try {
    if (flags.dryRun) return await send(true);
    if (request.confirm && !flags.yes) {
      if (context.io.isTty && !request.previewed) sayWould(context, await send(true));
      const go = await (request.confirm === 'id'
        ? askId(context.io, request.label, request.fix)
        : askYes(context.io, request.label));
      if (!go) throw new Ending(EXIT.usage, 'Nothing was done.');
    }
    return await send(false);
  } catch (problem) {
    if (problem instanceof HubProblem && problem.body.code === 'stale-version')
      throw await movedOn(context, request, problem);
    throw problem;
  }
}

/** The answer of an act, in every format. */
export async function printActed(context: Context, acted: Acted, dryRun: boolean): Promise<ExitCode> {
  const { renderActed } = await import('./render/acted.ts');
  const now = context.now();
  const text = (paper: Parameters<typeof renderActed>[2]) => renderActed(acted, { dryRun, now }, paper);
  await context.out.print({ value: acted, text, names: [acted.fix] });
  return EXIT.done;
}

/** Acts that belong together, in their order: one list where a program reads it. */
export async function printAllActed(
  context: Context,
  all: readonly Acted[],
  dryRun: boolean,
): Promise<ExitCode> {
  const { renderActed } = await import('./render/acted.ts');
  const now = context.now();
  const text = (paper: Parameters<typeof renderActed>[2]) =>
    all.map((acted) => renderActed(acted, { dryRun, now }, paper)).join('');
  await context.out.print({ value: { items: all }, text, names: all.map((acted) => acted.fix) });
  return EXIT.done;
}

function sayWould(context: Context, acted: Acted) {
  for (const line of acted.did) context.out.say(`  would: ${line}`);
}

const MOVES_SHOWN = 3;

/** Exit 6: the last things that happened since, and the command ready to repeat. */
async function movedOn(context: Context, request: ActRequest, problem: HubProblem): Promise<Ending> {
  const timeline = await context.client
    .get<Items<TimelineEntry>>(`/fixes/${request.fix}/timeline`)
    .catch(() => ({ items: [] }));
  const since = timeline.items.filter((entry) => entry.version > (request.seen ?? 0));
  const lines = since
    .slice(-MOVES_SHOWN)
    .map((entry) => `  ${clockText(entry.at, context.now())}  ${entry.author}: ${entry.text}`);
  const hidden = since.length - lines.length;
  const message = [
    `${request.fix} moved on since you saw version ${request.seen}; nothing was done. ${problem.body.detail}`,
    ...(hidden > 0 ? [`  (${hidden} earlier changes, see: fleetfix timeline ${request.fix})`] : []),
    ...lines,
  ];
  // The act as it fits now, where the hub knows; else it may be repeated as it was.
  const fitting = problem.body.next.find(({ command }) => command.startsWith(`fleetfix ${request.body.do} `));
  return new Ending(exitOf(problem.body), message.join('\n'), [fitting?.command ?? context.command]);
}
