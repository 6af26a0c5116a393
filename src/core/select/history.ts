import type { SelectedTest } from './selection.ts';
import type { TimedTest } from './test-times.ts';

/** What one report says of one test case. */
export type PastCase = {
  /** What the report calls the case or what it stands in: suite, class, file, name. */
  readonly names: readonly string[];
  readonly seconds: number;
  readonly failed: boolean;
};

/** A test case over runs of the past. Cases that were run together have the same `run`; a later run has a higher one. */
export type PastTest = Pick<PastCase, 'names'> & {
  readonly last: readonly { readonly run: number; readonly seconds: number; readonly failed: boolean }[];
};

export type History = readonly PastTest[];

/** The history that reports tell, one list of cases for each run, the oldest run first. */
export const historyOfRuns = (runs: readonly (readonly PastCase[])[]): History =>
  [
    ...Map.groupBy(
      runs.flatMap((cases, run) => cases.map((one) => ({ ...one, run }))),
      ({ names }) => JSON.stringify(names),
    ).values(),
  ].map((cases) => ({
    names: cases[0]!.names,
    last: cases.map(({ run, seconds, failed }) => ({ run, seconds, failed })),
  }));

/** What the hub keeps of a test, as a part of a history. One that passed at last did not fail. */
export const pastOf = ({
  suites,
  name,
  classname,
  file,
  last,
}: Pick<TimedTest, 'suites' | 'name' | 'classname' | 'file' | 'last'>): PastTest => ({
  names: [...suites, name, classname, file].filter((one) => one !== ''),
  last: last.map(({ run, seconds, result }) => ({ run, seconds, failed: result === 'failed' })),
});

/** The same tests with how long each took, the middle of its runs, and how often it failed. */
export function withHistory(
  tests: readonly SelectedTest[],
  history: History,
): { readonly tests: SelectedTest[]; readonly warnings: readonly string[] } {
  const past = createPast(tests);
  for (const test of history) past.add(test);
  const unmatched = past.unmatched();
  return { tests: past.tests(), warnings: unmatched === undefined ? [] : [unmatched] };
}

/** Collects the past of these tests, and of no others, from a history that comes in parts. */
export type Past = {
  add(test: PastTest): void;
  /** The tests as they were given, with what was told of them: of each the latest `runsMax` runs. */
  tests(runsMax?: number): SelectedTest[];
  /** Why nothing is known of any of these tests, where the names in the reports are to blame. */
  unmatched(): string | undefined;
};

export function createPast(tests: readonly SelectedTest[]): Past {
  const byKey = new Map<string, Map<number, Told>>();
  for (const key of tests.flatMap(keysOf)) byKey.set(key, new Map());
  const told = { tests: 0, placeless: 0 };
  return {
    add({ names, last }) {
      told.tests += 1;
      if (!names.some((name) => PLACE.test(name))) told.placeless += 1;
      for (const key of new Set(names.flatMap(keysIn))) {
        const runs = byKey.get(key);
        if (runs === undefined) continue;
        for (const { run, seconds, failed } of last) {
          const known = runs.get(run);
          if (known === undefined) runs.set(run, { seconds, failed });
          else {
            known.seconds += seconds;
            known.failed ||= failed;
          }
        }
      }
    },
    tests: (runsMax = Number.POSITIVE_INFINITY) =>
      tests.map((test) => {
        const runs = keysOf(test)
          .map((key) => byKey.get(key)!)
          .find(({ size }) => size > 0);
        return runs === undefined ? test : { ...test, ...summedUp(runs, runsMax) };
      }),
    unmatched: () =>
      tests.length === 0 || told.placeless === 0 || [...byKey.values()].some(({ size }) => size > 0)
        ? undefined
        : unmatchedText(told),
  };
}

/** What may be a path, a package or a class with its module: `a/b.py`, `example.com/x`, `tests.test_a`, `test_a`. */
const PLACE = /^(?!\S*\s)(.*[\w-][./\\][\w-]|test_\w|\w+_test$)/;

const unmatchedText = ({ tests, placeless }: Readonly<Record<'tests' | 'placeless', number>>): string =>
  `times of ${tests} ${tests === 1 ? 'test' : 'tests'} are known, and none names a file, package or class that a selected test has${
    placeless === tests ? '' : `; ${placeless} name none at all`
  }: have the report name the file of each test`;

/** One run of all cases that a name stands for. */
type Told = { seconds: number; failed: boolean };

function summedUp(
  runs: ReadonlyMap<number, Told>,
  runsMax: number,
): Pick<SelectedTest, 'minutes' | 'history'> {
  const latest = [...runs].sort(([a], [b]) => b - a).slice(0, runsMax);
  return {
    minutes: middle(latest.map(([, { seconds }]) => seconds / 60)),
    history: { failed: latest.filter(([, { failed }]) => failed).length, runs: latest.length },
  };
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
