import type { Store } from '../objects/store.ts';
import type { TreeEntry } from '../objects/tree-object.ts';

/** What is to stand at a path (bytes as latin1 text); without an entry the path is taken out. */
export type TreeEdit = {
  readonly path: string;
  readonly entry?: { readonly mode: string; readonly id: string };
};

/** The tree with some paths changed, written where the store writes. Folders left empty are gone. */
export async function editTree(store: Store, tree: string, edits: readonly TreeEdit[]): Promise<string> {
  if (edits.length === 0) return tree;
  return (await editFolder(store, tree, edits)) ?? store.emptyTree;
}

async function editFolder(
  store: Store,
  tree: string | undefined,
  edits: readonly TreeEdit[],
): Promise<string | undefined> {
  const entries = new Map(tree === undefined ? [] : await store.trees.entries(tree));
  const below = Map.groupBy(edits, (edit) => edit.path.split('/', 1)[0]!);
  for (const [name, inside] of below) {
    const own = inside.find((edit) => edit.path === name);
    const entry = own ? ownEntry(name, own) : await folderEntry(store, entries.get(name), name, inside);
    if (entry) entries.set(name, entry);
    else entries.delete(name);
  }
  return entries.size === 0 ? undefined : store.writeTree([...entries.values()]);
}

function ownEntry(name: string, { entry }: TreeEdit): TreeEntry | undefined {
  return entry && { ...entry, name, type: entry.mode === '160000' ? 'commit' : 'blob' };
}

async function folderEntry(
  store: Store,
  before: TreeEntry | undefined,
  name: string,
  inside: readonly TreeEdit[],
): Promise<TreeEntry | undefined> {
  const edits = inside.map((edit) => ({ ...edit, path: edit.path.slice(name.length + 1) }));
  const id = await editFolder(store, before?.type === 'tree' ? before.id : undefined, edits);
  return id === undefined ? undefined : { mode: '40000', type: 'tree', name, id };
}
