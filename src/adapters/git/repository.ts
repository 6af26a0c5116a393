import { instantOf, type Ms } from '../../core/base/instant.ts';
import type { Repository } from '../../ports/repository.ts';
import { commitsOf, known } from './change/change.ts';
import type { Copy } from './copy/copy.ts';
import { keepRef } from './copy/keep.ts';
import { resolveName } from './copy/names.ts';
import { publishRef } from './copy/publish.ts';
import { checkoutTree } from './copy/tree.ts';
import { explain } from './explain/explain.ts';
import { personOf, readable, subjectOf } from './objects/commit-text.ts';
import { printable } from './objects/git.ts';
import type { Store } from './objects/store.ts';
import { assemble } from './pick/assemble.ts';
import { contains } from './pick/contains.ts';
import { readRange } from './scope/change-source.ts';
import { survey } from './survey/survey.ts';

type Options = {
  /** The folder that checkouts stand in. */
  readonly trees: string;
  /** How long remedies of one conflict are looked for. */
  readonly searchMs: Ms;
};

/** A repository over the store of its own copy. */
export function repositoryOf(store: Store, copy: Copy, options: Options): Repository {
  return held(store, {
    gitDir: copy.git.dir,
    resolve: (name) => resolveName(store, name),
    commitsOf: (change, branch) => commitsOf(store, change, branch),
    assemble: (work) => assemble(store, work, options),
    contains: (commit, change, { branch }) => contains(store, { commit, change, branch }),
    explain: (work) => explain(store, work),
    survey: (work) => survey(store, work),
    change: (from, to) => readRange(store.git, { from, to }),
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
  });
}

/**
 * The same repository whose scratch stays for as long as one of its works runs: between works it may be emptied, and
 * the programs that read it ended.
 */
function held(store: Pick<Store, 'during'>, repository: Repository): Repository {
  const hold =
    <Asked extends unknown[], Answer>(work: (...asked: Asked) => Promise<Answer>) =>
    (...asked: Asked) =>
      store.during(() => work(...asked));
  return {
    ...(repository.gitDir !== undefined && { gitDir: repository.gitDir }),
    resolve: hold(repository.resolve),
    commitsOf: hold(repository.commitsOf),
    assemble: hold(repository.assemble),
    contains: hold(repository.contains),
    explain: hold(repository.explain),
    survey: hold(async (work) => {
      const surveyed = await repository.survey(work);
      return { ...surveyed, weigh: hold(surveyed.weigh) };
    }),
    change: hold(repository.change),
    publish: hold(repository.publish),
    keep: hold(repository.keep),
    checkout: hold(repository.checkout),
    describe: hold(repository.describe),
  };
}
