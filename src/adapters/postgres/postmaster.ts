import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Ms } from '../../core/base/instant.ts';
import { isPidAlive } from '../process/process-identity.ts';
import { EmbeddedProblem, explain, type RunAs } from './binaries.ts';
import { clearSocket } from './socket-dir.ts';

/** Where things are and how programs are run there. */
export type Place = {
  readonly dataDir: string;
  readonly pgDir: string;
  readonly socketDir: string;
  readonly logFile: string;
  readonly bin: string;
  readonly runAs: RunAs;
  readonly settings: Readonly<Record<string, string>>;
};

/** A server that runs. `gone` settles when it has ended; `end` makes it. */
export type Running = {
  readonly pid: number;
  readonly socketDir: string;
  readonly gone: Promise<void>;
  end(): Promise<void>;
};

export const ENVIRONMENT = { PATH: process.env.PATH ?? '/usr/bin:/bin', LANG: 'C', LC_ALL: 'C', TZ: 'UTC' };

/** Crash recovery of a busy server takes its time. */
const READY_WITHIN_MS = 300_000;
const POLL_MS = 20;
const LOG_BYTES_MAX = 10 * 1024 * 1024;

/** A program of PostgreSQL and its arguments, as the user it must run as. */
export function commandOf(place: Place, program: string, args: readonly string[]): [string, string[]] {
  const words = [...place.runAs.prefix, path.join(place.bin, program), ...args];
  return [words[0]!, words.slice(1)];
}

/** Starts the server and waits until it takes connections. Throws `EmbeddedProblem` when it ends instead. */
export async function start(place: Place): Promise<Running> {
  clearSocket(place.socketDir);
  const from = sizeOf(place.logFile);
  const child = spawnServer(place);
  let ended = child.pid === undefined;
  let notStarted = '';
  const gone = new Promise<void>((resolve) => {
    const settle = () => {
      ended = true;
      resolve();
    };
    child.once('exit', settle);
    child.once('error', (problem) => {
      notStarted = problem.message;
      settle();
    });
  });
  await until(() => ended || isReady(place, child.pid), READY_WITHIN_MS);
  if (isReady(place, child.pid) && !ended) {
    const end = () => endProcess(child.pid!, () => ended);
    return { pid: child.pid!, socketDir: place.socketDir, gone, end };
  }
  // It may be alive and not ready; nothing is left behind.
  if (child.pid !== undefined) await endProcess(child.pid, () => ended);
  await gone;
  const output = `${notStarted}\n${tailOf(place.logFile, from)}`;
  throw explain({ what: 'PostgreSQL did not start', output, ...place });
}

/** Its output goes to a file, not to us: the server must outlive a hub that is killed. */
function spawnServer(place: Place) {
  const settings = { listen_addresses: '', timezone: 'UTC', log_min_messages: 'warning', ...place.settings };
  const args = ['-D', place.pgDir, '-k', place.socketDir];
  for (const [name, value] of Object.entries(settings)) args.push('-c', `${name}=${value}`);
  const [file, rest] = commandOf(place, 'postgres', args);
  const log = fs.openSync(place.logFile, 'a', 0o600);
  try {
    if (sizeOf(place.logFile) > LOG_BYTES_MAX) fs.ftruncateSync(log);
    const stdio: ['ignore', number, number] = ['ignore', log, log];
    // A process group of its own: Ctrl-C in the hub's terminal is not for the server.
    const child = spawn(file, rest, {
      env: ENVIRONMENT,
      cwd: '/',
      stdio,
      detached: true,
      ...place.runAs.ids,
    });
    child.unref();
    return child;
  } finally {
    fs.closeSync(log);
  }
}

/**
 * The server that runs on these files already, once it takes connections; undefined when there is none.
 * What a dead one left is cleared away, so that a new one can start.
 */
