import type { SelectedTest } from './selection.ts';

/** What one report says of one test case. */
export type PastCase = {
  /** What the report calls the case or what it stands in: suite, class, file, name. */
  readonly names: readonly string[];
  readonly seconds: number;
  readonly failed: boolean;
};

/** Runs of the past, one list of cases for each. */
export type History = readonly (readonly PastCase[])[];

/** Per name and run: how long its cases took, and whether one failed. */
type Past = { readonly minutes: number[]; failed: number };

/** The same tests with how long each took, the middle of its runs, and how often it failed. */
export function withHistory(tests: readonly SelectedTest[], history: History): SelectedTest[] {
  if (history.length === 0) return [...tests];
  const past = pastOf(history);
  return tests.map((test) => {
    const found = keysOf(test)
      .map((key) => past.get(key))
      .find((one) => one !== undefined);
    if (!found) return test;
    const { minutes, failed } = found;
    return { ...test, minutes: middle(minutes), history: { failed, runs: minutes.length } };
  });
}

function pastOf(history: History): Map<string, Past> {
  const past = new Map<string, Past>();
  for (const run of history) {
    const here = new Map<string, { seconds: number; failed: boolean }>();
    for (const { names, seconds, failed } of run)
      for (const key of new Set(names.flatMap(keysIn))) {
        const known = here.get(key);
        here.set(key, {
          seconds: (known?.seconds ?? 0) + seconds,
          failed: failed || (known?.failed ?? false),
        });
      }
    for (const [key, { seconds, failed }] of here) {
      const known = past.get(key) ?? { minutes: [], failed: 0 };
      known.minutes.push(seconds / 60);
      if (failed) known.failed += 1;
      past.set(key, known);
    }
  }
  return past;
}

/** `a.b.TestX` and `a/b.py` alike: a path with slashes, and every beginning of a dotted name. */
function keysIn(name: string): string[] {
  const plain = name.replace(/^\.\//, '');
  if (plain === '') return [];
  if (/[/\\]/.test(plain)) return [plain.replaceAll('\\', '/')];
  const parts = plain.split('.');
  return parts.length > 1 && parts.length < 20 && !/\s/.test(plain)
    ? [plain, ...parts.map((_, i) => parts.slice(0, i + 1).join('/')).filter((key) => key.includes('/'))]
    : [plain];
}

function keysOf({ language, id, path }: SelectedTest): string[] {
  if (language === 'go') return [id, path];
  if (language === 'py')
    return [path, path.replace(/\.py$/, ''), path.replace(/^src\//, '').replace(/\.py$/, '')];
  const parts = path.split('/');
  // A report of one package of a workspace counts from that package's folder.
  return [path, ...parts.map((_, i) => parts.slice(i).join('/')).filter((key) => key.includes('/'))];
}

function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = sorted.length >> 1;
  const value = sorted.length % 2 === 1 ? sorted[at]! : (sorted[at - 1]! + sorted[at]!) / 2;
  return Number(value.toFixed(4));
}
