import { below, folderOf, isWithin } from '../../../core/code/folders.ts';
import { type GoDeclaration, readGoDeclarations } from '../../../core/code/go-declarations.ts';
import { isSameSignature, takes } from '../../../core/code/go-signature.ts';
import type { GoUse } from '../../../core/code/go-uses.ts';
import type { ChangedEntry } from '../objects/trees.ts';
import { buildAt, type ChangedFile, countOf, place } from './change-files.ts';
import { findName, type GoSource, type GoText } from './go-source.ts';

/** A name of a package that the change takes away or gives other parameters or results. */
type Altered = { readonly was: GoDeclaration; readonly now?: GoDeclaration; readonly isOfTests: boolean };

/** A use of it on the line, in a file that the source has otherwise, or not at all. */
type Use = {
  readonly one: Altered;
  readonly use: GoUse;
  readonly here: GoText;
  readonly entry: ChangedEntry;
};

type Where = {
  readonly before: string;
  readonly after: string;
  readonly sourceTree: string;
  readonly folder: string;
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
  const altered = alteredIn(files);
  if (altered.length === 0) return [];
  const { folder, sourceTree } = files[0]!;
  const where: Where = { before, after, sourceTree, folder };
  const uses = [...(await nearUses(go, altered, where)), ...(await farUses(go, altered, where))];
  const signs = await Promise.all(uses.map((one) => judge(go, one, where)));
  return signs.flat();
}

/** Exported methods are left out: whose method a call means cannot be seen without types. */
const isJudged = (one: GoDeclaration) =>
  one.name !== 'init' && one.name !== 'main' && !(one.kind === 'method' && isExported(one));

const isExported = ({ name }: GoDeclaration) => /^\p{Lu}/u.test(name);

function alteredIn(files: readonly ChangedFile[]): Altered[] {
  const all = files.map(({ path, before, now, altered }) => {
    const { was, is } = altered();
    return {
      isOfTests: path.endsWith('_test.go'),
      was: was.flatMap((body) => readGoDeclarations(before!.text, body)).filter(isJudged),
      is: is.flatMap((body) => readGoDeclarations(now!.text, body)),
    };
  });
  const isTwin = (a: GoDeclaration, b: GoDeclaration) => a.name === b.name && a.receiver === b.receiver;
  const brought = all.flatMap(({ is }) => is);
  return all.flatMap(({ was: taken, isOfTests }) =>
    taken.flatMap((was): Altered[] => {
      const now = brought.find((one) => isTwin(one, was));
      if (!now) return [{ was, isOfTests }];
      const isAltered = was.signature && now.signature && !isSameSignature(was.signature, now.signature);
      return isAltered ? [{ was, now, isOfTests }] : [];
    }),
  );
}

/** Whether a package has no declaration of a name any more that the change took out of a file. */
async function isGone(go: GoSource, was: GoDeclaration, { after, folder }: Where): Promise<boolean> {
  const files = [...((await go.folder(after, folder)) ?? new Map()).values()];
  if (was.kind !== 'method') return (await findName(go, files, was.name)) === undefined;
  // Another type may have a method or field of this name: then a call says nothing.
  const texts = await Promise.all(files.map(({ id }) => go.file(id)));
  return texts.every((one) => one !== undefined && one.declared(was.name).length === 0);
}

/** Uses in other files of the package. */
async function nearUses(go: GoSource, altered: readonly Altered[], where: Where): Promise<Use[]> {
  const entries = await go.trees.changedIn(where.sourceTree, where.after, where.folder, (path, entry) => {
    return entry.type !== 'tree' && path.endsWith('.go');
  });
  return usesIn(go, entries, altered, () => (use) => altered.find(({ was }) => isNearUse(use, was)));
}

const isNearUse = (use: GoUse, was: GoDeclaration) =>
  use.name === was.name && (was.kind === 'method' ? use.isMember && use.isCalled : !use.isMember);

/** Uses in other packages of the same module. */
async function farUses(go: GoSource, altered: readonly Altered[], where: Where): Promise<Use[]> {
  const open = altered.filter(({ was, isOfTests }) => isExported(was) && was.kind !== 'method' && !isOfTests);
  if (open.length === 0) return [];
  const build = await buildAt(go, where.after, where.folder);
  const module = build?.modules[0];
  if (!module?.path || !isWithin(where.folder, module.folder)) return [];
  const rest = where.folder.slice(module.folder === '' ? 0 : module.folder.length + 1);
  const path = below(module.path, rest);
  const entries = await go.trees.changedIn(where.sourceTree, where.after, '', (at, entry) =>
    entry.type === 'tree' ? !isSkipped(at) : at.endsWith('.go'),
  );
  return usesIn(go, entries, open, (here) => {
    if (!here.mentions(`"${path}"`)) return undefined;
    const names = [...here.imports()].filter(([, other]) => other === path).map(([name]) => name);
    return (use) =>
      use.of !== undefined && names.includes(use.of)
        ? open.find(({ was }) => was.name === use.name)
        : undefined;
  });
}

/** `meant`: for a file, which of the names each use means; undefined when it can mean none. */
async function usesIn(
  go: GoSource,
  entries: readonly ChangedEntry[],
  altered: readonly Altered[],
  meant: (here: GoText) => ((use: GoUse) => Altered | undefined) | undefined,
): Promise<Use[]> {
  const found = entries.map(async (entry): Promise<Use[]> => {
    const here = entry.to?.type === 'blob' ? await go.file(entry.to.id) : undefined;
    const meansOne = here && altered.some(({ was }) => here.mentions(was.name)) && meant(here);
    if (!here || !meansOne) return [];
    return here
      .uses((piece) => altered.some(({ was }) => piece.includes(was.name)))
      .flatMap((use) => {
        const one = meansOne(use);
        return one ? [{ one, use, here, entry }] : [];
      });
  });
  return (await Promise.all(found)).flat();
}

const isSkipped = (path: string) => /(^|\/)([_.][^/]*|vendor|testdata|node_modules)$/.test(path);

async function judge(go: GoSource, { one, use, here, entry }: Use, where: Where): Promise<string[]> {
  const { was, now } = one;
  const line = here.lineAt(use.at);
  const old = await go.trees.at(where.before, entry.path);
  const [source, before] = await Promise.all(
    [entry.from, old].map((file) => (file?.type === 'blob' ? go.file(file.id) : undefined)),
  );
  if (source?.hasLine(line)) return [];
  // A line that the change brings is its own affair.
  if (before && !before.hasLine(line)) return [];
  const at = place(entry.path, here, use.at);
  if (!now)
    return (await isGone(go, was, where)) ? [`${at} uses ${was.name}, which the change takes away`] : [];
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
