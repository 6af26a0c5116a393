import { randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import type { Commit } from '../../../core/base/ids.ts';
import { type Git, MissingObject } from './git.ts';
import type { MergePrint, Merger } from './merger.ts';

/** Merges in a repository that lacks blobs, when that can be done honestly. */
export type StandIns = {
  /** `missing`: what was stood in for so far, whether or not this merge looked at it. */
  merge(
    first: MissingObject,
    ours: Commit,
    theirs: Commit,
  ): Promise<{ readonly print: MergePrint; readonly missing: ReadonlySet<string> }>;
  close(): void;
};

const isId = (text: string) => /^[0-9a-f]+$/.test(text);

const WHICH = ['a', 'b'] as const;
const MISSING_MAX = 256;

/**
 * git reads blobs also to guess renames, so one that no side changed can fail a merge it has no part in (a partial
 * clone lacks large ones). Such a merge is done twice, with two different stand-ins for every missing blob:
 * equal answers prove that the content had no part in the result. Otherwise the `MissingObject` is thrown.
 * Stand-ins lie in folders of their own, below that of `git`, that no other command sees.
 */
export function openStandIns(git: Git, mergerOn: (git: Git) => Merger): StandIns {
  const missing = new Set<string>();
  const written = new Map<string, Promise<void>>();
  const folderOf = (which: string) => join(git.dir, `stand-ins-${which}`);
  const mergers = new Map<string, Merger>();
  const mergerOf = (which: string) => {
    const open =
      mergers.get(which) ?? mergerOn(git.with({ GIT_ALTERNATE_OBJECT_DIRECTORIES: quoted(folderOf(which)) }));
    mergers.set(which, open);
    return open;
  };
  const standIn = async (id: string) => {
    missing.add(id);
    const writing =
      written.get(id) ?? Promise.all(WHICH.map((which) => write(folderOf(which), id, which))).then(() => {});
    written.set(id, writing);
    await writing;
  };
  return {
    async merge(first, ours, theirs) {
      const met = new Set<string>();
      for (let lacks: MissingObject = first; ; ) {
        // What is stood in for and still not there is damaged, not missing.
        if (!isId(lacks.id) || met.has(lacks.id) || missing.size >= MISSING_MAX) throw lacks;
        met.add(lacks.id);
        await standIn(lacks.id);
        try {
          const [a, b] = await Promise.all(WHICH.map((which) => mergerOf(which).merge(ours, theirs)));
          if (!isSame(a!, b!)) throw lacks;
          return { print: a!, missing };
        } catch (problem) {
          if (!(problem instanceof MissingObject) || problem === lacks) throw problem;
          lacks = problem;
        }
      }
    },
    close: () => {
      for (const merger of mergers.values()) merger.close();
    },
  };
}

const isSame = (a: MergePrint, b: MergePrint): boolean =>
  a.clean === b.clean &&
  a.tree === b.tree &&
  a.rest.length === b.rest.length &&
  a.rest.every((part, i) => part.equals(b.rest[i]!));

async function write(folder: string, id: string, which: string): Promise<void> {
  const dir = join(folder, id.slice(0, 2));
  await mkdir(dir, { recursive: true });
  const content = Buffer.from(`${which.repeat(32)} stands in for ${id}\n`.repeat(which === 'a' ? 1 : 100));
  const file = join(dir, id.slice(2));
  const whole = Buffer.concat([Buffer.from(`blob ${content.length}\0`), content]);
  const temporary = `${file}.${randomUUID()}.new`;
  await writeFile(temporary, deflateSync(whole));
  await rename(temporary, file);
}

/** Several folders are separated by colons there, so one with a colon is quoted. */
const quoted = (path: string) => (/[:"]/.test(path) ? `"${path.replace(/(["\\])/g, '\\$1')}"` : path);
