/** One name in a tree object. `name`: its bytes as latin1 text. */
export type TreeEntry = {
  readonly mode: string;
  readonly type: 'blob' | 'tree' | 'commit';
  readonly name: string;
  readonly id: string;
};

const TYPES: Readonly<Record<string, TreeEntry['type']>> = { '40000': 'tree', '160000': 'commit' };

/** What a tree object lists: `<mode> <name>NUL<id in binary>` each. `idBytes`: 20 or 32. */
export function entriesOf(body: Buffer, idBytes: number): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(32, at);
    const end = body.indexOf(0, space);
    const mode = body.toString('latin1', at, space);
    entries.push({
      mode,
      type: TYPES[mode] ?? 'blob',
      name: body.toString('latin1', space + 1, end),
      id: body.toString('hex', end + 1, end + 1 + idBytes),
    });
    at = end + 1 + idBytes;
  }
  return entries;
}

/** The body of the tree object that lists the entries, in git's order: a folder stands as if its name ended in `/`. */
export function treeBody(entries: readonly TreeEntry[]): Buffer {
  const key = ({ name, type }: TreeEntry) => Buffer.from(type === 'tree' ? `${name}/` : name, 'latin1');
  const sorted = entries.toSorted((a, b) => Buffer.compare(key(a), key(b)));
  return Buffer.concat(
    sorted.flatMap(({ mode, name, id }) => [
      Buffer.from(`${mode} ${name}\0`, 'latin1'),
      Buffer.from(id, 'hex'),
    ]),
  );
}
