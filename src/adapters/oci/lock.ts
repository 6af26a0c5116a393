import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { LayoutProblem, systemCode } from './problem.ts';

const RETRY_MS = 20;
/** What is done under the lock takes milliseconds; one this old was left behind, whoever had it. */
const STALE_MS = 30_000;
const WAIT_MS_MAX = 2 * STALE_MS;

/** Who waits for which lock in this process; others of it queue here and need not ask the file system. */
const queues = new Map<string, Promise<unknown>>();

/**
 * Runs `work`, which must be short, while no one else, in this process or another, runs work under the
 * same lock file. A lock whose process is gone is taken over. Throws a LayoutProblem after a minute in vain.
 */
export async function underLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const mine = (queues.get(path) ?? Promise.resolve()).then(() => holding(path, work));
  const settled = mine.catch(() => {});
  queues.set(path, settled);
  try {
    return await mine;
  } finally {
    if (queues.get(path) === settled) queues.delete(path);
  }
}

async function holding<T>(path: string, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + WAIT_MS_MAX;
  const owner = JSON.stringify({ host: hostname(), pid: process.pid, id: randomUUID() });
  while (!(await take(path, owner))) {
    await breakStale(path);
    if (performance.now() > deadline) {
      throw new LayoutProblem(`${path} is held by another process; remove it when no hub is running`);
    }
    await pause(RETRY_MS);
  }
  try {
    return await work();
  } finally {
    const held = await readFile(path, 'utf8').catch(() => '');
    if (held === owner) await rm(path, { force: true });
  }
}

async function take(path: string, owner: string): Promise<boolean> {
  const own = `${path}.${randomUUID()}`;
  // Written first and linked then, so that a lock is never seen without its owner.
  await writeFile(own, owner, { flag: 'wx' });
  try {
    await link(own, path);
    return true;
  } catch (problem) {
    if (systemCode(problem) === 'EEXIST') return false;
    throw problem;
  } finally {
    await rm(own, { force: true });
  }
}

async function breakStale(path: string): Promise<void> {
  try {
    const held = await readFile(path, 'utf8');
    if (!(await isStale(path, held))) return;
    const aside = `${path}.${randomUUID()}`;
    await rename(path, aside);
    // Someone was faster, and this is the lock of a living one: it is given back.
    if ((await readFile(aside, 'utf8')) !== held) await link(aside, path);
    await rm(aside, { force: true });
  } catch (problem) {
    if (systemCode(problem) === undefined) throw problem;
    // Gone or changed in the meantime: the next try sees how it is now.
  }
}

async function isStale(path: string, held: string): Promise<boolean> {
  const owner = ownerOf(held);
  // Our own number proves nothing: in a container every hub is process 1.
  const isGone = owner?.host === hostname() && owner.pid !== process.pid && !lives(owner.pid);
  return isGone || Date.now() - (await stat(path)).mtimeMs > STALE_MS;
}

function ownerOf(held: string): { host: string; pid: number } | undefined {
  try {
    const { host, pid } = JSON.parse(held);
    return typeof host === 'string' && Number.isSafeInteger(pid) && pid > 0 ? { host, pid } : undefined;
  } catch {
    return undefined;
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (problem) {
    return systemCode(problem) === 'EPERM';
  }
}
