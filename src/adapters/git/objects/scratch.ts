import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Git } from './git.ts';
import { type LooseFolder, looseFolder } from './loose.ts';
import { entriesOf } from './tree-object.ts';

/**
 * Where merges write. The repository itself gets an object only when `keep` moves it there, so
 * whatever ends this process leaves nothing but a folder that the next one removes.
 */
export type Scratch = {
  /** git that sees the repository and the scratch, and writes to the scratch. */
  readonly git: Git;
  readonly objects: LooseFolder;
  /** Moves everything the commit needs and the repository lacks. Returns the files that came in. */
  keep(commit: string): string[];
  drop(): void;
};

// Nothing here outlives a power cut, and a file that is waited for takes longer than the merge.
const UNSAFE = { GIT_CONFIG_PARAMETERS: "'core.fsync=none'" };

export function openScratch(git: Git, algorithm: 'sha1' | 'sha256'): Scratch {
  dropLeft(git.dir);
  const dir = join(git.dir, `scratch-${process.pid}-${randomUUID().slice(0, 8)}`);
  const home = join(git.dir, 'objects');
  mkdirSync(join(dir, 'info'), { recursive: true });
  writeFileSync(join(dir, 'info', 'alternates'), `${home}\n`);
  if (!isWatched) process.on('exit', dropOpen);
  isWatched = true;
  open.add(dir);
  const objects = looseFolder(dir, algorithm);
  const kept = looseFolder(home, algorithm);
  return {
    git: git.with({ GIT_OBJECT_DIRECTORY: dir, ...UNSAFE }),
    objects,
    keep: (commit) => keep(objects, kept, { commit, idBytes: algorithm === 'sha1' ? 20 : 32 }),
    drop() {
      open.delete(dir);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/**
 * Moves what a commit is made of before the commit itself: at every moment each object in the repository
 * has all it points at.
 */
function keep(
  from: LooseFolder,
  to: LooseFolder,
  root: { readonly commit: string; readonly idBytes: number },
): string[] {
  const moved: string[] = [];
  const seen = new Set<string>();
  const move = (id: string) => {
    from.move(id, to);
    moved.push(to.fileOf(id));
  };
  const visit = (id: string) => {
    if (seen.has(id) || !from.has(id)) return;
    seen.add(id);
    const { type, body } = from.read(id)!;
    if (type === 'commit') for (const part of namedByCommit(body)) visit(part);
    if (type === 'tree')
      for (const entry of entriesOf(body, root.idBytes)) {
        if (entry.type === 'tree') visit(entry.id);
        // A file may be large: it is moved unread.
        else if (entry.type === 'blob' && from.has(entry.id)) move(entry.id);
      }
    move(id);
  };
  visit(root.commit);
  return moved;
}

function namedByCommit(body: Buffer): string[] {
  const head = body.toString('latin1').split('\n\n', 1)[0] ?? '';
  return [...head.matchAll(/^(?:tree|parent) ([0-9a-f]+)$/gm)].map((match) => match[1]!);
}

const open = new Set<string>();
let isWatched = false;

function dropOpen(): void {
  for (const dir of open) rmSync(dir, { recursive: true, force: true });
}

/** Scratches whose process is gone. */
function dropLeft(dir: string): void {
  for (const name of readdirSync(dir)) {
    const pid = Number(/^scratch-(\d+)-/.exec(name)?.[1] ?? Number.NaN);
    if (pid > 0 && !isAlive(pid)) dropOne(join(dir, name));
  }
}

function dropOne(dir: string): void {
  try {
    rmSync(dir, { recursive: true, force: true });
  } catch {
    // A git that outlives its killed process for a moment may still write there: the next opening removes it.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (problem) {
    return (problem as NodeJS.ErrnoException).code === 'EPERM';
  }
}
