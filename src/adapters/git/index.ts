import { join, resolve } from 'node:path';
import { instantOf, type Ms } from '../../core/base/instant.ts';
import type { Repositories, Repository } from '../../ports/repository.ts';
import { commitsOf, known } from './change/change.ts';
import { type Copy, refreshCopy } from './copy/copy.ts';
import { keepRef } from './copy/keep.ts';
import { locate } from './copy/location.ts';
import { resolveName } from './copy/names.ts';
import { publishRef } from './copy/publish.ts';
import { checkoutTree, dropLeftTrees } from './copy/tree.ts';
import { explain } from './explain/explain.ts';
import { personOf, readable, subjectOf } from './objects/commit-text.ts';
import { printable } from './objects/git.ts';
import { createStore, type Store } from './objects/store.ts';
import { gitVersion } from './objects/version.ts';
import { assemble } from './pick/assemble.ts';
import { contains } from './pick/contains.ts';
import { survey } from './survey/survey.ts';

/**
 * Repositories over the machine's git, 2.38 or newer. `dir` holds the own copies and the trees that are
 * checked out; several processes may share it. `searchMs`: how long prerequisites of one conflict are
 * looked for, 10 s when not given.
 */
export function createRepositories(options: { readonly dir: string; readonly searchMs?: Ms }): Repositories {
  const dir = resolve(options.dir);
  const opened = new Map<string, Promise<Opened>>();
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
      const opening = before ?? openCopy(copy);
      opened.set(at.key, opening);
      const { store, repository } = await opening.catch((problem) => {
        opened.delete(at.key);
        throw problem;
      });
      if (before && copy.changed > 0) store.history.refresh();
      return repository;
    },
  };
  async function openCopy(copy: Copy): Promise<Opened> {
    const store = await storeOf(copy);
    const searchMs = options.searchMs ?? 10_000;
    return { store, repository: repositoryOf(store, copy, { trees: join(dir, 'trees'), searchMs }) };
  }
}

async function prepare(dir: string): Promise<void> {
  await gitVersion();
  await dropLeftTrees(join(dir, 'trees'));
}

type Opened = { readonly store: Store; readonly repository: Repository };

async function storeOf({ git }: Copy): Promise<Store> {
  const format = (await git.read(['rev-parse', '--show-object-format'])).toString('latin1').trim();
  return createStore(git, format === 'sha256' ? 'sha256' : 'sha1', await gitVersion());
}

function repositoryOf(
  store: Store,
  copy: Copy,
  options: { readonly trees: string; readonly searchMs: Ms },
): Repository {
  return {
    resolve: (name) => resolveName(store, name),
    commitsOf: (change, branch) => commitsOf(store, change, branch),
    assemble: (work) => store.during(() => assemble(store, work, options)),
    contains: (commit, change, { branch }) => store.during(() => contains(store, { commit, change, branch })),
    explain: (work) => store.during(() => explain(store, work)),
    survey: (work) => survey(store.git, work),
    publish: (fix, line, commit) => publishRef(store, copy, { fix, line, commit }),
    keep: (commit) => keepRef(store, copy, commit),
    async checkout(commit, paths = []) {
      await known(store, commit);
      return checkoutTree(store.git, options.trees, { commit, paths });
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
