import type { Severity } from '../../core/life/policy.ts';
import type { Acted } from '../../wire/api.ts';
import { type ActFlags, printActed } from '../acts.ts';
import { askChoice, askText } from '../ask.ts';
import type { Context } from '../context.ts';
import { type ExitCode, misuse } from '../exit.ts';
import { type ChangeFlags, changeOf } from '../rev.ts';

export type DeclareInput = ChangeFlags &
  ActFlags & {
    readonly component?: string;
    readonly severity?: string;
    readonly title?: string;
    readonly reason?: string;
    readonly incident?: string;
    readonly symptom?: string;
    readonly policy?: string;
  };

export const SEVERITY_WORDS: readonly Severity[] = ['critical', 'high', 'moderate'];

/** Says that an incident needs a fix everywhere. Assembly and build begin at once; nothing is delivered. */
export async function declare(context: Context, input: DeclareInput): Promise<ExitCode> {
  const { io } = context;
  const change = changeOf(input);
  if (input.severity !== undefined && !SEVERITY_WORDS.some((word) => word === input.severity))
    throw misuse(`--severity ${input.severity}: expected one of ${SEVERITY_WORDS.join(', ')}`);
  const body = {
    do: 'declare',
    component: input.component ?? (await askText(io, '--component', 'Which component is to be fixed?')),
    severity: input.severity ?? (await askChoice(io, '--severity', 'How severe is it?', SEVERITY_WORDS)),
    title: input.title ?? (await askText(io, '--title', 'What does the fix do, in a few words?')),
    reason: input.reason ?? (await askText(io, '--reason', 'Why can it not wait?')),
    change,
    ...(input.incident ? { incident: input.incident } : {}),
    ...(input.symptom ? { symptom: input.symptom } : {}),
    ...(input.policy ? { policy: input.policy } : {}),
  };
  const dryRun = input.dryRun ?? false;
  const acted = await context.client.post<Acted>({ path: '/fixes', body, dryRun, once: true });
  return await printActed(context, acted, dryRun);
}
