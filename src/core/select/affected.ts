import { folderOf, nameOf, upwards } from '../code/folders.ts';
import { isVendored } from '../code/go-build.ts';
import { type Meaning, meaningForGo } from './go-changes.ts';
import {
  type GoPackage,
  type GoRepository,
  goTests,
  isRead,
  type KnownGo,
  moduleOf,
  readGo,
  vendorAbove,
} from './go-graph.ts';
import { isJsSource, isJsTest, jsNode, jsProjectOf, readJs } from './js-graph.ts';
import { isPySource, isPyTest, pyNode, readPy } from './py-graph.ts';
import { addImport, type Graph, type Reached, reach, type Seed, wayOf } from './reach.ts';
import { modulesOf, type Range } from './reading.ts';
import type { SelectedTest } from './selection.ts';
import { isJsTool, meaningOfSettings, testsIn } from './settings.ts';
import { type Facts, type Sources, sourcesOf } from './sources.ts';
import { type ChangedFile, LINK, SUBMODULE, type Tree, type TreeFile } from './tree.ts';

/** A test, before it is known how near a change is. */
type Candidate = Omit<SelectedTest, 'distance' | 'because'> & { readonly node: string };

/** Everything known of a range before texts of possible readers are looked into. */
export type Surveyed = {
  readonly range: Range;
  readonly graph: Graph;
  readonly candidates: readonly Candidate[];
  readonly meanings: ReadonlyMap<string, Meaning>;
  /** For each path that means nothing yet, tests that may read it; blob ids by node. */
  readonly readers: ReadonlyMap<string, readonly Reader[]>;
  readonly warnings: readonly string[];
};

type Reader = { readonly node: string; readonly folder: string; readonly blobs: readonly string[] };

/** Builds the graph of both commits and says what each changed path means in it. */
export function surveyRange(range: Range, facts: Facts, vendors: ReadonlySet<string>): Surveyed {
  const graph: Graph = new Map();
  const warnings = new Set<string>();
  const after = sideOf(range.after, { facts, vendors, graph });
  const isAlike = areModulesAlike(range, vendors);
  const folders = new Set(
    range.changed.filter(({ path }) => path.endsWith('.go')).map(({ path }) => folderOf(path)),
  );
  const before = sideOf(
    range.before,
    { facts, vendors, graph },
    isAlike ? { packages: after.go.packages, folders } : undefined,
  );
  readScripts([after, before], range, { graph, warnings });
  sayBroken(after, warnings);
  const files = [...after.sources.tree.keys()];
  const js = files.filter(isJsTest);
  const py = files.filter(isPyTest);
  linkTools(range.after, js, graph);
  const below = (folder: string, language: 'js' | 'py') => testsIn(language === 'js' ? js : py, folder);
  const meanings = new Map<string, Meaning>();
  const readers = new Map<string, readonly Reader[]>();
  const testing = testFolders(after, [...js, ...py]);
  for (const file of range.changed) {
    const settings = meaningOfSettings(file.path, [before.sources, after.sources], below);
    const seeds = ofFile(file, graph);
    const meaning = meaningForGo(file, [before, after]) ?? joined(settings, seeds, file, range);
    meanings.set(file.path, meaning);
    if (meaning.seeds.length === 0 && meaning.as === 'other')
      readers.set(file.path, readersOf(file.path, testing));
  }
  const candidates = [
    ...goCandidates(after),
    ...js.map((path) => jsCandidate(path, after.sources)),
    ...py.map(pyCandidate),
  ];
  return { range, graph, candidates, meanings, readers, warnings: [...warnings] };
}

type Side = { readonly sources: Sources; readonly go: GoRepository };

function sideOf(
  whole: Tree,
  {
    facts,
    vendors,
    graph,
  }: { readonly facts: Facts; readonly vendors: ReadonlySet<string>; readonly graph: Graph },
  known?: KnownGo,
): Side {
  const sources = sourcesOf(leanOf(whole, vendors), facts);
  const modules = modulesOf(whole, (id) => facts.text.get(id) ?? '');
  return { sources, go: readGo(sources, modules, vendors, graph, known) };
}

