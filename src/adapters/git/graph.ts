import type { Commit } from '../../core/base/ids.ts';
import type { Git } from './git.ts';

/** Whether `ancestor` is in the history of `of` (or is it). */
export async function isAncestor(git: Git, ancestor: Commit, of: Commit): Promise<boolean> {
  if (ancestor === of) return true;
  const args = ['merge-base', '--is-ancestor', ancestor, of];
  const ran = await git.run(args);
  if (ran.code === 1) return false;
  if (ran.code === 0) return true;
  await git.read(args);
  return false;
}

/** Commit ids a `rev-list` prints; revisions and excluded ones go over standard input. */
export async function revList(
  git: Git,
  work: {
    readonly flags?: readonly string[];
    readonly from: readonly Commit[];
    readonly not?: readonly Commit[];
  },
): Promise<Commit[]> {
  const input = [...work.from, ...(work.not ?? []).map((id) => `^${id}`), ''].join('\n');
  const out = await git.read(['rev-list', ...(work.flags ?? []), '--stdin'], { input });
  return out.toString('latin1').split('\n').filter(Boolean);
}

/** The commits a merge brought in: those of its later parents' side, without merges, oldest first. */
export async function broughtBy(git: Git, parents: readonly Commit[]): Promise<Commit[]> {
  const [main, ...sides] = parents;
  if (main === undefined || sides.length === 0) return [];
  return revList(git, { flags: ['--topo-order', '--reverse', '--no-merges'], from: sides, not: [main] });
}

/** Which of the commits are in the history of `of`. */
export async function ancestorsAmong(
  git: Git,
  commits: readonly Commit[],
  of: Commit,
): Promise<ReadonlySet<Commit>> {
  // A few questions are cheaper one by one; many are one walk over what `of` lacks.
  if (commits.length > 6) {
    const lacking = new Set(await revList(git, { from: commits, not: [of] }));
    return new Set(commits.filter((id) => !lacking.has(id)));
  }
  const answers = await Promise.all(commits.map((id) => isAncestor(git, id, of)));
  return new Set(commits.filter((_, i) => answers[i]));
}
