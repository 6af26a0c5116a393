import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { History } from '../../core/select/history.ts';
import { selectTests } from '../../core/select/select.ts';
import type { Selection } from '../../core/select/selection.ts';
import type { SuiteMap } from '../../core/select/suites.ts';
import type { TestCommit, TestSource } from '../../ports/repository.contract.ts';
import { openTrees } from './index.ts';

type Files = NonNullable<TestCommit['files']>;

/** Selects on small repositories: one commit with some files, and one that changes some. */
export function selecting(source: Pick<TestSource, 'location'> & Partial<Pick<TestSource, 'commits'>>) {
  const cacheDir = mkdtempSync(join(tmpdir(), 'fleetfix-select-'));
  let branches = 0;
  const between = async (
    from: string,
    to: string,
    more: { suites?: SuiteMap; history?: History; minutes?: number } = {},
  ) => {
    const trees = await openTrees(source.location, { cacheDir });
    const range = await trees.resolve(`${from}..${to}`);
    const survey = await trees.survey(range.from, range.to);
    return selectTests({
      range,
      surveyed: survey.surveyed,
      texts: survey.texts,
      suites: more.suites ?? [],
      history: more.history ?? [],
      ...(more.minutes !== undefined && { minutes: more.minutes }),
      warnings: [...range.warnings, ...survey.warnings],
      ms: 0,
    });
  };
  return {
    between,
    cacheDir,
    async change(before: Files, change: Files, more: Parameters<typeof between>[2] = {}): Promise<Selection> {
      branches += 1;
      const on = `b${branches}`;
      const [from, to] = await source.commits!([
        { on, message: 'Before', files: before },
        { on, message: 'Change', files: change },
      ]);
      return await between(from!, to!, more);
    },
    dispose: () => rmSync(cacheDir, { recursive: true, force: true }),
  };
}

/** Tests with their distance: `0 pkg/a`. */
export const nearest = ({ tests }: Selection): string[] =>
  tests.map(({ distance, path }) => `${distance} ${path}`);
