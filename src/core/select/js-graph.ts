import { below, folderOf, joinPath, nameOf, upwards } from '../code/folders.ts';
import { type JsPackage, type JsProject, readJsPackage, readTsConfig } from './js-project.ts';
import { addImport, type Graph } from './reach.ts';
import type { Sources } from './sources.ts';
import { isPlain, type Tree } from './tree.ts';

const SOURCE = /\.(?:[cm]?[jt]sx?|vue|svelte)$/;

export const isJsSource = (path: string): boolean => SOURCE.test(path) && !isJsForeign(path);

/** What was installed or built lies in the repository now and then; it is nobody's source. */
export const isJsForeign = (path: string): boolean => /(^|\/)(node_modules|vendor)\//.test(path);

/** Tests by name: `a.test.ts`, `a.spec.js`, and everything below `__tests__`. */
export const isJsTest = (path: string): boolean =>
  isJsSource(path) &&
  !/\.d\.[cm]?ts$/.test(path) &&
  (/\.(?:test|spec)\.[a-z]+$/.test(path) ||
    (/(^|\/)__tests__\//.test(path) &&
      !/(^|\/)(__mocks__|__fixtures__|__snapshots__|fixtures)\//.test(path)));

/** Settings that say how the files below are read. */
export const isJsSettings = (name: string): boolean =>
  name === 'package.json' || /^[jt]sconfig.*\.json$/.test(name);

export const jsNode = (path: string): string => `file:${path}`;
/** Everything a package of the repository holds, for imports of it that lead to no single file. */
const packageNode = (folder: string): string => `js-package:${folder}`;
/** A package that is installed. */
export const npmNode = (name: string): string => `npm:${name}`;

/** Reads all settings of a commit. A broken one is named in `warnings` and taken for empty. */
export function jsProjectOf({ tree, text }: Sources, warnings: Set<string>): JsProject {
  const packages = new Map<string, JsPackage>();
  const configs = new Map<string, ReturnType<typeof readTsConfig>>();
  const say = (path: string, why: string) => void warnings.add(`${path}: ${why}; taken for empty`);
  for (const path of tree.keys()) {
    if (isJsForeign(path)) continue;
    const name = nameOf(path);
    if (!isJsSettings(name)) continue;
    const body = text(path) ?? '';
    if (name === 'package.json')
      packages.set(
        folderOf(path),
        readJsPackage(body, (why) => say(path, why)),
      );
    else
      configs.set(
        path,
        readTsConfig(body, (why) => say(path, why)),
      );
  }
  return { packages, configs };
}

/** Adds who imports whom among the JavaScript and TypeScript files of a commit. */
export function readJs({ tree, js }: Sources, project: JsProject, graph: Graph): void {
  const names = new Map<string, string>();
  for (const [folder, { name }] of project.packages) if (name !== '') names.set(name, folder);
  const folders = foldersOf(tree);
  const within: Within = { tree, folders, project, names, paths: new Map() };
  for (const [path, file] of tree) {
    if (!isJsSource(path) || !isPlain(file)) continue;
    const owner = upwards(folderOf(path)).find((at) => project.packages.has(at));
    if (owner !== undefined && !isJsTest(path)) addImport(graph, packageNode(owner), jsNode(path), 0);
    const read = js(path, file);
    if (!read) continue;
    for (const one of read.imports)
      for (const to of targetsOf(one, path, within)) addImport(graph, jsNode(path), to);
    for (const one of read.paths)
      for (const to of atPath(joinPath(folderOf(path), one), within)) addImport(graph, jsNode(path), to);
    for (const snapshot of [below(below(folderOf(path), '__snapshots__'), `${nameOf(path)}.snap`)])
      if (tree.has(snapshot)) addImport(graph, jsNode(path), jsNode(snapshot), 0);
  }
}

type Within = {
  readonly tree: Tree;
  readonly folders: ReadonlySet<string>;
  readonly project: JsProject;
  /** Folders of the repository's own packages, by name. */
  readonly names: ReadonlyMap<string, string>;
  /** What settings say of a folder, remembered. */
  readonly paths: Map<string, Aliases>;
};

function foldersOf(tree: Tree): Set<string> {
  const folders = new Set<string>();
  for (const path of tree.keys())
    for (let at = folderOf(path); !folders.has(at); at = folderOf(at)) {
      folders.add(at);
      if (at === '') break;
    }
  return folders;
}

/** Nodes that an import of a file may lead to; several when settings leave it open. */
function targetsOf(name: string, from: string, within: Within): string[] {
  const bare = name.replace(/[?#](?=[^/]*$).+$/, '').replace(/^(?:file|node):/, '');
  if (/^\.\.?(\/|$)/.test(bare)) return atPath(joinPath(folderOf(from), bare), within);
  const owner = upwards(folderOf(from)).find((at) => within.project.packages.has(at));
  if (name.startsWith('#') && owner !== undefined) return ofImports(name, owner, within);
  const found = byAliases(bare, from, within);
  const packageName = /^(?:@[^/]+\/)?[^/]+/.exec(bare)?.[0] ?? bare;
  const folder = within.names.get(packageName);
  if (folder !== undefined) return [...found, ...ofPackage(folder, bare.slice(packageName.length), within)];
  if (bare.startsWith('/')) return [...found, ...atPath(bare.slice(1), within)];
  return found.length > 0 ? found : [npmNode(packageName)];
}

const ENDS = [
  '',
  '.ts',
  '.tsx',
  '.d.ts',
  '.mts',
  '.cts',
  '.js',
  '.jsx',
  '.mjs',
  '.cjs',
  '.json',
  '.vue',
  '.svelte',
];
const WRITTEN: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\.js$/, ['.ts', '.tsx', '.jsx', '.d.ts']],
  [/\.jsx$/, ['.tsx']],
  [/\.mjs$/, ['.mts', '.d.mts']],
  [/\.cjs$/, ['.cts', '.d.cts']],
];

/** The files a path may stand for: itself, with an ending, what `.js` was written as, an index of a folder. */
function atPath(path: string | undefined, within: Within): string[] {
  if (path === undefined) return [];
  const { tree, folders } = within;
  const found = ENDS.map((end) => path + end).filter((file) => tree.has(file));
  for (const [end, written] of WRITTEN)
    if (end.test(path))
      found.push(...written.map((to) => path.replace(end, to)).filter((file) => tree.has(file)));
  if (folders.has(path)) {
    const main = within.project.packages.get(path)?.main ?? [];
    found.push(...ENDS.map((end) => below(path, `index${end}`)).filter((file) => tree.has(file)));
    for (const one of main) found.push(...fileAt(joinPath(path, one), within));
  }
  return [...new Set(found)].map(jsNode);
}

const fileAt = (path: string | undefined, { tree }: Within): string[] =>
  path === undefined ? [] : ENDS.map((end) => path + end).filter((file) => tree.has(file));

/** `#name` of `imports` in the nearest package.json. */
function ofImports(name: string, owner: string, within: Within): string[] {
  const targets = matched(name, within.project.packages.get(owner)?.imports ?? []);
  const found = targets.flatMap((to) => (to.startsWith('.') ? inPackage(owner, to, within) : []));
  return found.length > 0 ? found : [packageNode(owner)];
}

/** A package of the repository by its name. When no single file is meant that is there, all of it is. */
function ofPackage(folder: string, rest: string, within: Within): string[] {
  const { main, exports } = within.project.packages.get(folder)!;
  const asked = rest === '' ? '.' : `.${rest}`;
  const targets = exports.length > 0 ? matched(asked, exports) : rest === '' ? ['./index', ...main] : [asked];
  const found = targets.flatMap((to) => inPackage(folder, to, within));
  const isWhole = targets.every((to) => inPackage(folder, to, within).length > 0);
  return found.length > 0 && (isWhole || exports.length === 0) ? found : [...found, packageNode(folder)];
}

/** A path of a package. What is built from `src` is not there yet: then what it is built from counts. */
function inPackage(folder: string, to: string, within: Within): string[] {
  const found = atPath(joinPath(folder, to), within);
  if (found.length > 0) return found;
  const source = to.replace(/^(?:\.\/)?(?:dist|lib|build|out|esm|cjs)\/(?:(?:esm|cjs|es|src)\/)?/, './src/');
  return source === to ? [] : atPath(joinPath(folder, source.replace(/\.d\.([cm]?)ts$/, '.$1js')), within);
}

/** What a name is put in for, by patterns with at most one star. The most exact pattern wins, as in Node. */
function matched(name: string, patterns: readonly (readonly [string, readonly string[]])[]): string[] {
  const fits = patterns.flatMap(([pattern, targets]) => {
    const star = starOf(name, pattern);
    return star === undefined
      ? []
      : [{ length: pattern.length, targets: targets.map((to) => to.replaceAll('*', star)) }];
  });
  const longest = Math.max(...fits.map(({ length }) => length));
  return fits.filter(({ length }) => length === longest).flatMap(({ targets }) => targets);
}

/** What the star of a pattern stands for; empty text when there is none, undefined when it does not fit. */
function starOf(name: string, pattern: string): string | undefined {
  const at = pattern.indexOf('*');
  if (at < 0)
    return name === pattern ? '' : pattern.endsWith('/') && name.startsWith(pattern) ? '' : undefined;
  const [head, tail] = [pattern.slice(0, at), pattern.slice(at + 1)];
  const fits = name.startsWith(head) && name.endsWith(tail) && name.length >= head.length + tail.length;
  return fits ? name.slice(head.length, name.length - tail.length) : undefined;
}

/** What `paths` and `baseUrl` say, with the folder each text counts from. */
type Aliases = {
  readonly bases: readonly string[];
  readonly paths: readonly (readonly [string, readonly string[]])[];
};

function byAliases(name: string, from: string, within: Within): string[] {
  const { bases, paths } = aliasesOf(folderOf(from), within);
  const targets = [...matched(name, paths), ...bases.map((base) => below(base, name))];
  return targets.flatMap((to) => atPath(joinPath('', to), within));
}

/** Of all settings in the nearest folder that has any, with those they extend. */
function aliasesOf(folder: string, within: Within): Aliases {
  const known = within.paths.get(folder);
  if (known) return known;
  const here = [...within.project.configs.keys()].filter((path) => folderOf(path) === folder);
  const own = here.map((path) => aliasesIn(path, within, []));
  const above = folder === '' ? undefined : aliasesOf(folderOf(folder), within);
  const aliases = here.length > 0 ? merged(own) : (above ?? { bases: [], paths: [] });
  within.paths.set(folder, aliases);
  return aliases;
}

const merged = (all: readonly Aliases[]): Aliases => ({
  bases: [...new Set(all.flatMap(({ bases }) => bases))],
  paths: all.flatMap(({ paths }) => paths),
});

const EXTENDS_MAX = 20;

function aliasesIn(path: string, within: Within, on: readonly string[]): Aliases {
  const config = within.project.configs.get(path);
  if (!config || on.includes(path) || on.length > EXTENDS_MAX) return { bases: [], paths: [] };
  const folder = folderOf(path);
  const base = config.baseUrl === undefined ? undefined : joinPath(folder, config.baseUrl);
  const own: Aliases = {
    bases: base === undefined ? [] : [base],
    paths: config.paths.map(([pattern, targets]) => [
      pattern,
      targets.flatMap((to) => joinPath(base ?? folder, to) ?? []),
    ]),
  };
  const extended = config.extends.flatMap((name) => extendedOf(name, folder, within));
  const linked = config.references.flatMap((name) => extendedOf(name, folder, within));
  const below = [...extended, ...linked].map((to) => aliasesIn(to, within, [...on, path]));
  // What settings say themselves hides what they extend, pattern by pattern.
  const rest = merged(below);
  return {
    bases: own.bases.length > 0 ? own.bases : rest.bases,
    paths: [...own.paths, ...rest.paths.filter(([pattern]) => !own.paths.some(([mine]) => mine === pattern))],
  };
}

function extendedOf(name: string, folder: string, within: Within): string[] {
  const { configs } = within.project;
  const at = /^\.\.?(\/|$)/.test(name) ? joinPath(folder, name) : inOwnPackage(name, within);
  if (at === undefined) return [];
  return [at, `${at}.json`, below(at, 'tsconfig.json')].filter((path) => configs.has(path));
}

function inOwnPackage(name: string, { names }: Within): string | undefined {
  const packageName = /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name;
  const folder = names.get(packageName);
  return folder === undefined ? undefined : joinPath(folder, `.${name.slice(packageName.length)}`);
}
