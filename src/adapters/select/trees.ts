import { posix } from 'node:path';
import { isVendored } from '../../core/code/go-build.ts';
import type { Range } from '../../core/select/reading.ts';
import { type ChangedFile, LINK, type Tree, type TreeFile } from '../../core/select/tree.ts';
import type { Git } from './git.ts';
import { pathText } from './path-text.ts';

/** The files of two commits and what they have unlike; renames are one that is gone and one that has come. */
export async function readRange(
  git: Git,
  from: string,
  to: string,
  read: (ids: readonly string[]) => Promise<ReadonlyMap<string, Buffer>>,
): Promise<Range> {
  const [listed, compared] = await Promise.all([
    git.read(['ls-tree', '-r', '-z', '--full-tree', to]),
    git.read(['diff-tree', '-r', '-z', '--raw', '--no-renames', '--no-abbrev', from, to]),
  ]);
  const after = treeOf(listed);
  const before = new Map(after);
  const changed: ChangedFile[] = [];
  const parts = nulParts(compared);
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const [oldMode = '', newMode = '', oldId = '', newId = ''] = parts[i]!.toString('latin1')
      .slice(1)
      .split(' ');
    const path = pathText(parts[i + 1]!);
    const isAdded = oldMode === NOTHING;
    const isGone = newMode === NOTHING;
    if (isAdded) before.delete(path);
    else before.set(path, { id: oldId, mode: oldMode });
    if (!isGone) after.set(path, { id: newId, mode: newMode });
    changed.push({ path, kind: isAdded ? 'added' : isGone ? 'deleted' : 'changed' });
  }
  return await withLinks({ before, after, changed }, read);
}

const NOTHING = '000000';

function treeOf(listed: Buffer): Map<string, TreeFile> {
  const tree = new Map<string, TreeFile>();
  const text = listed.toString('utf8');
  // Almost every repository has no path but UTF-8; then there is no need to look at each.
  const isPlain = !text.includes('\ufffd');
  if (isPlain) for (const line of text.split('\0')) addLine(tree, line, line.indexOf('\t'), undefined);
  else
    for (const line of nulParts(listed)) {
      const at = line.indexOf(9);
      addLine(tree, line.toString('latin1', 0, at), at, pathText(line.subarray(at + 1)));
    }
  return tree;
}

/** `<mode> <type> <id>`, and the path after a tab. */
function addLine(tree: Map<string, TreeFile>, line: string, at: number, path: string | undefined): void {
  if (at < 0) return;
  const [mode = '', , id = ''] = line.slice(0, at).split(' ');
  tree.set(path ?? line.slice(at + 1), { id, mode });
}

function nulParts(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf(0); at >= 0; at = bytes.indexOf(0, from)) {
    parts.push(bytes.subarray(from, at));
    from = at + 1;
  }
  return parts;
}

const LINKED_MAX = 50_000;

/**
 * Puts what links lead to in their place, so that who takes in a file through a link is found. go looks into a linked
 * folder only where it is vendored.
 */
async function withLinks(
  range: Range,
  read: (ids: readonly string[]) => Promise<ReadonlyMap<string, Buffer>>,
) {
  const linked = [range.before, range.after].map(linksIn);
  const ids = linked.flatMap((links) => links.map(([, { id }]) => id));
  if (ids.length === 0) return range;
  const targets = await read([...new Set(ids)]);
  const before = followed(range.before, linked[0]!, targets);
  const after = followed(range.after, linked[1]!, targets);
  const known = new Set(range.changed.map(({ path }) => path));
  const changed = [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => !known.has(path) && before.get(path)?.id !== after.get(path)?.id)
    .map((path): ChangedFile => ({ path, kind: 'linked' }));
  return {
    before: new Map([...range.before, ...before]),
    after: new Map([...range.after, ...after]),
    changed: [...range.changed, ...changed],
  };
}

function linksIn(tree: Tree): [string, TreeFile][] {
  const links: [string, TreeFile][] = [];
  for (const [path, file] of tree) if (file.mode === LINK) links.push([path, file]);
  return links;
}

/** What comes in the place of links. */
function followed(
  tree: Tree,
  links: readonly (readonly [string, TreeFile])[],
  targets: ReadonlyMap<string, Buffer>,
): Map<string, TreeFile> {
  const came = new Map<string, TreeFile>();
  const put = (path: string, file: TreeFile) => {
    if (came.size < LINKED_MAX && (!tree.has(path) || tree.get(path)!.mode === LINK)) came.set(path, file);
  };
  const folders: (readonly [string, string])[] = [];
  for (const [path] of links) {
    const to = targetOf(path, tree, targets);
    if (to === undefined || to === '') continue;
    const target = tree.get(to);
    if (target && target.mode !== LINK) put(path, target);
    else if (!target && !`${path}/`.startsWith(`${to}/`)) folders.push([path, `${to}/`]);
  }
  if (folders.length > 0)
    for (const [path, file] of tree)
      for (const [link, to] of folders)
        if (path.startsWith(to) && file.mode !== LINK && (!path.endsWith('.go') || isVendored(link)))
          put(`${link}/${path.slice(to.length)}`, file);
  return came;
}

const STEPS_MAX = 20;

/** Where a link leads in the end; undefined when that is outside the repository, or nowhere. */
function targetOf(path: string, tree: Tree, targets: ReadonlyMap<string, Buffer>): string | undefined {
  let at = path;
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const file = tree.get(at);
    if (file?.mode !== LINK) return at;
    const target = targets.get(file.id)?.toString('utf8');
    if (target === undefined || target.startsWith('/') || target.includes('\0')) return undefined;
    at = posix.normalize(posix.join(posix.dirname(at), target)).replace(/\/$/, '');
    if (at === '..' || at.startsWith('../')) return undefined;
    if (at === '.') return '';
  }
  return undefined;
}
