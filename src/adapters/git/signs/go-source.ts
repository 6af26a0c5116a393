import {
  type GoBody,
  type GoDeclaration,
  type GoHead,
  goBodies,
  readGoDeclarations,
  readGoHead,
  usualName,
} from '../../../core/code/go-declarations.ts';
import { type GoModule, readGoMod } from '../../../core/code/go-module.ts';
import { goHeadRange, goSections } from '../../../core/code/go-parts.ts';
import type { GoRange } from '../../../core/code/go-tokens.ts';
import { type GoUse, readGoUses } from '../../../core/code/go-uses.ts';
import { MissingObject } from '../objects/git.ts';
import type { TreeEntry } from '../objects/tree-object.ts';
import type { ObjectSource, Trees } from '../objects/trees.ts';

/** A Go file that was read. Each question reads no more of it than it must. */
export type GoText = {
  readonly text: string;
  /** Whether its bytes have the words somewhere; the cheapest question. */
  mentions(words: string): boolean;
  readonly sections: readonly GoRange[];
  readonly head: GoHead;
  /** All before the first declaration: files that have it alike have the same imports. */
  readonly headText: string;
  /** The line around an offset, without the blanks around it. */
  lineAt(at: number): string;
  /** Whether it has a line that reads so, wherever. */
  hasLine(line: string): boolean;
  /** The name of each import in the code below, and its path. */
  imports(): ReadonlyMap<string, string>;
  /** All package-level names. */
  declarations(): readonly GoDeclaration[];
  /** The declarations of a name, methods among them. */
  declared(name: string): GoDeclaration[];
  /** What a piece uses of others: `of` is never a name of the piece itself. */
  usesIn(body: GoBody): readonly GoUse[];
  /** The same of all pieces that `wanted` takes; it is asked of more than one piece at once. */
  uses(wanted: (piece: string) => boolean): GoUse[];
  has(word: string): boolean;
};

/** A folder of Go files of one tree. */
export type GoFolder = ReadonlyMap<string, TreeEntry>;

/** Go files and folders of one repository, kept in memory once read. */
export type GoSource = {
  readonly trees: Trees;
  /** undefined when the file cannot be read: it is missing, or too large to be looked at. */
  file(blob: string): Promise<GoText | undefined>;
  /** The Go files of a folder, by name; undefined when there is none. */
  folder(tree: string, path: string): Promise<GoFolder | undefined>;
  /** A `go.mod`; undefined when there is none. */
  module(tree: string, path: string): Promise<GoModFile | undefined>;
  /** Whether a file is in memory. */
  isKept(blob: string): boolean;
};

export type GoModFile = { readonly module: GoModule; readonly text: string };

const BYTES_MAX = 2 * 1024 * 1024;
const KEPT_BYTES = 48 * 1024 * 1024;
const READ_AT_ONCE = 8;

/** `trees`: those of the same objects. */
export function createGoSource(source: ObjectSource, trees: Trees): GoSource {
  const kept = new Map<string, Promise<GoText | undefined>>();
  const modules = new Map<string, GoModFile>();
  let bytes = 0;
  const read = async (blob: string) => {
    try {
      const found = await source.find(blob);
      if (found?.type !== 'blob' || found.size > BYTES_MAX) return undefined;
      return (await source.read(blob))?.body;
    } catch (problem) {
      if (problem instanceof MissingObject) return undefined;
      throw problem;
    }
  };
  const file = (blob: string) => {
    const known = kept.get(blob);
    if (known) return known;
    if (bytes > KEPT_BYTES) {
      kept.clear();
      modules.clear();
      bytes = 0;
    }
    const made = read(blob).then((body) => {
      bytes += body?.length ?? 0;
      return body && createGoText(body);
    });
    kept.set(blob, made);
    return made;
  };
  return {
    trees,
    file,
    async folder(tree, path) {
      const entry = await trees.at(tree, path);
      if (entry?.type !== 'tree') return undefined;
      const files = [...(await trees.entries(entry.id))].filter(([name, one]) => isGoFile(name, one));
      return files.length === 0 ? undefined : new Map(files);
    },
    async module(tree, path) {
      const entry = await trees.at(tree, path);
      if (entry?.type !== 'blob') return undefined;
      const known = modules.get(entry.id);
      if (known) return known;
      const text = (await read(entry.id))?.toString('utf8');
      if (text === undefined) return undefined;
      const made = { module: readGoMod(withoutRequired(text)), text };
      modules.set(entry.id, made);
      return made;
    },
    isKept: (blob) => kept.has(blob),
  };
}

