import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { fail, ok, type Result } from '../../core/base/result.ts';
import type { Fault, Path } from './fault.ts';

/** Line and column, both from 1. */
export type Place = { readonly line: number; readonly column: number };

/** A parsed file: its value, and where in the text each part of it stands. */
export type Source = {
  readonly value: unknown;
  /** Where a fault is; for a part that is missing, where the part that should hold it begins. */
  readonly placeOf: (fault: Pick<Fault, 'path' | 'at'>) => Place;
};

export type SourceFault = Place & { readonly text: string };

/** Aliases may not unfold a small file into a large one. */
const ALIASES_MAX = 100;
const TOP: Place = { line: 1, column: 1 };

/**
 * Parses YAML 1.2 (its core schema: no tags of programs, no merge keys, `yes` is text).
 * The faults are those of the text itself: malformed, a key twice, several documents, an unknown tag.
 */
export function parseSource(text: string): Result<Source, readonly SourceFault[]> {
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      version: '1.2',
      merge: false,
      // What would be printed as a warning is a fault of the schema's, with a place.
      logLevel: 'error',
    });
    const faults = [...document.errors, ...document.warnings].map((problem) => ({
      ...placeAt(lines, problem.pos[0]),
      text: problem.message,
    }));
    if (faults.length > 0) return fail(faults);
    const value: unknown = document.toJS({ maxAliasCount: ALIASES_MAX });
    return ok({ value, placeOf: (fault) => placeOf(document, lines, fault) });
  } catch (problem) {
    // Nesting is followed by recursion, in parsing and in reading.
    if (problem instanceof RangeError) return fail([{ ...TOP, text: 'nested too deeply' }]);
    if (problem instanceof ReferenceError) return fail([{ ...TOP, text: problem.message }]);
    throw problem;
  }
}

function placeOf(document: Document, lines: LineCounter, fault: Pick<Fault, 'path' | 'at'>): Place {
  let node: Node | null = document.contents;
  let place = beginning(lines, node) ?? TOP;
  for (const [index, step] of fault.path.entries()) {
    const found = below(document, node, step);
    if (found === undefined) return place;
    const isLast = index === fault.path.length - 1;
    const wanted = isLast && fault.at === 'key' ? found.key : (found.value ?? found.key);
    place = beginning(lines, wanted) ?? place;
    node = found.value;
  }
  return place;
}

type Pair = { readonly key: Node | null; readonly value: Node | null };

function below(document: Document, holder: Node | null, step: Path[number]): Pair | undefined {
  const node = isAlias(holder) ? (holder.resolve(document) ?? null) : holder;
  if (isMap<Node, Node | null>(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
    return pair && { key: pair.key, value: pair.value };
  }
  if (!isSeq<Node>(node) || typeof step !== 'number') return undefined;
  const item = node.items[step];
  return item && { key: item, value: item };
}

const beginning = (lines: LineCounter, node: Node | null): Place | undefined =>
  node?.range ? placeAt(lines, node.range[0]) : undefined;

function placeAt(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}
