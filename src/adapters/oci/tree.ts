import type { Dirent, Stats } from 'node:fs';
import { lstat, readdir, readlink, realpath } from 'node:fs/promises';
import { join, posix, sep } from 'node:path';
import { LayoutProblem, systemCode } from './problem.ts';

/** One file, folder or link of an output folder. `name` is relative to it, with `/`. */
export type TreeEntry = {
  readonly name: string;
  readonly path: string;
  /** Permission bits, set-user-id included. */
  readonly mode: number;
} & (
  | { readonly type: 'file'; readonly bytes: number }
  | { readonly type: 'directory' }
  | { readonly type: 'symlink'; readonly target: string }
);

export type TreeLimits = { readonly bytesMax: number; readonly entriesMax: number };

/**
 * Everything below a folder, sorted by name, so that the same folder is always told the same way.
 * Throws a LayoutProblem for a folder that is missing, empty, not a folder, or larger than the limits, and
 * for what an image must not hold: devices, pipes, sockets, links out of the folder, names that are not UTF-8.
 */
export async function readTree(root: string, limits: TreeLimits): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [];
  let bytes = 0;
  const walk = async (folder: string): Promise<void> => {
    for (const name of await namesIn(join(root, folder), folder)) {
      const entry = await entryOf(root, posix.join(folder, name));
      entries.push(entry);
      if (entry.type === 'file') bytes += entry.bytes;
      keepWithin({ bytes, entries: entries.length }, limits);
      if (entry.type === 'directory') await walk(entry.name);
    }
  };
  await walk('');
  if (entries.length === 0) throw new LayoutProblem('is empty: the build put nothing into it');
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * The real path of a folder a build was to fill, given relative to `dir`.
 * Throws a LayoutProblem when there is none, when it is no folder, or when a link leads out of `dir`.
 */
export async function outputFolder(dir: string, output: string): Promise<string> {
  const home = await realpath(dir);
  const path = await realpath(join(home, output)).catch((problem) => {
    if (systemCode(problem) === undefined) throw problem;
    throw new LayoutProblem(`does not exist: the build must make this folder (builder.output)`);
  });
  if (path === home) throw new LayoutProblem('is the whole tree: builder.output must be a folder inside it');
  if (!path.startsWith(home + sep)) {
    throw new LayoutProblem('leads out of the tree by a symbolic link: builder.output must be inside it');
  }
  if (!(await lstat(path)).isDirectory()) throw new LayoutProblem('is not a folder');
  return path;
}

function keepWithin(now: { bytes: number; entries: number }, limits: TreeLimits) {
  if (now.bytes > limits.bytesMax) {
    throw new LayoutProblem(`is larger than ${limits.bytesMax} bytes, the most an image may hold`);
  }
  if (now.entries > limits.entriesMax) {
    throw new LayoutProblem(`holds more than ${limits.entriesMax} files, the most an image may hold`);
  }
}

async function namesIn(path: string, folder: string): Promise<string[]> {
  const found: Dirent<Buffer>[] = await readdir(path, { withFileTypes: true, encoding: 'buffer' });
  return found.map((entry) => {
    const name = entry.name.toString('utf8');
    if (Buffer.from(name, 'utf8').equals(entry.name)) return name;
    throw new LayoutProblem(`holds a name that is not UTF-8, in ${folder || 'its top folder'}`);
  });
}

async function entryOf(root: string, name: string): Promise<TreeEntry> {
  const path = join(root, name);
  const stat = await lstat(path);
  const mode = stat.mode & 0o7777;
  if (stat.isFile()) return { name, path, mode, type: 'file', bytes: stat.size };
  if (stat.isDirectory()) return { name, path, mode, type: 'directory' };
  if (!stat.isSymbolicLink()) throw new LayoutProblem(`holds ${kindOf(stat)}: ${name}`);
  const target = await readlink(path);
  refuseEscape({ root, name, target });
  return { name, path, mode: 0o777, type: 'symlink', target };
}

function kindOf(stat: Stats): string {
  if (stat.isFIFO()) return 'a pipe';
  return stat.isSocket() ? 'a socket' : 'a device';
}

/**
 * A link may name a place in the image, by an absolute path too. It may not climb out of the folder, nor
 * name the folder on this machine, which no one will have.
 */
function refuseEscape(link: { root: string; name: string; target: string }) {
  const { root, name, target } = link;
  const relative = posix.normalize(posix.join(posix.dirname(name), target));
  const climbs = !target.startsWith('/') && (relative === '..' || relative.startsWith('../'));
  const local = target === root || target.startsWith(root + sep);
  if (climbs || local) throw new LayoutProblem(`holds a link that leads out of it: ${name} to ${target}`);
}
