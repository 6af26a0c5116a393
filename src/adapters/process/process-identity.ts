import fs from 'node:fs';
import { procStat } from './proc-stat.ts';

/**
 * A process, told apart from a later one with the same id: `boot` names the run of the machine and
 * `ticks` is the start within it (both from /proc, absent where there is none). `since` is for people.
 */
export type Process = {
  readonly pid: number;
  readonly boot?: string;
  readonly ticks?: string;
  readonly since?: string;
};

export function thisProcess(): Process {
  const boot = bootId();
  const ticks = procStat(process.pid)?.start;
  return {
    pid: process.pid,
    ...(boot !== undefined && { boot }),
    ...(ticks !== undefined && { ticks }),
    since: new Date(performance.timeOrigin).toISOString(),
  };
}

/** Whether that very process still runs. A zombie does not; a process we may not signal does. */
export function isAlive(who: Process): boolean {
  const boot = bootId();
  if (who.boot !== undefined && boot !== undefined && who.boot !== boot) return false;
  if (!isPidAlive(who.pid)) return false;
  const ticks = procStat(who.pid)?.start;
  return who.ticks === undefined || ticks === undefined || ticks === who.ticks;
}

/** Whether any process has this id. */
export function isPidAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return procStat(pid)?.isOver !== true;
  } catch (problem) {
    return (problem as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function bootId(): string | undefined {
  try {
    return fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return undefined;
  }
}
