import type { Proposal } from '../../../core/assembly/assembly.ts';
import { type Commit, short } from '../../../core/base/ids.ts';
import type { Step } from '../change/steps.ts';
import { MissingObject } from '../objects/git.ts';
import type { Store } from '../objects/store.ts';
import { explainConflicts } from './explain.ts';
import { type Bench, shorter } from './memo-merge.ts';
import { lookAt } from './remedies.ts';
import { type How, type Resolved, resolveSteps } from './resolve-steps.ts';
import type { NotClean } from './sides.ts';
import { type Ground, sizeOf, titleOf, type Unit, unitOf, unitsNear } from './units.ts';

export type PrerequisiteSearch = Omit<Ground, 'apart'> & {
  /** The tree before the change, and the steps of the change that must become clean. */
  readonly tree: string;
  readonly steps: readonly Step[];
  readonly bench: Bench;
};

/** How far a set of units gets the change. */
type Try = {
  readonly set: readonly Unit[];
  /** Steps of the change that went on; -1 when the units themselves do not. */
  readonly done: number;
  readonly bad: number;
  readonly stopped?: { readonly source: Commit; readonly merged: NotClean };
  readonly tree?: string;
  /** It goes on only with what the other remedies do as well. */
  readonly settled?: Resolved;
};

const SET_MAX = 4;
const PROPOSALS_MAX = 5;
const AT_ONCE = 2;

/**
 * Looks for the smallest sets of earlier changes that make the change clean, and tries each for real: whole pull
 * requests, and when there is no such set single commits of them. Nothing found here is ever put in by itself.
 */
export async function searchPrerequisites(
  store: Store,
  search: PrerequisiteSearch,
): Promise<{ readonly proposals: Proposal[]; readonly warnings: string[] }> {
  const whole = await searchAmong(store, { ...search, apart: false });
  if (whole.found.some(isWhole) || search.bench.isOver()) return answerOf(store, search, whole);
  const apart = await searchAmong(store, { ...search, apart: true });
  return answerOf(store, search, apart.found.some(isWhole) ? apart : whole);
}

type Found = { readonly found: readonly Try[]; readonly tried: number; readonly of: number };

async function answerOf(store: Store, { bench }: PrerequisiteSearch, { found, tried, of }: Found) {
  const strict = found.filter(isWhole);
  const proposals = await proposalsOf(store, strict.length > 0 ? strict : found);
  const ranOut = `the search for prerequisites ran out of its time (--search-ms): ${tried} of ${of} candidates were tried alone`;
  return { proposals, warnings: bench.isOver() ? [ranOut] : [] };
}

type Among = PrerequisiteSearch & Ground;

/**
 * First those who last touched the lines in conflict, and those their own conflicts lead to; then every single
 * one that touches a path in conflict; then the best of these with one more, up to three. What is found is made
 * smaller one by one.
 */
async function searchAmong(store: Store, search: Among): Promise<Found> {
  const { bench } = search;
  const attempt = (set: readonly Unit[]) => tryWith(store, search, set);
  const first = await attempt([]);
  if (!first.stopped) return { found: [], tried: 0, of: 0 };
  const byBlame = await followBlame(store, search, first);
  const blamed = byBlame ? [await minimised(byBlame, attempt, bench)] : [];
  const near = await unitsNear(store, search, first.stopped.merged.paths);
  const singles = await inParallel(near, AT_ONCE, (unit) => (bench.isOver() ? undefined : attempt([unit])));
  const tried = singles.filter((one) => one !== undefined);
  const found = [...blamed, ...tried.filter((one) => one.tree !== undefined)];
  const grown = found.some(isWhole) ? undefined : await grow(tried, { near, attempt, bench });
  const more = grown ? [await minimised(grown, attempt, bench)] : [];
  return { found: [...found, ...more], tried: tried.length, of: near.length };
}

const isWhole = (one: Try) => one.tree !== undefined && one.settled === undefined;

/** Puts a set, oldest first, and then the change onto the tree. */
async function tryWith(store: Store, search: PrerequisiteSearch, units: readonly Unit[]): Promise<Try> {
  const set = units.toSorted((a, b) => a.height - b.height);
  const before = set.flatMap((unit) => unit.deltas.map((delta, i) => ({ delta, source: unit.commits[i]! })));
  const all = [...before, ...search.steps];
  let tree = search.tree;
  try {
    for (const [i, { delta, source }] of all.entries()) {
      const merged = await search.bench.merge(delta, tree);
      if (!merged.clean) {
        const done = Math.max(-1, i - before.length);
        const stopped = { set, done, bad: merged.paths.length, stopped: { source, merged } };
        // One that does not go on itself could not be taken.
        const mayBeTaken = set.length > 0 && done >= 0;
        return { ...stopped, ...(mayBeTaken && (await settled(store, search, all))) };
      }
      tree = merged.tree;
      // Units that change nothing here are no remedy.
      if (i === before.length - 1 && tree === search.tree) return { set, done: -1, bad: 0 };
    }
  } catch (problem) {
    // What a clone lacks is no remedy here.
    if (problem instanceof MissingObject) return { set, done: -1, bad: 0 };
    throw problem;
  }
  return { set, done: search.steps.length, bad: 0, tree };
}

/** The same, with edits side by side and paths that are made again left as the line has them. */
async function settled(
  store: Store,
  { tree, bench }: PrerequisiteSearch,
  steps: readonly Pick<Step, 'delta'>[],
): Promise<Pick<Try, 'tree' | 'settled'>> {
  for (const adjacent of [false, true]) {
    const how: How = { adjacent, leave: ['generated', 'docs'] };
    const resolved = await resolveSteps(store, {
      tree,
      steps,
      how,
      bench,
    });
    if (resolved) return { tree: resolved.trees.at(-1)!, settled: resolved };
  }
  return {};
}

