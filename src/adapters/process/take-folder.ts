import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { isAlive, type Process, thisProcess } from './process-identity.ts';

/** The folder is in use by another process. The message says which, where, and what to do. */
export class FolderTaken extends Error {
  override name = 'FolderTaken';
}

/** Who takes a folder: one word that names its lock files, and what to do when it is taken. */
export type Taker = { readonly who: string; readonly next: string };

type Held = Process & { readonly released?: boolean };

/**
 * Takes a folder for this process, and returns how to give it back.
 *
 * A lock is a file `WHO.lock.N`; the highest N counts. It is made whole under another name and then
 * linked (which fails when the name is there), so nobody reads half a lock. The lock of a dead process
 * is never removed but followed by N+1, which only one process can link: two that see the same dead
 * holder cannot both take over. Throws FolderTaken while the holder lives.
 */
export function takeFolder(dir: string, taker: Taker): { release(): void } {
  const place: Place = { dir, who: taker.who };
  for (;;) {
    const newest = newestLock(place);
    const holder = newest === 0 ? undefined : readLock(place, newest);
    if (holder && !holder.released && isAlive(holder)) throw taken(place, newest, holder, taker.next);
    const mine = newest + 1;
    if (!linkLock(place, mine)) continue;
    // Whoever listed the directory before a later lock was made may link an old number; the newest wins.
    if (newestLock(place) !== mine) {
      fs.rmSync(lockFile(place, mine), { force: true });
      continue;
    }
    removeOlder(place, mine);
    return {
      release: () => writeWhole(place, (made) => fs.renameSync(made, lockFile(place, mine)), true),
    };
  }
}

type Place = { readonly dir: string; readonly who: string };

const lockFile = ({ dir, who }: Place, n: number) => path.join(dir, `${who}.lock.${n}`);

function lockNumbers({ dir, who }: Place): number[] {
  return fs.readdirSync(dir).flatMap((name) => {
    const n = name.startsWith(`${who}.lock.`)
      ? /^\d{1,15}$/.exec(name.slice(who.length + 6))?.[0]
      : undefined;
    return n === undefined ? [] : [Number(n)];
  });
}

const newestLock = (place: Place): number => Math.max(0, ...lockNumbers(place));

function readLock(place: Place, n: number): Held | undefined {
  try {
    return JSON.parse(fs.readFileSync(lockFile(place, n), 'utf8')) as Held;
  } catch (problem) {
    // Gone: a newer one was taken since. Unreadable: a crash of the machine cut it short; its holder is dead.
    if (problem instanceof SyntaxError || (problem as NodeJS.ErrnoException).code === 'ENOENT')
      return undefined;
    throw problem;
  }
}

function linkLock(place: Place, n: number): boolean {
  try {
    writeWhole(place, (made) => fs.linkSync(made, lockFile(place, n)), false);
    return true;
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw problem;
  }
}

/** Writes a lock under a name of its own and lets `put` put it where it belongs. */
function writeWhole(place: Place, put: (made: string) => void, released: boolean) {
  const made = path.join(place.dir, `${place.who}.lock.new-${process.pid}-${randomBytes(6).toString('hex')}`);
  try {
    const held: Held = { ...thisProcess(), ...(released && { released }) };
    fs.writeFileSync(made, `${JSON.stringify(held)}\n`, { flag: 'wx', mode: 0o644 });
    put(made);
  } finally {
    fs.rmSync(made, { force: true });
  }
}

function removeOlder(place: Place, mine: number) {
  for (const n of lockNumbers(place)) if (n < mine) fs.rmSync(lockFile(place, n), { force: true });
}

function taken(place: Place, n: number, holder: Held, next: string): FolderTaken {
  const since = holder.since === undefined ? '' : ` since ${holder.since}`;
  return new FolderTaken(
    `The folder ${place.dir} is in use by the ${place.who} with process id ${holder.pid}${since} (${lockFile(place, n)}). ${next}`,
  );
}
