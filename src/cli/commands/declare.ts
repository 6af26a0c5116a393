import type { Change } from '../../core/assembly/assembly.ts';
import type { Severity } from '../../core/life/policy.ts';
import type { Acted } from '../../wire/api.ts';
import { type ActFlags, printActed, printAllActed } from '../acts.ts';
import { askChoice, askText } from '../ask.ts';
import type { Context } from '../context.ts';
import { type ExitCode, misuse } from '../exit.ts';
import { type ChangeFlags, changeIn, changeOf } from '../rev.ts';

export type DeclareInput = ChangeFlags &
  ActFlags & {
    readonly component?: string;
    readonly severity?: string;
    readonly title?: string;
    readonly reason?: string;
    readonly incident?: string;
    readonly symptom?: string;
    readonly policy?: string;
    readonly after?: string;
    readonly then?: readonly string[];
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
    ...(input.after ? { after: fixOf(input.after) } : {}),
  };
  const parts = (input.then ?? []).map(partOf);
  const post = (body: object, dryRun: boolean) =>
    context.client.post<Acted>({ path: '/fixes', body, dryRun, once: true });
  const dryRun = input.dryRun ?? false;
  if (parts.length === 0) return await printActed(context, await post(body, dryRun), dryRun);
  // Whether each can be declared is known before the first is, so that no part of it stands alone.
  const would = await inOrder([body, ...parts.map((part) => ({ ...body, ...part }))], (one) =>
    post(one, true),
  );
  if (dryRun) return await printAllActed(context, would, true);
  const first = await post(body, false);
  const did = await inOrder<Part, Acted>(parts, (part, done) =>
    post({ ...body, ...part, after: (done.at(-1) ?? first).fix }, false),
  );
  return await printAllActed(context, [first, ...did], false);
}

async function inOrder<T, U>(
  all: readonly T[],
  act: (one: T, done: readonly U[]) => Promise<U>,
): Promise<U[]> {
  const done: U[] = [];
  for (const one of all) done.push(await act(one, done));
  return done;
}

function fixOf(text: string): string {
  if (/^FIX-[1-9]\d{0,8}$/.test(text)) return text;
  throw misuse(`--after ${text}: expected the id of a fix, such as FIX-1`);
}

type Part = { readonly component: string; readonly change: Change };

/** `COMPONENT=CHANGE`: the part of a fix that lies in another component. */
function partOf(text: string): Part {
  const [component = '', change = ''] = text.split(/=(.*)/s);
  if (component === '' || change === '')
    throw misuse(`--then ${text}: expected COMPONENT=CHANGE, the change as commits, A..B or #PR`);
  return { component, change: changeIn(change, '--then') };
}
