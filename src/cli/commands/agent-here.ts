import { text as allText } from 'node:stream/consumers';
import type { Context } from '../context.ts';
import { Ending, EXIT, type ExitCode, misuse } from '../exit.ts';
import type { AgentStarters } from '../io.ts';
import { readToken } from '../settings.ts';

/** Enrols this machine as the agent of the management cluster that its configuration names. */
export async function enrolHere(
  context: Context,
  input: { readonly config?: string; readonly invitation?: string },
): Promise<ExitCode> {
  const starters = agentStarters(context);
  const { stdin } = context.io;
  const token = input.invitation === undefined ? (await allText(stdin)).trim() : readToken(input.invitation);
  if (token === '')
    throw misuse('the invitation is missing: give --invitation FILE, or the token on stdin', [
      'fleetfix agent invite CLUSTER > token',
    ]);
  const made = await starters.enrol({ ...(input.config !== undefined && { config: input.config }) }, token);
  const config = input.config === undefined ? '' : ` --config ${input.config}`;
  await context.out.print({
    value: made,
    names: [made.agent],
    text: () =>
      `${made.agent} speaks for ${made.managementCluster} now\n  next: fleetfix agent run${config}\n`,
  });
  return EXIT.done;
}

export async function runHere(context: Context, input: { readonly config?: string }): Promise<ExitCode> {
  await agentStarters(context).run(input);
  return EXIT.done;
}

function agentStarters({ io }: Context): AgentStarters {
  if (!io.starters) throw new Ending(EXIT.ours, 'agent run cannot be started from here');
  return io.starters.agent;
}
