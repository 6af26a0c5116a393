import type { ChangedFile } from './change.ts';
import { lineFinder } from './line-finder.ts';
import type { Sighting } from './signal.ts';

type Dependency = { readonly name: string; readonly version: string; readonly at: number };

/** New dependencies and other versions of those that were there; what is only needed by others is left out. */
export function dependencySignals(files: readonly ChangedFile[]): Sighting[] {
  return files.flatMap(({ path, before = '', now = '' }) => {
    const read = readerOf(path);
    if (!read) return [];
    const had = new Map(read(before).map(({ name, version }) => [name, version]));
    const lineAt = lineFinder(now);
    return read(now).flatMap(({ name, version, at }): Sighting[] => {
      const was = had.get(name);
      if (was === version) return [];
      const place = { path, line: lineAt(at) };
      return was === undefined
        ? [{ ...place, signal: 'dependency', what: `new dependency ${name} ${version}` }]
        : [{ ...place, signal: 'dependency-bump', what: `${name} ${was} → ${version}` }];
    });
  });
}

function readerOf(path: string): ((text: string) => Dependency[]) | undefined {
  if (/(^|\/)go\.mod$/.test(path)) return readGoRequires;
  return /(^|\/)package\.json$/.test(path) ? readPackages : undefined;
}

/** `require` lines of a `go.mod`, alone or in a block; without `// indirect`. */
function readGoRequires(text: string): Dependency[] {
  const lines = /^(?:require[ \t]+|[ \t]+)([^\s()=>"]+\.[^\s()=>"]+)[ \t]+(v[^\s]+)[ \t]*(\/\/.*)?$/gm;
  return [...text.matchAll(lines)].flatMap(({ 1: name, 2: version, 3: comment = '', index }) =>
    /\bindirect\b/.test(comment) || isReplaced(text, index)
      ? []
      : [{ name: name!, version: version!, at: index }],
  );
}

/** In a block that is none of `require`: `exclude`, `replace`, `retract`. */
function isReplaced(text: string, at: number): boolean {
  const open = text.lastIndexOf('(', at);
  return (
    open >= 0 &&
    /(exclude|replace|retract|tool)\s*$/.test(text.slice(0, open)) &&
    !text.slice(open, at).includes(')')
  );
}

const KINDS = ['dependencies', 'peerDependencies', 'optionalDependencies', 'devDependencies'];

function readPackages(text: string): Dependency[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  if (value === null || typeof value !== 'object') return [];
  return KINDS.flatMap((kind) => {
    const some = (value as Record<string, unknown>)[kind];
    if (some === null || typeof some !== 'object') return [];
    return Object.entries(some).map(([name, version]) => ({
      name,
      version: String(version),
      at: Math.max(0, text.indexOf(`"${name}"`)),
    }));
  });
}
