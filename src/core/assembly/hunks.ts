import type { Hunk } from './assembly.ts';
import { importLanguage } from './import-block.ts';
import { importBlocks, isImports, isTooLong, LINES_MAX } from './merge-adjacent.ts';
import { overlap } from './moved-apart.ts';
import { isConflict, type Place, placesOf, type Span, type ThreeTexts } from './three-way.ts';

/** How much of conflicts is shown: hunks of one file, lines of one side, hunks of one assembly. */
export const HUNKS_MAX = { perFile: 20, linesPerSide: 20, perAssembly: 60 } as const;

/** A place both sides changed, before it is known who touched its lines. Spans count lines from 0. */
export type FoundHunk = {
  readonly shape: Hunk['shape'];
  readonly ours: Span;
  readonly base: Span;
  readonly theirs: Span;
  /** Lines of the base in this place that the change left as they were. */
  readonly keptByTheirs: readonly number[];
};

/**
 * The places of a file that both sides changed, in order, at most `HUNKS_MAX.perFile`; `count` is how many there
 * are. When the file is too long to be compared there are none, and `because` says so.
 */
export function hunksOf(
  texts: ThreeTexts,
  path: string,
): { readonly hunks: readonly FoundHunk[]; readonly count: number; readonly because?: string } {
  if (isTooLong(texts)) return { hunks: [], count: 0, because: `longer than ${LINES_MAX} lines` };
  const language = importLanguage(path);
  const blocks = language && importBlocks(texts, language);
  const conflicts = placesOf(texts).filter(isConflict);
  const hunks = conflicts.slice(0, HUNKS_MAX.perFile).map((place) => ({
    shape: blocks && isImports(place, blocks) ? 'imports' : shapeOf(place),
    ours: place.ours,
    base: place.base,
    theirs: place.theirs,
    keptByTheirs: keptByTheirs(place),
  }));
  return { hunks, count: conflicts.length };
}

function shapeOf(place: Place): Hunk['shape'] {
  if (place.by === 'apart') return 'adjacent';
  const clashes = place.theirEdits.flatMap((theirs) =>
    place.ourEdits.filter((ours) => overlap(ours, theirs)).map((ours) => ({ ours, theirs })),
  );
  if (clashes.every(({ ours, theirs }) => ours.from === ours.to && theirs.from === theirs.to))
    return 'both inserted';
  // Every line that both sides touched is one that ours took out.
  return clashes.every(({ ours }) => ours.at === ours.until) ? 'lines absent' : 'same lines';
}

function keptByTheirs({ base, theirEdits }: Place): number[] {
  const all = Array.from({ length: base.to - base.from }, (_, i) => base.from + i);
  return all.filter((line) => !theirEdits.some((edit) => edit.from <= line && line < edit.to));
}
