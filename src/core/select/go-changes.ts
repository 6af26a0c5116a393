import { below, folderOf, isWithin, nameOf, upwards } from '../code/folders.ts';
import { isEmbedded, isGoSource, isVendored } from '../code/go-build.ts';
import { goBuiltOf } from '../code/go-constraint.ts';
import { type GoNeeds, readGoNeeds, readVendorList } from '../code/go-module.ts';
import { type GoRepository, goNode, goOutside, goTests } from './go-graph.ts';
import type { Seed } from './reach.ts';
import type { Sources } from './sources.ts';
import type { ChangedFile } from './tree.ts';

/** One commit of the range, as far as it is Go. */
export type GoSide = { readonly sources: Sources; readonly go: GoRepository };

/** What one changed path means. `as`: what it is; `because`: why nothing follows from it, when nothing does. */
export type Meaning = { readonly as: string; readonly seeds: readonly Seed[]; readonly because?: string };

/** What a changed path means for Go; undefined when it means nothing for Go. `sides`: before and after. */
export function meaningForGo({ path }: ChangedFile, sides: readonly [GoSide, GoSide]): Meaning | undefined {
  const name = nameOf(path);
  if (name === 'go.mod' && !isVendored(path)) return ofModuleFile(path, sides);
  if (name === 'go.work' && !isVendored(path)) return ofModuleFile(path, sides);
  if (name === 'go.sum' || name === 'go.work.sum')
    return { as: 'go checksums', seeds: [], because: 'checksums alone change no test' };
  if (name === 'modules.txt' && /(^|\/)vendor\/modules\.txt$/.test(path)) return ofVendorList(path, sides);
  const seeds = [...ofSource(path, sides), ...ofEmbedded(path, sides), ...ofTestdata(path, sides)];
  if (seeds.length > 0) return { as: kindOf(path), seeds };
  return path.endsWith('.go') ? { as: kindOf(path), seeds: [], because: whyNothing(path, sides) } : undefined;
}

