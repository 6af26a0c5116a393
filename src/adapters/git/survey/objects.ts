import { type Git, MissingObject } from '../objects/git.ts';
import { createReader } from '../objects/reader.ts';

/** Reads trees and blobs of one repository by id. */
export type Objects = {
  /** The entries of a tree. Kept, so that the same tree is read once. Throws `MissingObject` when it is not there. */
  tree(id: string): Promise<ReadonlyMap<string, Entry>>;
  /** A blob as text, invalid UTF-8 replaced; undefined when it is missing. Not kept. */
  text(id: string): Promise<string | undefined>;
};

export type Entry = { readonly kind: 'tree' | 'file' | 'link' | 'submodule'; readonly id: string };

/** Ends with `close`; what was read of trees is kept until then. */
export function createObjects(git: Git): Objects & { close(): void } {
  const trees = new Map<string, Promise<ReadonlyMap<string, Entry>>>();
  const reader = createReader(git);
  return {
    tree(id) {
      const known = trees.get(id);
      if (known) return known;
      const read = reader.read(id).then((found) => {
        if (found?.body) return parseTree(found.body, id.length / 2);
        // To take it for empty would leave out what the component is built from.
        throw new MissingObject(id);
      });
      trees.set(id, read);
      return read;
    },
    text: async (id) => (await reader.read(id))?.body?.toString('utf8'),
    close: () => reader.close(),
  };
}

/** `<mode> <name>\0<raw id>`, one after the other. */
function parseTree(bytes: Buffer, idBytes: number): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(32, at);
    const zero = bytes.indexOf(0, space);
    const next = zero + 1 + idBytes;
    const kind = kindOf(bytes.toString('latin1', at, space));
    entries.set(bytes.toString('utf8', space + 1, zero), { kind, id: bytes.toString('hex', zero + 1, next) });
    at = next;
  }
  return entries;
}

function kindOf(mode: string): Entry['kind'] {
  if (mode === '40000') return 'tree';
  if (mode === '120000') return 'link';
  return mode === '160000' ? 'submodule' : 'file';
}
