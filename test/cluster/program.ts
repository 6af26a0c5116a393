import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { procStat } from '../../src/adapters/process/proc-stat.ts';
import type { Ms } from '../../src/core/base/instant.ts';

/** A process, told apart from a later one that was given the same id by when it started. */
export type Mark = { readonly pid: number; readonly started: string };

/** A program of the cluster that was started; `log` is the file its output goes to. */
export type Program = { readonly name: string; readonly mark: Mark; readonly log: string };

/** A program ended before it was ready. The message holds the last words of its log. */
export class ProgramEnded extends Error {
  override name = 'ProgramEnded';
}

const POLL_MS = 25;
const STOP_WITHIN_MS = 30_000;
const KILL_WITHIN_MS = 10_000;
const LAST_WORDS = 2_000;

export function markOf(pid: number): Mark | undefined {
  const started = startOf(pid);
  return started === undefined ? undefined : { pid, started };
}

/** Whether that very process runs. A zombie does not. */
export const isRunning = (who: Mark): boolean => startOf(who.pid) === who.started;

/**
 * Starts a program in a process group of its own with its output in a file, so that neither Ctrl-C in our
 * terminal nor our end takes it along. Throws when it cannot be started.
 */
export function launch(work: {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly log: string;
}): Program {
  const log = fs.openSync(work.log, 'a', 0o600);
  try {
    fs.accessSync(work.file, fs.constants.X_OK);
    const child = spawn(work.file, work.args, {
      stdio: ['ignore', log, log],
      detached: true,
      cwd: '/',
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin' },
    });
    child.on('error', () => {}); // Its missing process id, or its log, says the same.
    child.unref();
    const mark = child.pid === undefined ? undefined : markOf(child.pid);
    if (mark === undefined)
      throw new ProgramEnded(`${work.file} could not be started. ${lastWords(work.log)}`);
    return { name: work.name, mark, log: work.log };
  } finally {
    fs.closeSync(log);
  }
}

/**
 * Resolves when `isReady` says yes, which must answer in bounded time; throws `ProgramEnded` when the program
 * ends or the time is up before.
 */
export async function ready(program: Program, isReady: () => Promise<boolean>, withinMs: Ms): Promise<void> {
  const began = performance.now();
  for (;;) {
    const says = await isReady();
    // Asked after it: a stranger on the same port may have answered in its place.
    if (!isRunning(program.mark)) throw new ProgramEnded(`${program.name} ended. ${lastWords(program.log)}`);
    if (says) return;
    if (performance.now() - began > withinMs) throw notReady(program, withinMs);
    await pause(POLL_MS);
  }
}

const notReady = ({ name, log }: Program, withinMs: Ms): ProgramEnded =>
  new ProgramEnded(`${name} is not ready after ${withinMs / 1000} s. ${lastWords(log)}`);

export type Ending = {
  /** Default SIGTERM. */
  readonly signal?: NodeJS.Signals;
  /** How long it may take over that before it is killed. Default 30 s. */
  readonly withinMs?: Ms;
};

/** Ends that very process and waits until it is gone: by the signal, and by SIGKILL when it does not obey. */
export async function end(who: Mark, how: Ending = {}): Promise<void> {
  const steps = [
    [how.signal ?? 'SIGTERM', how.withinMs ?? STOP_WITHIN_MS],
    ['SIGKILL', KILL_WITHIN_MS],
  ] as const;
  for (const [signal, withinMs] of steps) {
    signalTo(who, signal);
    if (await isGone(who, withinMs)) return;
  }
  throw new Error(`Process ${who.pid} does not end, not even by SIGKILL.`);
}

/** Sends the signal if that very process still runs. */
export function signalTo(who: Mark, signal: NodeJS.Signals) {
  if (!isRunning(who)) return;
  try {
    process.kill(who.pid, signal);
  } catch (problem) {
    // It ended in between.
    if ((problem as NodeJS.ErrnoException).code !== 'ESRCH') throw problem;
  }
}

async function isGone(who: Mark, withinMs: Ms): Promise<boolean> {
  const began = performance.now();
  while (isRunning(who)) {
    if (performance.now() - began > withinMs) return false;
    await pause(POLL_MS);
  }
  return true;
}

/** When a process began, in a form that no later process repeats; undefined when it has ended. */
function startOf(pid: number): string | undefined {
  return process.platform === 'linux' ? startOnLinux(pid) : startByPs(pid);
}

function startOnLinux(pid: number): string | undefined {
  const stat = procStat(pid);
  if (stat === undefined || stat.isOver) return undefined;
  return `${readOptional('/proc/sys/kernel/random/boot_id')?.trim()} ${stat.start}`;
}

function startByPs(pid: number): string | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    const [state, ...start] = line.split(/\s+/);
    return state === undefined || state === '' || state.startsWith('Z') ? undefined : start.join(' ');
  } catch {
    return undefined;
  }
}

function readOptional(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function lastWords(log: string): string {
  const text = readOptional(log)?.slice(-LAST_WORDS).trim();
  return text ? `Its last words (${log}):\n${text}` : `It said nothing (${log}).`;
}
