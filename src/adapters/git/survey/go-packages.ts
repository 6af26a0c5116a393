import { below, joinPath, nameOf, upwards } from '../../../core/code/folders.ts';
import {
  type GoBuild,
  isGoSource,
  mayHoldPackages,
  type Place,
  whereIs,
} from '../../../core/code/go-build.ts';
import { type GoFile, readGoFile } from '../../../core/code/go-file.ts';
import { type LocalReplace, readGoMod, readGoWork } from '../../../core/code/go-module.ts';
import type { Snapshot } from './snapshot.ts';

/** What Go files were read as, by the id of their blob; undefined for one that is missing. Shared by all commits. */
export type GoFiles = Map<string, Promise<GoFile | undefined>>;

export type GoPackages = {
  /** Folders of all packages reached, and what each embeds. */
  readonly packages: ReadonlySet<string>;
  readonly embeds: ReadonlyMap<string, readonly string[]>;
  /** Files by which packages from outside the repository are chosen. */
  readonly files: ReadonlySet<string>;
  /** Go files whose content is missing: what they import is not followed. */
  readonly missing: readonly string[];
};

/** Folders below a path that hold Go packages; a Go file stands for its own folder. */
export async function rootsAt(snapshot: Snapshot, path: string): Promise<string[]> {
  const found = await snapshot.at(path);
  if (!found) return [];
  if (found.entry.kind === 'file') {
    const folder = found.path.slice(0, -nameOf(found.path).length - 1);
    return isGoSource(nameOf(found.path)) && found.path.endsWith('.go') ? [folder] : [];
  }
  return await foldersWithGo(snapshot, found.path);
}

async function foldersWithGo(snapshot: Snapshot, path: string): Promise<string[]> {
  const folder = await snapshot.folder(path);
  if (!folder) return [];
  const inner = [...folder.entries].filter(([name, { kind }]) => kind === 'tree' && mayHoldPackages(name));
  const deeper = await Promise.all(inner.map(([name]) => foldersWithGo(snapshot, below(path, name))));
  const own = [...folder.entries.keys()].some((name) => name.endsWith('.go') && isGoSource(name));
  return [...(own ? [path] : []), ...deeper.flat()];
}

/** Everything that the packages in `roots` are built from, as far as it is in the repository. */
export async function walkPackages(
  snapshot: Snapshot,
  roots: readonly string[],
  known: GoFiles,
): Promise<GoPackages> {
  const byModule = new Map<string, string[]>();
  for (const root of roots) {
    const module = (await moduleFolder(snapshot, root)) ?? '';
    byModule.set(module, [...(byModule.get(module) ?? []), root]);
  }
  const all = { packages: new Set<string>(), embeds: new Map(), files: new Set<string>(), missing: [] };
  for (const [folder, own] of byModule)
    await walkBuild(snapshot, await buildOf(snapshot, folder), own, known, all);
  return all;
}

type Found = {
  readonly packages: Set<string>;
  readonly embeds: Map<string, readonly string[]>;
  readonly files: Set<string>;
  readonly missing: string[];
};

/** Level by level, so that all files of a level are read at once, and circles do no harm. */
async function walkBuild(
  snapshot: Snapshot,
  build: Build,
  roots: readonly string[],
  known: GoFiles,
  into: Found,
): Promise<void> {
  const seen = new Set(roots);
  const places = new Map<string, Promise<string[]>>();
  for (let level = [...seen]; level.length > 0; ) {
    const read = await Promise.all(level.map((folder) => readPackage(snapshot, folder, known)));
    const imports = new Set<string>();
    for (const one of read) {
      if (one.isPackage) into.packages.add(one.folder);
      if (one.embeds.length > 0) into.embeds.set(one.folder, one.embeds);
      into.missing.push(...one.missing);
      for (const path of one.imports) if (!places.has(path)) imports.add(path);
    }
    for (const path of imports) places.set(path, openPlaces(snapshot, build, path));
    const found = await Promise.all([...imports].map((path) => places.get(path)!));
    level = [...new Set(found.flat())].filter((folder) => !seen.has(folder));
    for (const folder of level) seen.add(folder);
  }
  const outside = await Promise.all([...places].map(async ([path, at]) => isOutside(path, build, await at)));
  // Without a vendor folder a new version of a dependency shows in these files alone.
  if (build.vendors.length === 0 && outside.some(Boolean))
    for (const file of build.files) into.files.add(file);
}

const isOutside = (path: string, build: GoBuild, found: readonly string[]) =>
  found.length === 0 && whereIs(path, build).kind === 'folders';