function kindOf(path: string): string {
  if (isVendored(path)) return 'go vendored';
  if (/(^|\/)testdata\//.test(path)) return 'go testdata';
  if (path.endsWith('_test.go')) return 'go test';
  return isGoSource(nameOf(path)) ? 'go source' : 'go embedded';
}

/** A source file changes its package, a test file only the package's own tests. */
function ofSource(path: string, sides: readonly GoSide[]): Seed[] {
  const name = nameOf(path);
  const folder = folderOf(path);
  const isTest = name.endsWith('_test.go');
  if (!isTest && !isGoSource(name)) return [];
  const isOf = sides.some(({ go, sources }) => go.packages.has(folder) && isBuilt(path, sources));
  if (!isOf || (isTest && isVendored(path))) return [];
  return [{ node: isTest ? goTests(folder) : goNode(folder), distance: 0, because: path }];
}

/** Whether any tag or system builds a file that is there; other languages' sources go by their package. */
function isBuilt(path: string, sources: Sources): boolean {
  const file = sources.tree.get(path);
  if (!file) return false;
  if (!path.endsWith('.go')) return true;
  const head = sources.goHead(path, file);
  return head === undefined || goBuiltOf(nameOf(path), head.constraint).when !== 'never';
}

function ofEmbedded(path: string, sides: readonly GoSide[]): Seed[] {
  return sides.flatMap(({ go }) =>
    upwards(folderOf(path)).flatMap((folder) => {
      const owner = go.packages.get(folder);
      if (!owner) return [];
      const inner = folder === '' ? path : path.slice(folder.length + 1);
      const takes = (patterns: readonly string[]) => patterns.some((one) => isEmbedded(one, inner));
      const seed = (node: string) => ({ node, distance: 0, because: path });
      return [
        ...(takes(owner.embeds) ? [seed(goNode(folder))] : []),
        ...(takes(owner.testEmbeds) ? [seed(goTests(folder))] : []),
      ];
    }),
  );
}

/** What lies below `testdata` belongs to the tests of the nearest package above. */
function ofTestdata(path: string, sides: readonly GoSide[]): Seed[] {
  const at = /^(.*?)(^|\/)testdata\//.exec(path);
  if (!at || isVendored(path)) return [];
  for (const folder of upwards(at[1]!))
    if (sides.some(({ go }) => (go.packages.get(folder)?.tests.length ?? 0) > 0))
      return [{ node: goTests(folder), distance: 0, because: path }];
  return [];
}

function whyNothing(path: string, sides: readonly GoSide[]): string {
  if (isVendored(path)) return 'no package of the repository is built from this copy';
  if (sides.every(({ sources }) => !sources.tree.has(path) || !isBuilt(path, sources)))
    return 'go never builds it with its package';
  return 'it is part of no package';
}

/** A `go.mod` or `go.work`: what is compiled another way, and the modules that are now another version. */
function ofModuleFile(path: string, sides: readonly [GoSide, GoSide]): Meaning {
  const folder = folderOf(path);
  const [before, after] = sides.map(({ sources }) => readGoNeeds(sources.text(path) ?? ''));
  const all = [...before!.modules.keys(), ...after!.modules.keys()];
  const seeds = changedIn(before!.modules, after!.modules)
    .filter((module) => !isLocal(before!, module) || !isLocal(after!, module))
    .flatMap((module) => {
      const because = `${path}: ${module} ${said(before!, module)} → ${said(after!, module)}`;
      return ofModule({ folder, module, all, because }, sides);
    });
  if (before!.language !== after!.language) {
    const because = `${path}: ${changedLine(before!.language, after!.language)}`;
    const moved = sides.flatMap(({ go }) =>
      [...go.packages.values()].filter((one) => isUnder(one.module, folder, go)),
    );
    for (const one of moved) seeds.push({ node: goNode(one.folder), distance: 1, because });
  }
  const nothing = seeds.length > 0 ? {} : { because: 'no package imports what it changes' };
  return { as: path.endsWith('.mod') ? 'go module' : 'go workspace', seeds, ...nothing };
}

/** A module itself, and those that are built together with it. */
function isUnder(module: string | undefined, folder: string, go: GoRepository): boolean {
  if (module === undefined) return false;
  return (
    module === folder ||
    go.modules.builds.some(
      (build) => build.folder === folder && build.modules.some((one) => one.folder === module),
    )
  );
}

function ofVendorList(path: string, sides: readonly [GoSide, GoSide]): Meaning {
  const folder = folderOf(folderOf(path));
  const [before, after] = sides.map(({ sources }) => readVendorList(sources.text(path) ?? ''));
  const all = [...before!.keys(), ...after!.keys()];
  const seeds = changedIn(before!, after!).flatMap((module) => {
    const because = `${path}: ${module} ${before!.get(module) ?? 'none'} → ${after!.get(module) ?? 'none'}`;
    return ofModule({ folder, module, all, because }, sides);
  });
  const nothing = seeds.length > 0 ? {} : { because: 'the list alone changes no test' };
  return { as: 'go vendored', seeds, ...nothing };
}

/** Modules of one `go.mod` or vendor list that are another version now; `all`: every module it names. */
type Versions = {
  readonly folder: string;
  readonly module: string;
  readonly all: readonly string[];
  readonly because: string;
};

/**
 * The packages of a module that got another version. One import further away than a change of their own files, since
 * those may be the same in both versions. Where sources of modules are not in the repository, any package that imports
 * one of them may reach the changed one through it; that is further still.
 */
function ofModule({ folder, module, all, because }: Versions, sides: readonly GoSide[]): Seed[] {
  const isOfIt = (path: string) =>
    isWithin(path, module) && !all.some((other) => other.length > module.length && isWithin(path, other));
  return sides.flatMap(({ go, sources }) => {
    const vendor = below(folder, 'vendor');
    if (sources.tree.has(below(vendor, 'modules.txt')))
      return [...go.packages.values()]
        .filter((one) => one.vendor === vendor && isOfIt(one.folder.slice(vendor.length + 1)))
        .map((one) => ({ node: goNode(one.folder), distance: 1, because }));
    const outside = [...go.packages.values()].filter((one) => isUnder(one.module, folder, go));
    return [...new Set(outside.flatMap((one) => one.outside))].map((path) =>
      isOfIt(path)
        ? { node: goOutside(path), distance: 0, because }
        : { node: goOutside(path), distance: 1, because: `${because}, perhaps through ${path}` },
    );
  });
}

const said = ({ modules }: GoNeeds, module: string): string => modules.get(module) ?? 'none';

/** What is built from a folder of the repository has no version that counts. */
const isLocal = ({ modules }: GoNeeds, module: string): boolean =>
  / => \.\.?(\/|$)/.test(` ${modules.get(module) ?? ''}`);

const changedIn = (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] =>
  [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key) !== after.get(key));

function changedLine(before: string, after: string): string {
  const [old, fresh] = [before.split('\n'), after.split('\n')];
  const gone = old.filter((line) => !fresh.includes(line)).join(', ');
  const come = fresh.filter((line) => !old.includes(line)).join(', ');
  return `${gone || 'none'} → ${come || 'none'}`;
}
