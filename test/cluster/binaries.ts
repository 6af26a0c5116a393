import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { run } from '../../src/adapters/process/run.ts';
import { build, isComplete, isUnfinished, MODULE_DIR, NAMES, type Name, recipe } from './build.ts';

/** Where each program is, as absolute paths. */
export type Binaries = Readonly<Record<Name, string>>;

/** `reason` is why there are none on this machine, for `context.skip(reason)`. */
export type Found =
  | { readonly binaries: Binaries; readonly from: string }
  | { readonly binaries?: undefined; readonly reason: string };

export type Search = {
  /** Default `process.env`; KUBEBUILDER_ASSETS, XDG_CACHE_HOME, HOME, PATH and what Go reads count. */
  readonly env?: NodeJS.ProcessEnv;
  readonly say?: (text: string) => void;
  /** Takes a text that replaces the one before, about once a second. Default: `say`, every quarter of a minute. */
  readonly show?: (text: string) => void;
  readonly signal?: AbortSignal;
};

/**
 * The programs: from the folder KUBEBUILDER_ASSETS when it is set, else from our cache, else built with Go
 * (minutes, once for each content of tools/kubernetes). Without assets, cache and Go there is a reason.
 * Throws when KUBEBUILDER_ASSETS lacks a program, when the build fails, and when `signal` stops it.
 */
export async function findBinaries(search: Search = {}): Promise<Found> {
  const env = search.env ?? process.env;
  const say = search.say ?? ((text) => process.stderr.write(`cluster: ${text}\n`));
  const assets = env.KUBEBUILDER_ASSETS;
  if (assets) return { binaries: fromAssets(assets), from: assets };
  const [go, content, cache] = [await findGo(definedOnly(env)), contentOfModule(), cacheDir(env)];
  const cached = cachedBuild(cache, { content, go: go.version });
  if (cached !== undefined) return { binaries: binariesIn(cached), from: cached };
  if (go.version === undefined) return { reason: go.reason };
  const into = path.join(cache, nameOf({ content, go: go.version }));
  const show = search.show ?? seldom(say);
  await build({ env: definedOnly(env), into, say, show, ...(search.signal && { signal: search.signal }) });
  return { binaries: binariesIn(into), from: into };
}

const SAY_EVERY_MS = 15_000;

const NO_GO =
  'there is no Kubernetes API server here: install Go 1.26 or later, which builds one (once, some minutes), ' +
  'or set KUBEBUILDER_ASSETS to a folder with etcd, kube-apiserver and kube-controller-manager';

/** Where builds are kept, outside the repository so that every checkout shares them. */
export const cacheDir = (env: NodeJS.ProcessEnv): string =>
  path.join(env.XDG_CACHE_HOME || path.join(env.HOME || homedir(), '.cache'), 'fleetfix', 'kubernetes');

function fromAssets(dir: string): Binaries {
  const missing = NAMES.filter((name) => !existsSync(path.join(dir, name)));
  if (missing.length === 0) return binariesIn(path.resolve(dir));
  throw new Error(
    `KUBEBUILDER_ASSETS is ${dir}, which has no ${missing.join(' and no ')}. All of ${NAMES.join(', ')} are needed ` +
      '(the archives of setup-envtest have no kube-controller-manager). Add what is missing, or unset it and have Go build them.',
  );
}

function binariesIn(dir: string): Binaries {
  const at = (name: Name) => path.join(dir, name);
  return {
    etcd: at('etcd'),
    'kube-apiserver': at('kube-apiserver'),
    'kube-controller-manager': at('kube-controller-manager'),
  };
}

/** The build of this content by this Go; where Go is gone, the build of any Go. */
function cachedBuild(
  cache: string,
  wanted: { readonly content: string; readonly go: string | undefined },
): string | undefined {
  if (!existsSync(cache)) return undefined;
  const names = readdirSync(cache).filter((name) => name.startsWith(`${wanted.content}-`));
  const fitting = names.filter(
    (name) => wanted.go === undefined || name === nameOf({ ...wanted, go: wanted.go }),
  );
  return fitting
    .filter((name) => !isUnfinished(name))
    .map((name) => path.join(cache, name))
    .find(isComplete);
}

const nameOf = ({ content, go }: { readonly content: string; readonly go: string }): string =>
  `${content}-${go.replaceAll(/[^\w.]+/g, '-')}`;

/** Names what is built and how: the module's two files and the recipe. 16 hex digits. */
function contentOfModule(): string {
  const hash = createHash('sha256').update(JSON.stringify(recipe()));
  for (const name of ['go.mod', 'go.sum']) hash.update(readFileSync(path.join(MODULE_DIR, name)));
  return hash.digest('hex').slice(0, 16);
}

/** Such as `go1.26.8-linux-amd64`, of the Go that the module gets; or why it gets none. */
async function findGo(env: Record<string, string>): Promise<Go> {
  const args = ['env', 'GOVERSION', 'GOOS', 'GOARCH'];
  const ran = await run({ file: 'go', args, cwd: MODULE_DIR, env, timeoutMs: 300_000 });
  if (ran.ended === 'not started') return { reason: NO_GO };
  if (ran.code === 0) return { version: ran.stdout.toString('utf8').trim().split('\n').join('-') };
  // An older Go that may not fetch the one it needs says so here.
  return { reason: `${NO_GO}. The Go here says: ${ran.stderr.trim() || ran.ended}` };
}

type Go = { readonly version: string } | { readonly version?: undefined; readonly reason: string };

/** Where lines cannot be replaced, such as in the log of a test run. */
function seldom(say: (text: string) => void): (text: string) => void {
  let saidAt = performance.now();
  return (text) => {
    if (performance.now() - saidAt < SAY_EVERY_MS) return;
    saidAt = performance.now();
    say(text);
  };
}

const definedOnly = (env: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
