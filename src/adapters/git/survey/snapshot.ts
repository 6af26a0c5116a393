import { below, folderOf, joinPath } from '../../../core/code/folders.ts';
import type { Entry, Objects } from './objects.ts';

/** The files of one commit, looked up by path. */
export type Snapshot = {
  /** What is at a path, symbolic links followed, and where it really is; undefined when there is nothing. */
  at(path: string): Promise<Placed | undefined>;
  /** What a folder holds; undefined when there is no such folder. Kept. */
  folder(path: string): Promise<Folder | undefined>;
  text(entry: Entry): Promise<string | undefined>;
};

/** `path`: where it really is. */
export type Folder = { readonly path: string; readonly entries: ReadonlyMap<string, Entry> };

export type Placed = { readonly path: string; readonly entry: Entry };

/** More hops than this are a circle. */
const LINKS_MAX = 10;

export function createSnapshot(objects: Objects, rootTree: string): Snapshot {
  const root: Placed = { path: '', entry: { kind: 'tree', id: rootTree } };

  const at = async (path: string, links = 0): Promise<Placed | undefined> => {
    const parts = path === '' ? [] : path.split('/');
    let here = root;
    for (const [i, part] of parts.entries()) {
      const entry = here.entry.kind === 'tree' ? (await objects.tree(here.entry.id)).get(part) : undefined;
      if (!entry) return undefined;
      here = { path: below(here.path, part), entry };
      if (entry.kind !== 'link') continue;
      const target = links < LINKS_MAX ? await objects.text(entry.id) : undefined;
      const to = target?.startsWith('/') === false ? joinPath(folderOf(here.path), target) : undefined;
      return to === undefined
        ? undefined
        : at([to, ...parts.slice(i + 1)].filter(Boolean).join('/'), links + 1);
    }
    return here;
  };
  const folders = new Map<string, Promise<Folder | undefined>>();
  const open = async (path: string): Promise<Folder | undefined> => {
    const found = await at(path);
    const entries = found?.entry.kind === 'tree' ? await objects.tree(found.entry.id) : undefined;
    return found && entries && { path: found.path, entries };
  };
  return {
    at,
    folder(path) {
      const known = folders.get(path) ?? open(path);
      folders.set(path, known);
      return known;
    },
    text: (entry) => objects.text(entry.id),
  };
}
