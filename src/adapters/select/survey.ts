import { surveyRange, wantedTexts } from '../../core/select/affected.ts';
import {
  type Range,
  vendorsToRead,
  type Wanted,
  wantedSettings,
  wantedSources,
} from '../../core/select/reading.ts';
import type { Facts } from '../../core/select/sources.ts';
import type { TreeSurvey } from '../../ports/trees.ts';
import type { Read } from './read.ts';

/** Reads what is needed in three rounds: settings, then sources, then texts of tests that may read other files. */
export async function surveyTrees(
  range: Range,
  read: (wanted: Wanted) => Promise<Read>,
): Promise<TreeSurvey> {
  const settings = await read(wantedSettings(range));
  const vendors = vendorsToRead(range, (id) => settings.facts.text.get(id) ?? '');
  const sources = await read(wantedSources(range, vendors));
  const facts: Facts = { ...sources.facts, text: settings.facts.text };
  const surveyed = surveyRange(range, facts, vendors);
  const texts = await read(new Map([...wantedTexts(surveyed)].map((id) => [id, 'text'] as const)));
  const unread = new Map([...settings.unread, ...sources.unread]);
  return { surveyed, texts: texts.facts.text, warnings: unreadIn(range, unread) };
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
