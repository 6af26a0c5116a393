import { folderOf } from '../code/folders.ts';
import type { ChangedFile, ScopeChange } from './change.ts';
import { dependencySignals } from './dependencies.ts';
import { type GoFileChange, type GoPiece, goFileChange } from './go-file-change.ts';
import { goSignals } from './go-signals.ts';
import { type Inside, insideExisting, isCode, manifestLines, type Size, sizeOf } from './measures.ts';
import { isApiPath } from './schema-path.ts';
import { schemaSignals } from './schema-signals.ts';
import { scriptSignals } from './script-signals.ts';
import { SIGNALS, type Sighting } from './signal.ts';
import { type Covered, coveredFunctions } from './tests.ts';
import { isScript, textSignals } from './text-signals.ts';
import { type Claims, claimsOf } from './title.ts';

/** All that is read of a change before it is judged. */
export type ScopeFacts = {
  /** In the order of `SIGNALS`, then as the files come. */
  readonly sightings: readonly Sighting[];
  /** Paths outside vendored folders. */
  readonly files: number;
  /** It changes the code of a tool that people type commands for, or of packages whose types they write. */
  readonly isCommandLine: boolean;
  readonly isApi: boolean;
  readonly size: Size;
  readonly inside: Inside;
  readonly manifestLines: number;
  /** Functions of Go that were there and are altered, and those that are new. */
  readonly altered: readonly GoPiece[];
  readonly added: readonly GoPiece[];
  /** Folders of the code that changes. */
  readonly folders: readonly string[];
  readonly covered: readonly Covered[];
  readonly claims: Claims;
  readonly commits: number;
};

/** Reads a change whole. `title`: what a person gave in place of the change's own. */
export function factsOf(change: ScopeChange, title: string = change.title): ScopeFacts {
  const code = change.files.filter(isCode);
  const go = code.filter(({ path }) => path.endsWith('.go')).map(goFileChange);
  const found = goSignals(go);
  const tests = change.files.filter(({ path }) => path.endsWith('_test.go')).map(goFileChange);
  const sightings = once([
    ...found.sightings,
    ...textSignals(code),
    ...scriptSignals(code),
    ...schemaSignals(change.files),
    ...dependencySignals(change.files),
    ...code
      .filter(({ kind }) => kind === 'added')
      .map(({ path }) => ({ signal: 'new-file' as const, path, what: 'new file of code' })),
  ]);
  return {
    sightings: SIGNALS.flatMap((signal) => sightings.filter((one) => one.signal === signal)),
    files: change.files.filter(({ path }) => !isVendored(path)).length,
    isCommandLine: code.some(isCommandLine),
    isApi: code.some(({ path }) => isApiPath(path)),
    size: sizeOf(change.files),
    inside: insideExisting(code, go),
    manifestLines: manifestLines(change.files),
    altered: found.altered,
    added: found.added,
    folders: [...new Set(code.map(({ path }) => folderOf(path)))],
    covered: coveredFunctions(change, [...found.altered, ...found.added], isIn(tests)),
    claims: claimsOf(title, change.messages),
    commits: change.commits,
  };
}

/** What two ways of looking found at the same place is told once. */
function once(all: readonly Sighting[]): Sighting[] {
  const byPlace = all.map((one) => [`${one.signal} ${one.path}:${one.line} ${one.what}`, one] as const);
  return [...new Map(byPlace).values()];
}

/** Tests that the change brings or alters. */
function isIn(tests: readonly GoFileChange[]): (path: string, test: string) => boolean {
  const all = new Set(tests.flatMap(({ is }) => is).map(({ path, key }) => `${path}:${key}`));
  return (path, test) => all.has(`${path}:${test}`);
}

const isVendored = (path: string): boolean => /(^|\/)(vendor|node_modules|third_party)\//.test(path);

/** Flags of a controller's own start are no command line: people do not type them. */
const isCommandLine = ({ path, now = '' }: ChangedFile): boolean =>
  path.endsWith('.go')
    ? /\bcobra\.Command\b|\bpflag\.FlagSet\b|\.Flags\(\)/.test(now) && !now.includes('controller-runtime"')
    : isScript({ path }) && /\bfrom '(commander|yargs)'|require\(['"](commander|yargs)['"]\)/.test(now);
