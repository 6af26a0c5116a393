/** What a Go file says of what it is built from. */
export type GoFile = {
  /** The name in its package clause; empty when there is none. */
  readonly package: string;
  /** Import paths as written, without `C`, each once. */
  readonly imports: readonly string[];
  /** Patterns of its `//go:embed` lines, each once. */
  readonly embeds: readonly string[];
  /** It says `//go:build ignore`: a script that lies beside a package and is never part of it. */
  readonly isNeverBuilt: boolean;
};

// White space, comments, strings, words, and any other sign.
const TOKEN =
  /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|`[^`]*`|'(?:\\.|[^'\\\n])*'|[\p{L}_][\p{L}\p{Nd}_]*|[\s\S]/gu;

const NEVER = /^\/\/(?:go:build\s+ignore|\s*\+build\s+ignore)\s*$/;

/**
 * Reads imports and embedded paths of a Go file. Build constraints are not judged: the answer is what some
 * platform may build. Text that is no Go gives what can be read of it; it never throws.
 */
export function readGoFile(text: string): GoFile {
  const head = readHead(text);
  const imports = [...new Set(head.imports)].filter((path) => path !== 'C');
  return {
    package: head.package,
    imports,
    embeds: imports.includes('embed') ? readEmbeds(text) : [],
    isNeverBuilt: head.isNeverBuilt,
  };
}

type Head = { package: string; imports: string[]; isNeverBuilt: boolean };

function readHead(text: string): Head {
  const head: Head = { package: '', imports: [], isNeverBuilt: false };
  let place: 'top' | 'package' | 'import' | 'list' = 'top';
  for (const [token] of text.matchAll(TOKEN)) {
    if (/^(\s|\/\*)/.test(token)) continue;
    if (token.startsWith('//')) {
      if (head.package === '' && NEVER.test(token)) head.isNeverBuilt = true;
    } else if (place === 'package') {
      head.package = token;
      place = 'top';
    } else if (place === 'import' || place === 'list') {
      const path = unquoted(token);
      if (path !== undefined) head.imports.push(path);
      if (token === '(') place = 'list';
      else if (token === ')' || (place === 'import' && path !== undefined)) place = 'top';
    } else if (token === 'package' || token === 'import') place = token;
    // The first declaration ends the head: no import comes after it.
    else if (token !== ';') break;
  }
  return head;
}

/** The patterns of all embed lines. Whole tokens are read, so that such a line inside a string is none. */
function readEmbeds(text: string): string[] {
  const found = new Set<string>();
  for (const [token] of text.matchAll(TOKEN)) {
    const line = /^\/\/go:embed[ \t]+(.*)$/.exec(token.trimEnd())?.[1] ?? '';
    for (const [word] of line.matchAll(/"(?:\\.|[^"\\])*"|`[^`]*`|\S+/g)) found.add(unquoted(word) ?? word);
  }
  return [...found];
}

/** The content of a Go string; undefined when the token is none. */
function unquoted(token: string): string | undefined {
  if (/^`[^`]*`$/.test(token)) return token.slice(1, -1);
  if (!/^".*"$/.test(token)) return undefined;
  return token.slice(1, -1).replace(/\\(["\\])/g, '$1');
}
