import { type Commit, isCommit } from '../../../core/base/ids.ts';
import type { Git } from '../objects/git.ts';
import { type Logged, logAll, logOf } from './commit-log.ts';

/** A commit and its place in the graph. */
export type Known = Omit<Logged, 'pickedFrom' | 'reverts' | 'revertsPulls' | 'backports'> & {
  /** Longest way down to a root, in commits; an ancestor's is always smaller. */
  readonly height: number;
};

/**
 * Every commit of one repository in memory: 45,000 take about a second to read and 60 MiB to keep, and
 * questions of history then cost no process. Both ids of a question must be known.
 */
export type History = {
  /** Reads what the ids need and is not known yet. Throws `MissingObject` when it is not there. */
  know(ids: readonly Commit[]): Promise<void>;
  /** Forgets that all refs were read: they have moved. */
  refresh(): void;
  get(id: Commit): Known | undefined;
  isAncestor(ancestor: Commit, of: Commit): boolean;
  /** Others with the same author time and the same author's name or email. */
  sameAuthorship(id: Commit): Known[];
  /** Others with the same subject, without what back-ports put around it. */
  sameSubject(id: Commit): Known[];
  /** Commits whose message says `(cherry picked from commit <id>)`. */
  pickedFrom(id: Commit): Known[];
  /** Commits whose message says that they revert it, or the one pull request that it is all of. */
  revertsOf(id: Commit): Known[];
  /** Every commit whose message says that it reverts one. */
  reverting(): readonly Known[];
  /** Commits and merges that say they back-port a pull request. */
  backportsOf(pullRequest: number): Known[];
  /** Numbers of the pull requests that brought it in, by merge or by squash. */
  pullRequestsOf(id: Commit): number[];
  childrenOf(id: Commit): Commit[];
  /** Merges that brought it in from a side. */
  mergesOf(id: Commit): Known[];
  /** What a merge brought in from its other parents, oldest first, without merges. */
  broughtBy(merge: Commit): Known[];
  /** Commits in the history of any of `from` and of none of `not`, newest first. */
  within(from: readonly Commit[], not: readonly Commit[]): Known[];
};

