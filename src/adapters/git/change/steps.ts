import type { Change } from '../../../core/assembly/assembly.ts';
import type { Commit, FixId } from '../../../core/base/ids.ts';
import type { AssemblyWork } from '../../../ports/repository.ts';
import { type Delta, deltaOf, inverse } from '../objects/merge.ts';
import type { Store } from '../objects/store.ts';
import { commitsOf, expand } from './change.ts';
import { commitsOfPatch, type PatchCommits } from './patch.ts';

/** One source commit to be put on, and why. `isRevert`: its inverse is. `made`: here, of a patch. */
export type Step = {
  readonly source: Commit;
  readonly delta: Delta;
  readonly isRevert: boolean;
  readonly made?: PatchCommits['made'];
  /** Absent when it is for no fix of a ledger. */
  readonly fix?: FixId;
};

/** Commits that belong together: one fix's change, or the prerequisites it was given. */
export type Group = {
  readonly role: 'carried' | 'prerequisite' | 'change';
  readonly fix?: FixId;
  readonly steps: readonly Step[];
};

/** Where a change is put, and where its pull request is looked for. */
type Place = { readonly onto: Commit; readonly branch: string };

/** The change alone, as a group. */
export async function groupOfChange(store: Store, change: Change, place: Place): Promise<Group> {
  return { role: 'change', steps: await stepsOfChange(store, change, { place }) };
}

async function stepsOfChange(
  store: Store,
  change: Change,
  more: { readonly place: Place; readonly fix?: FixId | undefined },
): Promise<Step[]> {
  const { fix, place } = more;
  if (change.kind === 'patch') {
    const { commits, made } = await commitsOfPatch(store, change.text, place);
    return stepsOf(store, commits, { made, fix });
  }
  const commits = await commitsOf(store, change, place.branch);
  return stepsOf(store, commits, { isRevert: change.kind === 'git-revert', fix });
}

function stepsOf(
  store: Store,
  commits: readonly Commit[],
  as: {
    readonly isRevert?: boolean;
    readonly made?: Step['made'] | undefined;
    readonly fix: FixId | undefined;
  },
): Promise<Step[]> {
  const { isRevert = false, made, fix } = as;
  const steps = commits.map(async (source) => {
    const delta = await deltaOf(store, source);
    return {
      source,
      delta: isRevert ? inverse(delta) : delta,
      isRevert,
      ...(made && { made }),
      ...(fix && { fix }),
    };
  });
  return Promise.all(steps);
}

/** What is put on, in order: each carried fix after its prerequisites, then this one's, then the change. */
export async function groupsOf(store: Store, work: AssemblyWork): Promise<Group[]> {
  const groups: Group[] = [];
  const add = (role: Group['role'], fix: FixId | undefined, steps: readonly Step[]) => {
    if (steps.length > 0) groups.push({ role, steps, ...(fix && { fix }) });
  };
  const prerequisites = async (fix: FixId | undefined, commits: readonly Commit[]) =>
    add('prerequisite', fix, await stepsOf(store, await expand(store, commits), { fix }));
  const change = async (role: Group['role'], fix: FixId | undefined, named: Change) =>
    add(role, fix, await stepsOfChange(store, named, { place: work, fix }));
  for (const carried of work.carry) {
    await prerequisites(carried.fix, carried.prerequisites);
    await change('carried', carried.fix, carried.change);
  }
  await prerequisites(work.fix, work.prerequisites);
  await change('change', work.fix, work.change);
  return groups;
}
