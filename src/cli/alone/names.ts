import type { Change } from '../../core/assembly/assembly.ts';
import { type Commit, isCommit } from '../../core/base/ids.ts';
import { type Repository, SourceProblem } from '../../ports/repository.ts';

/** What people call commits, as full ids. */
export type Names = {
  /** `what` leads the message of a name that stands for nothing, such as `carried fix`. Throws a `SourceProblem`. */
  commit(name: string, what: string): Promise<Commit>;
  commits(names: readonly string[], what: string): Promise<Commit[]>;
  /** The same change with every commit in full. */
  change(change: Change): Promise<Change>;
  /** Where merged pull requests are looked for when nobody says. */
  branch(): Promise<string>;
};

const KEPT_MAX = 10_000;

/** Names of one repository; each is looked up once. A full id is taken as it is: whether it exists is asked later. */
export function namesIn(repository: Repository): Names {
  const found = new Map<string, Promise<Commit | undefined>>();
  const lookUp = (name: string) => {
    const before = found.get(name);
    if (before) return before;
    if (found.size >= KEPT_MAX) found.clear();
    const commit = repository.resolve(name);
    found.set(name, commit);
    return commit;
  };
  const commit: Names['commit'] = async (name, what) => {
    const id = isCommit(name) ? name : await lookUp(name);
    if (id !== undefined) return id;
    throw new SourceProblem(
      `${what} ${name} does not exist in the repository: expected a commit id, branch or tag that it holds`,
    );
  };
  const commits: Names['commits'] = (names, what) => Promise.all(names.map((name) => commit(name, what)));
  return {
    commit,
    commits,
    async change(change) {
      switch (change.kind) {
        case 'commits':
          return { ...change, commits: await commits(change.commits, 'commit') };
        case 'range':
          return {
            ...change,
            from: await commit(change.from, 'commit'),
            to: await commit(change.to, 'commit'),
          };
        case 'git-revert':
          return { ...change, commit: await commit(change.commit, 'commit') };
        case 'pull-request':
        case 'patch':
          return change;
      }
    },
    async branch() {
      for (const name of ['main', 'master']) if ((await lookUp(name)) !== undefined) return name;
      return 'HEAD';
    },
  };
}
