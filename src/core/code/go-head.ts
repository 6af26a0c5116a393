import { readGoFile } from './go-file.ts';
import { type GoToken, goTokens } from './go-tokens.ts';

/** The part of a Go file before its first declaration. */
export type GoHead = {
  /** The name in its package clause; empty when there is none. */
  readonly package: string;
  /** Import paths as written, without `C`, each once. */
  readonly imports: readonly string[];
  /** Its build constraint as a `//go:build` expression; empty when there is none. */
  readonly constraint: string;
  /** Patterns of its `//go:embed` lines; only read when the text is whole. */
  readonly embeds: readonly string[];
};

/**
 * Reads the head of a Go file. `isWhole`: the text is the whole file, not only its beginning. undefined when the head
 * does not end in the text and there is more of it, or when the file embeds files and there is more: the rest is needed.
 * Text that is no Go gives what can be read of it; it never throws.
 */
export function readGoHead(text: string, isWhole: boolean): GoHead | undefined {
  const next = goTokens(text);
  const imports = new Set<string>();
  let name = '';
  let nameAt = text.length;
  let place: 'top' | 'package' | 'import' | 'list' = 'top';
  let ended = false;
  for (let token = next(); token; token = next()) {
    if (place === 'package') {
      name = token.text;
      place = 'top';
    } else if (place === 'import' || place === 'list') {
      const path = contentOf(token);
      if (path !== undefined) imports.add(path);
      if (token.text === '(') place = 'list';
      else if (token.text === ')' || (place === 'import' && token.kind === 'end')) place = 'top';
    } else if (token.text === 'package' || token.text === 'import') {
      place = token.text;
      if (token.text === 'package' && name === '') nameAt = token.at;
    } else if (token.kind !== 'end' && token.text !== ';') {
      // What stands at the very end may be half of a word or of a comment.
      ended = token.at + token.text.length < text.length;
      break;
    }
  }
  if (!isWhole && (!ended || imports.has('embed'))) return undefined;
  imports.delete('C');
  return {
    package: name,
    imports: [...imports],
    constraint: constraintIn(text.slice(0, nameAt)),
    embeds: imports.has('embed') ? readGoFile(text).embeds : [],
  };
}

function contentOf({ kind, text }: GoToken): string | undefined {
  if (kind !== 'text' || text.length < 2 || text.startsWith("'")) return undefined;
  return text.slice(1, -1).replace(/\\(["\\])/g, '$1');
}

/** The `//go:build` line before the package clause, else the older `// +build` lines, as one expression. */
function constraintIn(before: string): string {
  const line = /^\/\/go:build[ \t]+(.*?)\s*$/m.exec(before)?.[1];
  if (line !== undefined) return line;
  const lines = [...before.matchAll(/^\/\/[ \t]*\+build[ \t]+(.*?)\s*$/gm)].map(([, words = '']) =>
    words
      .split(/\s+/)
      .map((word) => word.split(',').join(' && '))
      .map((term) => `(${term})`)
      .join(' || '),
  );
  return lines.map((one) => `(${one})`).join(' && ');
}
