import { pathClass } from '../assembly/path-class.ts';
import { addedLines, type ChangedFile, removedLines } from './change.ts';
import type { GoFileChange, GoPiece } from './go-file-change.ts';
import { lineFinder } from './line-finder.ts';
import { scriptPieces } from './script-pieces.ts';
import { isScript } from './text-signals.ts';

/** Lines that come and go, by what the files are for. Vendored and generated files are only counted. */
export type Size = {
  readonly code: Lines;
  readonly test: Lines;
  readonly docs: Lines;
  readonly build: Lines;
  readonly generatedFiles: number;
};
type Lines = { readonly files: number; readonly added: number; readonly removed: number };

/** Programs are written in these; other files that are neither tests nor documents still are part of the change. */
const SOURCE = /\.(go|[cm]?[jt]sx?|py|java|kt|rs|rb|c|cc|cpp|h|hpp|cs|php|swift|scala|sh|sql)$/;

export const isCode = ({ path }: ChangedFile): boolean => pathClass(path) === 'code' && SOURCE.test(path);

export function sizeOf(files: readonly ChangedFile[]): Size {
  const of = (kind: string): Lines => {
    const some = files.filter(({ path }) => pathClass(path) === kind);
    return {
      files: some.length,
      added: some.reduce((sum, file) => sum + addedLines(file), 0),
      removed: some.reduce((sum, file) => sum + removedLines(file), 0),
    };
  };
  const generatedFiles = files.filter(({ path }) => pathClass(path) === 'generated').length;
  return { code: of('code'), test: of('test'), docs: of('docs'), build: of('build'), generatedFiles };
}

const MANIFEST = /\.(ya?ml|json|toml|tmpl|tpl|tf)$/;

/** Lines that come in what is deployed as it stands: manifests, templates, tables of settings. */
export const manifestLines = (files: readonly ChangedFile[]): number =>
  files
    .filter(({ path }) => pathClass(path) === 'code' && MANIFEST.test(path))
    .reduce((sum, file) => sum + addedLines(file), 0);

/** Added lines of code by where they stand. `elsewhere`: imports, comments, new types and variables, new functions. */
export type Inside = { readonly existing: number; readonly elsewhere: number };

/** How many of the added lines of Go and scripts stand inside functions, types and variables that were there. */
export function insideExisting(files: readonly ChangedFile[], go: readonly GoFileChange[]): Inside {
  const known = new Map<string, ReadonlySet<string>>();
  for (const { was } of go)
    for (const { folder, key } of was) known.set(folder, new Set([...(known.get(folder) ?? []), key]));
  const all = [
    ...go.map(({ file, is }) => ({
      file,
      spans: is.filter((one) => known.get(one.folder)?.has(one.key)).flatMap(spanIn(file)),
    })),
    ...files.filter(isScript).map((file) => ({ file, spans: scriptSpans(file) })),
  ];
  let [existing, elsewhere] = [0, 0];
  for (const { file, spans } of all)
    for (const { is } of file.hunks)
      for (let line = is.from; line < is.from + is.count; line += 1)
        if (spans.some((span) => line >= span.from && line <= span.to)) existing += 1;
        else elsewhere += 1;
  return { existing, elsewhere };
}

type Span = { readonly from: number; readonly to: number };

/** Only functions count: a line in an old group of constants or in an old type is a new name more often than not. */
const spanIn = ({ now = '' }: ChangedFile) => {
  const lineAt = lineFinder(now);
  return ({ body, declared }: GoPiece): Span[] =>
    declared.kind === 'func' || declared.kind === 'method'
      ? [{ from: lineAt(body.from), to: lineAt(Math.max(body.from, body.to - 1)) }]
      : [];
};

function scriptSpans({ before = '', now = '' }: ChangedFile): Span[] {
  const had = new Set(scriptPieces(before).map(({ name }) => name));
  return scriptPieces(now).filter(({ name }) => had.has(name));
}
