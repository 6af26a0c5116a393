import { ink, lengthOf, type Paper, wrap } from './paper.ts';

export type Column = {
  readonly title: string;
  /** At least this many characters, so that a column does not move while its content changes. */
  readonly min?: number;
  /** Names of people and robots, which may be long: where the table would be too wide, they are broken. What is copied never is. */
  readonly breaks?: true;
};

const GAP = 2;
/** A last column narrower than this does not wrap: it stands below its row. */
const SLIVER = 16;
const BELOW = '    ';
/** What a column that breaks leaves to the last one, and keeps for itself. */
const LAST_ROOM = 28;
const BROKEN_MIN = 14;

/**
 * Columns without borders, kubectl's way: 5,000 rows in a few milliseconds, where cli-table3 takes
 * seconds. On paper with a width the last column wraps, and so do those that break; what has no room stands
 * below its row, with its title as label. Gives lines, not text.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  paper: Paper,
): string[] {
  const { beside, widths } = layoutOf(columns, rows, paper.width);
  const below = columns.slice(beside.length);
  const linesOf = (row: readonly string[]): string => {
    const cells = widths.map((width, i) => {
      const text = row[i] ?? '';
      if (beside[i]!.breaks && paper.width !== undefined) return broken(text, width);
      return i === widths.length - 1 && paper.width !== undefined ? wrap(text, width, 0).split('\n') : [text];
    });
    const height = Math.max(...cells.map(({ length }) => length));
    return Array.from({ length: height }, (_, at) =>
      cells.map((cell, i) => pad(cell[at] ?? '', i < cells.length - 1 ? widths[i]! + GAP : 0)).join(''),
    ).join('\n');
  };
  const head = ink(paper, 'bold', linesOf(beside.map(({ title }) => title)));
  return [
    head,
    ...rows.map((row) =>
      [linesOf(row), ...belowLines(below, row.slice(beside.length), paper.width)].join('\n'),
    ),
  ];
}

type Layout = { readonly beside: readonly Column[]; readonly widths: readonly number[] };

/** As many columns beside each other as there is room for, and how wide each is; the rest stands below. */
function layoutOf(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  paperWidth: number | undefined,
): Layout {
  const widths = widthsOf(columns, rows, paperWidth);
  if (paperWidth === undefined) return { beside: columns, widths };
  const at = columns.length - 1;
  const room = paperWidth - widths.slice(0, -1).reduce((sum, width) => sum + width + GAP, 0);
  const last = widths[at] ?? 0;
  const fits = last <= room || (room >= SLIVER && (columns[at]!.breaks || longestWord(rows, at) <= room));
  if (fits || columns.length <= 1)
    return { beside: columns, widths: [...widths.slice(0, -1), Math.min(last, Math.max(room, 1))] };
  return layoutOf(columns.slice(0, -1), rows, paperWidth);
}

const longestWord = (rows: readonly (readonly string[])[], at: number): number =>
  rows.reduce(
    (most, row) => (row[at] ?? '').split(' ').reduce((one, word) => Math.max(one, lengthOf(word)), most),
    0,
  );

/** `    next: anna from Mon 08:00Z · because: …`; what says nothing is left out. */
function belowLines(columns: readonly Column[], cells: readonly string[], width = 80): string[] {
  const told = columns
    .map(({ title }, i) => ({ label: title.toLowerCase(), text: cells[i] ?? '' }))
    .filter(({ text }) => text !== '' && text !== '-')
    .map(({ label, text }) => `${label}: ${text}`);
  if (told.length === 0) return [];
  return broken(told.join(' · '), width - BELOW.length).map((line) => `${BELOW}${line}`);
}

/** As wide as what is in it; columns that break are narrower, the widest first, where that gives the last one room. */
function widthsOf(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  paperWidth: number | undefined,
): number[] {
  const widths = columns.map((column, i) =>
    rows.reduce(
      (most, row) => Math.max(most, lengthOf(row[i] ?? '')),
      Math.max(column.title.length, column.min ?? 0),
    ),
  );
  if (paperWidth === undefined) return widths;
  const last = Math.min(widths.at(-1) ?? 0, LAST_ROOM);
  const rest = widths.slice(0, -1).reduce((sum, width) => sum + width + GAP, 0);
  let over = rest + last - paperWidth;
  const narrowed = columns
    .map((column, i) => ({
      i,
      width: widths[i]!,
      least: Math.max(BROKEN_MIN, column.title.length),
      ...column,
    }))
    .filter(({ breaks, i }) => breaks && i < columns.length - 1)
    .sort((a, b) => b.width - a.width);
  for (const { i, width, least } of narrowed) {
    const less = Math.max(0, Math.min(over, width - least));
    widths[i] = width - less;
    over -= less;
  }
  return widths;
}

/** Broken at spaces, else behind a sign within a name, else anywhere; not at a space that would leave most of the line empty. */
function broken(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (lengthOf(rest) > width) {
    const space = rest.lastIndexOf(' ', width);
    const sign = Math.max(...['@', '.', '-', '_', '/'].map((one) => rest.lastIndexOf(one, width - 1)));
    const isEarly = space < width / 3 && sign > space;
    const cut = space > 0 && !isEarly ? space : sign > 0 ? sign + 1 : width;
    lines.push(rest.slice(0, cut));
    rest = rest.slice(cut).trimStart();
  }
  return [...lines, rest];
}

const pad = (text: string, width: number): string =>
  `${text}${' '.repeat(Math.max(0, width - lengthOf(text)))}`;
