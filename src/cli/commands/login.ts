import { askSecret } from '../ask.ts';
import { openClient } from '../client.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode, misuse } from '../exit.ts';
import { clean } from '../render/paper.ts';
import { isExposed, readToken, storeSettings, tokenOf } from '../settings.ts';
import type { Person } from '../shapes.ts';

const TOKEN_MAX = 8_192;

/** Checks a token with the hub and keeps it, readable by its owner only. The token is never printed. */
export async function login(context: Context, input: { tokenFile?: string }): Promise<ExitCode> {
  const { io, settings, out } = context;
  const token = await tokenFrom(context, input.tokenFile);
  if (isExposed(settings.hub))
    out.say(`warning: ${settings.hub} is not https: the token crosses the network in clear`);
  const client = openClient({
    settings: { ...settings, token },
    fetch: io.fetch,
    now: io.now,
    cache: context.cache,
  });
  const me = clean(await client.get<Person>('/whoami'));
  storeSettings(settings.file, { hub: settings.hub, token });
  await out.print({
    value: { hub: settings.hub, name: me.name, roles: me.roles },
    names: [me.name],
    text: () => `logged in to ${settings.hub} as ${me.name} (${me.roles.join(', ') || 'no roles'})\n`,
  });
  return EXIT.done;
}

async function tokenFrom({ io }: Context, file: string | undefined): Promise<string> {
  if (file) return readToken(file);
  if (io.isTty) return tokenOf(await askSecret(io, 'Token:'), 'the terminal');
  let text = '';
  for await (const chunk of io.stdin) {
    text += chunk;
    if (text.length > TOKEN_MAX) throw misuse('stdin holds more than a token');
  }
  if (text.trim() === '')
    throw misuse('the token is missing: give --token-file FILE, or the token on stdin', [
      'fleetfix login --token-file FILE',
    ]);
  return tokenOf(text, 'stdin');
}
