import type { Change } from '../../core/assembly/assembly.ts';
import type { Commit, FixId } from '../../core/base/ids.ts';
import type { AssemblyWork } from '../../ports/repository.ts';
import { commitsOf, expand } from './change.ts';
import { type Delta, deltaOf, inverse } from './merge.ts';
import type { Store } from './store.ts';

/** One source commit to be put on, and why. `isRevert`: its inverse is. */
export type Step = {
  readonly source: Commit;
  readonly delta: Delta;
  readonly isRevert: boolean;
  readonly fix: FixId;
};

/** Commits that belong together: one fix's change, or the prerequisites it was given. */
export type Group = {
  readonly role: 'carried' | 'prerequisite' | 'change';
  readonly fix: FixId;
  readonly steps: readonly Step[];
};

/** The change alone, as a group. */
export async function groupOfChange(store: Store, change: Change, branch: string): Promise<Group> {
  return {
    role: 'change',
    fix: 'FIX-0',
    steps: await stepsOf(store, await commitsOf(store, change, branch), {
      isRevert: change.kind === 'git-revert',
      fix: 'FIX-0',
    }),
  };
}

function stepsOf(
  store: Store,
  commits: readonly Commit[],
  as: { readonly isRevert: boolean; readonly fix: FixId },
): Promise<Step[]> {
  const { isRevert, fix } = as;
  const steps = commits.map(async (source) => {
    const delta = await deltaOf(store, source);
    return { source, delta: isRevert ? inverse(delta) : delta, isRevert, fix };
  });
  return Promise.all(steps);
}

/** What is put on, in order: each carried fix after its prerequisites, then this one's, then the change. */
export async function groupsOf(store: Store, work: AssemblyWork): Promise<Group[]> {
  const groups: Group[] = [];
  const add = async (role: Group['role'], fix: FixId, commits: readonly Commit[], isRevert: boolean) => {
    if (commits.length > 0)
      groups.push({ role, fix, steps: await stepsOf(store, commits, { isRevert, fix }) });
  };
  const addChange = async (role: Group['role'], fix: FixId, change: Change) =>
    add(role, fix, await commitsOf(store, change, work.branch), change.kind === 'git-revert');
  for (const carried of work.carry) {
    await add('prerequisite', carried.fix, await expand(store, carried.prerequisites), false);
    await addChange('carried', carried.fix, carried.change);
  }
  await add('prerequisite', work.fix, await expand(store, work.prerequisites), false);
  await addChange('change', work.fix, work.change);
  return groups;
}
