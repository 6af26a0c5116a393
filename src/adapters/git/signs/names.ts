import { whereIs } from '../../../core/code/go-build.ts';
import type { GoDeclaration } from '../../../core/code/go-declarations.ts';
import { isSameSignature, takes } from '../../../core/code/go-signature.ts';
import { GO_PREDECLARED, type GoUse, hasSameCall } from '../../../core/code/go-uses.ts';
import type { TreeEntry } from '../objects/tree-object.ts';
import { buildAt, type ChangedFile, countOf, place } from './change-files.ts';
import { findName, type GoFolder, type GoSource, type GoText } from './go-source.ts';
import { importedFrom } from './imports.ts';

/** Signs of names that the change uses and the line has not, or has with other parameters. */
export async function nameSigns(go: GoSource, file: ChangedFile, after: string): Promise<string[]> {
  const { now, source } = file;
  if (!now || !source) return [];
  const lost = withoutImport(file, now, source);
  const asked = firstOfEach(usesOfChange(file, now)).filter((use) => isNew(use, file.before));
  const places = new Map<string | undefined, ReturnType<typeof placesOf>>();
  const signs = asked.map(async (use) => {
    if (isOwn(use, now)) return [];
    const known = places.get(use.of) ?? placesOf(go, { file, now, source, after }, use.of);
    places.set(use.of, known);
    return judge(go, { file, now, use, places: await known });
  });
  return [...lost, ...(await Promise.all(signs)).flat()];
}

/** What the change's own lines use: those of altered pieces that no piece it replaced has, wherever in it. */
function usesOfChange(file: ChangedFile, now: GoText): GoUse[] {
  const { was, is } = file.altered();
  const replaced = was.flatMap(({ from, to }) => file.before!.text.slice(from, to).split('\n'));
  const lines = new Set(replaced.map((line) => line.trim()));
  return is
    .flatMap(now.usesIn)
    .filter((use) => mayBeAsked(use, now) && (lines.size === 0 || !lines.has(now.lineAt(use.at))));
}

/** Whether the name is one of the package or of an import. */
function mayBeAsked(use: GoUse, now: GoText): boolean {
  if (use.of !== undefined) return now.imports().has(use.of);
  return !use.isMember && !GO_PREDECLARED.has(use.name) && !now.imports().has(use.name);
}

/** What the file used before in the same way was there, and is. */
function isNew(use: GoUse, before: GoText | undefined): boolean {
  if (!before?.has(use.name)) return true;
  return use.args !== undefined && !hasSameCall(before.text, use);
}

const keyOf = (use: GoUse) => `${use.of ?? ''}.${use.name}(${use.args ?? ''}`;

function firstOfEach(uses: readonly GoUse[]): GoUse[] {
  const first = new Map<string, GoUse>();
  for (const use of uses) if (!first.has(keyOf(use))) first.set(keyOf(use), use);
  return [...first.values()];
}

/** A name that the file declares itself; what a call of it must look like may differ all the same. */
const isOwn = (use: GoUse, now: GoText) =>
  use.of === undefined &&
  use.args === undefined &&
  now.declared(use.name).some(({ kind }) => kind !== 'method');

type Question = {
  readonly file: ChangedFile;
  readonly now: GoText;
  readonly use: GoUse;
  readonly places: Places | undefined;
};

async function judge(go: GoSource, { file, now, use, places }: Question): Promise<string[]> {
  const found = places && (await findBoth(go, use.name, places));
  if (!found) return [];
  const name = use.of === undefined ? use.name : `${use.of}.${use.name}`;
  const at = place(file.path, now, use.at);
  if (found.here === undefined) return [`${at} uses ${name}, which is not on the line`];
  const [ours, theirs] = [found.here.signature, found.there.signature];
  if (!ours || !theirs || use.args === undefined || isSameSignature(ours, theirs)) return [];
  if (takes(ours, use.args) || !takes(theirs, use.args)) return [];
  return [`${at} calls ${name} with ${countOf(use.args)}; on the line it takes ${ours.params.length}`];
}

