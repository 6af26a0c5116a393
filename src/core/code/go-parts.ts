import { afterComment, afterLiteral, type GoRange, isQuote, isWordStart } from './go-tokens.ts';

/**
 * The top-level pieces of Go text in order, without the comments between them: an import, a function with its
 * body, a group of types. Brackets, strings and comments are skipped without making tokens of them, which is several
 * times as fast. `range`: it must begin and end between two pieces.
 */
export function goParts(text: string, range: GoRange = { from: 0, to: text.length }): GoRange[] {
  const parts: GoRange[] = [];
  let depth = 0;
  let from = -1;
  // What the last character of the piece does that is neither blank nor comment.
  let last = OTHER;
  for (let at = range.from; at < range.to; at += 1) {
    const code = text.charCodeAt(at);
    const role = code < 128 ? ROLES[code]! : OTHER;
    if (role === BLANK) continue;
    if (role === LINE_END) {
      if (depth > 0 || from < 0 || last === GOES_ON) continue;
      parts.push({ from, to: at });
      from = -1;
      continue;
    }
    const comment = code === 47 ? afterComment(text, at) : at;
    if (comment > at) {
      at = comment - 1;
      continue;
    }
    if (from < 0) from = at;
    last = role;
    if (role === OPEN) depth += 1;
    else if (role === CLOSE) depth = Math.max(0, depth - 1);
    else if (isQuote(code)) at = afterLiteral(text, at) - 1;
    else if (code === 59 && depth === 0) {
      parts.push({ from, to: at });
      from = -1;
    }
  }
  if (from >= 0) parts.push({ from, to: range.to });
  return parts;
}

/**
 * Cuts Go text before lines that begin with `func`, `type`, `var` or `const`, which is far cheaper than to find
 * its pieces: a section holds whole pieces, mostly one, and the comments behind. The first has the package and imports.
 */
export function goSections(text: string): GoRange[] {
  const isHidden = hiding(text);
  const sections: GoRange[] = [];
  for (let from = 0; from < text.length; from = sections.at(-1)!.to)
    sections.push({ from, to: nextBeginning(text, from, isHidden) });
  return sections;
}

/** The first section alone. */
export const goHeadRange = (text: string): GoRange => ({ from: 0, to: nextBeginning(text, 0, hiding(text)) });

function nextBeginning(text: string, from: number, isHidden: (at: number) => boolean): number {
  for (let at = text.indexOf('\n', from); at >= 0; at = text.indexOf('\n', at + 1))
    if (isBeginning(text, at + 1) && !isHidden(at)) return at + 1;
  return text.length;
}

function isBeginning(text: string, at: number): boolean {
  const word = BEGINS.get(text.charCodeAt(at));
  return word !== undefined && text.startsWith(word, at) && !isWordStart(text.charCodeAt(at + word.length));
}

const BEGINS = new Map(['func', 'type', 'var', 'const'].map((word) => [word.charCodeAt(0), word]));

/** Tells of rising offsets whether they are in a string or comment of several lines. */
function hiding(text: string): (at: number) => boolean {
  let [string, comment] = [text.indexOf('`'), text.indexOf('/*')];
  let end = 0;
  return (at) => {
    while (Math.min(orNever(string), orNever(comment)) < at) {
      const isString = orNever(string) < orNever(comment);
      end = orNever(isString ? text.indexOf('`', string + 1) : text.indexOf('*/', comment + 2)) + 1;
      if (string >= 0 && string < end) string = text.indexOf('`', end);
      if (comment >= 0 && comment < end) comment = text.indexOf('/*', end);
    }
    return at < end;
  };
}

const orNever = (at: number) => (at < 0 ? Number.POSITIVE_INFINITY : at);

const OTHER = 0;
const OPEN = 1;
const CLOSE = 2;
/** A line that ends with one of these goes on in the next. */
const GOES_ON = 3;
const BLANK = 4;
const LINE_END = 5;

/** What each ASCII character does; one look for each, since files are long. */
const ROLES = new Uint8Array(128);
for (const mark of '({[') ROLES[mark.charCodeAt(0)] = OPEN;
for (const mark of ')}]') ROLES[mark.charCodeAt(0)] = CLOSE;
for (const mark of '+-*/%&|^<>=!,.:') ROLES[mark.charCodeAt(0)] = GOES_ON;
for (const mark of ' \t\r') ROLES[mark.charCodeAt(0)] = BLANK;
ROLES[10] = LINE_END;
