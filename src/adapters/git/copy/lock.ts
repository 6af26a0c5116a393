import { open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Ms } from '../../../core/base/instant.ts';
import { SourceProblem } from '../../../ports/repository.ts';
import { isPidAlive } from '../../process/process-identity.ts';

const tails = new Map<string, Promise<unknown>>();
// Longer than the longest command that runs under a lock.
const STALE_MS: Ms = 20 * 60_000;
const WAIT_MS: Ms = 15 * 60_000;
const POLL_MS: Ms = 25;

/**
 * Runs `work` while nobody else, in this process or another, holds the lock `file`.
 *
 * In process by order of asking; between processes by a lock file that names its holder. A holder
 * that was killed is noticed by its process being gone, and its lock is taken over.
 */
export function locked<T>(file: string, work: () => Promise<T>): Promise<T> {
  const before = tails.get(file) ?? Promise.resolve();
  const mine = before
    .catch(() => {})
    .then(async () => {
      const release = await acquire(file);
      try {
        return await work();
      } finally {
        await release();
      }
    });
  tails.set(file, mine);
  const forget = () => {
    if (tails.get(file) === mine) tails.delete(file);
  };
  mine.then(forget, forget);
  return mine;
}

type Holder = { readonly pid: number; readonly host: string; readonly started: string };

async function acquire(file: string): Promise<() => Promise<void>> {
  const giveUpAt = performance.now() + WAIT_MS;
  for (;;) {
    if (await created(file)) return () => unlink(file);
    if (await isStale(file)) await takeAway(file);
    else if (performance.now() > giveUpAt)
      throw new SourceProblem(
        `the copy is locked by another process (${file}). Next: end that process, or wait for it.`,
      );
    else await pause(POLL_MS);
  }
}

/** Whether the file was made by us now; false when it was there already. */
async function created(file: string): Promise<boolean> {
  const handle = await open(file, 'wx').catch((problem: NodeJS.ErrnoException) => {
    if (problem.code === 'EEXIST') return undefined;
    throw problem;
  });
  if (!handle) return false;
  try {
    const me: Holder = { pid: process.pid, host: hostname(), started: await startOf(process.pid) };
    await handle.writeFile(JSON.stringify(me));
    return true;
  } catch (problem) {
    // On a full disk: a lock that names nobody would be waited for.
    await unlink(file).catch(() => {});
    throw problem;
  } finally {
    await handle.close();
  }
}

async function isStale(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  if (!found) return false;
  const age = Date.now() - found.mtimeMs;
  if (age > STALE_MS) return true;
  const holder = await holderOf(file);
  // Just created and not written yet, or its writer was killed in between.
  if (!holder) return age > 5_000;
  if (holder.host !== hostname()) return false;
  return !isPidAlive(holder.pid) || (await startOf(holder.pid)) !== holder.started;
}

async function holderOf(file: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

// Two that see the same stale lock: the second must not take away the lock the first has just made.
// So the taking away is itself guarded, and staleness is asked again under that guard.
async function takeAway(file: string): Promise<void> {
  const guard = `${file}.taking`;
  if (!(await created(guard))) {
    const since = await stat(guard).catch(() => undefined);
    if (since && Date.now() - since.mtimeMs > 10_000) await unlink(guard).catch(() => {});
    await pause(POLL_MS);
    return;
  }
  try {
    if (await isStale(file)) await rename(file, `${file}.stale`);
  } finally {
    await unlink(guard).catch(() => {});
  }
}

/** When a process began, so that a reused process id is told apart; empty where the system does not say. */
async function startOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
