import { below, folderOf, isWithin, joinPath, nameOf, upwards } from '../code/folders.ts';
import { type GoBuild, isVendored, whereIs } from '../code/go-build.ts';
import { type GoBuilt, goBuiltOf } from '../code/go-constraint.ts';
import type { GoHead } from '../code/go-head.ts';
import { readGoMod, readGoWork } from '../code/go-module.ts';
import { addImport, type Graph } from './reach.ts';
import type { Sources } from './sources.ts';

/** A folder with Go files, in one commit. */
export type GoPackage = {
  readonly folder: string;
  /** The folder of the `go.mod` above it; absent when there is none. In a vendor folder: absent. */
  readonly module?: string;
  /** Its `vendor` folder when it was copied in. */
  readonly vendor?: string;
  readonly embeds: readonly string[];
  readonly testEmbeds: readonly string[];
  /** When each of its test files is built; those that never are left out. */
  readonly tests: readonly GoBuilt[];
  /** What it or its tests import whose source is not in the repository. */
  readonly outside: readonly string[];
};

export type GoModules = {
  /** The path that each `go.mod` names, by folder. */
  readonly paths: ReadonlyMap<string, string>;
  /** One for each module on its own, and one for each workspace. */
  readonly builds: readonly GoBuild[];
};

/** Everything Go of one commit: who imports whom by folder. */
export type GoRepository = {
  readonly modules: GoModules;
  readonly packages: ReadonlyMap<string, GoPackage>;
};

export const goNode = (folder: string): string => `go:${folder}`;
export const goTests = (folder: string): string => `go-test:${folder}`;
/** What a package imports of a module whose source is not in the repository. */
export const goOutside = (importPath: string): string => `go-outside:${importPath}`;

