import { isSameSignature, takes } from '../../../core/code/go-signature.ts';
import { GO_PREDECLARED, type GoUse, hasSameCall } from '../../../core/code/go-uses.ts';
import { type Build, buildAt, type ChangedFile, countOf, place } from './change-files.ts';
import type { FoundName, GoFolder, GoSource, GoText } from './go-source.ts';
import { importedFrom } from './imports.ts';

/** Signs of names that the change uses and the line has not, or has with other parameters. */
export async function nameSigns(go: GoSource, file: ChangedFile, after: string): Promise<string[]> {
  const { now, source } = file;
  if (!now || !source) return [];
  const uses = usesOfChange(now, file.before);
  const lost = withoutImport(file, now, source);
  const asked = firstOfEach(uses).filter((use) => isOpen(use, now, file.before));
  if (asked.length === 0) return lost;
  const sides = await sidesOf(go, file, after);
  const signs = await Promise.all(asked.map((use) => judge(go, { file, now, source, use, sides })));
  return [...lost, ...signs.flat()];
}

type Sides = {
  readonly here: { readonly tree: string; readonly build: Build | undefined; readonly own: GoFolder };
  readonly there: { readonly tree: string; readonly build: Build | undefined; readonly own: GoFolder };
};

async function sidesOf(go: GoSource, file: ChangedFile, after: string): Promise<Sides> {
  const side = async (tree: string) => {
    const [build, own] = await Promise.all([buildAt(go, tree, file.folder), go.folder(tree, file.folder)]);
    return { tree, build, own: own ?? new Map() };
  };
  const [here, there] = await Promise.all([side(after), side(file.sourceTree)]);
  return { here, there };
}

/** What the change's own lines use: those of altered pieces that no piece it replaced has, wherever in it. */
function usesOfChange(now: GoText, before: GoText | undefined): GoUse[] {
  if (!before) return now.uses();
  const [had, has] = [before.pieces(), now.pieces()];
  const replaced = [...had].filter((piece) => !has.has(piece));
  const lines = new Set(replaced.flatMap((piece) => piece.split('\n').map((line) => line.trim())));
  return now.uses((piece) => !had.has(piece)).filter((use) => !lines.has(now.lineAt(use.at)));
}

/** Whether something is to be asked about a use: what the file used before was there, and is. */
function isOpen(use: GoUse, now: GoText, before: GoText | undefined): boolean {
  if (GO_PREDECLARED.has(use.name) && !use.isMember) return false;
  if (use.isMember && use.of === undefined) return false;
  if (use.of !== undefined && !now.imports().has(use.of)) return false;
  if (use.of === undefined && now.imports().has(use.name)) return false;
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
  readonly sides: Sides;
};

async function judge(go: GoSource, question: Question): Promise<string[]> {
  const { file, use } = question;
  const found = use.of === undefined ? await inPackage(go, question) : await inImport(go, question);
  if (!found) return [];
  const { there, here } = found;
  const name = use.of === undefined ? use.name : `${use.of}.${use.name}`;
  const at = place(file.path, use.line);
  if (here === undefined) return [`${at} uses ${name}, which is not on the line`];
  const [ours, theirs] = [here.declaration.signature, there.declaration.signature];
  if (!ours || !theirs || use.args === undefined || isSameSignature(ours, theirs)) return [];
  if (takes(ours, use.args) || !takes(theirs, use.args)) return [];
  return [`${at} calls ${name} with ${countOf(use.args)}; on the line it takes ${ours.params.length}`];
}

type Answer = { readonly there: FoundName; readonly here: FoundName | undefined };

/** A name of the file's own package. undefined: nothing speaks against it. */
async function inPackage(go: GoSource, { now, use, sides }: Question): Promise<Answer | undefined> {
  const own = now.outline.declarations.some((one) => one.name === use.name && one.kind !== 'method');
  if (own && use.args === undefined) return undefined;
  return compare(go, use.name, { there: [sides.there.own], here: [sides.here.own] });
}

async function inImport(go: GoSource, { now, source, use, sides }: Question): Promise<Answer | undefined> {
  const [path, path2] = [now.imports().get(use.of!), source.imports().get(use.of!)];
  const { here, there } = sides;
  if (path === undefined || path2 === undefined || !here.build || !there.build) return undefined;
  const [one, other] = await Promise.all([
    importedFrom(go, there.tree, there.build, path2),
    importedFrom(go, here.tree, here.build, path),
  ]);
  // A package that is not there at all has a sign of its own.
  if (!one?.length || !other?.length) return undefined;
  return compare(go, use.name, { there: one, here: other });
}

/** Files that both have alike tell nothing apart, and are not read. */
async function compare(
  go: GoSource,
  name: string,
  folders: { readonly there: readonly GoFolder[]; readonly here: readonly GoFolder[] },
): Promise<Answer | undefined> {
  const ids = (all: readonly GoFolder[]) =>
    new Set(all.flatMap((one) => [...one.values()].map(({ id }) => id)));
  const ours = ids(folders.here);
  const same = new Set([...ids(folders.there)].filter((id) => ours.has(id)));
  const there = await findIn(go, folders.there, name, same);
  if (there === 'unknown' || there === undefined) return undefined;
  const here = await findIn(go, folders.here, name, same);
  return here === 'unknown' ? undefined : { there, here };
}

async function findIn(
  go: GoSource,
  folders: readonly GoFolder[],
  name: string,
  but: ReadonlySet<string>,
): Promise<FoundName | 'unknown' | undefined> {
  const found = await Promise.all(folders.map((folder) => go.find(folder, name, but)));
  return (
    found.find((one) => one !== 'unknown' && one !== undefined) ?? found.find((one) => one === 'unknown')
  );
}

/** Names of packages that the file uses and no longer, or not here, imports. */
function withoutImport(file: ChangedFile, now: GoText, source: GoText): string[] {
  const imports = now.imports();
  const candidates = new Map([...source.imports(), ...(file.before?.imports() ?? [])]);
  const lost = [...candidates.keys()].filter((name) => !imports.has(name) && now.text.includes(`${name}.`));
  if (lost.length === 0) return [];
  const declared = new Set(now.outline.declarations.map(({ name }) => name));
  const uses = now.uses((piece) => lost.some((name) => piece.includes(`${name}.`)));
  return lost
    .filter((name) => !declared.has(name))
    .flatMap((name) => {
      const use = uses.find((one) => one.of === name);
      if (!use) return [];
      const path = candidates.get(name)!;
      const as = [...imports].find(([, other]) => other === path)?.[0];
      const how = as === undefined ? `does not import ${path}` : `imports ${path} as ${as}`;
      return [`${place(file.path, use.line)} uses ${name}.${use.name}, but the file ${how}`];
    });
}
