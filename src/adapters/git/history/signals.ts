import type { Told } from '../../../core/assembly/presence.ts';
import type { Commit } from '../../../core/base/ids.ts';
import { nameOf } from '../../../core/code/folders.ts';
import { deltaOf } from '../objects/merge.ts';
import { pathsOf } from '../objects/paths-of.ts';
import type { Store } from '../objects/store.ts';
import { isTelling, textLines } from '../objects/text-lines.ts';
import { type Known, plainSubject } from './history.ts';
import { patchTwinsOn } from './patch-ids.ts';

/** A commit of the line that says it is the source. */
type Twin = { readonly commit: Known; readonly how: string };

/** One question: is any of these commits on that line? */
type Asked = { readonly store: Store; readonly onto: Commit; readonly sources: readonly Commit[] };

/**
 * Asks the history of `onto` for each source commit: is it an ancestor; was it picked by trailer; was its pull
 * request back-ported by name; is there a commit of the same author and author time on the same subject or
 * paths. No process is needed once the history is known.
 */
export async function askHistory(
  store: Store,
  onto: Commit,
  sources: readonly Commit[],
): Promise<ReadonlyMap<Commit, Told>> {
  await store.history.know([onto, ...sources]);
  const asked = { store, onto, sources };
  const seen = new Map<Commit, Told>();
  for (const id of sources) seen.set(id, judged(asked, id, await twinsOf(asked, id)));
  return seen;
}

/**
 * The slower question, asked when the content leaves it open: which commit of the line has the patch id of one
 * of the sources? It says nothing of what became of it later.
 */
export function patchIdsOf(
  store: Store,
  onto: Commit,
  sources: readonly Commit[],
): (source: Commit) => Promise<Told> {
  const twinsOfSource = patchTwinsOn(store, onto, sources);
  return async (source) => {
    const twins = await twinsOfSource(source);
    const known = twins.map((id) => store.history.get(id)).filter((one) => one !== undefined);
    return judged(
      { store, onto, sources },
      source,
      known.map((commit) => ({ commit, how: 'patch id' })),
    );
  };
}

/**
 * Whether the line has a git revert on a path of the source: then a copy of it may have been there, and
 * only its patch id tells.
 */
export async function mayBeUndone(store: Store, onto: Commit, source: Commit): Promise<boolean> {
  const { history } = store;
  const since = history.get(source)?.authoredAt ?? 0;
  const reverts = history
    .reverting()
    .filter(
      ({ id, committedAt }) =>
        committedAt >= since && history.isAncestor(id, onto) && !history.isAncestor(id, source),
    );
  if (reverts.length === 0) return false;
  const paths = await pathsOf(store, source);
  for (const { id } of reverts) for (const path of await pathsOf(store, id)) if (paths.has(path)) return true;
  return false;
}

/** Whether the line has the commit or a copy of it, by what history tells without reading a file. */
export function isPlainlyThere({ history }: Store, onto: Commit, id: Commit): boolean {
  if (history.isAncestor(id, onto)) return true;
  const subject = plainSubject(history.get(id)?.subject ?? '');
  return history
    .sameAuthorship(id)
    .some((one) => plainSubject(one.subject) === subject && history.isAncestor(one.id, onto));
}

/**
 * Copies of a source anywhere in the repository, whatever line they are on: where the same change was made
 * before.
 */
export async function copiesOf(store: Store, id: Commit, sources: readonly Commit[]): Promise<Known[]> {
  const { history } = store;
  await history.know([id, ...sources]);
  const isOther = (one: Known) => !sources.some((source) => history.isAncestor(one.id, source));
  const twins = await twinsAmong({ store, onto: id, sources }, id, isOther);
  return [...new Map(twins.map(({ commit }) => [commit.id, commit])).values()];
}

function twinsOf(asked: Asked, id: Commit): Promise<Twin[]> {
  const { history } = asked.store;
  const isOwn = ({ id: other }: Known) =>
    history.isAncestor(other, asked.onto) &&
    !asked.sources.some((source) => history.isAncestor(other, source));
  return twinsAmong(asked, id, isOwn);
}

async function twinsAmong(asked: Asked, id: Commit, isMeant: (one: Known) => boolean): Promise<Twin[]> {
  const { history } = asked.store;
  // A message may name a commit without doing what it did.
  const named = async (commits: readonly Known[], how: string) => {
    const near = await filterAsync(commits.filter(isMeant), (one) => isNear(asked.store, id, one));
    return near.map((commit) => ({ commit, how }));
  };
  const authored = await filterAsync(history.sameAuthorship(id).filter(isMeant), (one) =>
    isCopy(asked, id, one),
  );
  const titled = await filterAsync(history.sameSubject(id).filter(isMeant), (one) =>
    isNamesake(asked, id, one),
  );
  return [
    ...authored.map((commit) => ({ commit, how: 'author and time' })),
    ...(await named(history.pickedFrom(id), 'trailer')),
    ...(await named(
      pullRequestsOf(asked, id).flatMap((number) => history.backportsOf(number)),
      'pull request',
    )),
    ...titled.map((commit) => ({ commit, how: 'subject' })),
  ];
}

/** Of the source, and of its copies on other lines: a back-port is often made from another one. */
function pullRequestsOf({ store: { history } }: Asked, id: Commit): number[] {
  const copies = history
    .sameAuthorship(id)
    .filter((one) => plainSubject(one.subject) === plainSubject(history.get(id)!.subject));
  return [...new Set([id, ...copies.map((one) => one.id)].flatMap((one) => history.pullRequestsOf(one)))];
}

/**
 * The same subject is a copy only when it says something, when the source's own history uses it once, when most of the
 * smaller one's paths are in the other, and when it is of the same author or puts in the same lines.
 */
