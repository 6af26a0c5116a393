import { afterComment, afterLiteral, type GoRange, isQuote } from './go-tokens.ts';

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
  const sections: GoRange[] = [];
  const hides = text.includes('`') || text.includes('/*') ? createHiding() : undefined;
  let from = 0;
  let seen = 0;
  BEGINS.lastIndex = 0;
  while (BEGINS.test(text)) {
    const to = BEGINS.lastIndex;
    const isHidden = hides?.(text.slice(seen, to)) ?? false;
    seen = to;
    if (isHidden) continue;
    sections.push({ from, to });
    from = to;
  }
  sections.push({ from, to: text.length });
  return sections;
}

const BEGINS = /\n(?=(?:func|type|var|const)\b)/g;

/** Is given a text bit by bit, and says whether a string or comment of several lines goes on behind each bit. */
function createHiding(): (bit: string) => boolean {
  let isInString = false;
  let isInComment = false;
  return (bit) => {
    for (let at = bit.indexOf('`'); at >= 0; at = bit.indexOf('`', at + 1)) isInString = !isInString;
    const [open, close] = [bit.lastIndexOf('/*'), bit.lastIndexOf('*/')];
    if (open !== close) isInComment = open > close;
    return isInString || isInComment;
  };
}

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
