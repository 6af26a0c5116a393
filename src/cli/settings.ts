import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { misuse } from './exit.ts';

type Env = Readonly<Record<string, string | undefined>>;

export const HUB_DEFAULT = 'http://127.0.0.1:8470';

/** Where the hub is and who asks. `token` is absent when nobody logged in to this hub. */
export type Settings = {
  readonly hub: string;
  readonly token?: string;
  readonly file: string;
  readonly cacheDir: string;
};

/** What `login` stores. */
type Stored = { readonly hub?: string; readonly token?: string };

export const settingsFile = (env: Env): string =>
  env.FLEETFIX_CONFIG ?? join(env.XDG_CONFIG_HOME || join(home(env), '.config'), 'fleetfix', 'config.json');

const cacheDir = (env: Env): string => join(env.XDG_CACHE_HOME || join(home(env), '.cache'), 'fleetfix');

const home = (env: Env): string => env.HOME || homedir();

/**
 * Flags, then environment, then the stored login. A stored token is used for the hub it was stored
 * with and for no other, so that naming another hub never hands it over.
 */
export function readSettings(env: Env, flags: { hub?: string; tokenFile?: string }): Settings {
  const file = settingsFile(env);
  const stored = readStored(file);
  const hub = originOf(flags.hub ?? env.FLEETFIX_HUB ?? stored.hub ?? HUB_DEFAULT);
  const tokenFile = flags.tokenFile ?? env.FLEETFIX_TOKEN_FILE;
  const token = tokenFile
    ? readToken(tokenFile)
    : (env.FLEETFIX_TOKEN ?? (stored.hub === hub ? stored.token : undefined));
  return { hub, file, cacheDir: cacheDir(env), ...(token ? { token } : {}) };
}

/** Keeps a login; the file is readable by its owner only, also when it existed with wider rights. */
export function storeSettings(file: string, stored: Required<Stored>): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, `${JSON.stringify(stored, null, 2)}\n`, { mode: 0o600 });
  chmodSync(fresh, 0o600);
  renameSync(fresh, file);
}

/** A token in a file: its text without white space at both ends. */
export function readToken(file: string): string {
  try {
    return tokenOf(readFileSync(file, 'utf8'), file);
  } catch (problem) {
    if (!(problem instanceof Error && 'code' in problem)) throw problem;
    throw misuse(`token file ${file} cannot be read: ${problem.code}`);
  }
}

/** Refuses what cannot be a token, without printing it. */
export function tokenOf(text: string, from: string): string {
  const token = text.trim();
  if (!/^[\x21-\x7e]{8,4096}$/.test(token))
    throw misuse(`the token from ${from} is not valid: expected 8 to 4096 visible characters in one word`);
  return token;
}

function readStored(file: string): Stored {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return {};
  }
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' ? value : {};
  } catch {
    throw misuse(`${file} is not valid JSON`, ['fleetfix login --token-file FILE']);
  }
}

/** `http://host:port` of what a person typed; a path, a user or another scheme is refused. */
export function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || (url.pathname !== '/' && url.pathname))
    throw misuse(`hub ${text}: expected http://HOST:PORT or https://HOST`);
  return url.origin;
}

/** Whether a token would cross a network in clear. */
export function isExposed(hub: string): boolean {
  const url = new URL(hub);
  return url.protocol === 'http:' && !['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
}
