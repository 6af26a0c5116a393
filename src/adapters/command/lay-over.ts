import { cp, lstat, mkdir, realpath, rm } from 'node:fs/promises';
import { dirname, sep } from 'node:path';
import type { GateWork } from '../../ports/builder.ts';
import { inTree, reasonOf } from './attempt.ts';

/**
 * Lays files of one tree over another, and takes away those that the first does not have. Why it could not be done, in one
 * line; undefined when it was. Both trees hold what somebody wrote: a path that leads out of one is refused.
 */
export async function layOver(
  dir: string,
  { from, paths }: NonNullable<GateWork['over']>,
): Promise<string | undefined> {
  for (const path of paths) {
    try {
      const [source, target] = [inTree(from, path), inTree(dir, path)];
      const has = await lstat(source).catch(() => undefined);
      const folder = await folderIn(dir, dirname(target), has !== undefined);
      if (folder === 'outside') return `"${path}" lies outside the tree`;
      if (has !== undefined && !has.isFile()) return `"${path}" is no plain file`;
      await rm(target, { recursive: true, force: true });
      if (has !== undefined) await cp(source, target);
    } catch (problem) {
      return `"${path}" could not be laid over the tree: ${reasonOf(problem)}`;
    }
  }
  return undefined;
}

/** Where the folder really lies; it is made when something is to be put there. */
async function folderIn(dir: string, folder: string, make: boolean): Promise<'inside' | 'outside'> {
  const home = await realpath(dir);
  let nearest = folder;
  // The first part of the way that is there tells where the rest would be made.
  while (nearest !== dir && (await realpath(nearest).catch(() => undefined)) === undefined)
    nearest = dirname(nearest);
  const real = await realpath(nearest);
  if (real !== home && !real.startsWith(home + sep)) return 'outside';
  if (make) await mkdir(folder, { recursive: true });
  return 'inside';
}
