import type { Span, ThreeTexts } from './three-way.ts';

/** Languages whose import blocks can be put together. */
export type ImportLanguage = 'go' | 'script' | 'python';

const BY_END: readonly (readonly [RegExp, ImportLanguage])[] = [
  [/\.go$/, 'go'],
  [/\.[cm]?[jt]sx?$/, 'script'],
  [/\.py$/, 'python'],
];

export function importLanguage(path: string): ImportLanguage | undefined {
  return BY_END.find(([end]) => end.test(path))?.[1];
}

/** What one line of an import block brings in: `from`, under `name` when the line gives one. */
type Import = { readonly from: string; readonly name: string };

const GO_IMPORT = /^\s*(?:([\w.]+)\s+)?(?:"([^"]+)"|`([^`]+)`)\s*(?:\/\/.*|\/\*.*\*\/)?$/;
const SCRIPT_IMPORT = /^import\b(?:[^'"]*\bfrom)?\s*(['"])([^'"]+)\1\s*;?\s*$/;
const PYTHON_IMPORT = /^(?:from\s+(\S+)\s+import\s+([^(\\]+)|import\s+([^(\\]+))$/;

function importOf(line: string, language: ImportLanguage): Import | undefined {
  const text = line.trimEnd();
  if (language === 'go') {
    const found = GO_IMPORT.exec(text);
    return found ? { from: (found[2] ?? found[3])!, name: found[1] ?? '' } : undefined;
  }
  if (language === 'script') {
    const found = SCRIPT_IMPORT.exec(text);
    return found ? { from: found[2]!, name: text.startsWith('import type') ? 'type' : '' } : undefined;
  }
  const found = PYTHON_IMPORT.exec(text);
  return found
    ? { from: found[1] ?? found[3]!.trim(), name: found[1] === undefined ? 'import' : '' }
    : undefined;
}

/**
 * The lines of the first import block: in Go what stands between `import (` and `)`; elsewhere the first
 * run of imports of one line each. Undefined when there is none, or a line in it cannot be read.
 */
export function importBlock(lines: readonly string[], language: ImportLanguage): Span | undefined {
  return language === 'go' ? goBlock(lines) : plainBlock(lines, language);
}

const isEmpty = (line: string) => line.trim() === '';

function goBlock(lines: readonly string[]): Span | undefined {
  const from = lines.findIndex((line) => /^import \(\s*$/.test(line)) + 1;
  const to = lines.findIndex((line, i) => i >= from && /^\)\s*$/.test(line));
  if (from === 0 || to < 0) return undefined;
  const isKnown = (line: string) =>
    isEmpty(line) || /^\s*\/\//.test(line) || importOf(line, 'go') !== undefined;
  return lines.slice(from, to).every(isKnown) ? { from, to } : undefined;
}

function plainBlock(lines: readonly string[], language: ImportLanguage): Span | undefined {
  const from = lines.findIndex((line) => importOf(line, language) !== undefined);
  if (from < 0) return undefined;
  let to = from;
  for (let i = from; i < lines.length; i += 1) {
    if (importOf(lines[i]!, language) !== undefined) to = i + 1;
    else if (!isEmpty(lines[i]!)) break;
  }
  return { from, to };
}

/**
 * One import block out of three: what the line has, with what the change added, without what it took out.
 *
 * `blocks` are the lines of the blocks. In Go an added import stands in the group of those beside it, in the
 * order gofmt gives; elsewhere after the one it follows in the change. Undefined when sides contradict each other:
 * one name for two things, one thing brought in twice, comments that differ, nothing in common.
 */
export function mergeImports(blocks: ThreeTexts, language: ImportLanguage): string[] | undefined {
  const known = new Set(blocks.base);
  const kept = new Set(blocks.theirs);
  const has = new Set(blocks.ours);
  const added = blocks.theirs.filter((line) => !isEmpty(line) && !known.has(line) && !has.has(line));
  const removed = new Set(blocks.base.filter((line) => !isEmpty(line) && !kept.has(line)));
  if ([...added, ...removed].some((line) => importOf(line, language) === undefined)) return undefined;
  let groups = groupsOf(blocks.ours.filter((line) => !removed.has(line)));
  for (const line of added) {
    const next = withImport(groups, { line, block: blocks.theirs }, language);
    if (next === undefined) return undefined;
    groups = next;
  }
  const merged = groups.flatMap((group, i) => (i === 0 ? group : [blankOf(blocks), ...group]));
  return contradicts(merged, blocks, language) ? undefined : merged;
}

/** Runs of lines between empty lines; one whose lines were all taken out is gone. */
function groupsOf(lines: readonly string[]): string[][] {
  const groups: string[][] = [[]];
  for (const line of lines) {
    if (isEmpty(line)) groups.push([]);
    else groups.at(-1)!.push(line);
  }
  return groups.filter((group) => group.length > 0);
}

const groupOf = (lines: readonly string[], line: string) =>
  groupsOf(lines).find((group) => group.includes(line)) ?? [];

const blankOf = (blocks: ThreeTexts) => blocks.ours.find(isEmpty) ?? blocks.theirs.find(isEmpty) ?? '\n';

/** `line` and the whole block it is added by. */
type Added = { readonly line: string; readonly block: readonly string[] };

/**
 * Into the group that shares most lines with the one the import stands among, of equals the first. A group that
 * shares none is new: it follows the group of the nearest line before it.
 */
function withImport(
  groups: readonly string[][],
  added: Added,
  language: ImportLanguage,
): string[][] | undefined {
  const { line } = added;
  const among = groupOf(added.block, line);
  const shared = groups.map((group) => group.filter((one) => among.includes(one)).length);
  const most = Math.max(0, ...shared);
  if (most === 0) return withNewGroup(groups, added);
  const chosen = groups[shared.indexOf(most)]!;
  const at = language === 'go' ? placeInGo(chosen, line) : placeAfterNeighbour(chosen, among, line);
  return groups.map((group) => (group === chosen ? group.toSpliced(at, 0, line) : group));
}

/** Undefined when the blocks have no line in common to go by. */
function withNewGroup(groups: readonly string[][], { line, block }: Added): string[][] | undefined {
  const isKnown = (one: string) => !isEmpty(one) && groups.some((group) => group.includes(one));
  const before = block.slice(0, block.indexOf(line)).findLast(isKnown);
  if (before !== undefined)
    return groups.toSpliced(groups.findIndex((group) => group.includes(before)) + 1, 0, [line]);
  return block.some(isKnown) ? [[line], ...groups] : undefined;
}

/** gofmt sorts by path, then name, within a run of imports; comments of their own line stay with what follows. */
function placeInGo(group: readonly string[], line: string): number {
  const own = importOf(line, 'go')!;
  const isLater = (other: Import | undefined) =>
    other !== undefined && (other.from > own.from || (other.from === own.from && other.name > own.name));
  const later = group.findIndex((other) => isLater(importOf(other, 'go')));
  return later < 0 ? group.length : later;
}

function placeAfterNeighbour(group: readonly string[], among: readonly string[], line: string): number {
  const before = among.slice(0, among.indexOf(line)).findLast((other) => group.includes(other));
  return before === undefined ? 0 : group.indexOf(before) + 1;
}

/** Whether one thing is brought in twice, or two things under one name, and neither side alone did so. */
function contradicts(merged: readonly string[], blocks: ThreeTexts, language: ImportLanguage): boolean {
  const twice = (lines: readonly string[]) => {
    const imports = lines.flatMap((line) => importOf(line, language) ?? []);
    return new Set([
      ...repeated(imports.map((one) => `from ${one.from}`)),
      ...repeated(language === 'go' ? imports.flatMap(goName) : []),
    ]);
  };
  const before = new Set([...twice(blocks.ours), ...twice(blocks.theirs)]);
  return [...twice(merged)].some((one) => !before.has(one));
}

function repeated(all: readonly string[]): string[] {
  return all.filter((one, i) => all.indexOf(one) !== i);
}

/** The name in the file: the one that is given, else most often the last part of the path that is no version. */
function goName({ from, name }: Import): string[] {
  if (name === '_' || name === '.') return [];
  const parts = from.split('/').filter((part, i) => i === 0 || !/^v\d+$/.test(part));
  return [name || parts.at(-1)!];
}
