import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { clean } from '../render/paper.ts';

/** Makes a person known, or gives them a new token and roles. The token is printed this once. */
export async function addPerson(context: Context, input: { name: string; roles: string }): Promise<ExitCode> {
  const roles = input.roles.split(',').map((role) => role.trim());
  const made = await context.client.post<{ name: string; roles: string[]; token: string }>({
    path: '/people',
    body: { name: input.name, roles },
  });
  context.out.say(
    `${clean(made.name)} (${clean(made.roles).join(', ')}): the token below is shown only now; login with`,
  );
  context.out.say('  fleetfix login --token-file FILE');
  await context.out.print({ value: made, names: [made.name], text: () => `${clean(made.token)}\n` });
  return EXIT.done;
}
