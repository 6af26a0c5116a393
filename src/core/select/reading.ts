import { isWithin, nameOf } from '../code/folders.ts';
import { isVendored } from '../code/go-build.ts';
import { type GoModules, goModulesOf, isRead } from './go-graph.ts';
import { isJsForeign, isJsSettings, isJsSource } from './js-graph.ts';
import { isPySource } from './py-graph.ts';
import type { Reading } from './sources.ts';
import { type ChangedFile, isPlain, type Tree } from './tree.ts';

/** The two commits of a range and what they have unlike. */
export type Range = { readonly before: Tree; readonly after: Tree; readonly changed: readonly ChangedFile[] };

/** Blobs to be read, by id, and as what. */
export type Wanted = ReadonlyMap<string, Reading>;

/** The settings to be read first: they say what else is. */
export function wantedSettings({ before, after }: Range): Wanted {
  const wanted = new Map<string, Reading>();
  for (const tree of [before, after])
    for (const [path, file] of tree) if (isPlain(file) && isSettings(path)) wanted.set(file.id, 'text');
  return wanted;
}

const isSettings = (path: string): boolean =>
  isGoSettings(path) || (isJsSettings(nameOf(path)) && !isJsForeign(path));

const isGoSettings = (path: string): boolean => {
  const name = nameOf(path);
  if (name === 'modules.txt') return /(^|\/)vendor\/modules\.txt$/.test(path);
  return (name === 'go.mod' || name === 'go.work') && !isVendored(path);
};

/** The vendor folders to look into: those that something of was changed, or whose module's needs were. */
export function vendorsToRead({ before, after, changed }: Range, text: (id: string) => string): Set<string> {
  const vendors = new Set<string>();
  const paths = changed.map(({ path }) => path);
  for (const tree of [before, after]) {
    const modules = modulesOf(tree, text);
    for (const build of modules.builds)
      for (const vendor of build.vendors)
        if (
          paths.some(
            (path) =>
              isWithin(path, vendor) ||
              path === `${vendor.slice(0, -'vendor'.length)}go.mod` ||
              isReplaced(path, build),
          )
        )
          vendors.add(vendor);
  }
  return vendors;
}

/** A module that is built from a folder may be copied into `vendor` too, and then be imported by others there. */
const isReplaced = (path: string, build: GoModules['builds'][number]): boolean =>
  build.modules.some(({ folder }, i) => i > 0 && isWithin(path, folder));

export const modulesOf = (tree: Tree, text: (id: string) => string): GoModules =>
  goModulesOf(tree.keys(), (path) => text(tree.get(path)!.id));

/** Everything else that is to be read. */
export function wantedSources({ before, after }: Range, vendors: ReadonlySet<string>): Wanted {
  const wanted = new Map<string, Reading>();
  for (const tree of [before, after])
    for (const [path, file] of tree) {
      const reading = isPlain(file) ? readingOf(path, vendors) : undefined;
      if (reading !== undefined) wanted.set(file.id, reading);
    }
  return wanted;
}

function readingOf(path: string, vendors: ReadonlySet<string>): Reading | undefined {
  if (path.endsWith('.go')) return isRead(path, vendors) ? 'go' : undefined;
  if (isVendored(path)) return undefined;
  if (isJsSource(path)) return 'js';
  return isPySource(path) ? 'py' : undefined;
}