/** `git`: asked each time, since the one that is used may be another by then. */
export function createHistory(git: () => Git): History {
  const graph = createGraph();
  const byTime = new Map<number, Known[]>();
  const bySubject = new Map<string, Known[]>();
  const picks = namesTable();
  const reverts = namesTable();
  const reverting: Known[] = [];
  const pullReverts = new Map<number, Known[]>();
  const backports = new Map<number, Known[]>();
  let loading: Promise<void> | undefined;

  const take = (logged: readonly Logged[]) => {
    for (const { one, known } of graph.add(logged)) {
      push(byTime, known.authoredAt, known);
      push(bySubject, plainSubject(known.subject), known);
      picks.add(one.pickedFrom, known);
      reverts.add(one.reverts, known);
      for (const number of one.revertsPulls) push(pullReverts, number, known);
      if (one.reverts.length > 0 || one.revertsPulls.length > 0) reverting.push(known);
      for (const number of one.backports) push(backports, number, known);
    }
    picks.resolve(graph.ids());
    reverts.resolve(graph.ids());
  };
  // Damage on some branch must not stop work on another: then each question reads what it needs.
  const loadAll = async () => take((await logAll(git())) ?? []);
  return {
    async know(ids) {
      loading ??= loadAll();
      await loading;
      const unknown = ids.filter((id) => !graph.get(id));
      if (unknown.length > 0) take(await logOf(git(), unknown, { butRefs: graph.size() > 0 }));
    },
    refresh() {
      loading = undefined;
    },
    get: graph.get,
    isAncestor: graph.isAncestor,
    sameAuthorship(id) {
      const one = graph.get(id);
      if (!one || one.authoredAt === 0) return [];
      return (byTime.get(one.authoredAt) ?? []).filter(
        (other) => other.id !== id && (other.email === one.email || other.name === one.name),
      );
    },
    sameSubject(id) {
      const alike = bySubject.get(plainSubject(graph.get(id)?.subject ?? '')) ?? [];
      return alike.filter((other) => other.id !== id);
    },
    pickedFrom: picks.of,
    revertsOf(id) {
      const squash = /\(#(\d+)\)$/.exec(graph.get(id)?.subject ?? '')?.[1];
      const merge = /^Merge pull request #(\d+) /.exec(graph.get(id)?.subject ?? '')?.[1];
      const pull = squash ?? merge;
      return [...reverts.of(id), ...(pull === undefined ? [] : (pullReverts.get(Number(pull)) ?? []))];
    },
    reverting: () => reverting,
    backportsOf: (pullRequest) => backports.get(pullRequest) ?? [],
    broughtBy(merge) {
      const [main, ...sides] = graph.get(merge)?.parents ?? [];
      if (main === undefined || sides.length === 0) return [];
      return graph
        .within(sides, [main])
        .filter((one) => one.parents.length < 2)
        .reverse();
    },
    childrenOf: graph.childrenOf,
    mergesOf: graph.mergesOf,
    pullRequestsOf(id) {
      const squash = /\(#(\d+)\)$/.exec(graph.get(id)?.subject ?? '')?.[1];
      const merges = graph.mergesOf(id).map((one) => /^Merge pull request #(\d+) /.exec(one.subject)?.[1]);
      return [squash, ...merges].filter((number) => number !== undefined).map(Number);
    },
    within: graph.within,
  };
}

/** A subject without what back-ports put around it: `[release-4.14] OCPBUGS-1: ` before, ` (#12)` after. */
export function plainSubject(subject: string): string {
  return subject
    .replace(/^(\s*(\[[^\]]*\]|[A-Z][A-Z0-9]+-\d+(,\s*[A-Z][A-Z0-9]+-\d+)*:|NO-JIRA:))+/, '')
    .replace(/\s*\(#\d+\)\s*$/, '')
    .trim()
    .toLowerCase();
}

/** Commits by the id that messages name them by. Short ids wait until a commit of that start is known. */
function namesTable() {
  const table = new Map<Commit, Known[]>();
  let open: { readonly name: string; readonly by: Known }[] = [];
  return {
    of: (id: Commit) => table.get(id) ?? [],
    add(names: readonly string[], by: Known) {
      for (const name of names)
        if (isCommit(name)) push(table, name, by);
        else open.push({ name, by });
    },
    resolve(ids: Iterable<Commit>) {
      if (open.length === 0) return;
      const full = new Map<string, Commit>();
      const wanted = new Set(open.map((one) => one.name));
      const lengths = [...new Set(open.map((one) => one.name.length))];
      for (const id of ids)
        for (const length of lengths) if (wanted.has(id.slice(0, length))) full.set(id.slice(0, length), id);
      for (const { name, by } of open) if (full.has(name)) push(table, full.get(name)!, by);
      open = open.filter(({ name }) => !full.has(name));
    },
  };
}

/** The commit graph by small numbers, since a walk over ids as text takes ten times as long. */
function createGraph() {
  const places = new Map<Commit, number>();
  const commits: Known[] = [];
  const parents: number[][] = [];
  const children: number[][] = [];
  let marks = new Uint32Array(1024);
  let round = 0;

  const nextRound = () => {
    if (marks.length < commits.length) marks = new Uint32Array(commits.length * 2);
    round += 2;
    return round;
  };
  const heightAt = (place: number) => commits[place]!.height;
  const get = (id: Commit): Known | undefined => commits[places.get(id) ?? -1];
  return {
    get,
    size: () => commits.length,
    ids: () => places.keys(),
    /** Returns the new ones. */
    add(logged: readonly Logged[]): { readonly one: Logged; readonly known: Known }[] {
      return parentsFirst(logged, places).map((one) => {
        const below = one.parents.map((id) => places.get(id)).filter((place) => place !== undefined);
        const { pickedFrom: _, reverts: __, revertsPulls: ___, backports: ____, ...rest } = one;
        const known = {
          ...rest,
          height: 1 + below.reduce((most, place) => Math.max(most, heightAt(place)), -1),
        };
        places.set(one.id, commits.length);
        for (const parent of below) children[parent]!.push(commits.length);
        commits.push(known);
        parents.push(below);
        children.push([]);
        return { one, known };
      });
    },
    isAncestor(ancestor: Commit, of: Commit): boolean {
      const goal = places.get(ancestor);
      const start = places.get(of);
      if (goal === undefined || start === undefined) return false;
      const floor = heightAt(goal);
      const mark = nextRound();
      const todo = [start];
      for (let place = todo.pop(); place !== undefined; place = todo.pop()) {
        if (place === goal) return true;
        for (const parent of parents[place]!) {
          if (marks[parent] === mark || heightAt(parent) < floor) continue;
          marks[parent] = mark;
          todo.push(parent);
        }
      }
      return false;
    },
    childrenOf: (id: Commit): Commit[] =>
      (children[places.get(id) ?? -1] ?? []).map((place) => commits[place]!.id),
    mergesOf(id: Commit): Known[] {
      const start = places.get(id);
      const found: Known[] = [];
      const mark = nextRound();
      const todo = start === undefined ? [] : [start];
      for (let steps = 0; steps < SIDE_MAX && found.length < MERGES_MAX; steps += 1) {
        const place = todo.pop();
        if (place === undefined) break;
        for (const child of children[place]!) {
          if (marks[child] === mark) continue;
          marks[child] = mark;
          const isSide = parents[child]!.indexOf(place) > 0;
          if (isSide) found.push(commits[child]!);
          // Up a branch of single commits; a merge on the way is where a main branch begins.
          else if (parents[child]!.length === 1) todo.push(child);
        }
      }
      return found;
    },
    within(from: readonly Commit[], not: readonly Commit[]): Known[] {
      const mark = nextRound();
      const lost = mark + 1;
      const numbered = (ids: readonly Commit[]) =>
        ids.map((id) => places.get(id)).filter((place) => place !== undefined);
      const walk = (ids: readonly Commit[], as: number) => {
        const found = numbered(ids).filter((place) => marks[place] !== lost);
        for (const place of found) marks[place] = as;
        const todo = [...found];
        for (let place = todo.pop(); place !== undefined; place = todo.pop())
          for (const parent of parents[place]!) {
            if (marks[parent] === as || marks[parent] === lost) continue;
            marks[parent] = as;
            found.push(parent);
            todo.push(parent);
          }
        return found;
      };
      walk(not, lost);
      return [...new Set(walk(from, mark))]
        .map((place) => commits[place]!)
        .sort((a, b) => b.height - a.height || b.committedAt - a.committedAt || (a.id < b.id ? -1 : 1));
    },
  };
}

const MERGES_MAX = 50;
// A longer way up is a main branch of squashed commits, where no merge follows.
const SIDE_MAX = 10_000;

/** The new ones, parents before children. */
function parentsFirst(logged: readonly Logged[], known: ReadonlyMap<Commit, unknown>): Logged[] {
  const open = new Map(logged.filter((one) => !known.has(one.id)).map((one) => [one.id, one]));
  const done: Logged[] = [];
  for (const first of logged) {
    const todo = [first.id];
    for (let id = todo.at(-1); id !== undefined; id = todo.at(-1)) {
      const one = open.get(id);
      const waits = one?.parents.find((parent) => open.has(parent));
      if (waits !== undefined) {
        todo.push(waits);
        continue;
      }
      todo.pop();
      if (one && open.delete(id)) done.push(one);
    }
  }
  return done;
}

function push<Key>(table: Map<Key, Known[]>, key: Key, one: Known): void {
  const there = table.get(key);
  if (there) there.push(one);
  else table.set(key, [one]);
}
