import { afterComment, afterLiteral, type GoRange, isQuote } from './go-tokens.ts';

/** A top-level piece of a Go file: an import, a function with its body, a group of types. `line`: from 1. */
export type GoPart = GoRange & { readonly line: number };

/**
 * The top-level pieces of a Go file in order, without the comments between them. Brackets, strings and comments
 * are skipped over without making tokens of them, which is several times as fast.
 */
export function goParts(text: string): GoPart[] {
  const parts: GoPart[] = [];
  let depth = 0;
  let line = 1;
  let start: { readonly from: number; readonly line: number } | undefined;
  // The last character of the piece that is neither blank nor comment.
  let last = 0;
  const close = (to: number) => {
    if (start) parts.push({ ...start, to });
    start = undefined;
  };
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code === 10) {
      if (depth === 0 && start && !CONTINUE.has(last)) close(at);
      line += 1;
      at += 1;
      continue;
    }
    if (code === 32 || code === 9 || code === 13) {
      at += 1;
      continue;
    }
    const comment = code === 47 ? afterComment(text, at) : at;
    if (comment > at) {
      line += lineEnds(text, at, comment);
      at = comment;
      continue;
    }
    start ??= { from: at, line };
    last = code;
    if (isQuote(code)) {
      const end = afterLiteral(text, at);
      line += lineEnds(text, at, end);
      at = end;
      continue;
    }
    if (OPEN.has(code)) depth += 1;
    else if (CLOSE.has(code)) depth = Math.max(0, depth - 1);
    else if (code === 59 && depth === 0) close(at);
    at += 1;
  }
  close(text.length);
  return parts;
}

/** How many line ends there are before `to`, from `from` on. */
export function lineEnds(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

const codes = (marks: string) => new Set([...marks].map((mark) => mark.charCodeAt(0)));
const OPEN = codes('({[');
const CLOSE = codes(')}]');
/** A line that ends with one of these goes on in the next. */
const CONTINUE = codes('+-*/%&|^<>=!,.:(');
