import fs from 'node:fs';

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
  const ticks = startTicks(process.pid);
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
  const ticks = startTicks(who.pid);
  return who.ticks === undefined || ticks === undefined || ticks === who.ticks;
}

/** Whether any process has this id. */
export function isPidAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return statOf(pid)?.[0] !== 'Z';
  } catch (problem) {
    return (problem as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function bootId(): string | undefined {
  return readOptional('/proc/sys/kernel/random/boot_id')?.trim();
}

const startTicks = (pid: number): string | undefined => statOf(pid)?.[19];

/** The fields of /proc/PID/stat from the third (state) on; the second holds the name and may hold spaces. */
function statOf(pid: number): string[] | undefined {
  const text = readOptional(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

function readOptional(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
