/** What a JavaScript or TypeScript file takes in. */
export type JsFile = {
  /** What `import`, `export from`, `import()`, `require()` and mocks name, each once. */
  readonly imports: readonly string[];
  /** Other texts that name a file from the file's own folder, such as `./worker.ts` or `../fixtures/a.json`. */
  readonly paths: readonly string[];
};

const QUOTED = '(["\'`])((?:\\\\.|(?!\\1)[^\\\\\\n])*)\\1';
/** Words before a text that make it an import, whatever stands between. */
const IMPORTS = new RegExp(
  `(?:\\bfrom|\\bimport|\\b(?:import|require|require\\.resolve|import\\.meta\\.resolve|mock|doMock|unmock|importActual|requireActual|importMock|requireMock)\\s*(?:<[^>()]{0,500}>\\s*)?\\()\\s*${QUOTED}`,
  'g',
);
/** A text that begins as a path does, wherever it stands. */
const PATHS = /(["'`])(\.\.?\/(?:\\.|(?!\1)[^\\\n])*)\1/g;
const REFERENCES = /^\s*\/\/\/\s*<reference\s+path\s*=\s*["']([^"']+)["']/gm;

/**
 * Reads what a JavaScript or TypeScript file takes in, with or without types and JSX. Names that are put together when
 * it runs are not seen. What looks like an import inside a text counts: one too many runs a test, one too few misses it.
 */
export function readJsFile(text: string): JsFile {
  const code = withoutComments(text);
  const imports = new Set<string>();
  for (const [, , name = ''] of code.matchAll(IMPORTS)) if (isWhole(name)) imports.add(unescaped(name));
  for (const [, path = ''] of text.matchAll(REFERENCES)) imports.add(/^\./.test(path) ? path : `./${path}`);
  const paths = new Set<string>();
  for (const [, , name = ''] of code.matchAll(PATHS))
    if (isWhole(name) && name.length < PATH_MAX && !imports.has(name)) paths.add(unescaped(name));
  return { imports: [...imports], paths: [...paths] };
}

const PATH_MAX = 300;
/** Not put together when it runs. */
const isWhole = (name: string) => name !== '' && !name.includes('${');
const unescaped = (text: string) => text.replace(/\\(.)/g, '$1');

/** After one of these a slash begins a regular expression; after a name, number or bracket it divides. */
const BEFORE_PATTERN =
  /(?:^|[([{}=,;:!&|?+\-*%^~<>]|=>|\b(?:return|typeof|case|in|of|do|else|void|delete|throw|new|instanceof|yield|await))\s*$/;
const PATTERN = /\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y;
const TEXT = /"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'|`(?:\\[\s\S]|[^`\\])*`/y;
const NEXT = /["'`/]/g;

/** The same text with comments as one space each. Texts, templates and regular expressions are kept whole. */
function withoutComments(text: string): string {
  if (!text.includes('//') && !text.includes('/*')) return text;
  const parts: string[] = [];
  let from = 0;
  let at = 0;
  for (;;) {
    NEXT.lastIndex = at;
    const found = NEXT.exec(text);
    if (!found) break;
    at = found.index;
    const end = commentEnd(text, at);
    if (end > at) {
      parts.push(text.slice(from, at), ' ');
      from = end;
      at = end;
    } else at = literalEnd(text, at, from);
  }
  return parts.length === 0 ? text : parts.join('') + text.slice(from);
}

function commentEnd(text: string, at: number): number {
  if (text[at] !== '/') return at;
  if (text[at + 1] === '/') {
    const end = text.indexOf('\n', at);
    return end < 0 ? text.length : end;
  }
  if (text[at + 1] !== '*') return at;
  const end = text.indexOf('*/', at + 2);
  // One that never ends is none, but part of a text of JSX: what follows it must not get lost.
  return end < 0 ? at : end + 2;
}

/** After a text or regular expression that begins at `at`; one sign further when none does, as in JSX: `don't`. */
function literalEnd(text: string, at: number, from: number): number {
  const isSlash = text[at] === '/';
  if (isSlash && !BEFORE_PATTERN.test(text.slice(Math.max(from, at - 24), at))) return at + 1;
  const pattern = isSlash ? PATTERN : TEXT;
  pattern.lastIndex = at;
  const found = pattern.exec(text);
  return found ? at + Math.max(1, found[0].length) : at + 1;
}