/** Finds a package-level name in files. `unknown`: one that may have it cannot be read. */
export async function findName(
  go: GoSource,
  files: readonly TreeEntry[],
  name: string,
): Promise<GoDeclaration | 'unknown' | undefined> {
  const ids = [...new Set(files.map(({ id }) => id))];
  // What is in memory is asked first, since it may save reading the others.
  const asked = [...ids.filter(go.isKept), ...ids.filter((id) => !go.isKept(id))];
  let isSure = true;
  for (let at = 0; at < asked.length; at += READ_AT_ONCE) {
    const texts = await Promise.all(asked.slice(at, at + READ_AT_ONCE).map(go.file));
    for (const text of texts) {
      const found = text?.declared(name).find(({ kind }) => kind !== 'method');
      if (found) return found;
      isSure &&= text !== undefined;
    }
  }
  return isSure ? undefined : 'unknown';
}

/** A `go.mod` may require hundreds of modules, and nobody here asks which. */
const withoutRequired = (text: string) => text.replace(/^require \([^()]*\)/gm, '');

const isGoFile = (name: string, entry: TreeEntry) =>
  entry.type === 'blob' && entry.mode !== '120000' && name.endsWith('.go') && !/^[_.]/.test(name);

function createGoText(body: Buffer): GoText {
  const text = once(() => body.toString('utf8'));
  const headText = once(() => text().slice(0, goHeadRange(text()).to));
  const head = once(() => readGoHead(headText()));
  const sections = once(() => goSections(text()));
  let isIndexed = false;
  const index = once(() => {
    isIndexed = true;
    return sectionsByName(text(), sections());
  });
  const declarations = once(() => goBodies(text()).flatMap((one) => readGoDeclarations(text(), one)));
  const imports = once(
    () => new Map(head().imports.map((one) => [one.alias ?? usualName(one.path), one.path])),
  );
  const bodiesWith = (wanted: (piece: string) => boolean) =>
    sections()
      .filter(({ from, to }) => wanted(text().slice(from, to)))
      .flatMap((section) => goBodies(text(), section));
  const mentions = (words: string) => body.includes(words);
  const usesIn = (one: GoBody) => readGoUses(text(), one);
  return {
    get text() {
      return text();
    },
    get sections() {
      return sections();
    },
    get headText() {
      return headText();
    },
    get head() {
      return head();
    },
    mentions,
    imports,
    declarations,
    declared(name) {
      if (!isIndexed && !mentions(name)) return [];
      return (index().get(name) ?? [])
        .flatMap((section) => goBodies(text(), section))
        .flatMap((one) => readGoDeclarations(text(), one))
        .filter((one) => one.name === name);
    },
    has: (word) => hasWord(text(), word),
    hasLine: (line) => hasLine(text(), line),
    lineAt: (at) =>
      text()
        .slice(text().lastIndexOf('\n', at - 1) + 1, endOfLine(text(), at))
        .trim(),
    usesIn,
    uses: (wanted) =>
      bodiesWith(wanted)
        .filter(({ from, to }) => wanted(text().slice(from, to)))
        .flatMap(usesIn),
  };
}

/** The sections that declare each name. Most begin with the only name they declare, and are not read for it. */
function sectionsByName(text: string, sections: readonly GoRange[]): Map<string, GoRange[]> {
  const found = new Map<string, GoRange[]>();
  for (const section of sections) {
    FIRST_NAME.lastIndex = section.from;
    const first = FIRST_NAME.exec(text)?.[1];
    const names =
      first === undefined
        ? goBodies(text, section).flatMap((body) => readGoDeclarations(text, body).map(({ name }) => name))
        : [first];
    for (const name of names) {
      const others = found.get(name);
      if (others) others.push(section);
      else found.set(name, [section]);
    }
  }
  return found;
}

const FIRST_NAME = /(?:func (?:\([^()\n]*\) )?|type )([\w\u0080-\uffff]+)/y;

const endOfLine = (text: string, at: number): number => {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
};

/** Whether a text has a line that reads so without the blanks around it. */
function hasLine(text: string, line: string): boolean {
  for (let at = text.indexOf(line); at >= 0; at = text.indexOf(line, at + 1)) {
    const before = text.slice(text.lastIndexOf('\n', at - 1) + 1, at);
    const after = text.slice(at + line.length, endOfLine(text, at + line.length));
    if (before.trim() === '' && after.trim() === '') return true;
  }
  return line === '';
}

function hasWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (!isWordSign(text.charCodeAt(at - 1)) && !isWordSign(text.charCodeAt(at + word.length))) return true;
  }
  return false;
}

const isWordSign = (code: number) =>
  (code >= 97 && code <= 122) ||
  (code >= 65 && code <= 90) ||
  (code >= 48 && code <= 57) ||
  code === 95 ||
  code > 127;

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