/** Adds who touched the lines in conflict, and when that one conflicts itself who touched its lines, and so on. */
async function followBlame(store: Store, search: Among, first: Try): Promise<Try | undefined> {
  const bench = shorter(search.bench, search.bench.leftMs() / 2);
  let open: Try[] = [first];
  const seen = new Set<string>();
  while (open.length > 0 && !bench.isOver()) {
    const at = open.shift()!;
    if (!at.stopped || at.set.length >= SET_MAX) continue;
    for (const unit of await blamedUnits(store, search, { at, bench })) {
      const set = [...at.set, unit];
      const key = set
        .map((one) => one.id)
        .sort()
        .join();
      if (seen.has(key) || at.set.some((one) => one.id === unit.id)) continue;
      seen.add(key);
      if (bench.isOver()) break;
      const tried = await tryWith(store, search, set);
      if (isWhole(tried)) return tried;
      open.push(tried);
    }
    // Smaller sets first; of these, the one that gets furthest.
    open = open
      .toSorted((a, b) => a.set.length - b.set.length || b.done - a.done || a.bad - b.bad)
      .slice(0, 12);
  }
  return undefined;
}

async function blamedUnits(
  store: Store,
  search: Among,
  { at, bench }: { readonly at: Try; readonly bench: Bench },
): Promise<Unit[]> {
  const { source, merged } = at.stopped!;
  const conflicts = await explainConflicts(store, {
    merged,
    step: { source, isRevert: false },
    onto: search.onto,
    searchMs: Math.min(2_000, bench.leftMs()),
    classOf: bench.classOf,
  });
  const code = conflicts.filter((one) => one.class !== 'generated');
  const touches = (code.length > 0 ? code : conflicts)
    .flatMap((one) => one.hunks)
    .flatMap((hunk) => [...hunk.base.touchedBy, ...hunk.theirs.touchedBy]);
  const commits = [...new Set(touches.map((touch) => touch.commit))].slice(0, 8);
  const units = await Promise.all(commits.map((commit) => unitOf(store, search, commit)));
  const distinct = new Map(units.filter((unit) => unit !== undefined).map((unit) => [unit.id, unit]));
  return [...distinct.values()].sort((a, b) => b.height - a.height);
}

type Attempt = (set: readonly Unit[]) => Promise<Try>;

/** From the single that got furthest, by the one that helps most, to three; the first clean set is the answer. */
async function grow(
  tried: readonly Try[],
  {
    near,
    attempt,
    bench,
  }: { readonly near: readonly Unit[]; readonly attempt: Attempt; readonly bench: Bench },
): Promise<Try | undefined> {
  let best = furthest(tried);
  while (best && best.set.length < SET_MAX - 1) {
    const others = near.filter((unit) => !best!.set.includes(unit));
    const next: Try[] = [];
    for (const unit of others) {
      if (bench.isOver()) return undefined;
      const larger = await attempt([...best.set, unit]);
      if (isWhole(larger)) return larger;
      next.push(larger);
    }
    best = furthest(next);
  }
  return undefined;
}

/** Of the sets that go on at all, the one with most steps done, then with the fewest bad paths. */
const furthest = (tried: readonly Try[]): Try | undefined =>
  tried.filter((one) => one.done >= 0).toSorted((a, b) => b.done - a.done || a.bad - b.bad)[0];

async function minimised(found: Try, attempt: Attempt, bench: Bench): Promise<Try> {
  let least = found;
  for (const unit of found.set) {
    const fewer = least.set.filter((one) => one !== unit);
    if (fewer.length === 0 || bench.isOver()) break;
    const tried = await attempt(fewer);
    if (isWhole(tried)) least = tried;
  }
  return least;
}

async function proposalsOf(store: Store, found: readonly Try[]): Promise<Proposal[]> {
  const distinct = new Map(found.map((one) => [one.set.map((unit) => unit.id).join(), one]));
  const proposals = await Promise.all(
    [...distinct.values()].slice(0, 12).map((one) => proposalOf(store, one)),
  );
  return proposals
    .sort(
      (a, b) =>
        a.commits.length - b.commits.length ||
        a.passengers.lines - b.passengers.lines ||
        a.passengers.files - b.passengers.files ||
        (a.commits[0]! < b.commits[0]! ? -1 : 1),
    )
    .slice(0, PROPOSALS_MAX);
}

async function proposalOf(store: Store, { set, tree, settled }: Try): Promise<Proposal> {
  const left = settled?.left ?? [];
  return {
    kind: 'prerequisites',
    outcome: left.length === 0 ? 'clean' : 'incomplete',
    commits: set.map((unit) => unit.id),
    subjects: set.map((unit) => titleOf(store, unit.id) || short(unit.id)),
    tree: tree!,
    passengers: await sizeOf(
      store,
      set.flatMap((unit) => unit.commits),
    ),
    left,
    look: [
      'the prerequisites are changes of their own: read them, and what they need of the line',
      ...(settled
        ? ['with them the change still conflicts, and is settled by a second proposal:', ...lookAt(settled)]
        : []),
    ],
  };
}

async function inParallel<Item, Out>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Out> | undefined,
): Promise<(Out | undefined)[]> {
  const out: (Out | undefined)[] = new Array(items.length);
  let next = 0;
  const take = async () => {
    for (let i = next++; i < items.length; i = next++) out[i] = await work(items[i]!);
  };
  await Promise.all(Array.from({ length: atOnce }, take));
  return out;
}
