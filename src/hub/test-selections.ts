import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { hashOf } from '../core/base/hash.ts';
import type { Commit } from '../core/base/ids.ts';
import type { Ms } from '../core/base/instant.ts';
import { handOffTests } from '../core/hand-off/hand-off-tests.ts';
import type { ChosenTests } from '../core/hand-off/tests-to-run.ts';
import { withinMinutes } from '../core/select/budget.ts';
import { createPast, pastOf } from '../core/select/history.ts';
import { selectTests } from '../core/select/select.ts';
import type { Selection } from '../core/select/selection.ts';
import type { SuiteMap } from '../core/select/suites.ts';
import { TESTS_KEPT, TIMES_KEPT, type TimedTest } from '../core/select/test-times.ts';
import { type Repository, SourceProblem } from '../ports/repository.ts';
import type { TestTimes } from '../ports/test-times.ts';
import type { Trees } from '../ports/trees.ts';
import { suiteMapOf } from '../wire/suite-map.ts';
import type { Parts } from './parts.ts';

/** Which tests the difference of two commits of a component's repository can affect. */
export type TestSelections = {
  /**
   * With the times the hub knows of. Never throws: what cannot be found out is said. `withinMs`: longer is not waited for
   * what is affected; the work goes on, for who asks again.
   */
  of(asked: SelectionAsked, withinMs: Ms): Promise<TimedChoice>;
  /** The same of several differences, in their order and within that time together. What is known of tests is read once. */
  ofEach(source: Source, ranges: readonly Range[], withinMs: Ms): Promise<ChosenTests[]>;
};

/** `timesUnused`: with minutes, why no time that is kept counted, where the names in the reports are to blame. */
export type TimedChoice = ChosenTests & { readonly timesUnused?: string };

type Source = {
  readonly repository: Repository;
  /** Whose tip holds the map of suites: it is kept by those who test, and a candidate must not change it for itself. */
  readonly branch: string;
  /** Whose tests it are: their times are kept by it. */
  readonly component: string;
};
type Range = { readonly from: Commit; readonly to: Commit };
type SelectionAsked = Source &
  Range & {
    /** Only tests that fit into so many minutes, one after the other; suites of the map are left to others. */
    readonly minutes?: number;
  };

/** Where the map of suites is looked for in the repository. */
export const SUITE_MAP = '.fleetfix/suites.yaml';
const MAP_BYTES_MAX = 1024 * 1024;
const KEPT_MAX = 64;
/** Tests whose times are read at one go. */
const PAGE_TESTS = 10_000;

/** Selections are made one at a time, and kept by what they are of: two commits and a map never give another answer. */
export function createTestSelections({
  trees,
  testTimes,
  log,
}: Pick<Parts, 'trees' | 'testTimes' | 'log'>): TestSelections {
  const kept = new Map<string, Promise<Found>>();
  let last: Promise<unknown> = Promise.resolve();

  const select = async (opened: () => Promise<Trees>, { from, to }: Range, map: FoundMap): Promise<Found> => {
    const { surveyed, texts, warnings } = await (await opened()).survey(from, to);
    const selection = selectTests({
      range: { from, to },
      surveyed,
      texts,
      suites: map.suites,
      history: [],
      warnings: [...map.warnings, ...warnings],
      ms: 0,
    });
    return { known: true, selection, ...(map.at !== undefined && { map: map.at }) };
  };

  const begin = (key: string, work: () => Promise<Found>): Promise<Found> => {
    const begun = last.then(work);
    last = begun.catch(() => {});
    kept.set(key, begun);
    // What failed is tried anew by whoever asks next.
    begun.catch(() => kept.delete(key));
    for (const old of kept.keys()) if (kept.size > KEPT_MAX) kept.delete(old);
    return begun;
  };

  const find = async (source: Source, range: Range, withinMs: Ms): Promise<Found> => {
    const { gitDir } = source.repository;
    if (trees === undefined || gitDir === undefined)
      return unknown('this hub has no copy of the repository that it could read');
    try {
      const map = await readMap(source);
      const key = hashOf([gitDir, range.from, range.to, map.text]);
      const begun = kept.get(key) ?? begin(key, () => select(() => trees(gitDir), range, map));
      return await within(begun, withinMs);
    } catch (problem) {
      if (!(problem instanceof SourceProblem))
        log.warn({ problem: String(problem) }, 'tests could not be selected');
      return unknown((problem as Error).message);
    }
  };

  /** The times are those of now, so they are kept with no selection. Without them the tests are known all the same. */
  const timed = async (all: readonly Found[], component: string): Promise<Timed[]> => {
    if (testTimes === undefined || !all.some((found) => found.known && found.selection.tests.length > 0))
      return [...all];
    const each = all.map((found) => ({ found, past: createPast(found.known ? found.selection.tests : []) }));
    try {
      for await (const tests of keptTests(testTimes, component))
        for (const test of tests.map(pastOf)) for (const { past } of each) past.add(test);
    } catch (problem) {
      const warning = `how long tests took before is not known now: ${(problem as Error).message}`;
      return all.map((found) => warned(found, warning));
    }
    return each.map(({ found, past }) => {
      if (!found.known) return found;
      const told = { ...found, selection: { ...found.selection, tests: past.tests(TIMES_KEPT) } };
      const timesUnused = past.unmatched();
      return timesUnused === undefined ? told : { ...warned(told, timesUnused), timesUnused };
    });
  };

  return {
    async of(asked, withinMs) {
      const [found] = await timed([await find(asked, asked, withinMs)], asked.component);
      if (!found!.known || asked.minutes === undefined) return chosen(found!);
      const { selection, map, timesUnused } = found!;
      const { tests, budget } = withinMinutes({ tests: selection.tests, suites: [] }, asked.minutes);
      return {
        ...handOffTests({ ...selection, tests }, map, TESTS_KEPT),
        budget,
        ...(timesUnused !== undefined && { timesUnused }),
      };
    },
    async ofEach(source, ranges, withinMs) {
      const began = performance.now();
      const found: Found[] = [];
      for (const range of ranges)
        found.push(await find(source, range, withinMs - (performance.now() - began)));
      return (await timed(found, source.component)).map(chosen);
    },
  };
}

