import { EXPLAINED_MAX, type Explained, type PickRow } from '../../../core/assembly/explanation.ts';
import { pathRules } from '../../../core/assembly/path-class.ts';
import { type Commit, type FixId, isFixId, short } from '../../../core/base/ids.ts';
import { type ExplainWork, SourceProblem } from '../../../ports/repository.ts';
import { commitsOf, known } from '../change/change.ts';
import { commitsOfPatch } from '../change/patch.ts';
import { touchOf } from '../history/touch.ts';
import type { CommitText } from '../objects/commit-text.ts';
import { deltaOf, inverse } from '../objects/merge.ts';
import type { Store } from '../objects/store.ts';
import { type Budget, openBudget } from './budget.ts';
import { type Compared, comparePick } from './compare-pick.ts';
import { deployedDiff } from './deployed-diff.ts';

// Comparing is one process a commit: a long change must not hold the reader for minutes.
const COMPARE_MS_MAX = 20_000;
const AT_ONCE = 2;

/** What a candidate is made of; see `Repository.explain`. Deterministic but for what the time limits leave out. */
export async function explain(store: Store, work: ExplainWork): Promise<Explained> {
  await known(store, work.release);
  const made = await commitsOnto(store, work);
  const sources = await sourcesOf(store, work);
  const budget = openBudget(work.patchBytesMax);
  const deployed = await deployedDiff(store.git, {
    from: work.release,
    to: work.candidate,
    rules: pathRules(work.pathClasses ?? {}),
    ...(work.patches && { budget }),
  });
  const pairs = made.map((candidate, i) => ({
    candidate,
    // Counted differently, nobody knows which is which.
    source: made.length === work.picked.length ? work.picked[i] : undefined,
  }));
  const endAt = performance.now() + COMPARE_MS_MAX;
  const compared = await inTurn(pairs, async (pair, i) =>
    pickOf(store, work, { ...pair, isCompared: i < EXPLAINED_MAX.commits && performance.now() < endAt }),
  );
  const picks = compared.map(({ row, lines }) => ({ ...row, ...takenOf(lines, work.patches, budget) }));
  const passengers = await Promise.all(work.passengers.map((id) => passengerOf(store, id)));
  return { picks: [...picks, ...(await leftOut(store, work, sources))], deployed, passengers };
}

function takenOf(lines: readonly string[], patches: boolean, budget: Budget) {
  return patches ? budget.take(lines) : { patch: [], leftOut: 0 };
}

/** The candidate's own commits, oldest first. Throws `SourceProblem` when it does not stand on the release. */
async function commitsOnto(store: Store, work: ExplainWork): Promise<CommitText[]> {
  const { candidate, release } = work;
  const made: CommitText[] = [];
  for (let id: Commit | undefined = candidate; id !== release; ) {
    const commit: CommitText | undefined = id === undefined ? undefined : await known(store, id);
    // Whatever it stands on, the whole of history is not walked for it.
    if (commit === undefined || commit.parents.length > 1 || made.length > work.picked.length)
      throw new SourceProblem(
        `candidate ${short(candidate)} does not stand on ${short(release)}, so what it adds cannot be told. Next: assemble the line again.`,
      );
    made.unshift(commit);
    id = commit.parents[0];
  }
  return made;
}

/**
 * The source commits of the fix's own change. Sources that were made of a patch are in no history and are made
 * again here, for carried fixes too. A change that cannot be found any more has none.
 */
async function sourcesOf(store: Store, work: ExplainWork): Promise<readonly Commit[]> {
  const find = (change: ExplainWork['change']) =>
    commitsOfChange(store, change, work).catch((problem) => {
      if (problem instanceof SourceProblem) return [];
      throw problem;
    });
  for (const change of work.carried) if (change.kind === 'patch') await find(change);
  return find(work.change);
}

async function commitsOfChange(store: Store, change: ExplainWork['change'], work: ExplainWork) {
  if (change.kind !== 'patch') return commitsOf(store, change, work.branch);
  // As when it was assembled: a patch may be good for this release alone.
  return (await commitsOfPatch(store, change.text, { branch: work.branch, onto: work.release })).commits;
}

type Pair = {
  readonly candidate: CommitText;
  readonly source: Commit | undefined;
  readonly isCompared: boolean;
};
type Picked = {
  readonly row: Omit<PickRow, 'patch' | 'leftOut'>;
  readonly lines: readonly string[];
};

async function pickOf(store: Store, work: ExplainWork, pair: Pair): Promise<Picked> {
  const { candidate } = pair;
  const source = pair.source === undefined ? undefined : await store.findCommit(pair.source);
  const isRevert = /^This reverts commit ([0-9a-f]{40,64})\.$/m.exec(candidate.message)?.[1] === source?.id;
  const about = {
    ...roleOf(work, candidate, pair.source),
    isRevert: source !== undefined && isRevert,
    candidate: await touchOf(store, candidate),
  };
  if (source === undefined) {
    const because =
      pair.source === undefined
        ? 'what it was made of is not recorded'
        : `its source ${short(pair.source)} is not in the repository any more`;
    return { row: { mark: '>', ...about, because }, lines: [] };
  }
  const compared = pair.isCompared
    ? await compareWith(store, source.id, { candidate, isRevert })
    : { mark: '?' as const, because: 'not compared with its source: too many commits', lines: [] };
  const { mark, because, lines } = compared;
  const row = {
    mark,
    ...about,
    source: await touchOf(store, source),
    ...(because !== undefined && { because }),
  };
  return { row, lines };
}

async function compareWith(
  store: Store,
  source: Commit,
  as: { readonly candidate: CommitText; readonly isRevert: boolean },
): Promise<Compared> {
  const did = await deltaOf(store, source);
  return comparePick(store, as.isRevert ? inverse(did) : did, await deltaOf(store, as.candidate.id));
}

/** Whose a candidate's commit is: the last trailer of the name is ours, whatever its source had before. */
function roleOf(
  work: ExplainWork,
  candidate: CommitText,
  source: Commit | undefined,
): { role: PickRow['role']; fix?: FixId } {
  const fix = [...candidate.message.matchAll(/^Fleetfix: (\S+)$/gm)].at(-1)?.[1];
  if (fix !== undefined && fix !== work.fix && isFixId(fix)) return { role: 'carried', fix };
  return { role: source !== undefined && work.passengers.includes(source) ? 'prerequisite' : 'change' };
}

/** Commits of the change that were not put on. */
async function leftOut(store: Store, work: ExplainWork, sources: readonly Commit[]): Promise<PickRow[]> {
  const put = new Set(work.picked);
  const because = work.isReused
    ? 'the change as another line has it stands in its place'
    : 'left out: the line has it already, or it changes nothing there';
  const rows = sources
    .filter((id) => !put.has(id))
    .map(async (id): Promise<PickRow> => {
      const source = await touchOf(store, await known(store, id));
      const isRevert = work.change.kind === 'git-revert';
      return { mark: '<', role: 'change', source, isRevert, because, patch: [], leftOut: 0 };
    });
  return Promise.all(rows);
}

async function passengerOf(store: Store, id: Commit) {
  const commit = await store.findCommit(id);
  if (commit) return touchOf(store, commit);
  return {
    commit: id,
    subject: 'not in the repository any more',
    author: '',
    at: '1970-01-01T00:00:00.000Z',
  };
}

/** Each item worked on, a few at a time, answers in the order of the items. */
async function inTurn<T, R>(items: readonly T[], work: (item: T, i: number) => Promise<R>): Promise<R[]> {
  const answers: R[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const i = next++;
      answers[i] = await work(items[i]!, i);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return answers;
}
