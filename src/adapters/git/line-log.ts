import type { Commit } from '../../core/base/ids.ts';
import { isCommit } from '../../core/base/ids.ts';
import { broughtBy } from './graph.ts';
import type { Store } from './store.ts';

/** A commit that a line has and the source of the change has not. `at`: its place, 0 is the newest. */
export type OwnCommit = {
  readonly id: Commit;
  readonly at: number;
  readonly parents: readonly Commit[];
  readonly name: string;
  readonly email: string;
  readonly seconds: number;
  readonly message: string;
};

/** A line's own commits and the git reverts among them. */
export type LineLog = {
  readonly own: readonly OwnCommit[];
  /** Own commits by author and author time. */
  sameAuthorship(who: {
    readonly name: string;
    readonly email: string;
    readonly seconds: number;
  }): OwnCommit[];
  /** Own commits whose `(cherry picked from commit …)` names the id. */
  pickedFrom(id: Commit): OwnCommit[];
  /**
   * The git revert that undoes the commit and was not git-reverted itself. Reverts that name `others`
   * (the source, when the commit is its copy on this line) count when they are newer than `at`.
   */
  undoing(
    id: Commit,
    others?: { readonly ids: readonly Commit[]; readonly at: number },
  ): Promise<OwnCommit | undefined>;
};

const FIELDS = 6;

/** Reads the commits of `onto` that are not in the history of any source, newest first. */
export async function readLineLog(store: Store, onto: Commit, sources: readonly Commit[]): Promise<LineLog> {
  const format = '--format=%H%x00%P%x00%an%x00%ae%x00%at%x00%B';
  const input = [onto, ...sources.map((id) => `^${id}`), ''].join('\n');
  const out = await store.git.read(['log', '-z', '--topo-order', format, '--stdin'], { input });
  const parts = out.toString('utf8').split('\0');
  const own: OwnCommit[] = [];
  for (let i = 0; i + FIELDS <= parts.length; i += FIELDS) {
    const [id = '', parents = '', name = '', email = '', seconds = '', message = ''] = parts.slice(
      i,
      i + FIELDS,
    );
    const at = i / FIELDS;
    own.push({
      id,
      at,
      parents: parents.split(' ').filter(Boolean),
      name,
      email,
      seconds: Number(seconds),
      message,
    });
  }
  return lineLogOf(store, own);
}

function lineLogOf(store: Store, own: readonly OwnCommit[]): LineLog {
  const bySeconds = Map.groupBy(own, (commit) => commit.seconds);
  const picked = named(own, /\(cherry picked from commit ([0-9a-f]{7,64})\)/g);
  const reverted = named(own, /This reverts commit ([0-9a-f]{7,64})/g);
  const brought = new Map<string, Promise<ReadonlySet<Commit>>>();
  const broughtByMerge = (id: string) => {
    const known = brought.get(id) ?? mergeSide(store, id);
    brought.set(id, known);
    return known;
  };
  const namesIt = async (name: string, id: Commit) =>
    id.startsWith(name) || (await broughtByMerge(name)).has(id);

  // `seen` ends the search when two commits claim to revert each other, which forged messages can do.
  const undone = async (
    ids: readonly Commit[],
    newerThan: number,
    seen: ReadonlySet<Commit>,
  ): Promise<OwnCommit | undefined> => {
    for (const [name, reverts] of reverted) {
      for (const id of ids) {
        if (!(await namesIt(name, id))) continue;
        for (const revert of reverts) {
          if (revert.at >= newerThan || revert.id === id || seen.has(revert.id)) continue;
          if (!(await undone([revert.id], revert.at, new Set([...seen, revert.id])))) return revert;
        }
      }
    }
    return undefined;
  };
  return {
    own,
    sameAuthorship: ({ name, email, seconds }) =>
      (bySeconds.get(seconds) ?? []).filter(
        (c) => c.parents.length < 2 && (c.email === email || c.name === name),
      ),
    pickedFrom: (id) => [...picked].filter(([name]) => id.startsWith(name)).flatMap(([, commits]) => commits),
    undoing: async (id, others) =>
      (await undone([id], Number.POSITIVE_INFINITY, new Set())) ??
      (others ? await undone(others.ids, others.at, new Set()) : undefined),
  };
}

/** Ids that messages name by a phrase, with the commits that name them. */
function named(own: readonly OwnCommit[], phrase: RegExp): Map<string, OwnCommit[]> {
  const found = new Map<string, OwnCommit[]>();
  for (const commit of own)
    for (const [, id = ''] of commit.message.matchAll(phrase)) {
      const commits = found.get(id) ?? [];
      commits.push(commit);
      found.set(id, commits);
    }
  return found;
}

async function mergeSide(store: Store, id: string): Promise<ReadonlySet<Commit>> {
  const commit = isCommit(id) ? await store.findCommit(id) : undefined;
  return new Set(commit && commit.parents.length > 1 ? await broughtBy(store.git, commit.parents) : []);
}
