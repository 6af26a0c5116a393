import { whereIs } from '../../../core/code/go-build.ts';
import type { GoDeclaration } from '../../../core/code/go-declarations.ts';
import { isSameSignature, takes } from '../../../core/code/go-signature.ts';
import { GO_PREDECLARED, type GoUse, hasSameCall } from '../../../core/code/go-uses.ts';
import type { TreeEntry } from '../tree-object.ts';
import { buildAt, type ChangedFile, countOf, place } from './change-files.ts';
import { findName, type GoFolder, type GoSource, type GoText } from './go-source.ts';
import { importedFrom } from './imports.ts';

/** Signs of names that the change uses and the line has not, or has with other parameters. */
export async function nameSigns(go: GoSource, file: ChangedFile, after: string): Promise<string[]> {
  const { now, source } = file;
  if (!now || !source) return [];
  const lost = withoutImport(file, now, source);
  const asked = firstOfEach(usesOfChange(file, now).filter((use) => mayBeAsked(use, now))).filter((use) =>
    isNew(use, file.before),
  );
  const signs = await Promise.all(asked.map((use) => judge(go, { file, now, source, use, after })));
  return [...lost, ...signs.flat()];
}

/** What the change's own lines use: those of altered pieces that no piece it replaced has, wherever in it. */
function usesOfChange(file: ChangedFile, now: GoText): GoUse[] {
  const { was, is } = file.altered();
  const replaced = was.flatMap(({ from, to }) => file.before!.text.slice(from, to).split('\n'));
  const lines = new Set(replaced.map((line) => line.trim()));
  return is.flatMap(now.usesIn).filter((use) => lines.size === 0 || !lines.has(now.lineAt(use.at)));
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

type Question = {
  readonly file: ChangedFile;
  readonly now: GoText;
  readonly source: GoText;
  readonly use: GoUse;
  /** The tree of the candidate. */
  readonly after: string;
};

async function judge(go: GoSource, question: Question): Promise<string[]> {
  const { file, now, use } = question;
  const places = use.of === undefined ? await inPackage(go, question) : await inImport(go, question);
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

/** The folders of a package at the source and on the line. */
type Places = { readonly there: readonly GoFolder[]; readonly here: readonly GoFolder[] };

/** The file's own package. undefined: nothing speaks against the name, or nothing can tell. */
async function inPackage(go: GoSource, { file, now, use, after }: Question): Promise<Places | undefined> {
  if (use.args === undefined && now.declared(use.name).some(({ kind }) => kind !== 'method'))
    return undefined;
  if (await go.trees.isAlike(file.sourceTree, after, file.folder)) return undefined;
  const [there, here] = await Promise.all(
    [file.sourceTree, after].map((tree) => go.folder(tree, file.folder)),
  );
  return { there: there ? [there] : [], here: here ? [here] : [] };
}

async function inImport(go: GoSource, question: Question): Promise<Places | undefined> {
  const { file, now, source, use, after } = question;
  const [path, path2] = [now.imports().get(use.of!), source.imports().get(use.of!)];
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
  return here?.length && there?.length ? { there, here } : undefined;
}

type Found = { readonly there: GoDeclaration; readonly here: GoDeclaration | undefined };

/** Files that both have alike tell nothing apart, and are not read. */
async function findBoth(go: GoSource, name: string, places: Places): Promise<Found | undefined> {
  const filesOf = (all: readonly GoFolder[]) => all.flatMap((folder) => [...folder.values()]);
  const [ours, theirs] = [filesOf(places.here), filesOf(places.there)];
  const there = await findName(go, without(theirs, ours), name);
  if (there === undefined || there === 'unknown') return undefined;
  const here = await findName(go, without(ours, theirs), name);
  return here === 'unknown' ? undefined : { there, here };
}

function without(files: readonly TreeEntry[], others: readonly TreeEntry[]): TreeEntry[] {
  const ids = new Set(others.map(({ id }) => id));
  return files.filter(({ id }) => !ids.has(id));
}

/** Names of packages that the file uses and no longer, or not here, imports. */
function withoutImport(file: ChangedFile, now: GoText, source: GoText): string[] {
  if (source === now && !file.before) return [];
  const imports = now.imports();
  const candidates = new Map([...source.imports(), ...(file.before?.imports() ?? [])]);
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
