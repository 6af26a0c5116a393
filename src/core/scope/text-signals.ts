import type { ChangedFile } from './change.ts';
import { lineFinder } from './line-finder.ts';
import type { Sighting, Signal } from './signal.ts';

/** What is looked for in the text of code, by names that stand in it: those that no file of the change had before are new. */
type Pattern = {
  readonly signal: Signal;
  readonly said: string;
  readonly pattern: RegExp;
  readonly isOne?: (match: RegExpExecArray) => boolean;
};

const GO: readonly Pattern[] = [
  {
    signal: 'flag',
    said: 'new flag --',
    // flag and pflag: f.String("name"…), f.StringVarP(&x, "name"…), f.Var(&x, "name"…).
    pattern:
      /\.(?:(?:Bool|Count|Duration|Float(?:32|64)|Func|Int(?:8|16|32|64)?|IP(?:Net|Mask)?|String(?:Slice|Array|To(?:String|Int|Int64))?|Text|Uint(?:8|16|32|64)?|(?:Bool|Duration|Float(?:32|64)|Int(?:32|64)?|IP|Uint)Slice)(?:Var)?P?|VarP?)\(\s*(?:&?[\w.[\]()]{1,100},\s*)?"([a-z][\w.-]{0,100})",(?=([\s\S]{0,400}))/g,
    isOne: hasUsage,
  },
  {
    signal: 'environment-variable',
    said: 'new environment variable ',
    pattern: /\bos\.(?:Getenv|LookupEnv)\(\s*(?:\w+\.)?("?\w+"?)\s*\)/g,
  },
  { signal: 'command', said: 'new command ', pattern: /\bcobra\.Command\{\s*Use:\s*"([\w-]+)/g },
  {
    signal: 'feature-gate',
    said: 'new gate ',
    pattern: /\+openshift:enable:FeatureGate=([\w-]+)|\bfeaturegate\.Feature\s*=\s*"([\w-]+)"/g,
  },
];

const SCRIPT: readonly Pattern[] = [
  { signal: 'flag', said: 'new flag ', pattern: /\.(?:requiredO|o)ption\(\s*['"`](?:-\w,\s*)?(--[\w-]+)/g },
  {
    signal: 'environment-variable',
    said: 'new environment variable ',
    pattern: /\bprocess\.env(?:\.(\w+)|\[['"](\w+)['"]\])/g,
  },
  { signal: 'command', said: 'new command ', pattern: /\.command\(\s*['"`]([\w-]+)/g },
];

/** Signals that a name in the text is enough for. */
export function textSignals(files: readonly ChangedFile[]): Sighting[] {
  return [
    ...newNames(files.filter(isGo), GO),
    ...newNames(files.filter(isScript), SCRIPT),
    ...files.flatMap(migration),
  ];
}

const isGo = ({ path }: ChangedFile) => path.endsWith('.go');
export const isScript = ({ path }: { readonly path: string }): boolean => /\.[cm]?[jt]sx?$/.test(path);

/** A flag says what it is for, last and in quotes; what else is called so, such as a field of a log line, does not. */
function hasUsage(match: RegExpExecArray): boolean {
  const rest = match[2] ?? '';
  const line = rest.split('\n', 1)[0]!;
  return /"[^"\n]*"\s*,?\s*\)/.test(line.trim() === '' ? rest : line);
}

function newNames(files: readonly ChangedFile[], patterns: readonly Pattern[]): Sighting[] {
  return patterns.flatMap((pattern) => {
    const had = new Set(files.flatMap(({ before = '' }) => found(before, pattern).map(({ name }) => name)));
    return files.flatMap(({ path, now = '' }) => {
      const lineAt = lineFinder(now);
      return found(now, pattern).flatMap(({ name, at }) => {
        if (had.has(name)) return [];
        had.add(name);
        return [{ signal: pattern.signal, path, line: lineAt(at), what: `${pattern.said}${name}` }];
      });
    });
  });
}

const found = (
  text: string,
  { pattern, isOne = () => true, signal }: Pattern,
): { name: string; at: number }[] =>
  [...text.matchAll(pattern)].filter(isOne).map((match) => ({
    name: (match[1] ?? (signal === 'flag' ? '' : match[2]) ?? '').replaceAll('"', ''),
    at: match.index,
  }));

/** Files that change stored state once and for all, by where they lie or by what they do. */
function migration({ path, kind, now = '' }: ChangedFile): Sighting[] {
  if (kind === 'removed') return [];
  const isPlace = /(^|\/)(migrations?|db\/migrate|alembic\/versions|flyway)\//i.test(path);
  const change = path.endsWith('.sql') ? /^\s*(alter|create|drop)\s+table\b/im.exec(now) : null;
  if (!isPlace && !change) return [];
  return [
    { signal: 'migration', path, line: change ? lineFinder(now)(change.index) : 1, what: 'a migration' },
  ];
}