async function readPackage(snapshot: Snapshot, path: string, known: GoFiles) {
  const folder = await snapshot.folder(path);
  const sources = [...(folder?.entries ?? [])].filter(
    ([name, { kind }]) => kind !== 'tree' && name.endsWith('.go') && isGoSource(name),
  );
  const missing: string[] = [];
  const files = await Promise.all(
    sources.map(async ([name, entry]) => {
      const at = entry.kind === 'link' ? (await snapshot.at(below(path, name)))?.entry : entry;
      const file = at && (await goFile(snapshot, at, known));
      if (!file) missing.push(below(path, name));
      return file;
    }),
  );
  const built = files.filter((file) => file !== undefined && !file.isNeverBuilt) as GoFile[];
  return {
    folder: path,
    isPackage: built.length + missing.length > 0,
    imports: built.flatMap((file) => file.imports),
    embeds: [...new Set(built.flatMap((file) => file.embeds))],
    missing,
  };
}

function goFile(snapshot: Snapshot, entry: { kind: string; id: string }, known: GoFiles) {
  const before = known.get(entry.id);
  if (before) return before;
  const read = snapshot
    .text({ kind: 'file', id: entry.id })
    .then((text) => (text === undefined ? undefined : readGoFile(text)));
  known.set(entry.id, read);
  return read;
}

/** The folders, of those an import may be in, that are there. */
async function openPlaces(snapshot: Snapshot, build: GoBuild, importPath: string): Promise<string[]> {
  const where = whereIs(importPath, build);
  if (where.kind === 'std') return [];
  const found = await Promise.all(where.folders.map((place) => openPlace(snapshot, place)));
  return found.flatMap((folder) => (folder === undefined ? [] : [folder]));
}

async function openPlace(snapshot: Snapshot, place: Place): Promise<string | undefined> {
  const folder = await snapshot.folder(place.folder);
  if (!folder || ![...folder.entries.keys()].some((name) => name.endsWith('.go'))) return undefined;
  if (place.module === undefined) return folder.path;
  return (await moduleFolder(snapshot, place.folder)) === place.module ? folder.path : undefined;
}

/** The nearest folder upwards with a `go.mod`. */
async function moduleFolder(snapshot: Snapshot, folder: string): Promise<string | undefined> {
  for (const at of upwards(folder)) if ((await snapshot.folder(at))?.entries.has('go.mod')) return at;
  return undefined;
}

type Build = GoBuild & { readonly files: readonly string[] };

/** The build of the main module in `folder`: its own replacements, and the workspace that takes it in. */
async function buildOf(snapshot: Snapshot, folder: string): Promise<Build> {
  const main = readGoMod(await textAt(snapshot, below(folder, 'go.mod')));
  const work = await workOf(snapshot, folder);
  const used = work ? await Promise.all(work.modules.map((at) => moduleAt(snapshot, at))) : [];
  const replaced = [...local(main.replaces, folder), ...(work ? local(work.replaces, work.folder) : [])];
  const vendors = [below(folder, 'vendor'), ...(work ? [below(work.folder, 'vendor')] : [])];
  const there = await Promise.all([...new Set(vendors)].map((at) => snapshot.folder(at)));
  return {
    folder,
    modules: [{ path: main.path, folder }, ...used, ...replaced],
    vendors: there.flatMap((vendor) => (vendor ? [vendor.path] : [])),
    files: [
      ...['go.mod', 'go.sum'].map((name) => below(folder, name)),
      ...(work ? ['go.work', 'go.work.sum'].map((name) => below(work.folder, name)) : []),
    ],
  };
}

async function workOf(snapshot: Snapshot, module: string) {
  for (const folder of upwards(module)) {
    if (!(await snapshot.folder(folder))?.entries.has('go.work')) continue;
    const work = readGoWork(await textAt(snapshot, below(folder, 'go.work')));
    const modules = work.uses.flatMap((use) => joinPath(folder, use) ?? []);
    // A workspace that does not name the module is not the one it is built in.
    return modules.includes(module) ? { folder, modules, replaces: work.replaces } : undefined;
  }
  return undefined;
}

async function moduleAt(snapshot: Snapshot, folder: string) {
  return { path: readGoMod(await textAt(snapshot, below(folder, 'go.mod'))).path, folder };
}

const local = (replaces: readonly LocalReplace[], from: string) =>
  replaces.flatMap((one) => {
    const folder = joinPath(from, one.folder);
    return folder === undefined ? [] : [{ path: one.from, folder }];
  });

async function textAt(snapshot: Snapshot, path: string): Promise<string> {
  const found = await snapshot.at(path);
  return found?.entry.kind === 'file' ? ((await snapshot.text(found.entry)) ?? '') : '';
}
