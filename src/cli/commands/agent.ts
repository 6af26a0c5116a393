import { clockText } from '../../core/base/instant.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { clean } from '../render/paper.ts';
import type { Invitation } from '../shapes.ts';
import { durationOf } from '../times.ts';

/** Makes the one-time token that a management cluster's agent enrols with. It is printed this once. */
export async function inviteAgent(
  context: Context,
  input: { readonly cluster: string; readonly expires?: string },
): Promise<ExitCode> {
  const { client, out } = context;
  const validForMs = input.expires === undefined ? undefined : durationOf(input.expires, '--expires');
  const body = { managementCluster: input.cluster, ...(validForMs !== undefined && { validForMs }) };
  const made = await client.post<Invitation>({ path: '/agents/invitations', body });
  const until = clockText(made.expiresAt, await context.hubNow());
  out.say(
    `${clean(made.managementCluster)}: the token below is shown only now, and can be used once, until ${until}`,
  );
  out.say('  an agent that enrols with it takes the place of any that is there');
  const names = [made.managementCluster];
  await out.print({ value: made, names, text: () => `${clean(made.token)}\n` });
  return EXIT.done;
}

/** The hub refuses the agent from its next request on. What it was told and has not done stays undone. */
export async function revokeAgent(context: Context, input: { readonly agent: string }): Promise<ExitCode> {
  const path = `/agents/${encodeURIComponent(input.agent)}/revoke`;
  const answer = await context.client.post<{ agent: string; revoked: boolean }>({ path, body: {} });
  const agent = clean(answer.agent);
  await context.out.print({
    value: answer,
    names: [answer.agent],
    text: () => `${agent} is revoked; its management cluster is silent until another agent enrols\n`,
  });
  return EXIT.done;
}
