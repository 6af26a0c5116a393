import type { Commit } from '../../core/base/ids.ts';
import { type CommitText, personOf, readable, subjectOf } from './commit-text.ts';
import { ancestorsAmong } from './graph.ts';
import { type LineLog, type OwnCommit, readLineLog } from './line-log.ts';
import { changedPaths, patchIds, touching } from './patch-ids.ts';
import type { Store } from './store.ts';

/** How a line's history answers for one source commit. */
export type Seen = {
  /** Signals that say the line has it, and that no git revert undid: `ancestry`, `patch id`, … */
  readonly how: readonly string[];
  /** The commit of the line that is it. */
  readonly commit?: Commit;
  /** The git revert that undid it, when every copy on the line is undone. */
  readonly undoneBy?: Commit;
};

type Twin = { readonly commit: OwnCommit; readonly how: string };

/**
 * Asks the history of `onto` for each source commit: is it an ancestor; was it picked by trailer; is there
 * a commit of the same author and author time on the same subject or paths; or one of the same patch id.
 */
export async function askHistory(
  store: Store,
  onto: Commit,
  sources: readonly Commit[],
): Promise<ReadonlyMap<Commit, Seen>> {
  const [ancestors, log, paths] = await Promise.all([
    ancestorsAmong(store.git, sources, onto),
    readLineLog(store, onto, sources),
    changedPaths(store, sources),
  ]);
  const open = sources.filter((id) => !ancestors.has(id));
  const candidates = log.own.length === 0 ? [] : await candidatesOf(store, onto, { open, sources, paths });
  const theirPaths = await changedPaths(store, candidates);
  const samePatch = await patchTwins(store, open, { paths, theirPaths });
  const seen = new Map<Commit, Seen>();
  for (const id of sources) {
    const text = await store.commit(id);
    const alike = { log, text, sources, paths: paths.get(id) ?? new Set<string>(), theirPaths };
    const twins = [
      ...(await authorshipTwins(store, alike)),
      ...log.pickedFrom(id).map((commit) => ({ commit, how: 'trailer' })),
      ...log.own.filter((c) => samePatch.get(id)?.has(c.id)).map((commit) => ({ commit, how: 'patch id' })),
    ];
    seen.set(id, await judged(log, id, { isAncestor: ancestors.has(id), twins }));
  }
  return seen;
}

/** Own commits of the line on the paths of the change. A giant change is not worth the walk. */
async function candidatesOf(
  store: Store,
  onto: Commit,
  work: {
    readonly open: readonly Commit[];
    readonly sources: readonly Commit[];
    readonly paths: ReadonlyMap<Commit, ReadonlySet<string>>;
  },
): Promise<Commit[]> {
  const all = new Set(work.open.flatMap((id) => [...(work.paths.get(id) ?? [])]));
  if (all.size === 0 || all.size > 5_000) return [];
  return touching(store, {
    from: onto,
    not: work.sources,
    paths: all,
    flags: ['--no-merges', '--max-count=2000'],
  });
}

/** Per source, the candidates of the same paths whose patch id is the same. */
async function patchTwins(
  store: Store,
  open: readonly Commit[],
  work: {
    readonly paths: ReadonlyMap<Commit, ReadonlySet<string>>;
    readonly theirPaths: ReadonlyMap<Commit, ReadonlySet<string>>;
  },
): Promise<ReadonlyMap<Commit, ReadonlySet<Commit>>> {
  const alike = new Map<Commit, Commit[]>();
  for (const id of open) {
    const mine = work.paths.get(id) ?? new Set();
    const same = [...work.theirPaths].filter(([, theirs]) => mine.size > 0 && isSameSet(mine, theirs));
    if (same.length > 0)
      alike.set(
        id,
        same.map(([theirs]) => theirs),
      );
  }
  const ids = await patchIds(store, [...new Set([...alike.keys(), ...[...alike.values()].flat()])]);
  return new Map(
    [...alike].map(([id, others]) => {
      const patch = ids.get(id);
      return [id, new Set(others.filter((other) => patch !== undefined && ids.get(other) === patch))];
    }),
  );
}

const isSameSet = (a: ReadonlySet<string>, b: ReadonlySet<string>) =>
  a.size === b.size && [...a].every((path) => b.has(path));

/**
 * Same author and author time is a copy only with the same subject or a path in common: splitting or
 * amending a commit keeps its time. Two sources that share a time are told apart by subject alone.
 */
async function authorshipTwins(
  store: Store,
  work: {
    readonly log: LineLog;
    readonly text: CommitText;
    readonly sources: readonly Commit[];
    readonly paths: ReadonlySet<string>;
    readonly theirPaths: ReadonlyMap<Commit, ReadonlySet<string>>;
  },
): Promise<Twin[]> {
  const who = authorOf(work.text);
  if (who.seconds === 0) return [];
  const others = await Promise.all(
    work.sources.filter((id) => id !== work.text.id).map((id) => store.commit(id)),
  );
  const isShared = others.some((other) => authorOf(other).seconds === who.seconds);
  const subject = plainSubject(subjectOf(work.text));
  return work.log
    .sameAuthorship(who)
    .filter((own) => {
      if (plainSubject(own.message.split('\n\n')[0] ?? '') === subject) return true;
      const theirs = work.theirPaths.get(own.id);
      return !isShared && theirs !== undefined && [...theirs].some((path) => work.paths.has(path));
    })
    .map((commit) => ({ commit, how: 'author and time' }));
}

/** The author with the name as text. */
function authorOf(text: CommitText) {
  const who = personOf(text.author);
  return { ...who, name: readable(who.name, text.encoding), email: readable(who.email, text.encoding) };
}

/** A subject without what back-ports put around it: `[release-4.14] ` before, ` (#12)` after. */
function plainSubject(subject: string): string {
  return subject
    .replace(/^(\s*\[[^\]]*\]\s*)+/, '')
    .replace(/\s*\(#\d+\)\s*$/, '')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();
}

async function judged(
  log: LineLog,
  id: Commit,
  work: { readonly isAncestor: boolean; readonly twins: readonly Twin[] },
): Promise<Seen> {
  if (work.isAncestor) {
    const undone = await log.undoing(id);
    if (!undone) return { how: ['ancestry'], commit: id };
    const again = work.twins.filter((twin) => twin.commit.at < undone.at);
    return again.length === 0 ? { how: [], commit: id, undoneBy: undone.id } : standing(log, id, again);
  }
  return standing(log, id, work.twins);
}

/** The twins that no git revert undid; when all are undone, the revert. */
async function standing(log: LineLog, id: Commit, twins: readonly Twin[]): Promise<Seen> {
  let undoneBy: Commit | undefined;
  const standingTwins: Twin[] = [];
  for (const twin of twins) {
    const undone = await log.undoing(twin.commit.id, { ids: [id], at: twin.commit.at });
    if (undone) undoneBy = undone.id;
    else standingTwins.push(twin);
  }
  const [first] = standingTwins;
  if (first) return { how: [...new Set(standingTwins.map((twin) => twin.how))], commit: first.commit.id };
  return { how: [], ...(twins[0] ? { commit: twins[0].commit.id } : {}), ...(undoneBy ? { undoneBy } : {}) };
}
