import { below, folderOf, isWithin } from './folders.ts';

/** What a Go build in a repository draws from. Folders are paths in the repository. */
export type GoBuild = {
  /** The folder with the main module's `go.mod`. */
  readonly folder: string;
  /** Modules whose source is in the repository: the main one, those of the workspace, those replaced by a folder. */
  readonly modules: readonly { readonly path: string; readonly folder: string }[];
  /** Folders `vendor` that exist, of the main module and of the workspace. */
  readonly vendors: readonly string[];
};

/** `std`: it comes with the compiler. Otherwise where its source may be, every folder to be looked for. */
export type Whereabouts =
  | { readonly kind: 'std' }
  | { readonly kind: 'folders'; readonly folders: readonly Place[] };

/** `module`: the folder of the module it belongs to; a nested module on the way means that it is not there. */
export type Place = { readonly folder: string; readonly module?: string };

/**
 * Where the source of an import may be in the repository. A module that is replaced by a folder and vendored too
 * has two places, since which one is built depends on flags; a change of either counts.
 */
export function whereIs(importPath: string, build: GoBuild): Whereabouts {
  const owner = build.modules
    .filter(({ path }) => path !== '' && isWithin(importPath, path))
    .reduce<GoBuild['modules'][number] | undefined>(
      (best, one) => (best === undefined || one.path.length > best.path.length ? one : best),
      undefined,
    );
  const own: Place[] = owner
    ? [
        {
          folder: below(owner.folder, importPath.slice(owner.path.length + 1)).replace(/\/$/, ''),
          module: owner.folder,
        },
      ]
    : [];
  const isStd = !owner && !importPath.split('/')[0]!.includes('.');
  if (isStd) return { kind: 'std' };
  return {
    kind: 'folders',
    folders: [...own, ...build.vendors.map((vendor) => ({ folder: below(vendor, importPath) }))],
  };
}

const SOURCE = /\.(go|c|cc|cpp|cxx|m|h|hh|hpp|hxx|s|S|sx|f|F|for|f90|swig|swigcxx|syso)$/;

/** Whether a file is a test, or lies in a folder that the go command leaves to tests. */
export const isGoTest = (path: string): boolean => /_test\.go$|(^|\/)testdata\//.test(path);

/** Whether a file of this name, in a package's own folder, is compiled into it on some platform. */
export const isGoSource = (name: string): boolean =>
  SOURCE.test(name) && !/^[_.]/.test(name) && !isGoTest(name);

/** Whether the go command takes a folder below a component for packages of it. */
export const mayHoldPackages = (name: string): boolean =>
  !/^[_.]/.test(name) && name !== 'testdata' && name !== 'vendor';

/** Whether the source at a path was written elsewhere and copied in. */
export const isVendored = (path: string): boolean => /(^|\/)vendor\//.test(path);

/** Whether an embed pattern of a package takes in a file; `path` is relative to the package's folder. */
export function isEmbedded(pattern: string, path: string): boolean {
  const takesAll = pattern.startsWith('all:');
  const glob = globOf(takesAll ? pattern.slice(4) : pattern);
  if (glob === undefined) return false;
  for (let at = path; at !== ''; at = folderOf(at)) {
    if (!glob.test(at)) continue;
    const inside = path.slice(at.length).split('/').filter(Boolean);
    return takesAll || !inside.some((name) => /^[_.]/.test(name));
  }
  return false;
}

/** The pattern language of Go's path.Match; undefined when it is not well formed. */
function globOf(pattern: string): RegExp | undefined {
  if (pattern === '.') return /^.*$/s;
  const parts: readonly string[] = pattern.match(/\\.|\[\^?(?:\\.|[^\]\\])+\]|./gsu) ?? [];
  if (parts.includes('[') || parts.includes('\\')) return undefined;
  try {
    return new RegExp(`^${parts.map(globPart).join('')}$`, 'su');
  } catch {
    return undefined;
  }
}

function globPart(part: string): string {
  if (part === '*') return '[^/]*';
  if (part === '?') return '[^/]';
  if (part.length > 2 && part.startsWith('[')) return part;
  return part.replace(/^\\/, '').replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
}