/** The files of a package at the source and on the line, without those that both have: they tell nothing apart. */
type Places = { readonly there: readonly TreeEntry[]; readonly here: readonly TreeEntry[] };

type Texts = {
  readonly file: ChangedFile;
  readonly now: GoText;
  readonly source: GoText;
  /** The tree of the candidate. */
  readonly after: string;
};

/** Where a name is looked for that is used of an import, or of the file's own package. undefined: nothing can be told. */
async function placesOf(go: GoSource, texts: Texts, of: string | undefined): Promise<Places | undefined> {
  const found = await (of === undefined ? ownFolders(go, texts) : importedFolders(go, texts, of));
  if (!found) return undefined;
  const [there, here] = found.map((folders) => folders.flatMap((folder) => [...folder.values()]));
  return { there: without(there!, here!), here: without(here!, there!) };
}

type Folders = readonly GoFolder[];

async function ownFolders(go: GoSource, { file, after }: Texts): Promise<[Folders, Folders] | undefined> {
  if (await go.trees.isAlike(file.sourceTree, after, file.folder)) return undefined;
  const [there, here] = await Promise.all(
    [file.sourceTree, after].map((tree) => go.folder(tree, file.folder)),
  );
  return [there ? [there] : [], here ? [here] : []];
}

async function importedFolders(
  go: GoSource,
  { file, now, source, after }: Texts,
  of: string,
): Promise<[Folders, Folders] | undefined> {
  const [path, path2] = [now.imports().get(of), source.imports().get(of)];
  if (path === undefined || path2 === undefined) return undefined;
  const [build, build2] = await Promise.all(
    [after, file.sourceTree].map((tree) => buildAt(go, tree, file.folder)),
  );
  if (!build || !build2) return undefined;
  const [where, where2] = [whereIs(path, build), whereIs(path2, build2)];
  if (where.kind === 'std' || where2.kind === 'std') return undefined;
  const all = [...where.folders, ...where2.folders].map(({ folder }) => folder);
  const alike = await Promise.all(
    [...new Set(all)].map((folder) => go.trees.isAlike(file.sourceTree, after, folder)),
  );
  if (path === path2 && !alike.includes(false)) return undefined;
  const [here, there] = await Promise.all([
    importedFrom(go, after, build, path),
    importedFrom(go, file.sourceTree, build2, path2),
  ]);
  // A package that is not there at all has a sign of its own.
  return here?.length && there?.length ? [there, here] : undefined;
}

type Found = { readonly there: GoDeclaration; readonly here: GoDeclaration | undefined };

async function findBoth(go: GoSource, name: string, places: Places): Promise<Found | undefined> {
  const there = await findName(go, places.there, name);
  if (there === undefined || there === 'unknown') return undefined;
  const here = await findName(go, places.here, name);
  return here === 'unknown' ? undefined : { there, here };
}

function without(files: readonly TreeEntry[], others: readonly TreeEntry[]): TreeEntry[] {
  const ids = new Set(others.map(({ id }) => id));
  return files.filter(({ id }) => !ids.has(id));
}

/** Names of packages that the file uses and no longer, or not here, imports. */
function withoutImport(file: ChangedFile, now: GoText, source: GoText): string[] {
  const others = [source, ...(file.before ? [file.before] : [])].filter(
    (one) => one.headText !== now.headText,
  );
  if (others.length === 0) return [];
  const imports = now.imports();
  const candidates = new Map(others.flatMap((one) => [...one.imports()]));
  const lost = [...candidates.keys()].filter((name) => !imports.has(name) && now.text.includes(`${name}.`));
  if (lost.length === 0) return [];
  const uses = now.uses((piece) => lost.some((name) => piece.includes(`${name}.`)));
  return lost
    .filter((name) => now.declared(name).length === 0)
    .flatMap((name) => {
      const use = uses.find((one) => one.of === name);
      if (!use) return [];
      const path = candidates.get(name)!;
      const as = [...imports].find(([, other]) => other === path)?.[0];
      const how = as === undefined ? `does not import ${path}` : `imports ${path} as ${as}`;
      return [`${place(file.path, now, use.at)} uses ${name}.${use.name}, but the file ${how}`];
    });
}
