import { surveyRange, wantedTexts } from '../../core/select/affected.ts';
import type { History } from '../../core/select/history.ts';
import { type Range, vendorsToRead, wantedSettings, wantedSources } from '../../core/select/reading.ts';
import { selectTests } from '../../core/select/select.ts';
import type { Selection } from '../../core/select/selection.ts';
import type { Facts } from '../../core/select/sources.ts';
import type { Trees } from '../../ports/trees.ts';
import type { Context } from '../context.ts';
import { Ending, EXIT, type ExitCode, misuse } from '../exit.ts';
import { orMisuse } from './open.ts';
import { readBytes } from './read-bytes.ts';
import { readSuites } from './read-suites.ts';
import { renderSelection } from './select-tests-render.ts';

export type SelectTestsInput = {
  readonly repo: string;
  readonly range: string;
  readonly minutes?: number;
  readonly map?: string;
  readonly history?: readonly string[];
};

/** Says which tests a change can affect, nearest first, and what none of them covers. Nothing is checked out or run. */
export async function selectTestsAlone(context: Context, input: SelectTestsInput): Promise<ExitCode> {
  const { io, settings, out } = context;
  const trees = io.alone?.trees;
  if (!trees) throw new Ending(EXIT.ours, 'no repository can be read from here');
  const began = performance.now();
  if (input.minutes !== undefined && !(input.minutes > 0))
    throw misuse(`--minutes ${input.minutes}: expected a number above 0`);
  const suites = input.map === undefined ? [] : await readSuites(input.map, io.stdin);
  const warnings: string[] = [];
  const history = await historyOf(context, input.history ?? [], warnings);
  const found = await orMisuse(async () => {
    const opened = await trees(input.repo, settings.cacheDir);
    const { from, to, warnings: said } = await opened.resolve(input.range);
    const range = await opened.range(from, to);
    const { surveyed, texts, unread } = await survey(opened, range);
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

/** Reads what is needed in three rounds: settings, then sources, then texts of tests that may read other files. */
export async function survey(trees: Trees, range: Range) {
  const settings = await trees.read(wantedSettings(range));
  const vendors = vendorsToRead(range, (id) => settings.facts.text.get(id) ?? '');
  const sources = await trees.read(wantedSources(range, vendors));
  const facts: Facts = { ...sources.facts, text: settings.facts.text };
  const surveyed = surveyRange(range, facts, vendors);
  const texts = await trees.read(new Map([...wantedTexts(surveyed)].map((id) => [id, 'text'] as const)));
  const unread = new Map([...settings.unread, ...sources.unread]);
  return { surveyed, texts: texts.facts.text, unread: unreadIn(range, unread) };
}

const NAMED_MAX = 5;

/** What could not be read, by name: nothing is known of what it imports. */
function unreadIn({ after, before }: Range, unread: ReadonlyMap<string, string>): string[] {
  if (unread.size === 0) return [];
  const paths = new Map<string, string>();
  for (const tree of [before, after])
    for (const [path, { id }] of tree) if (unread.has(id)) paths.set(path, unread.get(id)!);
  const all = [...paths].sort(([a], [b]) => (a < b ? -1 : 1));
  const rest = all.length - NAMED_MAX;
  return [
    ...all.slice(0, NAMED_MAX).map(([path, why]) => `${path} is ${why}: what it imports is not known`),
    ...(rest > 0 ? [`${rest} more files could not be read: what they import is not known`] : []),
  ];
}

const REPORT_BYTES_MAX = 20 * 1024 * 1024;

async function historyOf({ io }: Context, files: readonly string[], warnings: string[]): Promise<History> {
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
  return runs;
}
