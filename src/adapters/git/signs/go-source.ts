import {
  type GoDeclaration,
  type GoOutline,
  readGoDeclarations,
  usualName,
} from '../../../core/code/go-declarations.ts';
import { type GoUse, type GoUses, readGoUses } from '../../../core/code/go-uses.ts';
import type { TreeEntry } from '../tree-object.ts';
import { createTrees, type ObjectSource, type Trees } from '../trees.ts';

/** A Go file that was read. */
export type GoText = {
  readonly text: string;
  readonly outline: GoOutline;
  /** Trimmed lines, for asking whether a line is there at all. */
  lines(): ReadonlySet<string>;
  /** Lines in order, untrimmed; the first is at 0. */
  lineList(): readonly string[];
  /** The name of each import in the code below, and its path. */
  imports(): ReadonlyMap<string, string>;
  /** What the pieces that `wanted` takes use of others: `of` is never a name of the piece itself. */
  uses(wanted?: (piece: string) => boolean): GoUse[];
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
  /** Any text file. */
  text(tree: string, path: string): Promise<string | undefined>;
  /**
   * Finds a package-level name in the files of a folder. `unknown`: a file that may have it cannot be read.
   * `but`: blobs that need not be looked at.
   */
  find(folder: GoFolder, name: string, but: ReadonlySet<string>): Promise<FoundName | 'unknown' | undefined>;
};

export type FoundName = {
  readonly file: string;
  readonly outline: GoOutline;
  readonly declaration: GoDeclaration;
};

const BYTES_MAX = 2 * 1024 * 1024;
const KEPT_CHARACTERS = 48 * 1024 * 1024;

export function createGoSource(source: ObjectSource): GoSource {
  const trees = createTrees(source);
  const kept = new Map<string, Promise<GoText | undefined>>();
  let characters = 0;
  const read = async (blob: string) => {
    const found = await source.read(blob).catch(() => undefined);
    if (found?.type !== 'blob' || !found.body || found.size > BYTES_MAX) return undefined;
    return found.body.toString('utf8');
  };
  const file = (blob: string) => {
    const known = kept.get(blob);
    if (known) return known;
    if (characters > KEPT_CHARACTERS) {
      kept.clear();
      characters = 0;
    }
    const made = read(blob).then((text) => {
      characters += text?.length ?? 0;
      return text === undefined ? undefined : createGoText(text);
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
    async text(tree, path) {
      const entry = await trees.at(tree, path);
      return entry?.type === 'blob' ? read(entry.id) : undefined;
    },
    async find(folder, name, but) {
      const asked = [...folder].filter(([, entry]) => !but.has(entry.id));
      const files = await Promise.all(asked.map(async ([at, entry]) => ({ at, go: await file(entry.id) })));
      for (const { at, go } of files) {
        if (!go?.text.includes(name)) continue;
        const declaration = go.outline.declarations.find((one) => one.name === name && one.kind !== 'method');
        if (declaration) return { file: at, outline: go.outline, declaration };
      }
      return files.some(({ go }) => go === undefined) ? 'unknown' : undefined;
    },
  };
}

const isGoFile = (name: string, entry: TreeEntry) =>
  entry.type === 'blob' && entry.mode !== '120000' && name.endsWith('.go') && !/^[_.]/.test(name);

function createGoText(text: string): GoText {
  const outline = once(() => readGoDeclarations(text));
  const lineList = once(() => text.split('\n'));
  const lines = once(() => new Set(lineList().map((line) => line.trim())));
  const imports = once(
    () => new Map(outline().imports.map((one) => [one.alias ?? usualName(one.path), one.path])),
  );
  return {
    text,
    get outline() {
      return outline();
    },
    lines,
    lineList,
    imports,
    has: (word) => hasWord(text, word),
    uses: (wanted = () => true) =>
      outline()
        .bodies.filter((body) => wanted(text.slice(body.from, body.to)))
        .flatMap((body) => foreignUses(readGoUses(text, body))),
  };
}

/** Without the piece's own names; a member of such a name stays, its owner unnamed: it may be a method of the package. */
function foreignUses({ uses, own }: GoUses): GoUse[] {
  return uses
    .filter((use) => use.isMember || !own.has(use.name))
    .map((use) => {
      const { of, ...rest } = use;
      return of !== undefined && own.has(of) ? rest : use;
    });
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
