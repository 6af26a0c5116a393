import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { isAlive, type Process, thisProcess } from './process-identity.ts';

/** The data directory is in use by another hub. The message says which, where, and what to do. */
export class DataDirTaken extends Error {
  override name = 'DataDirTaken';
}

type Held = Process & { readonly released?: boolean };

/**
 * Takes the data directory for this process, and returns how to give it back.
 *
 * A lock is a file `hub.lock.N`; the highest N counts. It is made whole under another name and then
 * linked (which fails when the name is there), so nobody reads half a lock. The lock of a dead process
 * is never removed but followed by N+1, which only one process can link: two that see the same dead
 * holder cannot both take over. Throws `DataDirTaken` while the holder lives.
 */
export function takeDataDir(dataDir: string): { release(): void } {
  for (;;) {
    const newest = newestLock(dataDir);
    const holder = newest === 0 ? undefined : readLock(dataDir, newest);
    if (holder && !holder.released && isAlive(holder)) throw taken(dataDir, newest, holder);
    const mine = newest + 1;
    if (!linkLock(dataDir, mine)) continue;
    // Whoever listed the directory before a later lock was made may link an old number; the newest wins.
    if (newestLock(dataDir) !== mine) {
      fs.rmSync(lockFile(dataDir, mine), { force: true });
      continue;
    }
    removeOlder(dataDir, mine);
    return {
      release: () => writeWhole(dataDir, (made) => fs.renameSync(made, lockFile(dataDir, mine)), true),
    };
  }
}

const lockFile = (dataDir: string, n: number) => path.join(dataDir, `hub.lock.${n}`);

function lockNumbers(dataDir: string): number[] {
  return fs.readdirSync(dataDir).flatMap((name) => {
    const n = /^hub\.lock\.(\d{1,15})$/.exec(name)?.[1];
    return n === undefined ? [] : [Number(n)];
  });
}

const newestLock = (dataDir: string): number => Math.max(0, ...lockNumbers(dataDir));

function readLock(dataDir: string, n: number): Held | undefined {
  try {
    return JSON.parse(fs.readFileSync(lockFile(dataDir, n), 'utf8')) as Held;
  } catch (problem) {
    // Gone: a newer one was taken since. Unreadable: a crash of the machine cut it short; its holder is dead.
    if (problem instanceof SyntaxError || (problem as NodeJS.ErrnoException).code === 'ENOENT')
      return undefined;
    throw problem;
  }
}

function linkLock(dataDir: string, n: number): boolean {
  try {
    writeWhole(dataDir, (made) => fs.linkSync(made, lockFile(dataDir, n)), false);
    return true;
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw problem;
  }
}

/** Writes a lock under a name of its own and lets `place` put it where it belongs. */
function writeWhole(dataDir: string, place: (made: string) => void, released: boolean) {
  const made = path.join(dataDir, `hub.lock.new-${process.pid}-${randomBytes(6).toString('hex')}`);
  try {
    const held: Held = { ...thisProcess(), ...(released && { released }) };
    fs.writeFileSync(made, `${JSON.stringify(held)}\n`, { flag: 'wx', mode: 0o644 });
    place(made);
  } finally {
    fs.rmSync(made, { force: true });
  }
}

function removeOlder(dataDir: string, mine: number) {
  for (const n of lockNumbers(dataDir)) if (n < mine) fs.rmSync(lockFile(dataDir, n), { force: true });
}

function taken(dataDir: string, n: number, holder: Held): DataDirTaken {
  const since = holder.since === undefined ? '' : ` since ${holder.since}`;
  return new DataDirTaken(
    `The data directory ${dataDir} is in use by the hub with process id ${holder.pid}${since} (${lockFile(dataDir, n)}). ` +
      'One hub at a time may use a data directory. ' +
      'Stop that hub, or start this one with another --data-dir, or set DATABASE_URL so that several hubs can share one database.',
  );
}
