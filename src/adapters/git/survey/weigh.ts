import type { Weight } from '../../../core/assembly/survey.ts';
import type { Commit } from '../../../core/base/ids.ts';
import { type Git, MissingObject } from '../objects/git.ts';

/** Counts changed lines of commits, each commit once however often it is asked for. */
export type Scales = {
  /** Of the files that `counts` takes. Changes that cannot be read have no lines: see `unread`. */
  weigh(commits: readonly Commit[], counts: (path: string) => boolean): Promise<Weight>;
};

type File = { readonly path: string; readonly lines: number };

const DIFF_MS = 600_000;
const DIFF_BYTES_MAX = 512 * 1024 * 1024;
const DIFF = ['diff-tree', '--stdin', '--numstat', '-z', '--no-renames', '-r', '--root'];

/** A store; its git is another one once its scratch was emptied. */
export type HasGit = { readonly git: Git };

export function createScales(store: HasGit): Scales {
  const known = new Map<Commit, readonly File[]>();
  return {
    async weigh(commits, counts) {
      await readFiles(store.git, commits, known);
      const files = new Set<string>();
      let lines = 0;
      for (const file of commits.flatMap((commit) => known.get(commit) ?? [])) {
        if (!counts(file.path)) continue;
        files.add(file.path);
        lines += file.lines;
      }
      return { files: files.size, lines };
    },
  };
}

/**
 * git ends at the first object that is missing, so that commit is then read by its file names alone, and the
 * others go on.
 */
async function readFiles(
  git: Git,
  commits: readonly Commit[],
  into: Map<Commit, readonly File[]>,
): Promise<void> {
  const rest = () => commits.filter((commit) => !into.has(commit));
  for (let left = rest(); left.length > 0; left = rest()) {
    const ran = await git.run(DIFF, {
      input: `${left.join('\n')}\n`,
      timeoutMs: DIFF_MS,
      keepBytesMax: DIFF_BYTES_MAX,
    });
    const read = readNumstat(ran.stdout.toString('utf8'));
    if (ran.code === 0) {
      for (const commit of left) into.set(commit, read.get(commit) ?? []);
      return;
    }
    const broken = left.find((commit) => !read.has(commit)) ?? left.at(-1)!;
    for (const [commit, files] of read) if (commit !== broken) into.set(commit, files);
    into.set(broken, await namesOf(git, broken));
  }
}

async function namesOf(git: Git, commit: Commit): Promise<File[]> {
  const args = [
    'diff-tree',
    '--name-only',
    '-z',
    '--no-renames',
    '--no-commit-id',
    '-r',
    '--root',
    commit,
    '--',
  ];
  const out = await git.read(args).catch((problem) => {
    if (problem instanceof MissingObject) return Buffer.alloc(0);
    throw problem;
  });
  return out
    .toString('utf8')
    .split('\0')
    .filter(Boolean)
    .map((path) => ({ path, lines: 0 }));
}

/** An id, then `added<TAB>removed<TAB>path` for each file; all ended by zero bytes. A `-` is a binary file. */
function readNumstat(text: string): Map<Commit, File[]> {
  const all = new Map<Commit, File[]>();
  let files: File[] = [];
  for (const part of text.split('\0')) {
    const found = /^(\d+|-)\t(\d+|-)\t(.*)$/s.exec(part);
    if (found) files.push({ path: found[3]!, lines: (Number(found[1]) || 0) + (Number(found[2]) || 0) });
    else if (/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(part)) {
      files = [];
      all.set(part, files);
    }
  }
  return all;
}