async function isNamesake({ store }: Asked, id: Commit, other: Known): Promise<boolean> {
  const { history } = store;
  if (other.parents.length > 1 || plainSubject(other.subject).length < SUBJECT_CHARS_MIN) return false;
  if (other.authoredAt < history.get(id)!.authoredAt) return false;
  if (history.sameSubject(id).some((one) => history.isAncestor(one.id, id))) return false;
  const [mine, theirs] = await Promise.all([pathsOf(store, id), pathsOf(store, other.id)]);
  const common = [...theirs].filter((path) => mine.has(path)).length;
  if (common === 0 || common * 2 < Math.min(mine.size, theirs.size)) return false;
  const source = history.get(id)!;
  return (
    other.email === source.email || other.name === source.name || (await putsInAlike(store, id, other.id))
  );
}

/** Whether a commit or merge touches a file that the source touches, by path or, since files move, by name. */
async function isNear(store: Store, id: Commit, other: Known): Promise<boolean> {
  const [mine, theirs] = await Promise.all([pathsOf(store, id), pathsOf(store, other.id)]);
  const names = new Set([...mine].map(nameOf));
  return [...theirs].some((path) => names.has(nameOf(path)));
}

/** Whether the other commit's files hold at least half of the telling lines that the source puts into them. Without such lines nothing tells. */
async function putsInAlike(store: Store, id: Commit, other: Commit): Promise<boolean> {
  const [mine, theirs] = await Promise.all([deltaOf(store, id), deltaOf(store, other)]);
  const there = new Map((await store.trees.changed(theirs.from, theirs.to)).map((one) => [one.path, one.to]));
  let [all, same] = [0, 0];
  for (const { path, from, to } of await store.trees.changed(mine.from, mine.to)) {
    const after = to && (await textLines(store, to.id));
    const other = there.get(path);
    if (!after || !other) continue;
    const before = new Set(from && (await textLines(store, from.id)));
    const has = new Set(await textLines(store, other.id));
    const telling = after.filter((line) => !before.has(line) && isTelling(line));
    all += telling.length;
    same += telling.filter((line) => has.has(line)).length;
  }
  return all > 0 && same * 2 >= all;
}

const SUBJECT_CHARS_MIN = 16;

/**
 * Same author and author time is a copy only with the same subject or the same lines in a path: splitting or
 * amending a commit keeps its time, and a machine writes several in a second. Two sources that share a time are told apart by subject alone.
 */
async function isCopy({ store, sources }: Asked, id: Commit, other: Known): Promise<boolean> {
  const { history } = store;
  if (other.parents.length > 1) return false;
  const source = history.get(id)!;
  if (plainSubject(other.subject) === plainSubject(source.subject)) return true;
  const isShared = sources.some((one) => one !== id && history.get(one)?.authoredAt === source.authoredAt);
  if (isShared) return false;
  const [mine, theirs] = await Promise.all([pathsOf(store, id), pathsOf(store, other.id)]);
  return [...theirs].some((path) => mine.has(path)) && putsInAlike(store, id, other.id);
}

function judged(asked: Asked, id: Commit, twins: readonly Twin[]): Told {
  const { history } = asked.store;
  if (!history.isAncestor(id, asked.onto)) return standing(asked, id, twins);
  const undone = undoing(asked, id);
  if (!undone) return { how: ['ancestry'], commit: id };
  const again = twins.filter((twin) => isNewer(asked, twin.commit, undone));
  return again.length === 0 ? { how: [], commit: id, undoneBy: undone.id } : standing(asked, id, again);
}

/** The twins that no git revert undid; when all are undone, the revert. */
function standing(asked: Asked, id: Commit, twins: readonly Twin[]): Told {
  let undoneBy: Commit | undefined;
  const standingTwins: Twin[] = [];
  for (const twin of twins) {
    // A revert on the line may name the source and mean its copy.
    const undone = undoing(asked, twin.commit.id) ?? undoing(asked, id, twin.commit);
    if (undone) undoneBy = undone.id;
    else standingTwins.push(twin);
  }
  const [first] = standingTwins;
  if (first) return { how: [...new Set(standingTwins.map((twin) => twin.how))], commit: first.commit.id };
  return { how: [], ...(twins[0] ? { commit: twins[0].commit.id } : {}), ...(undoneBy ? { undoneBy } : {}) };
}

/**
 * The git revert on the line that undoes the commit, or the merge that brought it, and was not git-reverted
 * itself. `seen` ends the search when two commits claim to revert each other, which forged messages can do.
 */
function undoing(
  asked: Asked,
  id: Commit,
  after?: Known,
  seen: ReadonlySet<Commit> = new Set(),
): Known | undefined {
  const { history } = asked.store;
  const names = [id, ...history.mergesOf(id).map((merge) => merge.id)];
  return names
    .flatMap((name) => history.revertsOf(name))
    .find(
      (revert) =>
        revert.id !== id &&
        !seen.has(revert.id) &&
        history.isAncestor(revert.id, asked.onto) &&
        (after === undefined || isNewer(asked, revert, after)) &&
        !undoing(asked, revert.id, undefined, new Set([...seen, revert.id])),
    );
}

/** Later in the history of the line; of two that do not know each other, the later one by the clock. */
function isNewer({ store: { history } }: Asked, one: Known, than: Known): boolean {
  if (history.isAncestor(than.id, one.id)) return one.id !== than.id;
  return !history.isAncestor(one.id, than.id) && one.committedAt >= than.committedAt;
}

async function filterAsync<Item>(items: readonly Item[], test: (item: Item) => Promise<boolean>) {
  const kept = await Promise.all(items.map(test));
  return items.filter((_, i) => kept[i]);
}
