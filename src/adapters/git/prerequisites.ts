import type { Proposal } from '../../core/assembly/assembly.ts';
import { type Commit, short } from '../../core/base/ids.ts';
import type { Ms } from '../../core/base/instant.ts';
import { subjectOf } from './commit-text.ts';
import { MissingObject, printable } from './git.ts';
import { applyDelta, type Delta, deltaOf } from './merge.ts';
import { touching } from './paths-of.ts';
import { askHistory } from './signals.ts';
import type { Step } from './steps.ts';
import type { Store } from './store.ts';

export type Search = {
  readonly onto: Commit;
  /** The tree before the change. */
  readonly tree: string;
  /** The steps of the change that must become clean. */
  readonly steps: readonly Step[];
  /** The step that failed, and the paths it failed on. */
  readonly stopped: Step;
  readonly paths: readonly Buffer[];
  readonly searchMs: Ms;
};

/** An earlier commit, or a merge with all it brought in, tried as a whole. `at`: 0 is the newest. */
type Candidate = { readonly id: Commit; readonly at: number; readonly deltas: readonly Delta[] };

/** How far a set of candidates gets the change: all of it, or `done` steps and then so many bad paths. */
type Try =
  | { readonly clean: true; readonly tree: string }
  | { readonly clean: false; readonly isUsable: boolean; readonly done: number; readonly bad: number };

const CANDIDATES_MAX = 40;
const SET_MAX = 3;
const PROPOSALS_MAX = 5;

/**
 * Looks for the smallest sets of earlier commits that make the change clean, and tries each for real.
 *
 * Candidates are first-parent commits of the source's own history that the line has not and that touch a path
 * in conflict, newest first. Each alone is tried; only when none will do, sets grow by the one that helps most,
 * to three at most, and are then made smaller one by one. Nothing found here is ever put in by itself.
 */
export async function searchPrerequisites(
  store: Store,
  search: Search,
): Promise<{ proposals: Proposal[]; warnings: string[] }> {
  const endAt = performance.now() + search.searchMs;
  const isOver = () => performance.now() > endAt;
  const candidates = await candidatesOf(store, search, isOver);
  const attempt = (set: readonly Candidate[]) => tryWith(store, search, set).catch(unusable);
  const { solved, tries } = await singles(candidates, attempt, isOver);
  const sets = solved.length > 0 ? solved : await grown(candidates, tries, attempt, isOver);
  const proposals = await Promise.all(sets.map((set) => proposalOf(store, set)));
  proposals.sort(
    (a, b) =>
      a.passengers.lines - b.passengers.lines ||
      a.passengers.files - b.passengers.files ||
      (a.commits[0]! < b.commits[0]! ? -1 : 1),
  );
  const warnings = isOver()
    ? [
        `the search for prerequisites ended after ${search.searchMs} ms: ${tries.size} of ${candidates.length} candidates were tried alone`,
      ]
    : [];
  return { proposals: proposals.slice(0, PROPOSALS_MAX), warnings };
}

async function candidatesOf(store: Store, search: Search, isOver: () => boolean): Promise<Candidate[]> {
  const first = await store.commit(search.steps[0]?.source ?? search.stopped.source);
  const start = first.parents[0];
  if (start === undefined) return [];
  const ids = await touching(store, {
    from: start,
    not: [search.onto],
    paths: search.paths.map((path) => path.toString('latin1')),
    flags: ['--first-parent', `--max-count=${CANDIDATES_MAX}`],
  });
  const opened = new Map<Commit, readonly Commit[]>();
  for (const id of ids) {
    if (isOver()) break;
    const { parents } = await store.commit(id);
    opened.set(id, parents.length > 1 ? store.history.broughtBy(id).map((one) => one.id) : [id]);
  }
  const onLine = await askHistory(store, search.onto, [...new Set([...opened.values()].flat())]);
  const lacks = (id: Commit) => (onLine.get(id)?.how.length ?? 0) === 0;
  const candidates = [...opened].map(async ([id, commits], at) => ({
    id,
    at,
    deltas: await Promise.all(commits.filter(lacks).map((one) => deltaOf(store, one))),
  }));
  return (await Promise.all(candidates)).filter((one) => one.deltas.length > 0);
}

/** Puts a set, oldest first, and then the change onto the tree. A set that does not go on cleanly is not usable. */
async function tryWith(store: Store, search: Search, set: readonly Candidate[]): Promise<Try> {
  let tree = search.tree;
  for (const candidate of set.toSorted((a, b) => b.at - a.at))
    for (const delta of candidate.deltas) {
      const merged = await applyDelta(store, delta, tree);
      if (!merged.clean) return { clean: false, isUsable: false, done: 0, bad: merged.paths.length };
      tree = merged.tree;
    }
  if (set.length > 0 && tree === search.tree) return { clean: false, isUsable: false, done: 0, bad: 0 };
  for (const [done, step] of search.steps.entries()) {
    const merged = await applyDelta(store, step.delta, tree);
    if (!merged.clean) return { clean: false, isUsable: true, done, bad: merged.paths.length };
    tree = merged.tree;
  }
  return { clean: true, tree };
}