/** Without what was copied in and is not looked into: mostly nine files of ten. */
function leanOf(tree: Tree, vendors: ReadonlySet<string>): Tree {
  const lean = new Map<string, TreeFile>();
  for (const [path, file] of tree)
    if (!isVendored(path) || path.endsWith('/modules.txt') || vendorAbove(path, vendors) !== undefined)
      lean.set(path, file);
  return lean;
}

/** Whether both commits have the same modules and the same folders with Go: then only changed folders differ. */
function areModulesAlike({ before, after, changed }: Range, vendors: ReadonlySet<string>): boolean {
  const folders = new Set<string>();
  for (const { path } of changed) {
    if (/(^|\/)go\.(?:mod|work)$/.test(path)) return false;
    if (path.endsWith('.go') && !(before.has(path) && after.has(path))) folders.add(folderOf(path));
  }
  if (folders.size === 0) return true;
  const hasGo = (tree: Tree) => {
    const found = new Set<string>();
    for (const path of tree.keys())
      if (path.endsWith('.go') && isRead(path, vendors) && folders.has(folderOf(path)))
        found.add(folderOf(path));
    return found;
  };
  return [before, after].every((tree) => hasGo(tree).size === folders.size);
}

/** JavaScript and Python of both commits; where only other files differ, those of one are those of the other. */
function readScripts(
  [after, before]: readonly [Side, Side],
  { changed }: Range,
  { graph, warnings }: { readonly graph: Graph; readonly warnings: Set<string> },
): void {
  const isAlike = changed.every(
    ({ path, kind }) => kind === 'changed' && (path.endsWith('.go') || isVendored(path)),
  );
  for (const { sources } of isAlike ? [after] : [after, before]) {
    readJs(sources, jsProjectOf(sources, warnings), graph);
    readPy(sources, graph);
  }
}

