import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync, inflateSync } from 'node:zlib';

/** One folder of loose objects: `<2 hex>/<the rest of the id>`, each deflated with its header. */
export type LooseFolder = {
  readonly dir: string;
  write(type: 'commit' | 'tree' | 'blob', body: Buffer): string;
  /** undefined when it is not in this very folder. */
  read(id: string): { readonly type: string; readonly body: Buffer } | undefined;
  has(id: string): boolean;
  /** Moves one object to another folder on the same file system, over a copy that is there. */
  move(id: string, to: LooseFolder): void;
  fileOf(id: string): string;
};

/**
 * Synchronous on purpose: an object is some hundred bytes, and a file system call on them takes less
 * than one turn of the event loop.
 */
export function looseFolder(dir: string, algorithm: 'sha1' | 'sha256'): LooseFolder {
  const fileOf = (id: string) => join(dir, id.slice(0, 2), id.slice(2));
  const made = new Set<string>();
  const makeRoom = (id: string) => {
    const folder = id.slice(0, 2);
    if (made.has(folder)) return;
    mkdirSync(join(dir, folder), { recursive: true });
    made.add(folder);
  };
  return {
    dir,
    fileOf,
    has: (id) => existsSync(fileOf(id)),
    write(type, body) {
      const whole = Buffer.concat([Buffer.from(`${type} ${body.length}\0`), body]);
      const id = createHash(algorithm).update(whole).digest('hex');
      const file = fileOf(id);
      if (existsSync(file)) return id;
      makeRoom(id);
      // In its place at once: nobody asks for an object before its id is known. Half of one (a full disk) must not stay.
      try {
        writeFileSync(file, deflateSync(whole, { level: 1 }), { mode: 0o444 });
      } catch (problem) {
        rmSync(file, { force: true });
        throw problem;
      }
      return id;
    },
    read(id) {
      if (!existsSync(fileOf(id))) return undefined;
      const whole = inflateSync(readFileSync(fileOf(id)));
      const end = whole.indexOf(0);
      return { type: whole.toString('latin1', 0, end).split(' ')[0]!, body: whole.subarray(end + 1) };
    },
    move(id, to) {
      mkdirSync(join(to.dir, id.slice(0, 2)), { recursive: true });
      renameSync(fileOf(id), to.fileOf(id));
    },
  };
}

/** Waits until the files are on the disk, and the folders know of them. */
export async function flush(files: Iterable<string>): Promise<void> {
  const folders = new Set<string>();
  for (const file of files) {
    await flushOne(file);
    folders.add(join(file, '..'));
  }
  for (const folder of folders) await flushOne(folder);
}

async function flushOne(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
