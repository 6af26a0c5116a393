import type { Commit } from '../../../core/base/ids.ts';
import { type Git, printable } from '../objects/git.ts';

/** What deployed commits do not have in common. */
export type History = {
  /** The commits that some of `tips` have and some do not, without merges, newest first. */
  readonly commits: readonly Changed[];
  /** By commit, the tips that have it: places in `tips`, ascending. Equal lists are one and the same. */
  readonly heldBy: ReadonlyMap<Commit, readonly number[]>;
};

export type Changed = {
  readonly commit: Commit;
  readonly subject: string;
  readonly paths: readonly string[];
};

/** Reads histories at once, however many commits are deployed: three processes in all. */
export async function readHistory(git: Git, tips: readonly Commit[]): Promise<History> {
  const common = await commonOf(git, tips);
  const input = [...tips, ...common.map((id) => `^${id}`), ''].join('\n');
  const graph = await git.read(['rev-list', '--topo-order', '--parents', '--stdin'], { input });
  const heldBy = spread(graph.toString('latin1'), tips);
  const log = await git.read([...LOG, '--stdin'], { input, timeoutMs: LOG_MS, keepBytesMax: LOG_BYTES_MAX });
  const commits = readLog(log.toString('utf8')).filter(
    ({ commit }) => heldBy.get(commit)!.length < tips.length,
  );
  return { commits, heldBy };
}

const LOG_MS = 600_000;
const LOG_BYTES_MAX = 512 * 1024 * 1024;
const LOG = [
  'log',
  '--topo-order',
  '--no-merges',
  '--raw',
  '-z',
  '--no-renames',
  '--no-abbrev',
  '--root',
  '--encoding=UTF-8',
  '--format=%x01%H%x00%s',
];

/** The newest commits that all have; none when histories have no common root. */
async function commonOf(git: Git, tips: readonly Commit[]): Promise<string[]> {
  const args = ['merge-base', '--octopus', '--all', ...tips];
  const ran = await git.run(args);
  if (ran.code === 1) return [];
  const out = ran.code === 0 ? ran.stdout : await git.read(args);
  return out.toString('latin1').split('\n').filter(Boolean);
}

/** Hands marks from each commit to its parents; the list has no parent before a child. */
function spread(graph: string, tips: readonly Commit[]): Map<Commit, readonly number[]> {
  const marks = new Map<Commit, Uint8Array>();
  const markOf = (id: Commit) => {
    const known = marks.get(id) ?? new Uint8Array(tips.length);
    marks.set(id, known);
    return known;
  };
  tips.forEach((id, i) => {
    markOf(id)[i] = 1;
  });
  const listed: Commit[] = [];
  for (const line of graph.split('\n')) {
    const [id, ...parents] = line.split(' ');
    if (!id) continue;
    listed.push(id);
    const own = markOf(id);
    for (const parent of parents) {
      const theirs = markOf(parent);
      for (let i = 0; i < own.length; i += 1) theirs[i]! |= own[i]!;
    }
  }
  const lists = new Map<string, readonly number[]>();
  return new Map(listed.map((id) => [id, shared(lists, placesIn(marks.get(id)!))]));
}

const placesIn = (marks: Uint8Array): number[] => [...marks.keys()].filter((i) => marks[i] === 1);

/** One list for all that are equal. */
export function shared(lists: Map<string, readonly number[]>, list: readonly number[]): readonly number[] {
  const key = list.join(',');
  const known = lists.get(key) ?? list;
  lists.set(key, known);
  return known;
}

/** A head `\x01<id>`, its subject, then for each file what changed and its path; all ended by zero bytes. */
function readLog(text: string): Changed[] {
  const parts = text.split('\0');
  const all: Changed[] = [];
  let paths: string[] = [];
  for (let i = 0; i < parts.length; i += 2) {
    const [first = '', second = ''] = [parts[i], parts[i + 1]];
    if (first.startsWith('\x01')) {
      paths = [];
      all.push({ commit: first.slice(1), subject: printable(second.trim()), paths });
    } else if (/^\n?:/.test(first)) paths.push(second);
  }
  return all;
}
