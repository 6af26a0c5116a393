import { below, folderOf, isWithin } from '../../../core/code/folders.ts';
import type { GoDeclaration } from '../../../core/code/go-declarations.ts';
import { isSameSignature, takes } from '../../../core/code/go-signature.ts';
import type { GoUse } from '../../../core/code/go-uses.ts';
import type { TreeEntry } from '../tree-object.ts';
import { buildAt, type ChangedFile, countOf, place } from './change-files.ts';
import type { GoSource, GoText } from './go-source.ts';

/** A name of a package that the change takes away or gives other parameters or results. */
type Altered = { readonly was: GoDeclaration; readonly now?: GoDeclaration };

/**
 * A file on the line that the change was not made with: the source has it otherwise, or not at all. `before`: what
 * the change found there, when it altered the file.
 */
type LineFile = {
  readonly path: string;
  readonly here: GoText;
  readonly source: GoText | undefined;
  readonly before: GoText | undefined;
};

/**
 * Signs of code on the line that uses what the change alters in one folder, and that the change does not
 * adapt. What the source has in the same words compiled there, and is no sign.
 */
export async function callerSigns(
  go: GoSource,
  files: readonly ChangedFile[],
  { before, after }: { readonly before: string; readonly after: string },
): Promise<string[]> {
  const { folder, sourceTree } = files[0]!;
  const altered = await alteredIn(go, files, after);
  if (altered.length === 0) return [];
  const near = await lineFiles(go, { before, after, sourceTree, folder, isDeep: false });
  const signs = near.flatMap((file) =>
    file.here
      .uses((piece) => altered.some(({ was }) => piece.includes(was.name)))
      .flatMap((use) => {
        const one = altered.find((other) => isNearUse(use, other.was));
        return one ? judge(file, use, one) : [];
      }),
  );
  const isFarther = altered.filter(({ was }) => was.kind !== 'method' && /^\p{Lu}/u.test(was.name));
  return isFarther.length === 0
    ? signs
    : [...signs, ...(await farSigns(go, isFarther, { before, after, sourceTree, folder }))];
}

/** Exported methods are left out: whose method a call means cannot be seen without types. */
const isJudged = (one: GoDeclaration) =>
  one.name !== 'init' && one.name !== 'main' && !(one.kind === 'method' && /^\p{Lu}/u.test(one.name));

async function alteredIn(go: GoSource, files: readonly ChangedFile[], after: string): Promise<Altered[]> {
  const outlinesNow = files.flatMap(({ now }) => now?.outline.declarations ?? []);
  const isTwin = (a: GoDeclaration, b: GoDeclaration) => a.name === b.name && a.receiver === b.receiver;
  const all = files
    .flatMap(({ before }) => before?.outline.declarations ?? [])
    .filter(isJudged)
    .flatMap((was): Altered[] => {
      const now = outlinesNow.find((one) => isTwin(one, was));
      if (!now) return [{ was }];
      const isAltered = was.signature && now.signature && !isSameSignature(was.signature, now.signature);
      return isAltered ? [{ was, now }] : [];
    });
  if (all.every(({ now }) => now)) return all;
  const folder = (await go.folder(after, files[0]!.folder)) ?? new Map();
  const stay = await Promise.all(
    all.map(async ({ was, now }) => now !== undefined || (await isGone(go, folder, was))),
  );
  return all.filter((_, i) => stay[i]);
}

async function isGone(
  go: GoSource,
  folder: ReadonlyMap<string, TreeEntry>,
  was: GoDeclaration,
): Promise<boolean> {
  if (was.kind !== 'method') return (await go.find(folder, was.name, new Set())) === undefined;
  // Another type may have a method or field of this name: then a call says nothing.
  const texts = await Promise.all([...folder.values()].map(({ id }) => go.file(id)));
  return texts.every(
    (one) => one !== undefined && !one.outline.declarations.some((other) => other.name === was.name),
  );
}

const isNearUse = (use: GoUse, was: GoDeclaration) =>
  use.name === was.name && (was.kind === 'method' ? use.isMember && use.isCalled : !use.isMember);

type Where = {
  readonly before: string;
  readonly after: string;
  readonly sourceTree: string;
  readonly folder: string;
};

/** Callers in other packages of the same module. */
async function farSigns(go: GoSource, altered: readonly Altered[], where: Where): Promise<string[]> {
  const build = await buildAt(go, where.after, where.folder);
  const module = build?.modules[0];
  if (!module?.path || !isWithin(where.folder, module.folder)) return [];
  const rest = where.folder.slice(module.folder === '' ? 0 : module.folder.length + 1);
  const path = below(module.path, rest);
  const files = await lineFiles(go, { ...where, folder: '', isDeep: true });
  return files
    .filter(({ here }) => here.text.includes(`"${path}"`))
    .flatMap((file) => {
      const names = [...file.here.imports()].filter(([, other]) => other === path).map(([name]) => name);
      return file.here
        .uses((piece) => altered.some(({ was }) => piece.includes(was.name)))
        .filter((use) => use.of !== undefined && names.includes(use.of))
        .flatMap((use) => {
          const one = altered.find(({ was }) => was.name === use.name);
          return one ? judge(file, use, one) : [];
        });
    });
}

/** The Go files of a folder, or of all below it, that the source does not have alike. */
async function lineFiles(go: GoSource, where: Where & { readonly isDeep: boolean }): Promise<LineFile[]> {
  const all = await go.trees.changedIn(where.sourceTree, where.after, where.folder, (path, entry) =>
    entry.type === 'tree' ? where.isDeep && !isSkipped(path) : path.endsWith('.go'),
  );
  const files = all.map(async ({ path, from, to }): Promise<LineFile[]> => {
    if (to?.type !== 'blob') return [];
    const was = await go.trees.at(where.before, path);
    const [here, source, before] = await Promise.all(
      [to, from, was].map((one) => (one?.type === 'blob' ? go.file(one.id) : undefined)),
    );
    return here ? [{ path, here, source, before }] : [];
  });
  return (await Promise.all(files)).flat();
}

const isSkipped = (path: string) => /(^|\/)([_.][^/]*|vendor|testdata|node_modules)$/.test(path);

function judge(file: LineFile, use: GoUse, { was, now }: Altered): string[] {
  const line = file.here.lineAt(use.at);
  if (file.source?.hasLine(line)) return [];
  // A line that the change brings is its own affair.
  if (file.before && !file.before.hasLine(line)) return [];
  const at = place(file.path, use.line);
  if (!now) return [`${at} uses ${was.name}, which the change takes away`];
  if (use.args === undefined || !takes(was.signature!, use.args)) return [];
  if (!takes(now.signature!, use.args))
    return [
      `${at} calls ${was.name} with ${countOf(use.args)}; after the change it takes ${now.signature!.params.length}`,
    ];
  const what = was.signature!.params.join() === now.signature!.params.join() ? 'results' : 'parameters';
  return [`${at} calls ${was.name}, whose ${what} the change alters, and is not adapted to it`];
}

/** Files of a change by folder. */
export function byFolder(files: readonly ChangedFile[]): ChangedFile[][] {
  return [...Map.groupBy(files, ({ path }) => folderOf(path)).values()];
}
