import type { ProposalKind } from '../../../core/assembly/assembly.ts';
import { type Commit, short } from '../../../core/base/ids.ts';
import { SourceProblem } from '../../../ports/repository.ts';
import type { Step } from '../change/steps.ts';
import { personOf, subjectOf, withTrailers } from '../objects/commit-text.ts';
import { pathText } from '../objects/path-text.ts';
import type { Store } from '../objects/store.ts';

const WE = 'fleetfix <fleetfix@localhost>';

/**
 * One commit per picked source onto `onto`: author and author date of the source, its message, and trailers.
 *
 * The committer's date is the later of the source's author date and the parent's committer date, so that the
 * same input gives the same ids on every machine and no commit is older than its parent. Throws a `SourceProblem`, and
 * writes nothing, when one of the trees has a path that no checkout may have.
 */
export async function writeCandidate(
  store: Store,
  onto: Commit,
  picks: readonly { readonly step: Step; readonly tree: string }[],
  /** The proposal that settled the conflict, and the first pick it is about. */
  more?: { readonly remedy: ProposalKind; readonly from: number },
): Promise<Commit> {
  const base = await store.commit(onto);
  await refuseOddPaths(store, [base.tree, ...picks.map((one) => one.tree)]);
  let parent = onto;
  let parentAt = personOf(base.committer).seconds;
  for (const [i, { step, tree }] of picks.entries()) {
    const source = await store.commit(step.source);
    parentAt = Math.max(parentAt, personOf(source.author).seconds);
    const trailers = [
      ...(step.fix ? [`Fleetfix: ${step.fix}`] : []),
      `Fleetfix-Base: ${onto}`,
      ...(more && i >= more.from ? [`Fleetfix-Remedy: ${more.remedy}`] : []),
    ];
    const when = `${parentAt} +0000`;
    const written = step.isRevert
      ? {
          author: `${WE} ${when}`,
          message: withTrailers(
            `Revert "${Buffer.from(subjectOf(source), 'utf8').toString('latin1')}"\n\nThis reverts commit ${source.id}.`,
            trailers,
          ),
        }
      : {
          author: wellFormed(source.author),
          ...(source.encoding === undefined ? {} : { encoding: source.encoding }),
          // Nobody else has the commit that was made of a patch, so no message names it.
          message: withTrailers(source.message, [
            ...(step.made ? [] : [`(cherry picked from commit ${source.id})`]),
            ...trailers,
          ]),
        };
    parent = store.writeCommit({ tree, parents: [parent], committer: `${WE} ${when}`, ...written });
  }
  await store.keep(parent);
  return parent;
}

/**
 * Names that a checkout must never write; a repository holds them only by intent. Each tree is looked at beside the
 * one before, since a later commit may take away what an earlier one wrote.
 */
async function refuseOddPaths(store: Store, trees: readonly string[]): Promise<void> {
  for (const [i, to] of trees.entries()) {
    const changed = i === 0 ? [] : await store.trees.changed(trees[i - 1]!, to);
    const odd = changed.find((one) => one.to && one.path.split('/').some(isOdd));
    if (odd)
      throw new SourceProblem(
        `the change writes "${pathText(Buffer.from(odd.path, 'latin1'))}", a path no checkout may have. ` +
          'Expected paths without ".git", "." and "..". Next: look at the change; it may be an attack.',
      );
  }
}

const isOdd = (name: string) => /^(\.git|\.|\.\.|)$/i.test(name);

/** An author as git can read it: servers refuse a name without an address, or a time that no clock has. */
function wellFormed(author: string): string {
  if (/^[^<>\n]* <[^<>\n]*> \d{1,11} [+-]\d{4}$/.test(author)) return author;
  const { name, email, seconds } = personOf(author);
  return `${name.replace(/[<>\n]/g, '') || 'unknown'} <${email}> ${seconds} +0000`;
}

/** `3 commits onto 5cd2f01a9b3c`. */
export const countOnto = (count: number, onto: Commit) =>
  `${count} ${count === 1 ? 'commit' : 'commits'} onto ${short(onto)}`;
