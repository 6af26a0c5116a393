import { diffLines, type Edit } from './line-diff.ts';
import { movedApart, overlap } from './moved-apart.ts';

/** Three texts as lines: what the change was made on, the line, and the change. */
export type ThreeTexts = {
  readonly base: readonly string[];
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
};

/** Lines `from` (from 0) to `to` (exclusive). */
export type Span = { readonly from: number; readonly to: number };

/**
 * One place where texts differ from the base. Edits of both sides that share or touch lines are in one place, with
 * all lines between them.
 *
 * ours, theirs: only that side changed it. both: both made the same of it. apart: both changed it, no line was
 * changed by both. clash: both changed the same lines, or put lines in at the same point.
 */
export type Place = {
  readonly by: 'ours' | 'theirs' | 'both' | 'apart' | 'clash';
  readonly base: Span;
  readonly ours: Span;
  readonly theirs: Span;
  readonly ourEdits: readonly Edit[];
  readonly theirEdits: readonly Edit[];
};

export const isConflict = (place: Place): boolean => place.by === 'apart' || place.by === 'clash';

/** All places, in the order of the base. Lines outside of them are the same in all three texts. */
export function placesOf(texts: ThreeTexts): Place[] {
  const { ours, theirs } = movedApart(texts, {
    ours: diffLines(texts.base, texts.ours),
    theirs: diffLines(texts.base, texts.theirs),
  });
  const places: Place[] = [];
  const offset = { ours: 0, theirs: 0 };
  for (const { ourEdits, theirEdits } of touchingEdits(ours, theirs)) {
    const edits = [...ourEdits, ...theirEdits];
    const base = {
      from: Math.min(...edits.map((e) => e.from)),
      to: Math.max(...edits.map((e) => e.to)),
    };
    const spanIn = (side: 'ours' | 'theirs', own: readonly Edit[]): Span => {
      const from = base.from + offset[side];
      offset[side] += own.reduce((sum, e) => sum + (e.until - e.at) - (e.to - e.from), 0);
      return { from, to: base.to + offset[side] };
    };
    const place = {
      base,
      ours: spanIn('ours', ourEdits),
      theirs: spanIn('theirs', theirEdits),
      ourEdits,
      theirEdits,
    };
    places.push({ ...place, by: changedBy(texts, place) });
  }
  return places;
}

type Edits = { readonly ourEdits: Edit[]; readonly theirEdits: Edit[] };

/** Groups edits of both sides, so that edits of different groups have a line of the base between them. */
function touchingEdits(ours: readonly Edit[], theirs: readonly Edit[]): Edits[] {
  const all = [
    ...ours.map((edit) => ({ edit, isOurs: true })),
    ...theirs.map((edit) => ({ edit, isOurs: false })),
  ].sort((a, b) => a.edit.from - b.edit.from || a.edit.to - b.edit.to);
  const groups: Edits[] = [];
  let end = -1;
  for (const { edit, isOurs } of all) {
    if (edit.from > end) groups.push({ ourEdits: [], theirEdits: [] });
    const group = groups.at(-1)!;
    (isOurs ? group.ourEdits : group.theirEdits).push(edit);
    end = Math.max(end, edit.to);
  }
  return groups;
}

function changedBy(texts: ThreeTexts, place: Omit<Place, 'by'>): Place['by'] {
  const { ourEdits, theirEdits } = place;
  if (theirEdits.length === 0) return 'ours';
  if (ourEdits.length === 0) return 'theirs';
  const ours = texts.ours.slice(place.ours.from, place.ours.to);
  const theirs = texts.theirs.slice(place.theirs.from, place.theirs.to);
  if (ours.length === theirs.length && ours.every((line, i) => line === theirs[i])) return 'both';
  return ourEdits.some((o) => theirEdits.some((t) => overlap(o, t))) ? 'clash' : 'apart';
}

/**
 * The merged lines when every place is one side's, both sides' or `apart`; edits that only touch are put side by
 * side in the order of the base. Undefined when there is a clash, or a line without an end would get lines after it.
 */
export function mergePlaces(texts: ThreeTexts, places: readonly Place[]): string[] | undefined {
  if (places.some((place) => place.by === 'clash')) return undefined;
  const merged: string[] = [];
  let at = 0;
  for (const place of places) {
    merged.push(...texts.base.slice(at, place.base.from), ...mergedPlace(texts, place));
    at = place.base.to;
  }
  merged.push(...texts.base.slice(at));
  return hasEnds(merged) ? merged : undefined;
}

/** Whether every line but the last has a line end, so that joined they are the same lines again. */
export const hasEnds = (lines: readonly string[]): boolean =>
  lines.slice(0, -1).every((line) => line.endsWith('\n'));

function mergedPlace(texts: ThreeTexts, place: Place): string[] {
  if (place.by === 'theirs') return texts.theirs.slice(place.theirs.from, place.theirs.to);
  if (place.by !== 'apart') return texts.ours.slice(place.ours.from, place.ours.to);
  const edits = [
    ...place.ourEdits.map((edit) => ({ edit, lines: texts.ours })),
    ...place.theirEdits.map((edit) => ({ edit, lines: texts.theirs })),
  ].sort((a, b) => a.edit.from - b.edit.from || a.edit.to - b.edit.to);
  const merged: string[] = [];
  let at = place.base.from;
  for (const { edit, lines } of edits) {
    merged.push(...texts.base.slice(at, edit.from), ...lines.slice(edit.at, edit.until));
    at = edit.to;
  }
  return [...merged, ...texts.base.slice(at, place.base.to)];
}
