import type { RolloutRow } from '../../src/core/views/fix-view.ts';
import type { Look } from './words.ts';

/** The row of those that the incident had broken when they were told, as the hub names it. */
const BURNING = 'burning';
/** The row of the first few, as the hub names it. */
const ONE_BOX = 'one-box';

/** Whether a row is a stage of the plan: what people named, and what can be advanced or rolled back by name. */
export const isStage = (row: string): boolean => row !== BURNING && row !== ONE_BOX;

/** `burning`, `one-box`, `stage eu-first`. */
export const rowText = (row: string): string => (isStage(row) ? `stage ${row}` : row);

/** Who is in a row, for those who do not know the word. */
export function rowMeaning(row: string, stages: number): string {
  if (row === BURNING) return 'the incident had broken them; they go first';
  if (row === ONE_BOX) return 'the first few, of every platform and version; the rest waits for them';
  return stages > 1 ? 'a part of the fleet the policy names' : 'everyone else, as the evidence allows';
}

/** `evidence 4.1 of 6` for `evidence 4.1/6`; every other state as the hub says it. */
export const rowStateText = (state: string): string =>
  state.replace(/^(evidence|soaking) ([\d.]+)\/(\d)/, '$1 $2 of $3');

const GOES_ON: Omit<Look, 'word'> = { glyph: '◔', tone: 'info' };
const LOOKS: readonly (readonly [RegExp, Omit<Look, 'word'>])[] = [
  [/^passed/, { glyph: '●', tone: 'success' }],
  [/^paused/, { glyph: '‖', tone: 'warning' }],
  [/^halted/, { glyph: '✖\uFE0E', tone: 'danger' }],
  [/^rolled back/, { glyph: '↺', tone: 'danger' }],
  [/^waiting/, { glyph: '○', tone: 'neutral' }],
  [/^(rolling|evidence|soaking)/, GOES_ON],
];

/** Glyph, words and colour of a row's state. */
export function rowLook(state: string): Look {
  const look = LOOKS.find(([is]) => is.test(state))?.[1] ?? { glyph: '·', tone: 'neutral' };
  return { ...look, word: rowStateText(state) };
}

/** The stage that is open: the first that has not passed. Only its wait can be ended. */
export const openStage = (rows: readonly RolloutRow[]): string | undefined =>
  rows.find((row) => isStage(row.name) && row.state !== 'passed')?.name;
