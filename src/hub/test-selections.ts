import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { hashOf } from '../core/base/hash.ts';
import type { Commit } from '../core/base/ids.ts';
import type { Ms } from '../core/base/instant.ts';
import type { HandOffTests } from '../core/hand-off/hand-off.ts';
import { handOffTests } from '../core/hand-off/hand-off-tests.ts';
import { selectTests } from '../core/select/select.ts';
import type { SuiteMap } from '../core/select/suites.ts';
import { type Repository, SourceProblem } from '../ports/repository.ts';
import type { Trees } from '../ports/trees.ts';
import { suiteMapOf } from '../wire/suite-map.ts';
import type { Parts } from './parts.ts';

/** Which tests the difference of two commits of a component's repository can affect. */
export type TestSelections = {
  /** Never throws: what cannot be found out is said. `withinMs`: longer is not waited; the work goes on, for who asks again. */
  of(asked: SelectionAsked, withinMs: Ms): Promise<HandOffTests>;
};

type SelectionAsked = {
  readonly repository: Repository;
  readonly from: Commit;
  readonly to: Commit;
  /** Whose tip holds the map of suites: it is kept by those who test, and a candidate must not change it for itself. */
  readonly branch: string;
};

/** Where the map of suites is looked for in the repository. */
export const SUITE_MAP = '.fleetfix/suites.yaml';
const MAP_BYTES_MAX = 1024 * 1024;
const KEPT_MAX = 64;

/** Selections are made one at a time, and kept by what they are of: two commits and a map never give another answer. */
export function createTestSelections({ trees, log }: Pick<Parts, 'trees' | 'log'>): TestSelections {
  const kept = new Map<string, Promise<HandOffTests>>();
  let last: Promise<unknown> = Promise.resolve();

  const select = async (
    opened: () => Promise<Trees>,
    { from, to }: SelectionAsked,
    map: FoundMap,
  ): Promise<HandOffTests> => {
    const { surveyed, texts, warnings } = await (await opened()).survey(from, to);
    const found = selectTests({
      range: { from, to },
      surveyed,
      texts,
      suites: map.suites,
      history: [],
      warnings: [...map.warnings, ...warnings],
      ms: 0,
    });
    return handOffTests(found, map.at);
  };

  const begin = (key: string, work: () => Promise<HandOffTests>): Promise<HandOffTests> => {
    const begun = last.then(work);
    last = begun.catch(() => {});
    kept.set(key, begun);
    // What failed is tried anew by whoever asks next.
    begun.catch(() => kept.delete(key));
    for (const old of kept.keys()) if (kept.size > KEPT_MAX) kept.delete(old);
    return begun;
  };

  return {
    async of(asked, withinMs) {
      const { gitDir } = asked.repository;
      if (trees === undefined || gitDir === undefined)
        return unknown('this hub has no copy of the repository that it could read');
      try {
        const map = await readMap(asked);
        const key = hashOf([gitDir, asked.from, asked.to, map.text]);
        const begun = kept.get(key) ?? begin(key, () => select(() => trees(gitDir), asked, map));
        return await within(begun, withinMs);
      } catch (problem) {
        if (!(problem instanceof SourceProblem))
          log.warn({ problem: String(problem) }, 'tests could not be selected');
        return unknown((problem as Error).message);
      }
    },
  };
}

const unknown = (because: string): HandOffTests => ({ known: false, because });

async function within(begun: Promise<HandOffTests>, ms: Ms): Promise<HandOffTests> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<HandOffTests>((resolve) => {
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
async function readMap({ repository, branch }: SelectionAsked): Promise<FoundMap> {
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
