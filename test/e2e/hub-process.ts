import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const BIN = resolve(import.meta.dirname, '../../bin/fleetfix.mjs');

/** `fleetfix hub serve` as a process of its own. */
export type HubProcess = {
  readonly url: string;
  readonly child: ChildProcess;
  /** What it wrote to stderr so far. */
  said(): string;
  /** kill -9: nothing in it gets to run any more. */
  kill(): Promise<void>;
  /** SIGTERM; gives the exit code. */
  stop(): Promise<number | null>;
};

type Start = {
  readonly config: string;
  readonly dataDir: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly listen?: string;
  /** Configurations of agents that run in the hub's process. */
  readonly agents?: readonly string[];
};

/** Everything that was started here and may still run. */
const running = new Set<ChildProcess>();

function launch({ config, dataDir, env = {}, listen, agents = [] }: Start) {
  const { DATABASE_URL: _, ...inherited } = process.env;
  const args = ['hub', 'serve', '--config', config, '--data-dir', dataDir];
  const child = spawn(
    process.execPath,
    [BIN, ...args, ...(listen ? ['--listen', listen] : []), ...agents.flatMap((file) => ['--agent', file])],
    {
      env: { ...inherited, FLEETFIX_LOG: 'warn', NODE_OPTIONS: '', ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  running.add(child);
  let text = '';
  child.stderr!.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const exited = once(child, 'exit').then(([code]) => {
    running.delete(child);
    return code as number | null;
  });
  return { child, exited, said: () => text };
}

/** Starts a hub and resolves when it serves; rejects with what it said when it ends instead. */
export async function startHubProcess(start: Start): Promise<HubProcess> {
  const { child, exited, said } = launch(start);
  const url = await new Promise<string>((serving, failed) => {
    child.stderr!.on('data', () => {
      const found = /^fleetfix hub at (\S+)$/m.exec(said())?.[1];
      if (found) serving(found);
    });
    void exited.then((code) => failed(new Error(`the hub ended with ${code} and said:\n${said()}`)));
  });
  return {
    url,
    child,
    said,
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    async stop() {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

/** Starts a hub that is expected not to serve; gives how it ended. One that serves after all is stopped. */
export async function startsNot(
  start: Start,
): Promise<{ readonly code: number | null; readonly said: string }> {
  const { child, exited, said } = launch(start);
  child.stderr!.on('data', () => {
    if (/^fleetfix hub at /m.test(said())) child.kill('SIGTERM');
  });
  return { code: await exited, said: said() };
}

/** The first token of a hub on this data directory. */
export const adminToken = (dataDir: string): string =>
  readFileSync(join(dataDir, 'admin.token'), 'utf8').trim();

/** Process id of the PostgreSQL server that a hub started for its data directory; undefined when there is none. */
export function databasePid(dataDir: string): number | undefined {
  const file = join(dataDir, 'database', 'pg', 'postmaster.pid');
  const pid = existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : undefined;
  return pid !== undefined && isAlive(pid) ? pid : undefined;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Ends whatever still runs: hubs started here, and the server that a killed hub left on its data directory. */
export async function leaveNothing(...dataDirs: readonly string[]): Promise<void> {
  for (const child of running) {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
  for (const dataDir of dataDirs) {
    const pid = databasePid(dataDir);
    if (pid === undefined) continue;
    process.kill(pid, 'SIGQUIT');
    while (databasePid(dataDir) !== undefined) await new Promise((done) => setTimeout(done, 20));
  }
}
