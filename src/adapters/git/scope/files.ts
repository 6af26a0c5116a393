import { pathClass } from '../../../core/assembly/path-class.ts';
import type { Commit } from '../../../core/base/ids.ts';
import type { ChangedFile, Hunk, Unread } from '../../../core/scope/change.ts';
import { isSchemaPath } from '../../../core/scope/schema-path.ts';
import type { Git } from '../objects/git.ts';
import { createTexts, type Texts } from './texts.ts';

/** More files than this, without vendored and generated ones, are a rewrite; the first are read. */
const FILES_MAX = 3_000;
/** Paths that are given to one git. */
const PATHS_AT_ONCE = 500;

/** A path that differs. Ids and modes as git prints them; a mode of 000000: there is none. */
type Row = {
  readonly path: string;
  readonly wasAt?: string;
  readonly modes: readonly [string, string];
  readonly ids: readonly [string, string];
};

/**
 * Every path of the change; texts and lines of those that are judged. Renames are looked for among those alone, since
 * git reads for that, and a clone need not have all.
 */
export async function readFiles(
  git: Git,
  from: Commit,
  to: Commit,
): Promise<{ files: ChangedFile[]; warnings: string[] }> {
  const raw = [...DIFF, '--no-renames', '--raw', '-z', '--no-abbrev', from, to];
  const rows = rowsOf(await git.read(raw));
  const judged = new Set(rows.filter((row) => unreadOf(row) === undefined).slice(0, FILES_MAX));
  const texts = await createTexts(
    git,
    [...judged].flatMap(({ ids }) => ids).filter((id) => !/^0+$/.test(id)),
  );
  const readable = [...judged].filter((row) => textsOf(row, texts).unread === undefined);
  const compared = await compare(git, { from, to, rows: readable });
  const isCompared = new Set(readable);
  const left = rows
    .filter((row) => !isCompared.has(row))
    .map((row): ChangedFile => {
      const unread = unreadOf(row) ?? (judged.has(row) ? textsOf(row, texts).unread! : 'too many');
      return { ...placeOf(row), unread, hunks: [] };
    });
  const files = [
    ...compared.map(({ row, hunks }) => ({ ...placeOf(row), ...textsOf(row, texts), hunks })),
    ...left,
  ];
  return { files, warnings: warningsOf(files) };
}

const DIFF = ['diff-tree', '-r', '--no-ext-diff', '--no-textconv', '--no-color'];

function placeOf({ path, wasAt, modes: [before, now] }: Row): Pick<ChangedFile, 'path' | 'wasAt' | 'kind'> {
  const kind = before === NONE ? 'added' : now === NONE ? 'removed' : 'changed';
  return { path, ...(wasAt !== undefined && { wasAt }), kind };
}

const NONE = '000000';

/** Vendored and generated files are made by programs: only schemas among them say something that their source may not. */
function unreadOf({ path, modes }: Row): Unread | undefined {
  if (modes.includes('160000')) return 'submodule';
  // As bytes that are no UTF-8 are read; git could not be asked for it by this name.
  if (path.includes('\ufffd')) return 'name';
  if (modes.includes('120000')) return 'link';
  return pathClass(path) === 'generated' && !isSchemaPath(path) ? 'not needed' : undefined;
}

function textsOf({ ids, modes }: Row, texts: Texts): Pick<ChangedFile, 'before' | 'now' | 'unread'> {
  const [before, now] = ids.map((id, i) => (modes[i] === NONE ? undefined : texts.get(id)));
  const unread = [before, now].find((one) => one !== undefined && 'unread' in one);
  if (unread !== undefined && 'unread' in unread) return { unread: unread.unread };
  return {
    ...(before && 'text' in before && { before: before.text }),
    ...(now && 'text' in now && { now: now.text }),
  };
}

/** `:<mode> <mode> <id> <id> <letter>` NUL `<path>` NUL each; a renamed one has two paths. */
function rowsOf(bytes: Buffer): Row[] {
  const parts = bytes.toString('utf8').split('\0');
  const rows: Row[] = [];
  for (let i = 0; i + 1 < parts.length; ) {
    const [before = '', after = '', fromId = '', toId = '', letter = ''] = parts[i]!.slice(1).split(' ');
    const isMoved = letter.startsWith('R') || letter.startsWith('C');
    const [first, second] = [parts[i + 1]!, parts[i + 2]!];
    rows.push({
      path: isMoved ? second : first,
      ...(isMoved && { wasAt: first }),
      modes: [before, after],
      ids: [fromId, toId],
    });
    i += isMoved ? 3 : 2;
  }
  return rows;
}

type Compared = { readonly row: Row; readonly hunks: Hunk[] };

async function compare(
  git: Git,
  { from, to, rows }: { readonly from: Commit; readonly to: Commit; readonly rows: readonly Row[] },
): Promise<Compared[]> {
  const found: Compared[] = [];
  const how = ['--find-renames', '-l500', '--raw', '--patch', '--unified=0', '-z', '--no-abbrev'];
  for (let i = 0; i < rows.length; i += PATHS_AT_ONCE) {
    const paths = rows.slice(i, i + PATHS_AT_ONCE).map(({ path }) => path);
    found.push(...comparedIn(await git.read([...DIFF, ...how, from, to, '--', ...paths])));
  }
  return found;
}

/** The rows come first, then their patches in the same order. Only the heads of hunks are read. */
function comparedIn(bytes: Buffer): Compared[] {
  const begin = bytes.indexOf(PATCH);
  const compared = rowsOf(begin < 0 ? bytes : bytes.subarray(0, begin)).map((row) => ({
    row,
    hunks: [] as Hunk[],
  }));
  if (begin < 0) return compared;
  let at = -1;
  for (const [line] of bytes.toString('latin1', begin + 1).matchAll(/^(?:diff --git |@@ -)[^\n]*/gm)) {
    if (line.startsWith('diff')) at += 1;
    const hunk = hunkOf(line);
    if (hunk) compared[at]?.hunks.push(hunk);
  }
  return compared;
}

/** Behind the rows, after an empty one. */
const PATCH = Buffer.from('\0diff --git ');

function hunkOf(line: string): Hunk | undefined {
  const match = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
  if (!match) return undefined;
  const [, was, wasCount = '1', is, isCount = '1'] = match;
  return {
    was: { from: Number(was), count: Number(wasCount) },
    is: { from: Number(is), count: Number(isCount) },
  };
}

const SAID: Partial<Readonly<Record<Unread, string>>> = {
  missing: 'missing in the repository, so not judged; next: read a whole clone',
  name: 'the name is no UTF-8, so not judged',
  binary: 'no text, so not judged',
  large: 'too large to be judged (1 MiB a file, 48 MiB together)',
  'too many': `left out: only ${FILES_MAX} files of a change are judged`,
};

function warningsOf(files: readonly ChangedFile[]): string[] {
  return Object.entries(SAID).flatMap(([unread, said]) => {
    const some = files.filter((file) => file.unread === unread);
    if (some.length === 0) return [];
    const more = some.length > 3 ? ` and ${some.length - 3} more` : '';
    return [
      `${some
        .slice(0, 3)
        .map(({ path }) => path)
        .join(', ')}${more}: ${said}`,
    ];
  });
}
