import { whereIs } from '../../../core/code/go-build.ts';
import { type GoImport, usualName } from '../../../core/code/go-declarations.ts';
import { lineOf } from '../../../core/code/go-tokens.ts';
import { type Build, buildAt, type ChangedFile, place } from './change-files.ts';
import type { GoFolder, GoSource, GoText } from './go-source.ts';

/** The folders a Go import is built from in a tree; none: it is not there. undefined: it is not for us to say. */
export async function importedFrom(
  go: GoSource,
  tree: string,
  build: Build,
  path: string,
): Promise<readonly GoFolder[] | undefined> {
  const where = whereIs(path, build);
  if (where.kind === 'std') return undefined;
  const folders = await Promise.all(where.folders.map(({ folder }) => go.folder(tree, folder)));
  const found = folders.filter((folder) => folder !== undefined);
  // Modules that are neither vendored nor in the repository lie elsewhere.
  const isElsewhere = build.vendors.length === 0 && where.folders.every(({ module }) => module === undefined);
  return isElsewhere ? undefined : found;
}

/** Signs in the imports of one file: of what is not there, twice, or used by nothing. */
export async function importSigns(go: GoSource, file: ChangedFile, after: string): Promise<string[]> {
  const { now } = file;
  if (!now) return [];
  if (file.before?.headText === now.headText) return [];
  const added = addedImports(now, file.before);
  if (added.length === 0) return [];
  const signs = [...importedTwice(file, now, added), ...unusedImports(file, now, added)];
  const [here, there] = await Promise.all([
    buildAt(go, after, file.folder),
    buildAt(go, file.sourceTree, file.folder),
  ]);
  if (!here || !there) return signs;
  for (const one of added) {
    const isThere = await isAvailable(go, file.sourceTree, there, one.path);
    if (isThere && (await isAvailable(go, after, here, one.path)) === false)
      signs.push(`${place(file.path, now, one.at)} imports ${one.path}, which is not on the line`);
  }
  return signs;
}

/** undefined: nothing tells. */
async function isAvailable(
  go: GoSource,
  tree: string,
  build: Build,
  path: string,
): Promise<boolean | undefined> {
  const folders = await importedFrom(go, tree, build, path);
  if (folders) return folders.length > 0;
  if (whereIs(path, build).kind === 'std' || build.vendors.length > 0) return undefined;
  return requires(build.goMod, path);
}

/** Whether a `go.mod` names a module that has the package. */
const requires = (goMod: string, path: string) =>
  goMod.split(/\s+/).some((word) => word.includes('.') && (path === word || path.startsWith(`${word}/`)));

/** Imports that the file had not, by path, or has more often than it had. */
function addedImports(now: GoText, before: GoText | undefined): GoImport[] {
  const had = before?.head.imports.map(({ path }) => path) ?? [];
  return now.head.imports.filter(({ path }) => {
    const at = had.indexOf(path);
    if (at >= 0) had.splice(at, 1);
    return at < 0;
  });
}

const nameOf = (one: GoImport) => one.alias ?? usualName(one.path);
const isBlank = (one: GoImport) => one.alias === '_' || one.alias === '.';

function importedTwice(file: ChangedFile, now: GoText, added: readonly GoImport[]): string[] {
  return added
    .filter((one) => !isBlank(one))
    .flatMap((one) => {
      const other = now.head.imports.find(
        (two) =>
          two !== one && (two.path === one.path || two.alias === one.alias) && nameOf(two) === nameOf(one),
      );
      if (!other || (other.path !== one.path && one.alias === undefined)) return [];
      const what = other.path === one.path ? one.path : `another package as ${nameOf(one)}`;
      return [
        `${place(file.path, now, one.at)} imports ${what} a second time: the line has it on line ${lineOf(now.text, other.at)}`,
      ];
    });
}

/** Only where the change itself uses the name, since a package may be called otherwise than its path says. */
function unusedImports(file: ChangedFile, now: GoText, added: readonly GoImport[]): string[] {
  return added
    .filter((one) => !isBlank(one) && file.source?.imports().get(nameOf(one)) === one.path)
    .filter((one) => file.source!.text.includes(`${nameOf(one)}.`) && !now.text.includes(`${nameOf(one)}.`))
    .map((one) => `${place(file.path, now, one.at)} imports ${one.path}, and nothing in the file uses it`);
}
