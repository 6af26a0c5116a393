import { chmod, lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Runs `work` with a new empty folder that only we can read, and removes it with all that is in it
 * afterwards. `log` hears of a folder that could not be removed; that never turns the work into a failure.
 * Throws what `work` throws, and a system error when no folder can be made.
 */
export async function inTempFolder<T>(
  named: { readonly prefix: string; readonly log: (text: string) => void },
  work: (dir: string) => Promise<T>,
): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), `fleetfix-${named.prefix}-`));
  try {
    return await work(dir);
  } finally {
    await removeTree(dir).catch((problem) => {
      named.log(`the temporary folder ${dir} could not be removed: ${String(problem)}\n`);
    });
  }
}

/** Removes a folder even where a program made parts of it read-only, as Go does with its module cache. */
export async function removeTree(dir: string): Promise<void> {
  try {
    await rm(dir, { recursive: true, force: true });
  } catch {
    await openUp(dir);
    await rm(dir, { recursive: true, force: true });
  }
}

async function openUp(dir: string): Promise<void> {
  await chmod(dir, 0o700);
  for (const name of await readdir(dir)) {
    const path = join(dir, name);
    // Links are not followed: what they lead to is not ours to open.
    if ((await lstat(path)).isDirectory()) await openUp(path);
  }
}
