import { type Affected, affectedBy, type Surveyed } from './affected.ts';
import { withinMinutes } from './budget.ts';
import { type History, withHistory } from './history.ts';
import type { Selection } from './selection.ts';
import { type SuiteMap, suitesFor } from './suites.ts';
import { shownPath } from './tree.ts';

/** What a selection is made from, once everything is read. */
export type SelectInput = {
  readonly range: { readonly from: string; readonly to: string };
  readonly surveyed: Surveyed;
  /** What possible readers of other files say, by blob id. */
  readonly texts: ReadonlyMap<string, string>;
  readonly suites: SuiteMap;
  readonly history: History;
  readonly minutes?: number;
  readonly warnings: readonly string[];
  readonly ms: number;
};

/** The tests and suites for a change, nearest first, and what nothing tests. */
export function selectTests(input: SelectInput): Selection {
  const { surveyed, suites: map, history, minutes } = input;
  const affected = affectedBy(surveyed, input.texts);
  const changed = surveyed.range.changed.map((file) => ({
    ...file,
    as: affected.meanings.get(file.path)?.as ?? 'other',
  }));
  const suites = suitesFor(
    map,
    changed.map(({ path }) => path),
  );
  const bySuite = new Set(suites.flatMap(({ because }) => because));
  const timed = withHistory(affected.tests, history);
  const found = {
    range: input.range,
    changed,
    tests: timed.tests,
    suites,
    notCovered: changed.flatMap(({ path }) => (bySuite.has(path) ? [] : uncovered(path, surveyed, affected))),
  };
  const rest = {
    warnings: [...surveyed.warnings, ...input.warnings, ...timed.warnings],
    all: affected.all,
    ms: input.ms,
  };
  return shown(
    minutes === undefined ? { ...found, ...rest } : { ...found, ...withinMinutes(found, minutes), ...rest },
  );
}

/** The same with every path as it can be shown. */
function shown<T>(value: T): T {
  if (typeof value === 'string') return shownPath(value) as T;
  if (Array.isArray(value)) return value.map((one) => shown(one)) as T;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shown(one)])) as T;
}

function uncovered(
  path: string,
  { range }: Surveyed,
  { meanings, covered }: Affected,
): Selection['notCovered'][number][] {
  const meaning = meanings.get(path);
  if (meaning?.seeds.some(({ node }) => covered.has(node))) return [];
  if (meaning && meaning.seeds.length === 0 && meaning.because !== undefined)
    return [{ path, because: meaning.because }];
  const gone = range.after.has(path) ? '' : 'it is gone, and ';
  return [{ path, because: `${gone}no test imports it, over any number of imports` }];
}
