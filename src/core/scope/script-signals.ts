import type { ChangedFile } from './change.ts';
import { lineFinder } from './line-finder.ts';
import type { Sighting } from './signal.ts';
import { isScript } from './text-signals.ts';

/** What a TypeScript or JavaScript file gives to others, by name. `signature`: of a function, without blanks. */
type Exported = { readonly name: string; readonly at: number; readonly signature?: string };

/** New exports, and functions whose parameters or result are others. What moved between files of the change is not new. */
export function scriptSignals(files: readonly ChangedFile[]): Sighting[] {
  const scripts = files.filter(isScript);
  const before = scripts.map(({ before: text = '' }) => scriptExports(text));
  const all = new Set(before.flat().map(({ name }) => name));
  return scripts.flatMap(({ path, now = '' }, i) => {
    const had = new Map(before[i]!.map((one) => [one.name, one]));
    const lineAt = lineFinder(now);
    return scriptExports(now).flatMap(({ name, at, signature }): Sighting[] => {
      const place = { path, line: lineAt(at) };
      const old = had.get(name);
      if (!old)
        return all.has(name) ? [] : [{ ...place, signal: 'exported-api', what: `new export ${name}` }];
      const isOther = signature !== undefined && old.signature !== undefined && signature !== old.signature;
      return isOther
        ? [{ ...place, signal: 'changed-signature', what: `${name} was ${old.signature}, is ${signature}` }]
        : [];
    });
  });
}

const DECLARED =
  /^export\s+(?:default\s+)?(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:function\s*\*?|class|const\s+enum|const|let|var|interface|type|enum|namespace)\s+([\w$]+)/gm;
const LISTED = /^export\s*(?:type\s*)?\{([^}]{0,1000})\}/gm;
const COMMON = /^(?:module\.)?exports\.([\w$]+)\s*=/gm;

/** Exports that stand at the beginning of a line, as formatters leave them. */
function scriptExports(source: string): Exported[] {
  const text = withoutComments(source);
  const declared = [...text.matchAll(DECLARED)].map((match) => {
    const signature = /function/.test(match[0])
      ? signatureAt(text, match.index + match[0].length)
      : undefined;
    return { name: match[1]!, at: match.index, ...(signature !== undefined && { signature }) };
  });
  const listed = [...text.matchAll(LISTED)].flatMap((match) =>
    match[1]!.split(',').flatMap((part) => {
      const name = part
        .trim()
        .split(/\s+as\s+/)
        .at(-1)!
        .replace(/^type\s+/, '');
      return name === '' ? [] : [{ name, at: match.index }];
    }),
  );
  const common = [...text.matchAll(COMMON)].map((match) => ({ name: match[1]!, at: match.index }));
  return [...declared, ...listed, ...common];
}

const SIGNATURE_CHARS_MAX = 1_000;

/** From the parameters to the body; undefined when no bracket opens there. */
function signatureAt(text: string, at: number): string | undefined {
  const open = text.indexOf('(', at);
  if (open < 0) return undefined;
  let depth = 0;
  for (let i = open; i < Math.min(text.length, open + SIGNATURE_CHARS_MAX); i += 1) {
    const char = text[i]!;
    if ('({['.includes(char)) {
      // The body: a bracket behind the parameters that begins no type.
      if (depth === 0 && char === '{' && !/[:|&<,]\s*$/.test(text.slice(open, i)))
        return text.slice(open, i).replace(/\s+/g, '');
      depth += 1;
    } else if (')}]'.includes(char)) depth -= 1;
    else if (depth === 0 && char === ';') return text.slice(open, i).replace(/\s+/g, '');
  }
  return undefined;
}

/** Blanks in their place, so that offsets and lines stay. A comment in a string is taken for one, which hides no export. */
const withoutComments = (text: string): string =>
  text.replace(/\/\*(?:[\s\S]*?\*\/|[\s\S]*)|(?<=^|\s)\/\/[^\n]*/g, (comment) =>
    comment.replace(/[^\n]/g, ' '),
  );
