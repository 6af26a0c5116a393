import { type History, historyOfRuns, pastOf } from '../../core/select/history.ts';
import { selectTests } from '../../core/select/select.ts';
import type { Selection } from '../../core/select/selection.ts';
import type { Context } from '../context.ts';
import { Ending, EXIT, type ExitCode, misuse } from '../exit.ts';
import { orMisuse } from './open.ts';
import { readBytes } from './read-bytes.ts';
import { renderSelection } from './select-tests-render.ts';

export type SelectTestsInput = {
  readonly repo: string;
  readonly range: string;
  readonly minutes?: number;
  readonly map?: string;
  readonly history?: readonly string[];
  /** A component of the hub's. */
  readonly historyOf?: string;
};

/** Says which tests a change can affect, nearest first, and what none of them covers. Nothing is checked out or run. */
export async function selectTestsAlone(context: Context, input: SelectTestsInput): Promise<ExitCode> {
  const { io, settings, out } = context;
  const trees = io.alone?.trees;
  if (!trees) throw new Ending(EXIT.ours, 'no repository can be read from here');
  const began = performance.now();
  if (input.minutes !== undefined && !(input.minutes > 0))
    throw misuse(`--minutes ${input.minutes}: expected a number above 0`);
  const suites =
    input.map === undefined ? [] : await (await import('./read-suites.ts')).readSuites(input.map, io.stdin);
  const warnings: string[] = [];
  const history = await historyIn(context, input, warnings);
  const found = await orMisuse(async () => {
    const opened = await trees(input.repo, settings.cacheDir);
    const { from, to, warnings: said } = await opened.resolve(input.range);
    const { surveyed, texts, warnings: unread } = await opened.survey(from, to);
    return selectTests({
      range: { from, to },
      surveyed,
      texts,
      suites,
      history,
      ...(input.minutes !== undefined && { minutes: input.minutes }),
      warnings: [...said, ...unread, ...warnings],
      ms: 0,
    });
  });
  const answer: Selection = { ...found, ms: Math.round(performance.now() - began) };
  await out.print({
    value: answer,
    names: [...answer.tests.map(({ id }) => id), ...answer.suites.map(({ name }) => name)],
    text: (paper) => renderSelection(answer, paper),
  });
  return EXIT.done;
}

const REPORT_BYTES_MAX = 20 * 1024 * 1024;

async function historyIn(
  context: Context,
  { history = [], historyOf }: SelectTestsInput,
  warnings: string[],
): Promise<History> {
  if (historyOf === undefined) return await historyOfFiles(context, history, warnings);
  if (history.length > 0) throw misuse('--history and --history-of: expected one of them');
  const { testTimesOf } = await import('../test-times.ts');
  const { items, because } = await testTimesOf(context.client, historyOf, {
    by: 'id',
    limit: Number.POSITIVE_INFINITY,
  });
  if (items.length === 0)
    warnings.push(`--history-of ${historyOf}: ${because ?? 'the hub knows of no run of its tests'}`);
  return items.map(pastOf);
}

async function historyOfFiles(
  { io }: Context,
  files: readonly string[],
  warnings: string[],
): Promise<History> {
  if (files.length === 0) return [];
  const read = io.alone?.junitCases;
  if (!read) throw new Ending(EXIT.ours, 'no report can be read from here');
  const runs = [];
  for (const file of files) {
    const cases = await read(readBytes(file, REPORT_BYTES_MAX));
    if (cases.ok) runs.push(cases.value);
    else warnings.push(`--history ${file}: ${cases.error}; it was left out`);
  }
  if (runs.length === 0)
    throw misuse(`--history: none of ${files.length} files is a JUnit report that can be read`);
  return historyOfRuns(runs);
}
