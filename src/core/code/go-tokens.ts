/**
 * One token of Go text. word: a name or keyword. text: a string or character literal, with its quotes. number.
 * mark: an operator or bracket, the longest one that fits. end: the end of a line where Go puts a semicolon.
 * `at`: offset of its first character. Comments are left out.
 */
export type GoToken = {
  readonly kind: 'word' | 'text' | 'number' | 'mark' | 'end';
  readonly text: string;
  readonly at: number;
};

/** Where to read: from `from` to before `to`; the whole text when not given. */
export type GoRange = { readonly from: number; readonly to: number };

/**
 * The tokens of a piece of Go text, one at a time, so that a reader of a signature need not pay for the body.
 * Text that is no Go gives tokens all the same: nothing is refused, and every call ends.
 */
export function goTokens(
  text: string,
  range: GoRange = { from: 0, to: text.length },
): () => GoToken | undefined {
  let at = range.from;
  // Whether a line that ends here ends a statement.
  let mayEnd = false;
  const make = (kind: GoToken['kind'], from: number, token: string, ends: boolean): GoToken => {
    mayEnd = ends;
    return { kind, text: token, at: from };
  };
  return () => {
    while (at < range.to) {
      const code = text.charCodeAt(at);
      const from = at;
      if (code === 32 || code === 9 || code === 13 || (code === LINE_END && !mayEnd)) {
        at += 1;
        continue;
      }
      if (code === LINE_END) {
        at += 1;
        return make('end', from, '\n', false);
      }
      if (isWordStart(code)) {
        at = afterWord(text, at, range.to);
        const word = text.slice(from, at);
        return make('word', from, word, !CONTINUES.has(word));
      }
      const gap = code === SLASH ? Math.min(afterComment(text, at), range.to) : at;
      if (gap > at) {
        at = gap;
        // A comment over several lines ends a statement as a line end does.
        const comment = mayEnd ? text.slice(from, gap) : '';
        if (comment.includes('\n')) return make('end', from, comment, false);
        continue;
      }
      if (isDigit(code)) {
        at = afterNumber(text, at, range.to);
        return make('number', from, text.slice(from, at), true);
      }
      if (isQuote(code)) {
        at = Math.min(afterLiteral(text, at), range.to);
        return make('text', from, text.slice(from, at), true);
      }
      at += markLength(text, at);
      const mark = text.slice(from, at);
      return make('mark', from, mark, ENDS.has(mark));
    }
    return undefined;
  };
}

/** All tokens of a piece at once. */
export function allGoTokens(text: string, range?: GoRange): GoToken[] {
  const tokens: GoToken[] = [];
  const next = goTokens(text, range);
  for (let token = next(); token; token = next()) tokens.push(token);
  return tokens;
}

/** The number of the line, from 1, that an offset is in. */
export function lineOf(text: string, at: number): number {
  let line = 1;
  for (let end = text.indexOf('\n'); end >= 0 && end < at; end = text.indexOf('\n', end + 1)) line += 1;
  return line;
}

const LINE_END = 10;
const SLASH = 47;
const STAR = 42;

/** Keywords that do not end a statement when they end a line; all others, and names, do. */
const CONTINUES = new Set(
  'case chan const default defer else for func go goto if import interface map package range select struct switch type var'.split(
    ' ',
  ),
);

/** Marks that end a statement when they end a line. */
const ENDS = new Set([')', ']', '}', '++', '--']);

/** By their first character, longest first; every other mark is one character long. */
const MARKS: readonly (readonly string[] | undefined)[] = marksByCode(
  '<<= >>= &^= ... << >> &^ += -= *= /= %= &= |= ^= && || <- ++ -- == != <= >= :='.split(' '),
);

function marksByCode(marks: readonly string[]): string[][] {
  const table: string[][] = [];
  for (const mark of marks) {
    const code = mark.charCodeAt(0);
    table[code] = [...(table[code] ?? []), mark];
  }
  return table;
}

function markLength(text: string, at: number): number {
  for (const mark of MARKS[text.charCodeAt(at)] ?? []) if (text.startsWith(mark, at)) return mark.length;
  return 1;
}

/** After a comment that begins at `at`, without the line end; `at` itself when none does. */
export function afterComment(text: string, at: number): number {
  if (text.charCodeAt(at) !== SLASH) return at;
  const second = text.charCodeAt(at + 1);
  if (second !== SLASH && second !== STAR) return at;
  const end = second === SLASH ? text.indexOf('\n', at) : text.indexOf('*/', at + 2);
  if (end < 0) return text.length;
  return second === SLASH ? end : end + 2;
}

/** After a string or character literal that begins at `at`. One that is not closed ends with its line. */
export function afterLiteral(text: string, at: number): number {
  const quote = text.charCodeAt(at);
  if (quote === BACK_QUOTE) {
    const end = text.indexOf('`', at + 1);
    return end < 0 ? text.length : end + 1;
  }
  for (let i = at + 1; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === 92) i += 1;
    else if (code === quote) return i + 1;
    else if (code === LINE_END) return i;
  }
  return text.length;
}

const BACK_QUOTE = 96;
export const isQuote = (code: number): boolean => code === 34 || code === 39 || code === BACK_QUOTE;
const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** A letter, `_`, or anything beyond ASCII: Go allows letters of every script. */
export const isWordStart = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code > 127;

function afterWord(text: string, from: number, to: number): number {
  let at = from + 1;
  while (at < to && (isWordStart(text.charCodeAt(at)) || isDigit(text.charCodeAt(at)))) at += 1;
  return at;
}

/** Digits, letters and dots, and a sign after an exponent: enough to not take a number for a name. */
function afterNumber(text: string, from: number, to: number): number {
  let at = from + 1;
  for (; at < to; at += 1) {
    const code = text.charCodeAt(at);
    if (isDigit(code) || isWordStart(code) || code === 46) continue;
    const before = text.charCodeAt(at - 1) | 32;
    const isSign = (code === 43 || code === 45) && (before === 101 || before === 112);
    if (!isSign || text.startsWith('0x', from)) break;
  }
  return at;
}