/** A candidate whose objects are missing can be no remedy here. */
function unusable(problem: unknown): Try {
  if (!(problem instanceof MissingObject)) throw problem;
  return { clean: false, isUsable: false, done: 0, bad: 0 };
}

type Solved = { readonly set: readonly Candidate[]; readonly tree: string };
type Attempt = (set: readonly Candidate[]) => Promise<Try>;

async function singles(candidates: readonly Candidate[], attempt: Attempt, isOver: () => boolean) {
  const solved: Solved[] = [];
  const tries = new Map<Candidate, Try>();
  for (const candidate of candidates) {
    if (isOver()) break;
    const tried = await attempt([candidate]);
    tries.set(candidate, tried);
    if (tried.clean) solved.push({ set: [candidate], tree: tried.tree });
  }
  return { solved, tries };
}

/** Grows from the single that got furthest; the first clean set is made smaller and is the only one. */
async function grown(
  candidates: readonly Candidate[],
  tries: ReadonlyMap<Candidate, Try>,
  attempt: Attempt,
  isOver: () => boolean,
): Promise<Solved[]> {
  let set = best([...tries].map(([candidate, tried]) => [[candidate], tried] as const));
  while (set && set.length < SET_MAX) {
    const next: (readonly [readonly Candidate[], Try])[] = [];
    for (const candidate of candidates) {
      if (isOver()) return [];
      if (set.includes(candidate)) continue;
      const larger: readonly Candidate[] = [...set, candidate];
      const tried = await attempt(larger);
      if (tried.clean) return [await minimised({ set: larger, tree: tried.tree }, attempt)];
      next.push([larger, tried]);
    }
    set = best(next);
  }
  return [];
}

/** Of the usable sets the one with most steps done, then fewest bad paths; the newest of equals. */
function best(tried: readonly (readonly [readonly Candidate[], Try])[]): readonly Candidate[] | undefined {
  const score = (one: Try) =>
    one.clean || !one.isUsable ? -1 : one.done * 1_000 + (999 - Math.min(999, one.bad));
  const usable = tried.filter(([, one]) => score(one) >= 0);
  return usable.toSorted((a, b) => score(b[1]) - score(a[1]))[0]?.[0];
}

async function minimised(found: Solved, attempt: Attempt): Promise<Solved> {
  let least = found;
  for (const candidate of found.set) {
    const fewer = least.set.filter((one) => one !== candidate);
    if (fewer.length === 0) break;
    const tried = await attempt(fewer);
    if (tried.clean) least = { set: fewer, tree: tried.tree };
  }
  return least;
}

async function proposalOf(store: Store, solved: Solved): Promise<Proposal> {
  const set = solved.set.toSorted((a, b) => b.at - a.at);
  const sizes = await Promise.all(set.map((one) => sizeOf(store, one.id)));
  return {
    kind: 'prerequisites',
    commits: set.map((one) => one.id),
    subjects: await Promise.all(set.map((one) => titleOf(store, one.id))),
    outcome: 'clean',
    tree: solved.tree,
    passengers: {
      commits: set.reduce((sum, one) => sum + one.deltas.length, 0),
      files: new Set(sizes.flatMap((size) => size.paths)).size,
      lines: sizes.reduce((sum, size) => sum + size.lines, 0),
    },
    left: [],
    look: ['the prerequisites are changes of their own: read them, and what they need of the line'],
  };
}

/** Paths and lines (added + removed) against the first parent; a binary file counts no lines. */
async function sizeOf(store: Store, id: Commit): Promise<{ paths: string[]; lines: number }> {
  const { from, to } = await deltaOf(store, id);
  const out = await store.git.read(['diff-tree', '-r', '-z', '--numstat', '--no-renames', from, to]);
  const rows = out
    .toString('latin1')
    .split('\0')
    .filter(Boolean)
    .map((row) => row.split('\t'));
  return {
    paths: rows.map((row) => row[2] ?? ''),
    lines: rows.reduce((sum, row) => sum + (Number(row[0]) || 0) + (Number(row[1]) || 0), 0),
  };
}

/** The subject; of a merged pull request its number and title. */
async function titleOf(store: Store, id: Commit): Promise<string> {
  const commit = await store.commit(id);
  const subject = subjectOf(commit);
  const number = /^Merge pull request (#\d+) /.exec(subject)?.[1];
  const title = commit.message.split('\n\n')[1];
  if (number === undefined || title === undefined) return printable(subject) || short(id);
  return printable(`${number} ${subjectOf({ ...commit, message: title })}`);
}
