import { createHash } from 'node:crypto';
import type { Commit } from '../../../core/base/ids.ts';
import { createHistory, type History } from '../history/history.ts';
import { type CommitText, formatCommit, parseCommit } from './commit-text.ts';
import { createDiffer } from './differ.ts';
import { type Git, MissingObject, missingObject } from './git.ts';
import { flush } from './loose.ts';
import { createMerger, type Merger } from './merger.ts';
import { createReader, type Found } from './reader.ts';
import { createRecent } from './recent.ts';
import { openScratch } from './scratch.ts';
import { openStandIns, type StandIns } from './stand-ins.ts';
import { TalkEnded } from './talk.ts';
import { type TreeEntry, treeBody } from './tree-object.ts';
import { createTrees, type Trees } from './trees.ts';
import type { GitVersion } from './version.ts';

/**
 * The objects of one own copy. Everything is read through one long process, merged by others, and written to a
 * scratch; only `keep` brings a commit, with all it needs, into the copy.
 */
export type Store = {
  /** git on the copy and the scratch together; what it writes goes to the scratch. */
  readonly git: Git;
  readonly merge: Merger['merge'];
  /** The same when an object is missing. */
  readonly mergeLacking: StandIns['merge'];
  readonly history: History;
  readonly trees: Trees;
  /** Throws `MissingObject` when it is missing or no commit. */
  commit(id: Commit): Promise<CommitText>;
  /** undefined when there is no such object or it is no commit. Annotated tags are not followed. */
  findCommit(id: Commit): Promise<CommitText | undefined>;
  /** Type, size and id of an object by its id or by `<id of a tree or commit>:<path, bytes as latin1>`. */
  find(name: string): Promise<Found | undefined>;
  /** The same with its content. */
  read(name: string): Promise<Found | undefined>;
  writeCommit(commit: Omit<CommitText, 'id'>): Commit;
  writeBlob(content: Buffer): string;
  writeTree(entries: readonly TreeEntry[]): string;
  /** Brings a commit, its own parents and all they need into the copy. */
  keep(commit: Commit): Promise<void>;
  /** Waits until everything kept so far is on the disk. */
  flush(): Promise<void>;
  /** Whatever is written during the work stays there until it ends; between works the scratch may be emptied. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** The tree with nothing in it. */
  readonly emptyTree: string;
  /** Bytes of an object id. */
  readonly idBytes: number;
  close(): void;
};

// A commit object of more than this is an attack or an accident.
const COMMIT_BYTES_MAX = 8 * 1024 * 1024;
const CACHED_MAX = 20_000;

/** `format`: what the copy names its objects by. `mergesMax`: after so many the scratch is emptied between two works. */
export function createStore(
  own: Git,
  format: 'sha1' | 'sha256',
  version: GitVersion,
  mergesMax = MERGES_MAX,
): Store {
  const idBytes = format === 'sha1' ? 20 : 32;
  const emptyTree = createHash(format).update('tree 0\0').digest('hex');
  const unflushed = new Set<string>();
  let now = openSession(own, format, version);
  let inUse = 0;
  const recent = createRecent<Found>(RECENT_BYTES);
  const read = async (name: string) => {
    const known = recent.get(name);
    if (known) return known;
    const found = await readable(now.reader.read(name));
    // Only what is named by its id is the same for ever; a tree is kept by those who read it.
    if (found?.type === 'blob' && found.id === name && found.size <= KEPT_BYTES_MAX)
      recent.set(name, found, found.size);
    return found;
  };
  const find = async (name: string) => recent.get(name) ?? (await readable(now.reader.find(name)));
  const findCommit = commitReader(find, read);
  const diff = async (from: string, to: string) => {
    const rows = await readable(now.differ.diff(from, to));
    if (!rows) throw new MissingObject((await find(from)) ? to : from);
    return rows;
  };
  return {
    get git() {
      return now.scratch.git;
    },
    merge(ours, theirs) {
      now.merges += 1;
      return now.merger.merge(ours, theirs);
    },
    mergeLacking: (first, ours, theirs) => now.standIns.merge(first, ours, theirs),
    history: createHistory(() => now.scratch.git),
    trees: createTrees({ find, read, idBytes }, diff),
    findCommit,
    async commit(id) {
      const found = await findCommit(id);
      if (!found) throw new MissingObject(id);
      return found;
    },
    find,
    read,
    writeCommit: (commit) => now.scratch.objects.write('commit', formatCommit(commit)),
    writeBlob: (content) => now.scratch.objects.write('blob', content),
    writeTree: (entries) => now.scratch.objects.write('tree', treeBody(entries)),
    async keep(commit) {
      const chain: CommitText[] = [];
      for (let id: Commit | undefined = commit; id && now.scratch.has(id); id = chain[0]!.parents[0])
        chain.unshift((await findCommit(id))!);
      for (const { id, tree, parents } of chain) {
        const before = parents[0] === undefined ? emptyTree : (await findCommit(parents[0]))!.tree;
        const rows = await diff(before, tree);
        for (const file of now.scratch.keep({ commit: id, tree, rows })) unflushed.add(file);
      }
    },
    async flush() {
      const files = [...unflushed];
      await flush(files);
      for (const file of files) unflushed.delete(file);
    },
    async during(work) {
      inUse += 1;
      try {
        return await work();
      } finally {
        inUse -= 1;
        if (inUse === 0 && now.merges > mergesMax) {
          now.close();
          now = openSession(own, format, version);
        }
      }
    },
    emptyTree,
    idBytes,
    close: () => now.close(),
  };
}

// Each merge leaves some ten small files in the scratch.
const MERGES_MAX = 5_000;

// A file that a change is about is looked at by several, and by the next line again.
const RECENT_BYTES = 64 * 1024 * 1024;
const KEPT_BYTES_MAX = 1024 * 1024;

/** A scratch and the processes that see it. */
function openSession(own: Git, format: 'sha1' | 'sha256', version: GitVersion) {
  const scratch = openScratch(own, format);
  const reader = createReader(scratch.git);
  const differ = createDiffer(scratch.git);
  const merger = createMerger(scratch.git, version);
  const standIns = openStandIns(scratch.git, (git) => createMerger(git, version));
  return {
    scratch,
    reader,
    differ,
    merger,
    standIns,
    merges: 0,
    close() {
      reader.close();
      differ.close();
      merger.close();
      standIns.close();
      scratch.drop();
    },
  };
}

function commitReader(find: Store['find'], read: Store['read']): Store['findCommit'] {
  const cache = new Map<Commit, CommitText>();
  return async (id) => {
    const cached = cache.get(id);
    if (cached) return cached;
    const found = await find(id);
    if (found?.type !== 'commit' || found.size > COMMIT_BYTES_MAX) return undefined;
    const { body } = (await read(id)) ?? {};
    if (!body) return undefined;
    const commit = parseCommit(id, body);
    if (cache.size >= CACHED_MAX) cache.clear();
    cache.set(id, commit);
    return commit;
  };
}

/** A damaged object ends the process that reads it. */
async function readable<T>(found: Promise<T>): Promise<T> {
  try {
    return await found;
  } catch (problem) {
    const missing = problem instanceof TalkEnded ? missingObject(problem.stderr) : undefined;
    throw missing === undefined ? problem : new MissingObject(missing);
  }
}
