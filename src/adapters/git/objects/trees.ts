import type { Row } from './differ.ts';
import { MissingObject } from './git.ts';
import type { Found } from './reader.ts';
import { entriesOf, type TreeEntry } from './tree-object.ts';

/** Where objects are read: `Store` fits. */
export type ObjectSource = {
  /** Type and size alone. */
  find(name: string): Promise<Found | undefined>;
  read(name: string): Promise<Found | undefined>;
  readonly idBytes: number;
};

/** Rows of two whole trees that differ, folders among them. Throws `MissingObject`. */
type Diff = (from: string, to: string) => Promise<Row[]>;

/** A path that two trees do not have alike. Absent: that tree has no such path, or a folder in its place. */
export type ChangedEntry = { readonly path: string; readonly from?: TreeEntry; readonly to?: TreeEntry };

/** Trees of one repository, kept in memory once read. Paths are bytes as latin1 text, the top folder is ''. */
export type Trees = {
  /** What a tree lists, by name. Throws `MissingObject`. */
  entries(tree: string): Promise<Entries>;
  /** What is at a path below a tree; undefined when nothing is. */
  at(tree: string, path: string): Promise<TreeEntry | undefined>;
  /** Whether two trees have the same at a path, or both nothing. Reads no deeper than to where they are alike. */
  isAlike(one: string, other: string, path: string): Promise<boolean>;
  /** Files, links and submodules that differ, in the order of paths. Renames are not followed. */
  changed(from: string, to: string): Promise<ChangedEntry[]>;
  /** The same in a folder, of what `wanted` takes; a folder that it does not take is not entered. */
  changedIn(from: string, to: string, folder: string, wanted: Wanted): Promise<ChangedEntry[]>;
};

type Entries = ReadonlyMap<string, TreeEntry>;
type Wanted = (path: string, entry: TreeEntry) => boolean;

// Some 60 MiB when all are of the usual ten names.
const KEPT_MAX = 20_000;

/** `diff` compares whole trees: git does it faster than we read them. Folders and single paths are read here. */
export function createTrees(source: ObjectSource, diff: Diff): Trees {
  const kept = new Map<string, Entries>();
  const entries = async (tree: string) => {
    const known = kept.get(tree);
    if (known) return known;
    const found = await source.read(tree);
    if (found?.type !== 'tree' || !found.body) throw new MissingObject(tree);
    const made = new Map(entriesOf(found.body, source.idBytes).map((entry) => [entry.name, entry]));
    if (kept.size >= KEPT_MAX) kept.clear();
    kept.set(tree, made);
    return made;
  };
  type Side = TreeEntry | undefined;
  const changedBelow = async (from: Side, to: Side, path: string, wanted: Wanted) => {
    const [before, after] = await Promise.all([foldersOf(from), foldersOf(to)]);
    const names = unlikeNames(before, after).sort();
    const all: Promise<ChangedEntry[]>[] = names.map(async (name) => {
      const [one, other] = [before.get(name), after.get(name)];
      const there = path === '' ? name : `${path}/${name}`;
      const sides = [one, other].map((entry) => (entry && wanted(there, entry) ? entry : undefined));
      const own = changeAt(there, sides[0], sides[1]);
      const isFolder = sides.some((entry) => entry?.type === 'tree');
      return isFolder ? [...own, ...(await changedBelow(sides[0], sides[1], there, wanted))] : own;
    });
    return (await Promise.all(all)).flat();
  };
  const foldersOf = async (entry: TreeEntry | undefined) =>
    entry?.type === 'tree' ? entries(entry.id) : new Map<string, TreeEntry>();
  const at = async (tree: string, path: string): Promise<TreeEntry | undefined> => {
    let entry: TreeEntry = topOf(tree);
    for (const name of path === '' ? [] : path.split('/')) {
      const folder = entry.type === 'tree' ? (kept.get(entry.id) ?? (await entries(entry.id))) : undefined;
      const next = folder?.get(name);
      if (!next) return undefined;
      entry = next;
    }
    return entry;
  };
  return {
    entries,
    at,
    async isAlike(one, other, path) {
      let sides: readonly Side[] = [topOf(one), topOf(other)];
      for (const name of path === '' ? [] : path.split('/')) {
        if (sides[0]?.id === sides[1]?.id) return true;
        const folders = await Promise.all(sides.map(foldersOf));
        sides = folders.map((folder) => folder.get(name));
      }
      return sides[0]?.id === sides[1]?.id;
    },
    async changed(from, to) {
      if (from === to) return [];
      const rows = await diff(from, to);
      return rows.flatMap((row) => changeAt(row.path, row.from, row.to));
    },
    async changedIn(from, to, folder, wanted) {
      const [one, other] = await Promise.all([at(from, folder), at(to, folder)]);
      return one?.id === other?.id ? [] : changedBelow(one, other, folder, wanted);
    },
  };
}

const topOf = (tree: string): TreeEntry => ({ mode: '40000', type: 'tree', name: '', id: tree });

function unlikeNames(before: Entries, after: Entries): string[] {
  const isOther = (one: TreeEntry, other: TreeEntry | undefined) =>
    one.id !== other?.id || one.mode !== other.mode;
  const names: string[] = [];
  for (const [name, entry] of before) if (isOther(entry, after.get(name))) names.push(name);
  for (const name of after.keys()) if (!before.has(name)) names.push(name);
  return names;
}

function changeAt(path: string, from: TreeEntry | undefined, to: TreeEntry | undefined): ChangedEntry[] {
  const [one, other] = [from, to].map((entry) => (entry?.type === 'tree' ? undefined : entry));
  if (!one && !other) return [];
  return [{ path, ...(one ? { from: one } : {}), ...(other ? { to: other } : {}) }];
}
