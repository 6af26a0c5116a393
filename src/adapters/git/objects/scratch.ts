import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isPidAlive } from '../../process/process-identity.ts';
import type { Row } from './differ.ts';
import type { Git } from './git.ts';
import { type LooseFolder, looseFolder } from './loose.ts';
import type { TreeEntry } from './tree-object.ts';

/**
 * Where merges write. The repository itself gets an object only when `keep` moves it there, so
 * whatever ends this process leaves nothing but a folder that the next one removes.
 */
export type Scratch = {
  /** git that sees the repository and the scratch, and writes to the scratch. */
  readonly git: Git;
  readonly objects: LooseFolder;
  /** Whether an object was written here and has not been kept. */
  has(id: string): boolean;
  /** Moves one commit in; its parents must be kept already. Returns the files that came in. */
  keep(what: { readonly commit: string; readonly tree: string; readonly rows: readonly Row[] }): string[];
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
    has: objects.has,
    keep: (what) => keepOne(objects, kept, what),
    drop() {
      open.delete(dir);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/**
 * Moves a commit that was written here, and what its tree has that its parent's has not; `rows` are those. What is
 * pointed at goes first: at every moment each object in the repository has all it points at.
 */
function keepOne(
  from: LooseFolder,
  to: LooseFolder,
  what: { readonly commit: string; readonly tree: string; readonly rows: readonly Row[] },
): string[] {
  const idsOf = (type: TreeEntry['type']) =>
    what.rows.flatMap((row) => (row.to?.type === type ? [row.to.id] : []));
  // git lists a folder before what is in it.
  const all = [...idsOf('blob'), ...idsOf('tree').reverse(), what.tree, what.commit];
  const here = [...new Set(all)].filter((id) => from.has(id));
  for (const id of here) from.move(id, to);
  return here.map((id) => to.fileOf(id));
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
    if (pid > 0 && !isPidAlive(pid)) dropOne(join(dir, name));
  }
}

function dropOne(dir: string): void {
  try {
    rmSync(dir, { recursive: true, force: true });
  } catch {
    // A git that outlives its killed process for a moment may still write there: the next opening removes it.
  }
}
