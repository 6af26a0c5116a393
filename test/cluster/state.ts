import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { end, isRunning, type Mark, type Program } from './program.ts';

/** What a cluster's folder remembers, so that a later process can find and stop what an earlier one started. */
export type State = {
  /** The process the cluster belongs to and ends with; absent for one that is to run on by itself. */
  readonly owner?: Mark;
  readonly ports: Ports;
  readonly programs: readonly Program[];
};

export type Ports = { readonly etcd: number; readonly api: number };

const PREFIX = 'fleetfix-cluster-';
const fileOf = (dir: string) => path.join(dir, 'cluster.json');

/** Undefined where there is no cluster, and where a crash of the machine cut the file short. */
export function readState(dir: string): State | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(dir), 'utf8')) as State;
  } catch (problem) {
    if (problem instanceof SyntaxError || (problem as NodeJS.ErrnoException).code === 'ENOENT')
      return undefined;
    throw problem;
  }
}

/** The file is there whole or not at all. */
export function writeState(dir: string, state: State) {
  const made = `${fileOf(dir)}.${process.pid}`;
  writeFileSync(made, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(made, fileOf(dir));
}

export const isUp = (state: State | undefined): boolean =>
  state?.programs.some(({ mark }) => isRunning(mark)) ?? false;

/** Whether its programs outlived the process they belong to. */
export const isLeftOver = (state: State): boolean => state.owner !== undefined && !isRunning(state.owner);

/** Who uses another one ends before it. */
const ORDER = ['kube-controller-manager', 'kube-apiserver', 'etcd'];

/** Ends a cluster's programs. */
export async function endAll(programs: readonly Program[]): Promise<void> {
  const place = ({ name }: Program) => ORDER.indexOf(name);
  for (const one of programs.toSorted((a, b) => place(a) - place(b))) await endOne(one);
}

/** The API server waits a minute for watchers to leave, and has nothing to lose: it is killed before. */
export const endOne = ({ name, mark }: Program, how?: { readonly signal?: NodeJS.Signals }): Promise<void> =>
  end(mark, { ...how, ...(name === 'kube-apiserver' && { withinMs: 3_000 }) });

/** A new folder of this cluster's own that only we can read. */
export const makeTempDir = (): Promise<string> => mkdtemp(path.join(tmpdir(), PREFIX));

/** Stops the clusters in temporary folders whose process was killed, and removes the folders. */
export async function sweep(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((one) => one.startsWith(PREFIX))) {
    const dir = path.join(tmpdir(), name);
    if (!isOurs(dir)) continue;
    const state = readState(dir);
    if (state === undefined || !isLeftOver(state)) continue;
    await endAll(state.programs);
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The temporary folder is everybody's: what another user wrote there must not make us end a process. */
function isOurs(dir: string): boolean {
  const found = statSync(dir, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === process.getuid?.();
}

export function makeDir(dir: string) {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
}