function sayBroken({ sources }: Side, warnings: Set<string>): void {
  for (const path of sources.tree.keys())
    if (nameOf(path) === 'go.mod' && !/(^|\/)(vendor|testdata|node_modules)\//.test(path))
      if (!/^\s*module\s+\S/m.test(sources.text(path) ?? ''))
        warnings.add(`${path}: it names no module; packages below it are not followed`);
}

/** Settings of tools are run before each test below them, and so is what they name. */
function linkTools(tree: Tree, tests: readonly string[], graph: Graph): void {
  for (const path of tree.keys())
    if (isJsSource(path) && isJsTool(nameOf(path)))
      for (const test of testsIn(tests, folderOf(path))) addImport(graph, jsNode(test), jsNode(path));
}

/** A file that is a node itself: a source, or one that a source names. */
function ofFile({ path }: ChangedFile, graph: Graph): Seed[] {
  const isKnown =
    graph.has(jsNode(path)) || isJsTest(path) || isPyTest(path) || isJsSource(path) || isPySource(path);
  return isKnown || isNamed(path, graph) ? [{ node: jsNode(path), distance: 0, because: path }] : [];
}

const namedIn = new WeakMap<Graph, Set<string>>();

/** Whether any node of the graph imports a file that imports nothing itself. */
function isNamed(path: string, graph: Graph): boolean {
  let named = namedIn.get(graph);
  if (!named) {
    named = new Set();
    for (const out of graph.values()) for (const to of out.keys()) named.add(to);
    namedIn.set(graph, named);
  }
  return named.has(jsNode(path));
}

function joined(
  settings: Meaning | undefined,
  seeds: readonly Seed[],
  file: ChangedFile,
  range: Range,
): Meaning {
  if (settings) return { ...settings, seeds: [...settings.seeds, ...seeds] };
  const { path } = file;
  if (isJsTest(path)) return { as: 'js test', seeds };
  if (isPyTest(path)) return { as: 'python test', seeds };
  if (isJsSource(path)) return { as: 'js source', seeds };
  if (isPySource(path)) return { as: 'python source', seeds };
  if (seeds.length > 0) return { as: 'imported file', seeds };
  const mode = (range.after.get(path) ?? range.before.get(path))?.mode;
  if (mode === SUBMODULE)
    return { as: 'submodule', seeds, because: 'a submodule: what it holds is not in this repository' };
  if (mode === LINK) return { as: 'link', seeds, because: 'a link that no test is known to follow' };
  return { as: 'other', seeds, because: 'not mapped: no test or suite is known to read it' };
}

/** Folders with tests, each with the blobs of its test files. */
function testFolders(after: Side, files: readonly string[]): Map<string, Reader[]> {
  const found = new Map<string, Map<string, string[]>>();
  const put = (folder: string, node: string, path: string) => {
    const nodes = found.get(folder) ?? new Map<string, string[]>();
    found.set(folder, nodes);
    nodes.set(node, [...(nodes.get(node) ?? []), after.sources.tree.get(path)!.id]);
  };
  for (const path of after.sources.tree.keys())
    if (path.endsWith('_test.go') && after.go.packages.has(folderOf(path)))
      put(folderOf(path), goTests(folderOf(path)), path);
  for (const path of files) put(folderOf(path), jsNode(path), path);
  return new Map(
    [...found].map(([folder, nodes]) => [
      folder,
      [...nodes].map(([node, blobs]) => ({ node, folder, blobs })),
    ]),
  );
}

const READERS_MAX = 400;

/** Tests in the folders above a path, the nearest first; one of them may read it. */
const readersOf = (path: string, folders: ReadonlyMap<string, readonly Reader[]>): Reader[] =>
  upwards(folderOf(path))
    .flatMap((folder) => folders.get(folder) ?? [])
    .slice(0, READERS_MAX);

/** Blobs of the tests that may read a changed path that nothing else is known of. */
export const wantedTexts = ({ readers }: Surveyed): Set<string> =>
  new Set([...readers.values()].flatMap((all) => all.flatMap(({ blobs }) => blobs)));

export type Affected = {
  readonly tests: readonly SelectedTest[];
  readonly meanings: ReadonlyMap<string, Meaning>;
  /** Nodes that some test imports, over any number of imports. */
  readonly covered: ReadonlySet<string>;
  readonly all: number;
};

/** The tests that a change can reach, nearest first. `texts`: what the possible readers say, by blob id. */
export function affectedBy(surveyed: Surveyed, texts: ReadonlyMap<string, string>): Affected {
  const { graph, candidates, readers } = surveyed;
  const meanings = new Map(surveyed.meanings);
  for (const [path, all] of readers) {
    const found = readBy(path, all, texts);
    if (found.length > 0)
      meanings.set(path, {
        as: 'test data',
        seeds: found.map(({ node }) => ({ node, distance: 0, because: path })),
      });
  }
  const reached = reach(
    graph,
    [...meanings.values()].flatMap(({ seeds }) => seeds),
  );
  const tests = candidates.flatMap((one) => selected(one, reached));
  const covered = coveredBy(graph, candidates);
  return { tests: tests.sort(byDistance), meanings, covered, all: candidates.length };
}

const byDistance = (a: SelectedTest, b: SelectedTest): number =>
  a.distance - b.distance || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

const DATA = /(^|\/)(testdata|test-data|fixtures|__fixtures__|__snapshots__|golden|goldens|snapshots)\//;

/** Who names the file, or the folder on the way to it; where it lies in a folder for test data, the nearest. */
function readBy(path: string, readers: readonly Reader[], texts: ReadonlyMap<string, string>): Reader[] {
  const naming = readers.filter(({ folder, blobs }) => {
    const inner = folder === '' ? path : path.slice(folder.length + 1);
    const names = namesFor(inner, folder);
    return blobs.some((id) => names.some((name) => (texts.get(id) ?? '').includes(name)));
  });
  if (naming.length > 0 || !DATA.test(path)) return naming;
  const outside = DATA.exec(path)!.index;
  return readers.filter(
    ({ folder }, _, all) => folder === all[0]!.folder && folder.length <= Math.max(outside, folder.length),
  );
}

/** Below a folder with tests, its own name or that of the folder it lies in says enough; elsewhere only its path. */
function namesFor(inner: string, folder: string): string[] {
  const first = inner.split('/')[0]!;
  const quoted = (text: string) => ['"', "'", '`'].flatMap((mark) => [`${mark}${text}${mark}`]);
  const paths = inner.includes('/') ? [inner, `${first}/`] : [];
  if (folder === '') return inner.includes('/') ? [inner] : quoted(inner);
  return [
    ...paths,
    ...quoted(nameOf(inner)),
    ...(inner.includes('/') ? quoted(first) : []),
    `/${nameOf(inner)}`,
  ];
}

function selected({ node, ...test }: Candidate, reached: ReadonlyMap<string, Reached>): SelectedTest[] {
  const at = reached.get(node);
  if (!at) return [];
  const way = wayOf(reached, node).map(shown);
  const because = way.filter((one, i) => i === 0 || one !== way[i - 1]);
  return [{ ...test, distance: at.distance, because }];
}

const shown = (node: string): string =>
  node.replace(/^(?:go|go-test|file|npm|go-outside|js-package):(?=(.*))/s, (_, rest) =>
    rest === '' ? '.' : '',
  );

function coveredBy(graph: Graph, candidates: readonly Candidate[]): Set<string> {
  const seen = new Set(candidates.map(({ node }) => node));
  for (const node of seen) for (const to of graph.get(node)?.keys() ?? []) seen.add(to);
  return seen;
}

function goCandidates({ go }: Side): Candidate[] {
  return [...go.packages.values()].flatMap((one) => goCandidate(one, go) ?? []);
}

/** The tests of a package; none where the go command does not look for any by itself. */
function goCandidate(one: GoPackage, go: GoRepository): Candidate | undefined {
  const { folder, tests } = one;
  const module = one.module ?? moduleOf(folder, go.modules);
  const built = tests.filter(({ when }) => when !== 'never');
  if (built.length === 0 || module === undefined) return undefined;
  const inner = module === '' ? folder : folder.slice(module.length + 1);
  if (inner.split('/').some((part) => /^[_.]./.test(part) || part === 'testdata')) return undefined;
  const tags = [...new Set(built.flatMap((test) => (test.when === 'tags' ? test.tags : [])))].sort();
  const onlyTagged = built.every(({ when }) => when === 'tags');
  const root = go.modules.paths.get(module)!;
  const words = [
    'go',
    ...(module === '' ? [] : ['-C', quoted(module)]),
    'test',
    ...(tags.length > 0 ? ['-tags', quoted(tags.join(','))] : []),
    inner === '' ? '.' : quoted(`./${inner}`),
  ];
  return {
    node: goTests(folder),
    language: 'go',
    id: inner === '' ? root : `${root}/${inner}`,
    path: folder === '' ? '.' : folder,
    command: words.join(' '),
    tags,
    ...(onlyTagged && { onlyTagged }),
  };
}

function jsCandidate(path: string, { text, tree }: Sources): Candidate {
  return {
    node: jsNode(path),
    language: 'js',
    id: path,
    path,
    command: jsCommand(path, tree, text),
    tags: [],
  };
}

const RUNNERS: readonly (readonly [RegExp, string])[] = [
  [/"vitest"\s*:/, 'npx vitest run'],
  [/"(?:jest|ts-jest|react-scripts)"\s*:/, 'npx jest'],
  [/"@playwright\/test"\s*:/, 'npx playwright test'],
  [/"mocha"\s*:/, 'npx mocha'],
  [/\bnode\b[^"]*--test\b/, 'node --test'],
];

/** By what the nearest package.json that says anything of a runner says. */
function jsCommand(path: string, tree: Tree, text: Sources['text']): string {
  for (const folder of upwards(folderOf(path))) {
    const file = folder === '' ? 'package.json' : `${folder}/package.json`;
    if (!tree.has(file)) continue;
    const runner = RUNNERS.find(([says]) => says.test(text(file) ?? ''))?.[1];
    if (runner === undefined) continue;
    const inner = quoted(folder === '' ? path : path.slice(folder.length + 1));
    return folder === '' ? `${runner} ${inner}` : `cd ${quoted(folder)} && ${runner} ${inner}`;
  }
  return `npm test -- ${quoted(path)}`;
}

const pyCandidate = (path: string): Candidate => ({
  node: pyNode(path),
  language: 'py',
  id: path,
  path,
  command: `python3 -m pytest ${quoted(path)}`,
  tags: [],
});

/** A word for a shell. */
const quoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", `'\\''`)}'`;
