import { randomUUID } from 'node:crypto';
import type { Git } from './git.ts';
import { openTalk } from './talk.ts';
import type { TreeEntry } from './tree-object.ts';

/** A path that two trees do not have alike. Absent: that tree has no such path. */
export type Row = { readonly path: string; readonly from?: TreeEntry; readonly to?: TreeEntry };

/** Compares trees over one long-lived `git diff-tree --stdin`: git reads a folder of hundreds faster than we do. */
export type Differ = {
  /**
   * Rows of files and of the folders on the way to them, in git's order; renames are not followed. undefined when one
   * of the trees is not there.
   */
  diff(from: string, to: string): Promise<Row[] | undefined>;
  close(): void;
};

const ARGS = ['diff-tree', '--stdin', '-r', '-t', '-z', '--raw', '--no-renames', '--no-abbrev'];

export function createDiffer(git: Git): Differ {
  // What is no id is printed as it is, after all that came before: it says where an answer ends.
  const end = Buffer.from(`end ${randomUUID()}\n`);
  const talk = openTalk<Row[] | undefined>({
    file: 'git',
    args: ARGS,
    cwd: git.dir,
    env: git.env,
    readAnswer(bytes) {
      const at = bytes.indexOf(end);
      return at < 0 ? undefined : { used: at + end.length, answer: rowsOf(bytes.subarray(0, at)) };
    },
  });
  return {
    diff: (from, to) => talk.ask(`${from} ${to}\n${end.toString('latin1')}`),
    close: talk.close,
  };
}

/** A line with both trees, which is not there when one of them is missing; then `:<mode> <mode> <id> <id> <letter>` NUL `<path>` NUL each. */
function rowsOf(bytes: Buffer): Row[] | undefined {
  if (bytes.length === 0) return undefined;
  const parts = bytes.toString('latin1', bytes.indexOf(10) + 1).split('\0');
  const rows: Row[] = [];
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const path = parts[i + 1]!;
    const [before = '', after = '', fromId = '', toId = ''] = parts[i]!.slice(1).split(' ');
    const from = entryOf(before, fromId, path);
    const to = entryOf(after, toId, path);
    rows.push({ path, ...(from && { from }), ...(to && { to }) });
  }
  return rows;
}

const TYPES: Readonly<Record<string, TreeEntry['type']>> = { '040000': 'tree', '160000': 'commit' };

function entryOf(mode: string, id: string, path: string): TreeEntry | undefined {
  if (mode === '000000') return undefined;
  const name = path.slice(path.lastIndexOf('/') + 1);
  return { mode: mode.replace(/^0/, ''), type: TYPES[mode] ?? 'blob', name, id };
}
