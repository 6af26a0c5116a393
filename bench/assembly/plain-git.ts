import { mkdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { formatCommit } from '../../src/adapters/git/objects/commit-text.ts';
import { gitAt } from '../../src/adapters/git/objects/git.ts';
import { looseFolder } from '../../src/adapters/git/objects/loose.ts';
import { createMerger } from '../../src/adapters/git/objects/merger.ts';
import { gitVersion } from '../../src/adapters/git/objects/version.ts';
import { git } from '../../src/adapters/git/test-source.ts';
import type { Case } from './cases.ts';

/** What one way needed for one case, and the tree it made. */
export type Took = { readonly ms: number; readonly tree: string };

/** The ways that people put a change onto a commit today, all on one repository of their own. */
export type PlainGit = {
  /** Files of the commit that the repository lacks; a checkout must leave them out. */
  lacks(commit: string): Promise<readonly string[]>;
  /** `git worktree add`, `git cherry-pick`, `git worktree remove`. */
  worktree(one: Case): Promise<Took>;
  /** `git worktree add --no-checkout`, the touched paths alone, `git cherry-pick`. */
  sparse(one: Case): Promise<Took>;
  /** `git clone --shared`, checkout, `git cherry-pick`. */
  clone(one: Case): Promise<Took>;
};

/** `dir`: an empty folder; `from`: only read, a copy that shares its objects is made. */
export async function openPlainGit(dir: string, from: string): Promise<PlainGit> {
  const repository = join(dir, 'repository.git');
  await git(dir, ['clone', '--quiet', '--shared', '--bare', from, repository]);
  await git(repository, ['commit-graph', 'write', '--reachable', '--no-progress']);
  let trees = 0;
  const fresh = () => {
    trees += 1;
    return join(dir, `tree-${trees}`);
  };
  const treeOf = async (at: string) => (await git(at, ['rev-parse', 'HEAD^{tree}'])).trim();
  const pick = (at: string, one: Case) => git(at, ['cherry-pick', ...one.commits]);
  const removeTree = (at: string) => git(repository, ['worktree', 'remove', '--force', at]);
  const lacks = (commit: string) => lacking(from, commit);
  return {
    lacks,
    async worktree(one) {
      const at = fresh();
      const without = await lacks(one.onto);
      const add = ['worktree', 'add', '--quiet', '--detach'];
      if (without.length > 0) await allowLacking(repository);
      const began = performance.now();
      if (without.length === 0) await git(repository, [...add, at, one.onto]);
      else {
        await git(repository, [...add, '--no-checkout', at, one.onto]);
        await leaveOut(at, without);
        await git(at, ['checkout', '--quiet']);
      }
      await pick(at, one);
      const pickedMs = performance.now() - began;
      const tree = await treeOf(at);
      const removing = performance.now();
      await removeTree(at);
      return { ms: pickedMs + performance.now() - removing, tree };
    },
    async sparse(one) {
      const at = fresh();
      const paths = await touched(repository, one);
      if ((await lacks(one.onto)).length > 0) await allowLacking(repository);
      const began = performance.now();
      await git(repository, ['worktree', 'add', '--quiet', '--no-checkout', '--detach', at, one.onto]);
      await git(at, ['sparse-checkout', 'set', '--no-cone', ...paths.map((path) => `/${path}`)]);
      await git(at, ['checkout', '--quiet']);
      await pick(at, one);
      const ms = performance.now() - began;
      const tree = await treeOf(at);
      await removeTree(at);
      return { ms, tree };
    },
    async clone(one) {
      const at = fresh();
      const without = await lacks(one.onto);
      const began = performance.now();
      await git(dir, ['clone', '--quiet', '--shared', '--no-checkout', repository, at]);
      if (without.length > 0) {
        await allowLacking(at);
        await leaveOut(at, without);
      }
      await git(at, ['checkout', '--quiet', '--detach', one.onto]);
      await pick(at, one);
      const ms = performance.now() - began;
      const tree = await treeOf(at);
      await rm(at, { recursive: true });
      return { ms, tree };
    },
  };
}

/** git writes no tree with a file it has not got, unless it is said to be elsewhere and not wanted here. */
async function allowLacking(at: string): Promise<void> {
  await git(at, ['config', 'remote.nowhere.url', 'file:///nowhere']);
  await git(at, ['config', 'remote.nowhere.promisor', 'true']);
}

async function leaveOut(at: string, paths: readonly string[]): Promise<void> {
  const gitDir = (await git(at, ['rev-parse', '--absolute-git-dir'])).trim();
  mkdirSync(join(gitDir, 'info'), { recursive: true });
  writeFileSync(
    join(gitDir, 'info', 'sparse-checkout'),
    ['/*', ...paths.map((path) => `!/${path}`), ''].join('\n'),
  );
  // For this tree alone: the others have patterns of their own.
  await git(at, ['config', 'extensions.worktreeConfig', 'true']);
  await git(at, ['config', '--worktree', 'core.sparseCheckout', 'true']);
}

async function lacking(repository: string, commit: string): Promise<string[]> {
  const rows = (await git(repository, ['ls-tree', '-r', '-z', commit])).split('\0').filter(Boolean);
  const files = rows
    .filter((row) => row.includes(' blob '))
    .map((row) => ({ id: row.split(/[ \t]/)[2]!, row }));
  const input = Buffer.from(files.map(({ id }) => `${id}\n`).join(''));
  const found = (await git(repository, ['cat-file', '--batch-check'], input)).split('\n');
  return files
    .filter((_, i) => found[i]!.endsWith(' missing'))
    .map(({ row }) => row.slice(row.indexOf('\t') + 1));
}

async function touched(repository: string, one: Case): Promise<string[]> {
  const show = ['diff-tree', '-r', '-z', '--root', '--no-commit-id', '--name-only', '--no-renames'];
  const names = await Promise.all(one.commits.map((commit) => git(repository, [...show, commit])));
  return [...new Set(names.flatMap((out) => out.split('\0').filter(Boolean)))];
}

/**
 * The limit of any way that merges with git: the very merges of the cases and nothing else, over one
 * `git merge-tree --stdin` that is up. All it is asked about is written beforehand.
 */
export async function openBareMerges(dir: string, from: string) {
  const repository = join(dir, 'merges.git');
  await git(dir, ['clone', '--quiet', '--shared', '--bare', from, repository]);
  const merger = createMerger(gitAt(repository), await gitVersion());
  const objects = looseFolder(join(repository, 'objects'), 'sha1');
  const who = 'bench <bench@localhost> 0 +0000';
  const write = (tree: string, parents: readonly string[]) => {
    const body = formatCommit({ tree, parents, author: who, committer: who, message: '' });
    return objects.write('commit', body);
  };
  const treeOf = async (name: string) => (await git(repository, ['rev-parse', `${name}^{tree}`])).trim();
  return {
    /** Writes what the merges of a case need, and returns their measurement. `trees`: after each commit. */
    async prepare(one: Case): Promise<() => Promise<Took>> {
      let tree = await treeOf(one.onto);
      const pairs: [string, string][] = [];
      for (const commit of one.commits) {
        const base = write(await treeOf(`${commit}^`), []);
        const pair: [string, string] = [write(tree, [base]), write(await treeOf(commit), [base])];
        pairs.push(pair);
        // Only a change of several commits must be merged before it can be measured.
        if (one.commits.length > 1) tree = (await merger.merge(...pair)).tree;
      }
      return async () => {
        const began = performance.now();
        for (const pair of pairs) ({ tree } = await merger.merge(...pair));
        return { ms: performance.now() - began, tree };
      };
    },
    close: () => merger.close(),
  };
}
