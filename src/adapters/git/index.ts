import { join, resolve } from 'node:path';
import { instantOf, type Ms } from '../../core/base/instant.ts';
import { type Repositories, type Repository, SourceProblem } from '../../ports/repository.ts';
import { assemble } from './assemble.ts';
import { commitsOf, known } from './change.ts';
import { personOf, readable, subjectOf } from './commit-text.ts';
import { contains } from './contains.ts';
import { type Copy, refreshCopy } from './copy.ts';
import { gitAt, printable } from './git.ts';
import { locate } from './location.ts';
import { resolveName } from './names.ts';
import { publishRef } from './publish.ts';
import { createStore } from './store.ts';
import { checkoutTree, dropLeftTrees } from './tree.ts';

/**
 * Repositories over the machine's git, 2.38 or newer. `dir` holds the own copies and the trees that are
 * checked out; several processes may share it. `searchMs`: how long prerequisites of one conflict are
 * looked for, 10 s when not given.
 */
export function createRepositories(options: { readonly dir: string; readonly searchMs?: Ms }): Repositories {
  const dir = resolve(options.dir);
  const opened = new Map<string, Repository>();
  let ready: Promise<void> | undefined;
  return {
    async open(location) {
      ready ??= prepare(dir);
      await ready.catch((problem) => {
        ready = undefined;
        throw problem;
      });
      const at = locate(location);
      const copy = await refreshCopy(join(dir, 'copies'), at);
      const before = opened.get(at.key);
      if (before) return before;
      const repository = await repositoryOf(copy, join(dir, 'trees'), options.searchMs ?? 10_000);
      opened.set(at.key, repository);
      return repository;
    },
  };
}

async function prepare(dir: string): Promise<void> {
  const text = (await gitAt('/').read(['version'])).toString('utf8').trim();
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(text) ?? []).slice(1).map(Number);
  if (major < 2 || (major === 2 && minor < 38))
    throw new SourceProblem(`${text} is too old: expected git 2.38 or newer. Next: install a newer git.`);
  await dropLeftTrees(join(dir, 'trees'));
}

async function repositoryOf(copy: Copy, trees: string, searchMs: Ms): Promise<Repository> {
  const { git } = copy;
  const format = (await git.read(['rev-parse', '--show-object-format'])).toString('latin1').trim();
  const store = createStore(git, format === 'sha256' ? 64 : 40);
  return {
    resolve: (name) => resolveName(git, name),
    commitsOf: (change, branch) => commitsOf(store, change, branch),
    assemble: (work) => assemble(store, work, searchMs),
    contains: (commit, change, { branch }) => contains(store, { commit, change, branch }),
    publish: (fix, line, commit) => publishRef(store, copy, { fix, line, commit }),
    async checkout(commit, paths = []) {
      await known(store, commit);
      return checkoutTree(git, trees, { commit, paths });
    },
    async describe(commit) {
      const text = await known(store, commit);
      const author = personOf(text.author);
      return {
        author: printable(readable(author.name || author.email, text.encoding)),
        at: instantOf(author.seconds * 1_000),
        subject: printable(subjectOf(text)),
      };
    },
  };
}
