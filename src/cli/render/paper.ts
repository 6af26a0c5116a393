import { styleText } from 'node:util';
import { withoutEscapes } from '../../core/base/escapes.ts';
import { clockText, DAY, type Instant, msBetween } from '../../core/base/instant.ts';

/** What a screen is drawn on. `width` absent: lines are as long as they are. */
export type Paper = {
  readonly width?: number;
  readonly colour: boolean;
  readonly ascii: boolean;
  /** More columns. */
  readonly wide?: boolean;
  /** Ages count to this; default: when the view was made. */
  readonly now?: Instant;
};

export const PLAIN: Paper = { colour: false, ascii: false };

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Colours text when the paper takes colour. */
export function ink(paper: Paper, style: Style, text: string): string {
  return paper.colour && text !== '' ? styleText(style, text, { validateStream: false }) : text;
}

const STYLES: readonly (readonly [RegExp, Style])[] = [
  [/^(failed|halted|worse|error|critical|conflict|refused|rolled back|broken)\b/i, 'red'],
  [/^(yes|done|passed|patched|native|met|clean|contained|covered|ok|not worse|verified)\b/i, 'green'],
  [/^(running|rolling|soaking|evidence|starting|delivering)\b/i, 'cyan'],
  [/^(paused|silent|unknown|warning|waived|exposed|missing|excluded|high)\b/i, 'yellow'],
  [/^(waiting|unaffected|none|-)/i, 'dim'],
];

/** Colours a word of state by its meaning; the word itself always stays. */
export function tint(paper: Paper, word: string): string {
  const bare = word.replace(/^\S /, '');
  const style = STYLES.find(([pattern]) => pattern.test(bare))?.[1];
  return style ? ink(paper, style, word) : word;
}

// Explicit directions can reorder what a person reads (Trojan Source), so they go too.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** Text from outside, made safe for a terminal: no escape sequence, control or direction character. Lines stay. */
export const cleanText = (text: string): string =>
  withoutEscapes(text).replaceAll('\r\n', '\n').replace(UNSEEN, '');

/** The same value with every string in it made safe and put on one line. */
export function clean<T>(value: T): T {
  if (typeof value === 'string') return cleanText(value).replace(/[\n\t]+/g, ' ') as T;
  if (Array.isArray(value)) return value.map((item) => clean(item)) as T;
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [clean(key), clean(member)])) as T;
  return value;
}

// One character for one, so that columns stay where they are.
const ASCII: Readonly<Record<string, string>> = {
  '·': '|',
  '→': '>',
  '…': '~',
  '–': '-',
  '—': '-',
  '≤': '<',
  '≥': '>',
  '’': "'",
  '“': '"',
  '”': '"',
  '○': 'o',
  '◔': '>',
  '●': '*',
  '✔': '+',
  '✖': 'x',
  '‖': '=',
  '❄': '%',
  '◆': '#',
};

/** Plain ASCII: known symbols become one character, accents go, the rest is a question mark. Escapes of colour stay. */
export function toAscii(text: string): string {
  const plain = (sign: string) => sign.normalize('NFKD').replace(/\P{ASCII}/gu, '') || '?';
  return text.replace(/\P{ASCII}/gu, (sign) => ASCII[sign] ?? plain(sign));
}

/** A finished screen: no spaces at line ends, one line break at the end, ASCII when asked. */
export function screen(lines: readonly string[], paper: Paper): string {
  const text = `${lines
    .join('\n')
    .replace(/[ \t]+$/gm, '')
    .replace(/\n+$/, '')}\n`;
  return paper.ascii ? toAscii(text) : text;
}

/** Visible length: escape sequences count nothing. */
export const lengthOf = (text: string): number => [...withoutEscapes(text)].length;

const COLUMN = 62;

/**
 * Two statements on a line, the second at column 62. On narrow paper the second has its own line, and
 * both are wrapped.
 */
export function pair(left: string, right: string, paper: Paper): string {
  if (right === '') return wrap(left, paper.width);
  const room = COLUMN - lengthOf(left);
  const gap = ' '.repeat(room < 2 ? 6 : room);
  const line = `${left}${gap}${right}`;
  if (paper.width === undefined || lengthOf(line) <= paper.width) return line;
  return `${wrap(left, paper.width)}\n${wrap(`${' '.repeat(INDENT)}${right}`, paper.width)}`;
}

const INDENT = 10;

/** Breaks a line at spaces so that none is longer than `width`; what follows is indented by 10. */
export function wrap(line: string, width: number | undefined, indent = INDENT): string {
  if (width === undefined || lengthOf(line) <= width) return line;
  const lines: string[] = [];
  let rest = line;
  while (lengthOf(rest) > width) {
    const cut = rest.lastIndexOf(' ', width);
    const start = rest.length - rest.trimStart().length;
    if (cut <= start) break;
    lines.push(rest.slice(0, cut));
    rest = `${' '.repeat(indent)}${rest.slice(cut + 1)}`;
  }
  return [...lines, rest].join('\n');
}

/** A deadline: `06:00Z` when it is the next such time, with its date when it is further away or over. */
export function soonText(at: Instant, now: Instant): string {
  const ms = msBetween(now, at);
  return ms >= 0 && ms < DAY ? `${at.slice(11, 16)}Z` : clockText(at, now);
}

/** `1 management cluster`, `12 management clusters`. */
export const many = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
