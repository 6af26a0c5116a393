import { type Commit, short } from '../../../core/base/ids.ts';
import { forgeOf, isOf, type Look, type PullRequestRef } from '../../../core/closing/item.ts';
import type { PullRequestSeen } from '../../../ports/links.ts';
import { type Repository, SourceProblem } from '../../../ports/repository.ts';
import type { LookRun } from './look-at.ts';

type Merged = { readonly commit?: Commit; readonly before?: Commit; readonly because: string };

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
  const before = await repository.resolve(`${first}^`);
  const because = `merged into ${component.branch}, says git: ${short(commit)}`;
  return { commit, because, ...(before !== undefined && { before }) };
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
  const { commit } = seen;
  const because = `${name} is merged into ${seen.base.branch}${commit === undefined ? '' : `: ${short(commit)}`}`;
  if (commit === undefined) return { because };
  const before = await beforeMerge(seen, commit, repository);
  return { commit, because, ...(before !== undefined && { before }) };
}

/** What the branch was before: of a merge its first parent, else where the forge says that it began. */
async function beforeMerge({ base }: PullRequestSeen, commit: Commit, repository: Repository) {
  const isMerge = (await repository.resolve(`${commit}^2`)) !== undefined;
  return (
    (isMerge ? undefined : await repository.resolve(base.commit)) ?? (await repository.resolve(`${commit}^1`))
  );
}

/** Why a merge is not what brought the change; undefined when it did. What was there before it, another one brought. */
async function lackOf(
  { it, component }: LookRun,
  { commit, before }: Merged,
  repository: Repository,
): Promise<string | undefined> {
  const { branch } = component;
  const fetched = commit === undefined ? undefined : await repository.resolve(commit);
  if (fetched === undefined)
    return `but its merge is not in the copy of ${component.repository}, so nobody can tell whether it holds the change`;
  const has = async (at: Commit) => {
    const { contained, gitReverted } = await repository.contains(at, it.fix.change, { branch });
    return contained && !gitReverted;
  };
  if (!(await has(fetched))) return 'but its merge does not hold the change';
  if (before !== undefined && (await has(before)))
    return 'but the change was there before it: another one brought it';
  return undefined;
}
