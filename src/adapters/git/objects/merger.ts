import { availableParallelism } from 'node:os';
import type { Commit } from '../../../core/base/ids.ts';
import { failureOf, type Git, MissingObject, missingObject } from './git.ts';
import { nulParts } from './path-text.ts';
import { leastBusy, openTalk, TalkEnded } from './talk.ts';
import type { GitVersion } from './version.ts';

/** What `git merge-tree` printed of one merge: the tree, and unless it is clean what comes after it. */
export type MergePrint = { readonly clean: boolean; readonly tree: string; readonly rest: readonly Buffer[] };

/** Merges two commits of one made-up base. Throws `MissingObject` when an object is not there. */
export type Merger = {
  merge(ours: Commit, theirs: Commit): Promise<MergePrint>;
  close(): void;
};

/**
 * Merges over long-lived `git merge-tree --stdin`, as many at once as there are cores.
 *
 * git 2.39 to 2.48 do not flush between answers and would wait for ever; `stdbuf` of the C library's
 * tools makes them. Where that is missing, and on 2.38, each merge is a process of its own: slower, and
 * the same answer.
 */
export function createMerger(git: Git, version: GitVersion): Merger {
  const launch = launchOf(version);
  if (!launch) return { merge: (ours, theirs) => mergeOnce(git, ours, theirs), close: () => {} };
  const [file, ...args] = launch;
  const talks = Array.from({ length: Math.min(4, availableParallelism()) }, () =>
    openTalk<MergePrint>({ file: file!, args, cwd: git.dir, env: git.env, readAnswer }),
  );
  return {
    async merge(ours, theirs) {
      try {
        return await leastBusy(talks).ask(`${ours} ${theirs}\n`);
      } catch (problem) {
        if (!(problem instanceof TalkEnded)) throw problem;
        const missing = missingObject(problem.stderr);
        if (missing !== undefined) throw new MissingObject(missing);
        // Alone it works, or says with its exit code what is wrong.
        return mergeOnce(git, ours, theirs);
      }
    },
    close: () => {
      for (const talk of talks) talk.close();
    },
  };
}

const STDIN = ['merge-tree', '--write-tree', '-z', '--messages', '--stdin'];

function launchOf(version: GitVersion): readonly string[] | undefined {
  if (version.atLeast(2, 49)) return ['git', ...STDIN];
  if (version.atLeast(2, 39) && version.hasStdbuf) return ['stdbuf', '-o0', 'git', ...STDIN];
  return undefined;
}

/**
 * `<1 clean or 0>` and the tree; when there are conflicts a part for each side of each path; an empty part;
 * the messages, each with its count of paths in front; a part that is empty or advice. All ended by NUL.
 */
function readAnswer(bytes: Buffer): { used: number; answer: MergePrint } | undefined {
  const parts: Buffer[] = [];
  let at = 0;
  const next = () => {
    const end = bytes.indexOf(0, at);
    if (end < 0) return undefined;
    const part = bytes.subarray(at, end);
    at = end + 1;
    parts.push(part);
    return part;
  };
  const skip = (count: number) => {
    for (let i = 0; i < count; i += 1) if (next() === undefined) return false;
    return true;
  };
  if (!skip(2)) return undefined;
  for (let side = next(); ; side = next()) {
    if (side === undefined) return undefined;
    if (side.length === 0) break;
  }
  for (let count = next(); ; count = next()) {
    if (count === undefined) return undefined;
    // After a conflict of submodules git 2.38 and later put advice in front of the last NUL, without one of its own.
    if (!/^\d+$/.test(count.toString('latin1'))) break;
    if (!skip(Number(count.toString('latin1')) + 2)) return undefined;
  }
  const [status, tree, ...rest] = parts.map((part) => Buffer.from(part));
  const clean = status!.toString('latin1') === '1';
  return { used: at, answer: { clean, tree: tree!.toString('latin1'), rest } };
}

async function mergeOnce(git: Git, ours: Commit, theirs: Commit): Promise<MergePrint> {
  const args = ['merge-tree', '--write-tree', '-z', '--messages', ours, theirs];
  const ran = await git.run(args);
  const [first, ...rest] = nulParts(ran.stdout);
  const tree = first?.toString('latin1') ?? '';
  // 1 means conflicts, and then git has written a tree; anything else is a failure.
  const isWhole = ran.code === 0 || (ran.code === 1 && /^[0-9a-f]{40,64}$/.test(tree));
  if (!isWhole) throw failureOf(args, git.dir, ran);
  return { clean: ran.code === 0, tree, rest };
}
