import type { Commit } from '../../../core/base/ids.ts';
import { askHistory } from '../history/signals.ts';
import { printable } from '../objects/git.ts';
import { type Delta, deltaOf } from '../objects/merge.ts';
import { touching } from '../objects/paths-of.ts';
import type { Store } from '../objects/store.ts';

/**
 * An earlier change that would be taken whole: a commit, or a merge with all it brought in. `commits` and
 * `deltas`: those the line has not, oldest first. `height`: its place in history.
 */
export type Unit = {
  readonly id: Commit;
  readonly height: number;
  readonly commits: readonly Commit[];
  readonly deltas: readonly Delta[];
};

/**
 * Where units are looked for: in the history of `from`, and not on the line. `apart`: each commit is a unit of its
 * own, out of the pull request it came with.
 */
export type Ground = { readonly onto: Commit; readonly from: Commit; readonly apart: boolean };

const COMMITS_MAX = 60;
const NEAR_MAX = 80;

/** The unit that brought a commit in; undefined when the line has it, or it is too large to be a remedy. */
export async function unitOf(store: Store, ground: Ground, commit: Commit): Promise<Unit | undefined> {
  const { history } = store;
  await history.know([ground.onto, ground.from, commit]);
  if (history.isAncestor(commit, ground.onto) || !history.isAncestor(commit, ground.from)) return undefined;
  if (ground.apart) return openUnit(store, ground.onto, commit);
  const landed = history
    .mergesOf(commit)
    .filter((merge) => history.isAncestor(merge.id, ground.from))
    .sort((a, b) => a.height - b.height)[0];
  return openUnit(store, ground.onto, landed?.id ?? commit);
}

/** Units that touch one of the paths, newest first. */
export async function unitsNear(store: Store, ground: Ground, paths: readonly Buffer[]): Promise<Unit[]> {
  const ids = await touching(store, {
    from: [ground.from],
    not: [ground.onto],
    paths: paths.map((path) => path.toString('latin1')),
    flags: [ground.apart ? '--no-merges' : '--first-parent', `--max-count=${NEAR_MAX}`],
  });
  const units = await Promise.all(ids.map((id) => openUnit(store, ground.onto, id)));
  return units.filter((unit) => unit !== undefined);
}

async function openUnit(store: Store, onto: Commit, id: Commit): Promise<Unit | undefined> {
  const { history } = store;
  await history.know([id]);
  const { parents, height } = history.get(id)!;
  const brought = parents.length > 1 ? history.broughtBy(id).map((one) => one.id) : [id];
  if (brought.length > COMMITS_MAX) return undefined;
  const onLine = await askHistory(store, onto, brought);
  const commits = brought.filter((one) => onLine.get(one)!.how.length === 0);
  if (commits.length === 0) return undefined;
  return { id, height, commits, deltas: await Promise.all(commits.map((one) => deltaOf(store, one))) };
}

/** The subject; of a merged pull request its number and title, and of one of its commits the number behind. */
export function titleOf({ history }: Store, id: Commit): string {
  const known = history.get(id);
  if (!known) return id.slice(0, 12);
  const number = /^Merge pull request (#\d+) /.exec(known.subject)?.[1];
  const [within] = known.parents.length > 1 ? [] : history.pullRequestsOf(id);
  const own = within === undefined || known.subject.endsWith(`#${within})`) ? '' : ` (of #${within})`;
  const title =
    number === undefined || known.title === '' ? `${known.subject}${own}` : `${number} ${known.title}`;
  return printable(title) || id.slice(0, 12);
}

/** Files that the commits touch, and lines they add and take away; a binary file counts no lines. */
export async function sizeOf(
  store: Store,
  ids: readonly Commit[],
): Promise<{ readonly commits: number; readonly files: number; readonly lines: number }> {
  const paths = new Set<string>();
  let lines = 0;
  for (const id of ids) {
    const { from, to } = await deltaOf(store, id);
    const out = await store.git.read(['diff-tree', '-r', '-z', '--numstat', '--no-renames', from, to]);
    for (const row of out.toString('latin1').split('\0').filter(Boolean)) {
      const [added, removed, path = ''] = row.split('\t');
      paths.add(path);
      lines += (Number(added) || 0) + (Number(removed) || 0);
    }
  }
  return { commits: ids.length, files: paths.size, lines };
}
