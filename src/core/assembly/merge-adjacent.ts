import { type ImportLanguage, importBlock, importLanguage, mergeImports } from './import-block.ts';
import {
  hasEnds,
  isConflict,
  mergePlaces,
  type Place,
  placesOf,
  type Span,
  type ThreeTexts,
} from './three-way.ts';

/** Files of more lines are not compared. */
export const LINES_MAX = 20_000;

export const isTooLong = (texts: ThreeTexts): boolean =>
  Math.max(texts.base.length, texts.ours.length, texts.theirs.length) > LINES_MAX;

/**
 * The merged lines, the number of places where edits of both sides touch and were put side by side, and whether import
 * blocks were put together.
 */
export type Adjacent = {
  readonly lines: readonly string[];
  readonly places: number;
  readonly imports: boolean;
};

/**
 * Merges a file whose sides changed no common line, or only in its import block (Go, TypeScript/JavaScript,
 * Python by the name of the file). Never takes a side, never overlooks white space.
 *
 * Lines carry their ends. Undefined when both changed the same lines elsewhere, put lines in at one point,
 * imports contradict each other, or a file is longer than `LINES_MAX`.
 */
export function mergeAdjacent(texts: ThreeTexts, path: string): Adjacent | undefined {
  if (isTooLong(texts)) return undefined;
  const places = placesOf(texts);
  const language = importLanguage(path);
  return (language && mergeAroundImports(texts, places, language)) ?? mergeAll(texts, places);
}

function mergeAll(texts: ThreeTexts, places: readonly Place[]): Adjacent | undefined {
  const lines = mergePlaces(texts, places);
  return lines && { lines, places: places.filter(isConflict).length, imports: false };
}

type Blocks = { readonly [side in keyof ThreeTexts]: Span };

/** The import blocks of all three texts; undefined when one has none. */
export function importBlocks(texts: ThreeTexts, language: ImportLanguage): Blocks | undefined {
  const base = importBlock(texts.base, language);
  const ours = importBlock(texts.ours, language);
  const theirs = importBlock(texts.theirs, language);
  return base && ours && theirs ? { base, ours, theirs } : undefined;
}

const within = (inner: Span, outer: Span) => inner.from >= outer.from && inner.to <= outer.to;

/** Whether a place lies in the import blocks of all three texts. */
export const isImports = (place: Place, blocks: Blocks): boolean =>
  within(place.base, blocks.base) && within(place.ours, blocks.ours) && within(place.theirs, blocks.theirs);

/** Undefined, too, when the imports are not in conflict. */
function mergeAroundImports(
  texts: ThreeTexts,
  places: readonly Place[],
  language: ImportLanguage,
): Adjacent | undefined {
  const blocks = importBlocks(texts, language);
  if (!blocks || !places.some((place) => isConflict(place) && isImports(place, blocks))) return undefined;
  const imports = mergeImports(
    cut(texts, (side) => blocks[side]),
    language,
  );
  if (!imports) return undefined;
  const head = mergePart(cut(texts, (side) => ({ from: 0, to: blocks[side].from })));
  const tail = mergePart(cut(texts, (side) => ({ from: blocks[side].to, to: texts[side].length })));
  if (!head || !tail) return undefined;
  const lines = [...head.lines, ...imports, ...tail.lines];
  return hasEnds(lines) ? { lines, places: head.places + tail.places, imports: true } : undefined;
}

const mergePart = (texts: ThreeTexts) => mergeAll(texts, placesOf(texts));

const cut = (texts: ThreeTexts, spanOf: (side: keyof ThreeTexts) => Span): ThreeTexts => {
  const part = (side: keyof ThreeTexts) => texts[side].slice(spanOf(side).from, spanOf(side).to);
  return { base: part('base'), ours: part('ours'), theirs: part('theirs') };
};
