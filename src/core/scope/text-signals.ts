import type { ChangedFile } from './change.ts';
import type { Sighting, Signal } from './signal.ts';

/** What is looked for in the text of code, by names that stand in it: those that no file of the change had before are new. */
type Pattern = {
  readonly signal: Signal;
  readonly said: string;
  readonly pattern: RegExp;
};

const GO: readonly Pattern[] = [
  {
    signal: 'flag',
    said: 'new flag --',
    // flag and pflag: f.String("name"…), f.StringVarP(&x, "name"…), f.Var(&x, "name"…).
    pattern:
      /\.(?:Bool|Count|Duration|Float(?:32|64)|Func|Int(?:8|16|32|64)?|IP(?:Net|Mask)?|String(?:Slice|Array|To(?:String|Int|Int64))?|Text|Uint(?:8|16|32|64)?|(?:Bool|Duration|Float(?:32|64)|Int(?:32|64)?|IP|Uint)Slice)?(?:Var)?P?\(\s*(?:&?[\w.[\]()]+,\s*)?"([a-z][\w.-]+)",\s*[^)\n]*"[^"\n]*"\s*,?\s*\)/g,
  },
  {
    signal: 'environment-variable',
    said: 'new environment variable ',
    pattern: /\bos\.(?:Getenv|LookupEnv)\(\s*("?[\w.]+"?)\s*\)/g,
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

function newNames(files: readonly ChangedFile[], patterns: readonly Pattern[]): Sighting[] {
  return patterns.flatMap(({ signal, said, pattern }) => {
    const had = new Set(files.flatMap(({ before = '' }) => found(before, pattern).map(({ name }) => name)));
    return files.flatMap(({ path, now = '' }) =>
      found(now, pattern).flatMap(({ name, at }) => {
        if (had.has(name)) return [];
        had.add(name);
        return [{ signal, path, line: lineAt(now, at), what: `${said}${name}` }];
      }),
    );
  });
}

const found = (text: string, pattern: RegExp): { name: string; at: number }[] =>
  [...text.matchAll(pattern)].map((match) => ({
    name: (match[1] ?? match[2] ?? '').replaceAll('"', ''),
    at: match.index,
  }));

export const lineAt = (text: string, at: number): number => text.slice(0, at).split('\n').length;

/** Files that change stored state once and for all, by where they lie or by what they do. */
function migration({ path, kind, now = '' }: ChangedFile): Sighting[] {
  if (kind === 'removed') return [];
  const isPlace = /(^|\/)(migrations?|db\/migrate|alembic\/versions|flyway)\//i.test(path);
  const change = path.endsWith('.sql') ? /^\s*(alter|create|drop)\s+table\b/im.exec(now) : null;
  if (!isPlace && !change) return [];
  return [{ signal: 'migration', path, line: change ? lineAt(now, change.index) : 1, what: 'a migration' }];
}
