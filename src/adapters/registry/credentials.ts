import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { RegistryProblem } from '../../ports/registry.ts';
import { run } from '../process/run.ts';
import { strictBase64 } from './base64.ts';

/** `token`: an identity token, traded for access tokens and never sent as a password. */
export type Credentials = { readonly user: string; readonly password: string } | { readonly token: string };

type Env = Readonly<Record<string, string | undefined>>;
type AuthFile = {
  readonly auths?: Readonly<Record<string, { readonly auth?: string; readonly identitytoken?: string }>>;
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly credsStore?: string;
};

const FILE_BYTES_MAX = 4 * 1024 * 1024;
const DOCKER_HUB = ['docker.io', 'index.docker.io', 'registry-1.docker.io'];

/**
 * The credentials for a repository: from `authFile` alone when one is named, else from the first of the usual files
 * that has any (containers' auth.json, then Docker's config.json). The longest path that fits wins. Undefined: none.
 */
export async function credentialsFor(
  where: { readonly host: string; readonly path: string },
  from: { readonly authFile?: string; readonly env: Env },
): Promise<Credentials | undefined> {
  const named = from.authFile ?? from.env.REGISTRY_AUTH_FILE;
  for (const file of named ? [named] : usualFiles(from.env)) {
    const read = await readAuthFile(file, named !== undefined);
    const found = read && (await inFile(read, where, { file, env: from.env }));
    if (found) return found;
  }
  return undefined;
}

function usualFiles(env: Env): string[] {
  const home = env.HOME || homedir();
  return [
    ...(env.XDG_RUNTIME_DIR ? [join(env.XDG_RUNTIME_DIR, 'containers', 'auth.json')] : []),
    join(env.XDG_CONFIG_HOME || join(home, '.config'), 'containers', 'auth.json'),
    join(env.DOCKER_CONFIG || join(home, '.docker'), 'config.json'),
  ];
}

async function readAuthFile(file: string, isNamed: boolean): Promise<AuthFile | undefined> {
  try {
    const bytes = await readFile(file);
    if (bytes.length > FILE_BYTES_MAX) throw new Error(`it has more than ${FILE_BYTES_MAX} bytes`);
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (value === null || typeof value !== 'object') throw new Error('it is no JSON object');
    return value;
  } catch (problem) {
    const { code } = problem as NodeJS.ErrnoException;
    if (!isNamed && (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES')) return undefined;
    // The parser's own message repeats what it read, which may be a password.
    const why = problem instanceof SyntaxError ? 'it is not JSON' : (problem as Error).message;
    throw new RegistryProblem(
      'usage',
      `the auth file ${file} cannot be read: ${why}`,
      'name another with --authfile or REGISTRY_AUTH_FILE',
    );
  }
}

async function inFile(
  read: AuthFile,
  { host, path }: { readonly host: string; readonly path: string },
  from: { readonly file: string; readonly env: Env },
): Promise<Credentials | undefined> {
  const hosts = DOCKER_HUB.includes(host) ? DOCKER_HUB : [host];
  const helper =
    hosts.map((one) => read.credHelpers?.[one]).find((one) => one !== undefined) ?? read.credsStore;
  for (const prefix of prefixes(path)) {
    const wanted = hosts.map((one) => (prefix === '' ? one : `${one}/${prefix}`));
    const key = Object.keys(read.auths ?? {}).find((one) => wanted.includes(bareKey(one)));
    const entry = key === undefined ? undefined : read.auths?.[key];
    if (entry?.identitytoken) return { token: entry.identitytoken };
    if (entry?.auth) return fromAuth(entry.auth, `${from.file}, auths of ${key}`);
  }
  return helper === undefined ? undefined : await fromHelper(helper, host, from.env);
}

/** `a/b/c` → `a/b/c`, `a/b`, `a`, and nothing. */
function prefixes(path: string): string[] {
  const parts = path.split('/');
  return [...parts.map((_, n) => parts.slice(0, parts.length - n).join('/')), ''];
}

const bareKey = (key: string) => key.replace(/^https?:\/\//, '').replace(/\/(v1|v2)?\/?$/, '');

function fromAuth(auth: string, where: string): Credentials {
  const text = strictBase64(auth)?.toString('utf8');
  const colon = text?.indexOf(':') ?? -1;
  if (text === undefined || colon < 0)
    throw new RegistryProblem('usage', `${where}: auth is not base64 of user:password`, 'log in again');
  const [user, password] = [text.slice(0, colon), text.slice(colon + 1).replace(/\0+$/, '')];
  return user === '<token>' ? { token: password } : { user, password };
}

/** Docker's protocol: the host on stdin, JSON on stdout. No credentials is an answer, not a fault. */
async function fromHelper(name: string, host: string, env: Env): Promise<Credentials | undefined> {
  if (!/^[\w.-]+$/.test(name)) return undefined;
  const defined = Object.fromEntries(
    Object.entries(env).filter((one): one is [string, string] => one[1] !== undefined),
  );
  const input = host === 'docker.io' ? 'https://index.docker.io/v1/' : host;
  const file = `docker-credential-${name}`;
  const ran = await run({ file, args: ['get'], input, env: defined, timeoutMs: 30_000 });
  if (ran.ended !== 'exited' || ran.code !== 0) return undefined;
  try {
    const said = JSON.parse(ran.stdout.toString('utf8')) as { Username?: string; Secret?: string };
    if (typeof said.Username !== 'string' || typeof said.Secret !== 'string' || said.Secret === '')
      return undefined;
    return said.Username === '<token>'
      ? { token: said.Secret }
      : { user: said.Username, password: said.Secret };
  } catch {
    return undefined;
  }
}