export async function adopt(place: Place): Promise<Running | undefined> {
  const pid = readPidFile(place)?.pid;
  if (pid === undefined) return undefined;
  if (!isPidAlive(pid) || !isServerOf(pid, place.pgDir)) {
    await clearPidFile(place);
    return undefined;
  }
  const ended = () => !isPidAlive(pid) || !isServerOf(pid, place.pgDir);
  await until(() => ended() || isReady(place, pid), READY_WITHIN_MS);
  if (ended()) return undefined;
  if (!isReady(place, pid)) {
    throw new EmbeddedProblem(
      `A PostgreSQL server (process ${pid}) runs on ${place.pgDir} and takes no connections. See ${place.logFile}; stop it, then start again.`,
    );
  }
  const socketDir = readPidFile(place)?.socketDir || place.socketDir;
  return { pid, socketDir, gone: whenTrue(ended), end: () => endProcess(pid, ended) };
}

/**
 * PostgreSQL takes a used-again process id, or a zombie, for a running server and refuses to start;
 * we know better where there is /proc. The pid file also keeps a new server from the memory of backends
 * that outlive a killed one for a moment, so it goes only when the last of them has.
 */
async function clearPidFile(place: Place) {
  if (process.platform !== 'linux') return;
  const nobodyThere = () => !fs.readdirSync('/proc').some((name) => isBusyIn(name, place.pgDir));
  if (!(await until(nobodyThere, 30_000))) {
    throw new EmbeddedProblem(
      `Processes of a PostgreSQL server that has ended still work in ${place.pgDir}. Stop them, then start again.`,
    );
  }
  fs.rmSync(path.join(place.pgDir, 'postmaster.pid'), { force: true });
}

const isBusyIn = (name: string, pgDir: string): boolean =>
  /^\d+$/.test(name) && isServerOf(Number(name), pgDir) && isPidAlive(Number(name));

/** Resolves when it holds, looking once a second, without keeping the process alive for it. */
async function whenTrue(holds: () => boolean): Promise<void> {
  while (!holds()) await pause(1_000, undefined, { ref: false });
}

/** Waits until it holds or the time is up. */
async function until(holds: () => boolean, withinMs: Ms): Promise<boolean> {
  const began = performance.now();
  while (!holds()) {
    if (performance.now() - began > withinMs) return false;
    await pause(POLL_MS);
  }
  return true;
}

/** SIGINT ends sessions and writes a checkpoint; SIGQUIT leaves recovery to the next start. */
async function endProcess(pid: number, ended: () => boolean) {
  const steps = [
    ['SIGINT', 30_000],
    ['SIGQUIT', 10_000],
    ['SIGKILL', 10_000],
  ] as const;
  for (const [signal, withinMs] of steps) {
    if (ended()) return;
    try {
      process.kill(pid, signal);
    } catch {
      // It ended in between; `ended` says so in a moment.
    }
    if (await until(ended, withinMs)) return;
  }
}

/** postmaster.pid: process id, data directory, start, port, socket directory, address, memory key, status. */
function readPidFile(place: Place) {
  try {
    const lines = fs.readFileSync(path.join(place.pgDir, 'postmaster.pid'), 'utf8').split('\n');
    return { pid: Number(lines[0]), socketDir: lines[4]?.trim() ?? '', status: lines[7]?.trim() ?? '' };
  } catch {
    return undefined;
  }
}

function isReady(place: Place, pid: number | undefined): boolean {
  const file = readPidFile(place);
  return file !== undefined && file.pid === pid && file.status === 'ready';
}

/** A server works in its data directory. Where there is no /proc, a living process id must do. */
function isServerOf(pid: number, pgDir: string): boolean {
  if (process.platform !== 'linux') return true;
  try {
    return fs.readlinkSync(`/proc/${pid}/cwd`) === fs.realpathSync(pgDir);
  } catch {
    return false;
  }
}

function sizeOf(file: string): number {
  return fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** The end of the log since `from`, at most 2,000 characters. */
function tailOf(file: string, from: number): string {
  if (!fs.existsSync(file)) return '';
  const written = fs.readFileSync(file);
  return written
    .subarray(from > written.length ? 0 : from)
    .toString('utf8')
    .slice(-2_000)
    .trim();
}
