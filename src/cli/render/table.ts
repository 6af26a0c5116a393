import { ink, lengthOf, type Paper, wrap } from './paper.ts';

export type Column = {
  readonly title: string;
  /** At least this many characters, so that a column does not move while its content changes. */
  readonly min?: number;
};

const GAP = 2;
/** A last column narrower than this is left to the terminal's own wrapping. */
const SLIVER = 16;

/**
 * Columns without borders, kubectl's way: 5,000 rows in a few milliseconds, where cli-table3 takes
 * seconds. On paper with a width the last column wraps. Gives lines, not text.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  paper: Paper,
): string[] {
  const widths = columns.map((column, i) =>
    rows.reduce(
      (most, row) => Math.max(most, lengthOf(row[i] ?? '')),
      Math.max(column.title.length, column.min ?? 0),
    ),
  );
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + GAP, 0);
  const room = paper.width === undefined ? undefined : paper.width - before;
  const lineOf = (row: readonly string[]) => {
    const cells = widths.slice(0, -1).map((width, i) => pad(row[i] ?? '', width + GAP));
    const last = row[widths.length - 1] ?? '';
    const wrapped = room === undefined || room < SLIVER ? last : wrap(last, room, 0);
    return `${cells.join('')}${wrapped.replaceAll('\n', `\n${' '.repeat(before)}`)}`;
  };
  return [columns.map((column) => column.title), ...rows].map((row, i) =>
    i === 0 ? ink(paper, 'bold', lineOf(row)) : lineOf(row),
  );
}

const pad = (text: string, width: number): string =>
  `${text}${' '.repeat(Math.max(0, width - lengthOf(text)))}`;
