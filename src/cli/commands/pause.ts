import type { FixId } from '../../core/base/ids.ts';
import type { FixRow } from '../../core/views/list-view.ts';
import type { Acted } from '../../wire/api.ts';
import { type ActFlags, perform, printActed } from '../acts.ts';
import { HubUnreachable } from '../client.ts';
import type { Context } from '../context.ts';
import { Ending, EXIT, type ExitCode, misuse } from '../exit.ts';
import { fixOf } from '../fixes.ts';
import type { Items } from '../shapes.ts';

export type PauseInput = ActFlags & {
  readonly fix?: string;
  readonly all?: boolean;
  readonly reason?: string;
};

/**
 * No new target starts; running ones finish. Asks nothing, needs no version, and says what to do by hand
 * when the hub is away.
 */
export async function pause(context: Context, input: PauseInput): Promise<ExitCode> {
  if ((input.fix === undefined) === !input.all)
    throw misuse('expected either a fix or --all', ['fleetfix pause --all']);
  const { reason } = input;
  const body = { do: 'pause', ...(reason ? { reason } : {}) };
  const send = (fix: FixId) => perform(context, { fix, body, label: `Pause ${fix}` }, input);
  try {
    if (input.all) return await pauseAll(context, send, input.dryRun ?? false);
    return await printActed(context, await send(await fixOf(context, input.fix!)), input.dryRun ?? false);
  } catch (problem) {
    if (problem instanceof HubUnreachable) throw byHand(problem, input.fix ?? '--all');
    throw problem;
  }
}

/** All at once: the second pause must not wait for the first. What failed is said after what was paused. */
async function pauseAll(
  context: Context,
  send: (fix: FixId) => Promise<Acted>,
  dryRun: boolean,
): Promise<ExitCode> {
  const fixes = await rolling(context);
  if (fixes.length === 0) context.out.say('Nothing rolls out: there is nothing to pause.');
  const ends = await Promise.allSettled(fixes.map(send));
  const items = ends.filter((end) => end.status === 'fulfilled').map((end) => end.value);
  const { renderActed } = await import('../render/acted.ts');
  const when = { dryRun, now: context.now() };
  await context.out.print({
    value: { items },
    names: items.map((acted) => acted.fix),
    text: (paper) => items.map((acted) => renderActed(acted, when, paper)).join('\n'),
  });
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
  return EXIT.done;
}

async function rolling(context: Context): Promise<FixId[]> {
  const { items } = await context.client.get<Items<FixRow>>('/fixes', { open: true });
  return items.filter((fix) => fix.state === 'delivering' && !fix.paused).map((fix) => fix.id);
}

/** What is left when the hub cannot be told. */
function byHand(problem: HubUnreachable, what: string): Ending {
  const text = [
    `${problem.message}. This pause is NOT recorded.`,
    'A hub that is down hands out nothing new; what it handed out before may still start until it expires.',
    'To stop by hand, on each management cluster:',
    '  no order is carried out any more:  oc -n fleetfix scale deployment/fleetfix-agent --replicas=0',
    `  one control plane is left alone:   oc -n NAMESPACE patch hostedcluster NAME --type=merge -p '{"spec":{"pausedUntil":"true"}}'`,
    'Then, as soon as the hub answers, so that it stays stopped:',
  ];
  return new Ending(EXIT.ours, text.join('\n'), [`fleetfix pause ${what}`]);
}
