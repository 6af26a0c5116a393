import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { FolderTaken, takeFolder } from '../../src/adapters/process/take-folder.ts';
import type { Binaries } from './binaries.ts';
import { startCluster } from './cluster.ts';
import { installCrds } from './crds.ts';
import { ADMIN } from './identities.ts';
import { isRunning } from './program.ts';
import { endAll, isUp, readState, type State, writeState } from './state.ts';

/** Starts the cluster of this folder, with our definitions in it, to run on by itself. Says where it is. */
export function up(dir: string, binaries: Binaries): Promise<string> {
  return alone(dir, async () => {
    const state = readState(dir);
    if (state && isComplete(state)) return `It runs already.\n${address(dir, state.ports.api)}`;
    // What a crash left of it is ended, so that it comes back whole; the data stay.
    await endAll(state?.programs ?? []);
    const cluster = await startCluster({ dir, binaries, keep: true });
    await installCrds(cluster.admin);
    cluster.kubeconfigFor(ADMIN);
    cluster.admin.close();
    return `It runs.\n${address(dir, Number(new URL(cluster.url).port))}`;
  });
}

/** Stops the cluster of this folder; its data stay for the next `up`. Says what it did. */
export function down(dir: string): Promise<string> {
  return alone(dir, async () => {
    const state = readState(dir);
    if (state === undefined || !isUp(state)) return 'No cluster runs here.';
    await endAll(state.programs);
    writeState(dir, { ...state, programs: [] });
    return `Stopped. Its data stay in ${dir}; remove that folder to begin with an empty cluster.`;
  });
}

const PROGRAMS = 3;

const isComplete = (state: State): boolean =>
  state.programs.length === PROGRAMS && state.programs.every(({ mark }) => isRunning(mark));

const address = (dir: string, port: number): string =>
  `API server: https://127.0.0.1:${port}\nkubeconfig: ${path.join(dir, `${ADMIN}.kubeconfig`)}\nlogs: ${dir}`;

/** Two at once on one folder would start two clusters. */
async function alone(dir: string, work: () => Promise<string>): Promise<string> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const lock = takeTurn(dir);
  try {
    return await work();
  } finally {
    lock.release();
  }
}

function takeTurn(dir: string): { release(): void } {
  try {
    return takeFolder(dir, { who: 'cluster', next: 'Wait for it, or end it.' });
  } catch (problem) {
    if (!(problem instanceof FolderTaken)) throw problem;
    throw new Error(
      `Another cluster:up or cluster:down is at work in ${dir}. Wait for it, then run the same again.`,
    );
  }
}
