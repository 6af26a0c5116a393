import type { TestCommit, TestSource } from '../../../ports/repository.contract.ts';
import { gitAt } from '../objects/git.ts';
import { type Delta, deltaOf } from '../objects/merge.ts';
import { createStore, type Store } from '../objects/store.ts';
import { gitVersion } from '../objects/version.ts';
import { createTestSource } from '../test-source.ts';

type Files = NonNullable<TestCommit['files']>;

/** A source whose main branch and line went apart, and a store on it. */
export type TestFork = {
  readonly store: Store;
  readonly source: TestSource;
  /** Commits `base` on main, `ours` on a new line from there, and each of `changes` on main; with what they are as work. */
  fork(
    base: Files,
    ours: Files,
    ...changes: Files[]
  ): Promise<{
    readonly onto: string;
    readonly tree: string;
    readonly base: string;
    readonly steps: { source: string; delta: Delta; isRevert: false }[];
  }>;
  /** What stands at a path (bytes as latin1 text) of a tree. */
  content(tree: string, path: string): Promise<string | undefined>;
  dispose(): Promise<void>;
};

export async function createTestFork(): Promise<TestFork> {
  const source = await createTestSource();
  const store = createStore(gitAt(source.location), 'sha1', await gitVersion());
  let forks = 0;
  return {
    store,
    source,
    async fork(before, ours, ...changes) {
      const [main, line] = [`main-${forks}`, `line-${forks}`];
      forks += 1;
      const base = await source.commit({ on: main, message: 'Begin', files: before });
      const onto = await source.commit({
        on: line,
        from: base,
        message: 'Work on the line (#7)',
        files: ours,
      });
      const steps = [];
      for (const [i, files] of changes.entries()) {
        const fix = await source.commit({ on: main, message: `Change ${i + 1}`, files });
        steps.push({ source: fix, delta: await deltaOf(store, fix), isRevert: false as const });
      }
      return { onto, tree: (await store.commit(onto)).tree, base, steps };
    },
    async content(tree, path) {
      const entry = await store.trees.at(tree, path);
      return entry && (await store.read(entry.id))?.body?.toString('latin1');
    },
    async dispose() {
      store.close();
      await source.dispose();
    },
  };
}
