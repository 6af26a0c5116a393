import { join, resolve } from 'node:path';
import type { Ms } from '../../core/base/instant.ts';
import type { Repositories, Repository } from '../../ports/repository.ts';
import { type Copy, refreshCopy } from './copy/copy.ts';
import { locate } from './copy/location.ts';
import { dropLeftTrees } from './copy/tree.ts';
import { createStore, type Store } from './objects/store.ts';
import { gitVersion } from './objects/version.ts';
import { repositoryOf } from './repository.ts';

export { createChangeSource } from './scope/change-source.ts';

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
