import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Ran, run } from '../../src/adapters/process/run.ts';
import { FolderTaken, takeFolder } from '../../src/adapters/process/take-folder.ts';

/** The three programs of a control plane without nodes, and the packages they are built from. */
export const PACKAGES = {
  etcd: 'go.etcd.io/etcd/server/v3',
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
  'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
} as const;

export type Name = keyof typeof PACKAGES;
export const NAMES = Object.keys(PACKAGES) as readonly Name[];

/** The Go module that pins them. */
export const MODULE_DIR = fileURLToPath(new URL('../../tools/kubernetes', import.meta.url));

export const isComplete = (dir: string): boolean => NAMES.every((name) => existsSync(path.join(dir, name)));

export type Build = {
  readonly env: Readonly<Record<string, string>>;
  /** The folder that is to hold the programs. It appears whole or not at all. */
  readonly into: string;
  readonly say: (text: string) => void;
  /** How far it is, about once a second; each text takes the place of the one before. */
  readonly show: (text: string) => void;
  readonly signal?: AbortSignal;
};

/** Only a guard against what hangs: a slow machine with an empty cache takes most of an hour. */
const BUILD_WITHIN_MS = 3 * 3_600_000;
const SHOW_EVERY_MS = 1_000;
const LOOK_EVERY_MS = 500;

/**
 * Builds the programs with Go into a folder of its own and gives it its name at the end. One builder works
 * at a time, another one waits and finds the work done. After an interruption Go goes on where it was.
 * Throws with Go's last words when a build fails, and when `signal` stops it.
 */
export async function build(work: Build): Promise<void> {
  const lock = await takeTurn(work);
  try {
    if (isComplete(work.into)) return;
    await removeUnfinished(work.into);
    const unfinished = `${work.into}${UNFINISHED}${randomBytes(4).toString('hex')}`;
    mkdirSync(unfinished);
    const began = performance.now();
    work.say('building etcd and Kubernetes with Go; once, 10 to 25 minutes on two cores …');
    for (const name of NAMES) await buildOne(work, { name, to: path.join(unfinished, name) });
    rmSync(work.into, { recursive: true, force: true });
    renameSync(unfinished, work.into);
    work.say(`built in ${seconds(began)} into ${work.into}`);
  } finally {
    lock.release();
  }
}

/** What goes into the build besides the module, so that the cache can tell one build from another. */
export function recipe(): string[] {
  const version = versionOf('k8s.io/kubernetes');
  // Kubernetes learns its version from the linker; without it the server calls itself v0.0.0.
  const stamp = `-X k8s.io/component-base/version.gitVersion=${version}`;
  return ['-trimpath', '-buildvcs=false', '-ldflags', `-s -w ${stamp}`];
}

function versionOf(module: string): string {
  const file = path.join(MODULE_DIR, 'go.mod');
  const version = new RegExp(`^\\s*${module} (v\\S+)`, 'm').exec(readFileSync(file, 'utf8'))?.[1];
  if (version === undefined) throw new Error(`${file} requires no ${module}`);
  return version;
}

async function buildOne(work: Build, one: { readonly name: Name; readonly to: string }) {
  const began = performance.now();
  const ran = await run({
    file: 'go',
    args: ['build', '-v', ...recipe(), '-o', one.to, PACKAGES[one.name]],
    cwd: MODULE_DIR,
    // Without cgo no C compiler is needed, and the program runs on any machine of its kind.
    env: { ...work.env, CGO_ENABLED: '0', GOWORK: 'off' },
    timeoutMs: BUILD_WITHIN_MS,
    onOutput: progress((count, last) =>
      work.show(`${one.name}: ${count} packages, ${seconds(began)} … ${last}`),
    ),
    ...(work.signal && { signal: work.signal }),
  });
  if (ran.ended !== 'exited' || ran.code !== 0) throw new Error(failure(one.name, ran));
}

/** Go's -v names a package on a line of its own when it begins to compile it. Tells now and then how far it is. */
function progress(tell: (count: number, last: string) => void): (chunk: string) => void {
  let rest = '';
  let count = 0;
  let toldAt = performance.now();
  return (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    count += lines.length;
    if (lines.length === 0 || performance.now() - toldAt < SHOW_EVERY_MS) return;
    toldAt = performance.now();
    tell(count, lines.at(-1)!);
  };
}

function failure(name: Name, ran: Ran): string {
  const next = 'Run the same again: Go goes on where it was.';
  if (ran.ended === 'stopped') return `The build of ${name} was stopped. ${next}`;
  // Names of compiled packages hold no space; what remains are Go's words about what went wrong.
  const words = ran.stderr
    .split('\n')
    .filter((line) => line.includes(' '))
    .slice(-12)
    .join('\n');
  const how = ran.killedBy ?? (ran.ended === 'exited' ? `exit ${ran.code}` : ran.ended);
  return `go build ${PACKAGES[name]} failed in ${MODULE_DIR} (${how}):\n${words}\nAre memory, disk and the Go module proxy there? ${next}`;
}

/** Waits until no other builder works on these programs. */
async function takeTurn({ into, say, signal }: Build): Promise<{ release(): void }> {
  const dir = `${into}.turn`;
  mkdirSync(dir, { recursive: true });
  for (let told = false; ; told = true) {
    try {
      return takeFolder(dir, { who: 'build', next: 'Wait for it, or end it.' });
    } catch (problem) {
      if (!(problem instanceof FolderTaken)) throw problem;
      if (!told) say('another process is building these programs; waiting for it …');
    }
    await pause(LOOK_EVERY_MS, undefined, { ...(signal && { signal }) });
  }
}

const UNFINISHED = '.unfinished-';

export const isUnfinished = (name: string): boolean => name.includes(UNFINISHED);

/** What an interrupted build left. Whoever holds the turn is the only one who builds this content. */
async function removeUnfinished(into: string) {
  const cache = path.dirname(into);
  const left = (await readdir(cache)).filter((name) =>
    name.startsWith(`${path.basename(into)}${UNFINISHED}`),
  );
  for (const name of left) rmSync(path.join(cache, name), { recursive: true, force: true });
}

const seconds = (since: number): string => `${Math.round((performance.now() - since) / 1000)} s`;