/** All tests of a component, a page at a time. */
async function* keptTests(testTimes: TestTimes, component: string): AsyncGenerator<readonly TimedTest[]> {
  for (let after: string | undefined, more = true; more; more = after !== undefined) {
    const query = { by: 'id', limit: PAGE_TESTS, ...(after !== undefined && { after }) } as const;
    const page = await testTimes.page(component, query);
    yield page.items;
    after = page.next;
  }
}

/** `map`: where the suites were read. */
type Found =
  | { readonly known: true; readonly selection: Selection; readonly map?: string }
  | { readonly known: false; readonly because: string };
type Timed = Found & { readonly timesUnused?: string };

const chosen = (found: Found): ChosenTests =>
  found.known ? handOffTests(found.selection, found.map) : found;

function warned(found: Found, warning: string): Found {
  if (!found.known) return found;
  const { selection } = found;
  return { ...found, selection: { ...selection, warnings: [warning, ...selection.warnings] } };
}

const unknown = (because: string) => ({ known: false, because }) as const;

async function within(begun: Promise<Found>, ms: Ms): Promise<Found> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Found>((resolve) => {
    const because = `it takes longer than ${Math.round(ms / 1_000)} s and goes on: ask again`;
    timer = setTimeout(() => resolve(unknown(because)), Math.max(0, ms));
  });
  return await Promise.race([begun, late]).finally(() => clearTimeout(timer));
}

type FoundMap = {
  readonly suites: SuiteMap;
  /** Absent: there is none. */
  readonly at?: string;
  readonly text: string;
  readonly warnings: readonly string[];
};

/** The map as it is at the tip of the branch. One that cannot be used is a warning: the tests are known without it. */
async function readMap({ repository, branch }: Source): Promise<FoundMap> {
  const none = { suites: [], text: '', warnings: [] };
  const tip = await repository.resolve(branch);
  if (tip === undefined) return none;
  const tree = await repository.checkout(tip, [SUITE_MAP]);
  try {
    const text = await readText(join(tree.dir, SUITE_MAP));
    if (text === undefined) return none;
    const map = suiteMapOf(yamlOf(text));
    const bad = (why: string) => ({
      ...none,
      text,
      warnings: [`${SUITE_MAP} of ${branch} is not used: ${why}`],
    });
    if (!map.ok) return bad(map.error);
    return { suites: map.value, at: `${SUITE_MAP} of ${branch}`, text, warnings: [] };
  } finally {
    await tree.dispose();
  }
}

/** A file of a repository may be a link to anywhere, and is not followed. */
async function readText(path: string): Promise<string | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => undefined,
  );
  if (file === undefined) return undefined;
  try {
    const found = await file.stat();
    if (!found.isFile()) return undefined;
    return found.size > MAP_BYTES_MAX ? `# ${found.size} bytes` : await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

function yamlOf(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 100 });
  } catch {
    return undefined;
  }
}