/** The modules and workspaces of a commit; what lies in `vendor` and `testdata` is no module of it. */
export function goModulesOf(files: Iterable<string>, text: (path: string) => string): GoModules {
  const paths = new Map<string, string>();
  const works: string[] = [];
  const vendors = new Set<string>();
  const own = new Map<string, ReturnType<typeof readGoMod>>();
  for (const path of files) {
    const at = path.startsWith('vendor/') ? 0 : path.indexOf('/vendor/') + 1;
    if (at > 0 || path.startsWith('vendor/')) {
      vendors.add(path.slice(0, at + 'vendor'.length));
      continue;
    }
    const name = nameOf(path);
    if ((name !== 'go.mod' && name !== 'go.work') || /(^|\/)(testdata|node_modules)\//.test(path)) continue;
    if (name === 'go.work') works.push(path);
    else own.set(folderOf(path), readGoMod(text(path)));
  }
  for (const [folder, { path }] of own) if (path !== '') paths.set(folder, path);
  const vendorOf = (folder: string) => [below(folder, 'vendor')].filter((vendor) => vendors.has(vendor));
  const replaced = (folder: string, replaces: ReturnType<typeof readGoMod>['replaces']) =>
    replaces.flatMap(({ from, folder: to }) => {
      const at = joinPath(folder, to);
      return at === undefined ? [] : [{ path: from, folder: at }];
    });
  const builds: GoBuild[] = [...paths].map(([folder, path]) => ({
    folder,
    modules: [{ path, folder }, ...replaced(folder, own.get(folder)!.replaces)],
    vendors: vendorOf(folder),
  }));
  for (const file of works) {
    const folder = folderOf(file);
    const { uses, replaces } = readGoWork(text(file));
    const used = uses.flatMap((use) => joinPath(folder, use) ?? []).filter((at) => paths.has(at));
    const modules = used.flatMap((at) => [
      { path: paths.get(at)!, folder: at },
      ...replaced(at, own.get(at)!.replaces),
    ]);
    builds.push({
      folder,
      modules: [...modules, ...replaced(folder, replaces)],
      vendors: vendorOf(folder),
    });
  }
  return { paths, builds };
}

/** The nearest module of a folder; undefined in a vendor folder, or when none is above. */
export const moduleOf = (folder: string, { paths }: GoModules): string | undefined =>
  isVendored(`${folder}/`) ? undefined : upwards(folder).find((at) => paths.has(at));

type Draft = {
  imports: Set<string>;
  testImports: Set<string>;
  embeds: Set<string>;
  testEmbeds: Set<string>;
  tests: GoBuilt[];
};

/** What another commit has alike: everything but what lies in `folders`, each of which is a package in both. */
export type KnownGo = {
  readonly packages: ReadonlyMap<string, GoPackage>;
  readonly folders: ReadonlySet<string>;
};

/**
 * Reads all Go packages of a commit and adds their imports to the graph, under any build tag and on any system.
 * `vendors`: vendor folders to look into; what others hold cannot have changed.
 */
export function readGo(
  { tree, goHead }: Pick<Sources, 'tree' | 'goHead'>,
  modules: GoModules,
  vendors: ReadonlySet<string>,
  graph: Graph,
  known?: KnownGo,
): GoRepository {
  const drafts = new Map<string, Draft>();
  for (const [path, file] of tree) {
    if (!path.endsWith('.go') || !isRead(path, vendors)) continue;
    if (known && !known.folders.has(folderOf(path))) continue;
    const head = goHead(path, file);
    if (head) addFile(drafts, path, head);
  }
  const has = (folder: string) => drafts.has(folder) || (known?.packages.has(folder) ?? false);
  const resolve = resolver(has, modules);
  const packages = new Map(known?.packages);
  for (const [folder, draft] of drafts)
    packages.set(folder, finished(folder, draft, { modules, vendors, resolve, graph }));
  return { modules, packages };
}

/** Whether a Go file is one to be read: of the repository itself, or in one of these vendor folders. */
export function isRead(path: string, vendors: ReadonlySet<string>): boolean {
  if (!isVendored(path)) return true;
  return !path.endsWith('_test.go') && vendorAbove(path, vendors) !== undefined;
}

export function vendorAbove(path: string, vendors: ReadonlySet<string>): string | undefined {
  for (const vendor of vendors) if (isWithin(path, vendor)) return vendor;
  return undefined;
}

function addFile(drafts: Map<string, Draft>, path: string, head: GoHead): void {
  const built = goBuiltOf(nameOf(path), head.constraint);
  if (built.when === 'never') return;
  const folder = folderOf(path);
  const draft = drafts.get(folder) ?? {
    imports: new Set(),
    testImports: new Set(),
    embeds: new Set(),
    testEmbeds: new Set(),
    tests: [],
  };
  drafts.set(folder, draft);
  const isTest = path.endsWith('_test.go');
  if (isTest) draft.tests.push(built);
  for (const one of head.imports) (isTest ? draft.testImports : draft.imports).add(one);
  for (const one of head.embeds) (isTest ? draft.testEmbeds : draft.embeds).add(one);
}

type Resolve = (importPath: string, builds: readonly GoBuild[]) => { folders: string[]; isOutside: boolean };

/** Where imports lead, remembered by build: thousands of files name the same hundreds. */
function resolver(has: (folder: string) => boolean, modules: GoModules): Resolve {
  const known = new Map<GoBuild, Map<string, string[] | undefined>>();
  const inBuild = (importPath: string, build: GoBuild): string[] | undefined => {
    const where = whereIs(importPath, build);
    if (where.kind === 'std') return [];
    const found = where.folders
      .filter(
        ({ folder, module }) => has(folder) && (module === undefined || moduleOf(folder, modules) === module),
      )
      .map(({ folder }) => folder);
    return found.length > 0 ? found : undefined;
  };
  return (importPath, builds) => {
    const folders = new Set<string>();
    let isOutside = false;
    for (const build of builds) {
      const memo = known.get(build) ?? new Map<string, string[] | undefined>();
      known.set(build, memo);
      if (!memo.has(importPath)) memo.set(importPath, inBuild(importPath, build));
      const found = memo.get(importPath);
      if (found === undefined) isOutside = true;
      for (const folder of found ?? []) folders.add(folder);
    }
    return { folders: [...folders], isOutside };
  };
}

function finished(
  folder: string,
  draft: Draft,
  more: { modules: GoModules; vendors: ReadonlySet<string>; resolve: Resolve; graph: Graph },
): GoPackage {
  const { modules, resolve, graph } = more;
  const vendor = isVendored(`${folder}/`) ? vendorAbove(folder, more.vendors) : undefined;
  const module = moduleOf(folder, modules);
  const builds = modules.builds.filter((build) =>
    vendor === undefined
      ? build.modules.some((one) => one.folder === module)
      : build.vendors.includes(vendor),
  );
  const outside = new Set<string>();
  const link = (from: string, imports: Iterable<string>) => {
    for (const one of imports) {
      const { folders, isOutside } = resolve(one, builds);
      for (const to of folders) addImport(graph, from, goNode(to));
      if (!isOutside) continue;
      outside.add(one);
      addImport(graph, from, goOutside(one));
    }
  };
  link(goNode(folder), draft.imports);
  if (vendor === undefined) {
    addImport(graph, goTests(folder), goNode(folder), 0);
    link(goTests(folder), draft.testImports);
  }
  return {
    folder,
    ...(module !== undefined && { module }),
    ...(vendor !== undefined && { vendor }),
    embeds: [...draft.embeds],
    testEmbeds: [...draft.testEmbeds],
    tests: vendor === undefined ? draft.tests : [],
    outside: [...outside],
  };
}
