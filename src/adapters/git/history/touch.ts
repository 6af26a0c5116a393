import type { Touch } from '../../../core/assembly/assembly.ts';
import type { Commit } from '../../../core/base/ids.ts';
import { instantOf } from '../../../core/base/instant.ts';
import { type CommitText, personOf, readable, subjectOf } from '../objects/commit-text.ts';
import { printable } from '../objects/git.ts';
import type { Store } from '../objects/store.ts';

/** A commit for people: subject, author, time, and the pull request that brought it in where history tells. */
export async function touchOf(store: Store, commit: CommitText): Promise<Touch> {
  const author = personOf(commit.author);
  const pullRequest = await pullRequestOf(store, commit.id);
  return {
    commit: commit.id,
    subject: printable(subjectOf(commit)),
    author: printable(readable(author.name || author.email, commit.encoding)),
    at: instantOf(author.seconds * 1_000),
    ...(pullRequest === undefined ? {} : { pullRequest }),
  };
}

/** A history that cannot be read takes the number away, not the commit. */
async function pullRequestOf({ history }: Store, id: Commit): Promise<number | undefined> {
  const isKnown = await history.know([id]).then(
    () => true,
    () => false,
  );
  return isKnown ? history.pullRequestsOf(id)[0] : undefined;
}
