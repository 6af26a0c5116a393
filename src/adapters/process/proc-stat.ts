import fs from 'node:fs';

/** What Linux says of a process (proc_pid_stat(5)). */
export type ProcStat = {
  /** When it started, in ticks since the machine did: two processes with one id differ in it. */
  readonly start: string;
  /** It runs no more and holds nothing: no file, no lock, no port. */
  readonly isOver: boolean;
};

/** Undefined where there is no such process, and where the system has no /proc. */
export function procStat(pid: number): ProcStat | undefined {
  try {
    return readStat(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Reads the text of /proc/PID/stat. */
export function readStat(text: string): ProcStat {
  // From the third field on: the second holds the name, and may hold spaces and brackets.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, threads, start] = [fields[0], fields[17], fields[19]];
  // The first thread of a killed process may be a zombie while others are yet to end, and what they hold is held till then.
  return { start: start!, isOver: state === 'X' || (state === 'Z' && Number(threads) <= 1) };
}
