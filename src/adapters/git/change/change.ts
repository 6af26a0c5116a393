import type { Change } from '../../../core/assembly/assembly.ts';
import { type Commit, isCommit, short } from '../../../core/base/ids.ts';
import { SourceProblem } from '../../../ports/repository.ts';
import { resolveName } from '../copy/names.ts';
import type { Known } from '../history/history.ts';
import { printable } from '../objects/git.ts';
import type { Store } from '../objects/store.ts';
import { commitsOfPatch } from './patch.ts';

/** More than this is not a fix, and a mistyped range would run for hours. */
const COMMITS_MAX = 2_000;

/**
 * The source commits of a change, oldest first, each once and none a merge.
 *
 * A merge stands for the commits it brought in. For `git-revert` it is the one commit whose effect is to be
 * taken back, as it is named (a merge stays a merge and is taken back against its first parent):
 * the assembly applies its inverse.
 */
export async function commitsOf(store: Store, change: Change, branch: string): Promise<Commit[]> {
  switch (change.kind) {
    case 'commits':
      return ofCommits(store, change.commits);
    case 'range':
      return ofRange(store, change.from, change.to);
    case 'git-revert':
      return [(await known(store, change.commit)).id];
    case 'pull-request':
      return ofPullRequest(store, change.number, branch);
    case 'patch':
      return [...(await commitsOfPatch(store, change.text, { branch })).commits];
  }
}

/** A commit that must be there. Throws `SourceProblem` naming it. */
export async function known(store: Store, id: Commit) {
  const found = isCommit(id) ? await store.findCommit(id) : undefined;
  if (found) return found;
  throw new SourceProblem(
    `commit ${printable(id).slice(0, 80)} is not in the repository. Expected the full id of a commit that was pushed. ` +
      `Next: check the id, or push the commit and try again.`,
  );
}

/** Prerequisites or a list of commits: merges opened, the rest as it is, in the order given. */
export async function expand(store: Store, ids: readonly Commit[]): Promise<Commit[]> {
  const all = new Set<Commit>();
  for (const id of ids) {
    const commit = await known(store, id);
    await store.history.know([id]);
    const brought = commit.parents.length > 1 ? bringsIn(store, id) : [id];
    if (brought.length === 0) throw new SourceProblem(emptyMerge(id));
    for (const one of brought) all.add(one);
  }
  if (all.size > COMMITS_MAX) throw tooMany(all.size);
  return [...all];
}

async function ofCommits(store: Store, ids: readonly Commit[]): Promise<Commit[]> {
  if (ids.length === 0)
    throw new SourceProblem('the change names no commit. Expected at least one. Next: name it.');
  const all = await expand(store, ids);
  return inOrder(store, all);
}

const bringsIn = (store: Store, merge: Commit) => store.history.broughtBy(merge).map((one) => one.id);

/** As given, but no commit before its ancestor: a list that was written newest first means the same. */
function inOrder({ history }: Store, ids: readonly Commit[]): Commit[] {
  const heightOf = (id: Commit) => history.get(id)?.height ?? 0;
  const byHeight = ids.toSorted((a, b) => heightOf(a) - heightOf(b));
  if (byHeight.every((id, i) => i === 0 || history.isAncestor(byHeight[i - 1]!, id))) return byHeight;
  const left = [...ids];
  const ordered: Commit[] = [];
  while (left.length > 0) {
    const first = left.findIndex((id) =>
      left.every((other) => heightOf(other) >= heightOf(id) || !history.isAncestor(other, id)),
    );
    ordered.push(...left.splice(first, 1));
  }
  return ordered;
}

async function ofRange(store: Store, from: Commit, to: Commit): Promise<Commit[]> {
  await Promise.all([known(store, from), known(store, to)]);
  const { history } = store;
  await history.know([from, to]);
  if (!history.isAncestor(from, to))
    throw new SourceProblem(
      `range ${short(from)}..${short(to)}: ${short(from)} is not an ancestor of ${short(to)}. ` +
        `Expected two commits of one history, the older one first. Next: swap them, or name the commits one by one.`,
    );
  const line = firstParents(store, to, (id) => history.isAncestor(id, from));
  if (line.length === 0)
    throw new SourceProblem(
      `range ${short(from)}..${short(to)} is empty. Expected at least one commit after the first. Next: name an older start.`,
    );
  if (line.length > COMMITS_MAX) throw tooMany(line.length);
  const opened = line
    .toReversed()
    .flatMap((one) => (one.parents.length > 1 ? bringsIn(store, one.id) : [one.id]));
  return [...new Set(opened)];
}

/** The commit, its first parent, and so on until one that `isEnd`; newest first. */
function firstParents({ history }: Store, from: Commit, isEnd: (id: Commit) => boolean): Known[] {
  const line: Known[] = [];
  for (let one = history.get(from); one && !isEnd(one.id); one = history.get(one.parents[0] ?? ''))
    line.push(one);
  return line;
}

/**
 * By what the merge wrote on the branch: GitHub's `Merge pull request #N `, or a squash whose subject ends
 * in `(#N)`. Titles are never compared. Several: the newest (a pull request that was landed again).
 */
async function ofPullRequest(store: Store, number: number, branch: string): Promise<Commit[]> {
  const tip = await resolveName(store, branch);
  if (tip === undefined)
    throw new SourceProblem(
      `branch "${printable(branch)}" is not in the repository. Expected the branch pull requests are merged to. ` +
        `Next: correct "branch" of the component.`,
    );
  const found = await findPullRequest(store, number, tip);
  if (found !== undefined) return expand(store, [found]);
  throw new SourceProblem(
    `pull request #${number} was not found: searched the first-parent history of ${printable(branch)} (${short(tip)}) for ` +
      `"Merge pull request #${number} " and for subjects that end in "(#${number})". ` +
      `It may be open, on another branch, or merged by rebase. Next: name its commits instead.`,
  );
}

async function findPullRequest(store: Store, number: number, tip: Commit): Promise<Commit | undefined> {
  await store.history.know([tip]);
  const merge = `Merge pull request #${number} `;
  const squash = `(#${number})`;
  const line = firstParents(store, tip, () => false);
  const merged = line.find(({ subject, parents }) => parents.length > 1 && subject.startsWith(merge));
  if (merged) return merged.id;
  const squashed = line.filter(({ subject }) => subject.endsWith(squash));
  if (squashed.length < 2) return squashed[0]?.id;
  throw new SourceProblem(
    `pull request #${number} may be any of ${squashed.length} commits whose subject ends in "${squash}": ` +
      `${squashed
        .slice(0, 5)
        .map(({ id, subject }) => `${short(id)} ${printable(subject)}`)
        .join('; ')}. Next: name the one that is meant.`,
  );
}

const emptyMerge = (id: Commit) =>
  `merge ${short(id)} brought in no commit of its own. Expected a commit, or a merge that brought some. Next: name the commits.`;

const tooMany = (count: number) =>
  new SourceProblem(
    `the change has ${count} commits, more than ${COMMITS_MAX}. Next: name a smaller range, or the commits of the fix alone.`,
  );
