import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import type { Commit } from '../../core/base/ids.ts';
import { type CommitText, formatCommit, parseCommit } from './commit-text.ts';
import { type Git, MissingObject } from './git.ts';
import { createReader } from './reader.ts';

/** The objects of one own copy: reads through one long process, writes loose objects itself. */
export type Store = {
  readonly git: Git;
  /** Throws `SourceProblem` when it is missing or no commit. */
  commit(id: Commit): Promise<CommitText>;
  /** undefined when there is no such object or it is no commit. Annotated tags are not followed. */
  findCommit(id: Commit): Promise<CommitText | undefined>;
  writeCommit(commit: Omit<CommitText, 'id'>, more?: { readonly durable: boolean }): Promise<Commit>;
  /** Runs `work` on a store that sees everything here, and whose own writes are thrown away. */
  scratch<T>(work: (store: Store) => Promise<T>): Promise<T>;
  /** The tree with nothing in it. */
  readonly emptyTree: string;
};

// A commit object of more than this is an attack or an accident.
const COMMIT_BYTES_MAX = 8 * 1024 * 1024;
const CACHED_MAX = 20_000;

export function createStore(git: Git, idLength: number): Store {
  const reader = createReader(git.dir);
  const cache = new Map<Commit, CommitText>();
  const findCommit = async (id: Commit) => {
    const known = cache.get(id);
    if (known) return known;
    const info = await reader.info(id);
    if (info?.type !== 'commit' || info.size > COMMIT_BYTES_MAX) return undefined;
    const found = await reader.contents(id);
    if (!found?.body) return undefined;
    const commit = parseCommit(id, found.body);
    if (cache.size >= CACHED_MAX) cache.clear();
    cache.set(id, commit);
    return commit;
  };
  return storeOver({ git, objects: join(git.dir, 'objects'), algorithm: algorithmOf(idLength), findCommit });
}

type Parts = {
  readonly git: Git;
  readonly objects: string;
  readonly algorithm: 'sha1' | 'sha256';
  readonly findCommit: Store['findCommit'];
};

function storeOver(parts: Parts): Store {
  const { git, objects, algorithm, findCommit } = parts;
  return {
    git,
    findCommit,
    async commit(id) {
      const found = await findCommit(id);
      if (!found) throw new MissingObject(id);
      return found;
    },
    writeCommit: (commit, more) =>
      writeLoose({ objects, algorithm, body: formatCommit(commit), durable: more?.durable ?? false }),
    async scratch(work) {
      const dir = await mkdtemp(join(git.dir, 'scratch-'));
      try {
        await mkdir(join(dir, 'info'));
        await writeFile(join(dir, 'info', 'alternates'), `${join(git.dir, 'objects')}\n`);
        return await work(
          storeOver({ ...parts, git: git.with({ GIT_OBJECT_DIRECTORY: dir }), objects: dir }),
        );
      } finally {
        await rm(dir, { recursive: true, force: true });
      }
    },
    emptyTree: createHash(algorithm).update('tree 0\0').digest('hex'),
  };
}

const algorithmOf = (idLength: number) => (idLength === 64 ? 'sha256' : 'sha1');

async function writeLoose(work: {
  objects: string;
  algorithm: 'sha1' | 'sha256';
  body: Buffer;
  durable: boolean;
}): Promise<Commit> {
  const whole = Buffer.concat([Buffer.from(`commit ${work.body.length}\0`), work.body]);
  const id = createHash(work.algorithm).update(whole).digest('hex');
  const folder = join(work.objects, id.slice(0, 2));
  const file = join(folder, id.slice(2));
  if (existsSync(file)) return id;
  await mkdir(folder, { recursive: true });
  // git removes what is left of such a name when it tidies up.
  const temporary = join(folder, `tmp_obj_${randomUUID()}`);
  const handle = await open(temporary, 'wx', 0o444);
  try {
    await handle.writeFile(deflateSync(whole, { level: 1 }));
    if (work.durable) await handle.sync();
  } finally {
    await handle.close();
  }
  await chmod(temporary, 0o444);
  await rename(temporary, file);
  return id;
}
