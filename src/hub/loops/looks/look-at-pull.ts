import { type Commit, short } from '../../../core/base/ids.ts';
import { forgeOf, isOf, type Look, type PullRequestRef } from '../../../core/proof/closing-item.ts';
import type { PullRequestSeen } from '../../../ports/links.ts';
import { type Repository, SourceProblem } from '../../../ports/repository.ts';
import type { LookRun } from './look-run.ts';

/** What it was merged as; `before`: what the branch was before, any of those. `branch`: where it is now. */
type Merged = {
  readonly commit?: Commit;
  readonly before: readonly Commit[];
  readonly branch: string;
  readonly because: string;
};

/** Whether the pull request is merged, and its merge brought the fix's change where the item asks for that. */
export async function lookAtPull(run: LookRun, pull: PullRequestRef): Promise<Look> {
  const { parts, component, item } = run;
  const repository = await parts.repositories.open(component.repository);
  const merged = (await mergedInGit(run, pull, repository)) ?? (await mergedOnForge(run, pull, repository));
  if ('result' in merged) return merged;
  const { commit, because } = merged;
  const found = commit === undefined ? {} : { commit };
  if (item.kind !== 'pull-request' || item.contains === undefined)
    return { result: 'pass', because, ...found };
  const lack = await lackOf(run, merged, repository);
  return lack === undefined
    ? { result: 'pass', because: `${because}, with the change`, ...found }
    : { result: 'fail', because: `${because}, ${lack}`, ...found };
}

/** The component's own repository tells by itself what was merged into its branch; then nobody is asked. */
async function mergedInGit(
  { component }: LookRun,
  { host, repository: of, number }: PullRequestRef,
  repository: Repository,
): Promise<Merged | undefined> {
  const own = forgeOf(component.repository);
  if (own?.toLowerCase() !== `${host}/${of}`.toLowerCase()) return undefined;
  const commits = await repository
    .commitsOf({ kind: 'pull-request', number }, component.branch)
    .catch((problem: unknown) => {
      if (problem instanceof SourceProblem) return [];
      throw problem;
    });
  const [first] = commits;
  const commit = commits.at(-1);
  if (first === undefined || commit === undefined) return undefined;
  const because = `merged into ${component.branch}, says git: ${short(commit)}`;
  return { commit, because, branch: component.branch, before: await known(repository, [`${first}^`]) };
}

async function mergedOnForge(
  { links, item, signal }: LookRun,
  pull: PullRequestRef,
  repository: Repository,
): Promise<Merged | Look> {
  const seen = await links.pullRequest(pull, signal);
  const name = `${seen.repository}#${pull.number}`;
  const fail = (because: string): Look => ({ result: 'fail', because });
  const wanted = item.kind === 'pull-request' ? item.repository : undefined;
  // A name that was given to another repository since leads there.
  if (wanted !== undefined && !isOf({ ...pull, repository: seen.repository }, wanted))
    return fail(`it is ${name} by now, not of ${wanted}`);
  if (!seen.merged) return fail(`${name} is ${seen.state}, not merged; have it looked at again once it is`);
  const { commit, branch } = seen;
  const because = `${name} is merged into ${branch}${commit === undefined ? '' : `: ${short(commit)}`}`;
  if (commit === undefined) return { because, branch, before: [] };
  return { commit, because, branch, before: await beforeMerge(seen, commit, repository) };
}

/**
 * A merge and one commit of all have what was there before as their first parent. Where several came one after the other, it lies
 * as many back; which of the two it was, the forge does not say.
 */
async function beforeMerge({ commits }: PullRequestSeen, commit: Commit, repository: Repository) {
  const isMerge = (await known(repository, [`${commit}^2`])).length > 0;
  return await known(repository, [
    `${commit}^1`,
    ...(isMerge || commits < 2 ? [] : [`${commit}~${commits}`]),
  ]);
}

/** The commits that these names stand for, as far as there are any. */
async function known(repository: Repository, names: readonly string[]): Promise<Commit[]> {
  const found = await Promise.all(names.map((name) => repository.resolve(name)));
  return found.filter((one) => one !== undefined);
}

/** Why a merge is not what brought the change; undefined when it did. What was there before it, another one brought. */
async function lackOf(
  { it, component }: LookRun,
  { commit, before, branch }: Merged,
  repository: Repository,
): Promise<string | undefined> {
  const [fetched] = await known(repository, commit === undefined ? [] : [commit]);
  if (fetched === undefined)
    return `but its merge is not in the copy of ${component.repository}, so nobody can tell whether it holds the change`;
  const at = (place: Commit) => repository.contains(place, it.fix.change, { branch: component.branch });
  const has = async (place: Commit) => {
    const { contained, gitReverted } = await at(place);
    return contained && !gitReverted;
  };
  if (!(await has(fetched))) return 'but its merge does not hold the change';
  const hadIt = await Promise.all(before.map(has));
  if (before.length > 0 && hadIt.every((had) => had))
    return 'but the change was there before it: another one brought it';
  const [now] = await known(repository, [branch]);
  if (now !== undefined && (await at(now)).gitReverted) return `but ${branch} has it git-reverted since`;
  return undefined;
}
