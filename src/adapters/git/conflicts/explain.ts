import type { Conflict, Hunk, HunkSide, PathClass, Touch } from '../../../core/assembly/assembly.ts';
import { type FoundHunk, HUNKS_MAX, hunksOf } from '../../../core/assembly/hunks.ts';
import { pathClass } from '../../../core/assembly/path-class.ts';
import type { Span, ThreeTexts } from '../../../core/assembly/three-way.ts';
import type { Commit } from '../../../core/base/ids.ts';
import type { Ms } from '../../../core/base/instant.ts';
import type { Step } from '../change/steps.ts';
import type { Store } from '../objects/store.ts';
import { visibleLine } from '../objects/visible-text.ts';
import { type Blamed, blame, touchesOf } from './blame.ts';
import { type NotClean, readTexts, type Sides, sidesAt } from './sides.ts';

/** A pick that failed, and how long who touched the lines may be looked for. */
export type Failed = {
  readonly merged: NotClean;
  readonly step: Pick<Step, 'source' | 'isRevert'>;
  readonly onto: Commit;
  readonly searchMs: Ms;
  /** What a path is for; by the usual rules when not given. */
  readonly classOf?: (path: string) => PathClass;
};

const BLAMES_MAX = 15;

/** What each path of a failed pick is, where both sides changed it, and who touched those lines before. */
export async function explainConflicts(store: Store, failed: Failed): Promise<Conflict[]> {
  const limits = limitsOf(failed.searchMs);
  const conflicts: Conflict[] = [];
  for (const [i, bytes] of failed.merged.paths.entries()) {
    const { path, kind } = failed.merged.conflicts[i]!;
    const sides = sidesAt(failed.merged, bytes);
    const explained = await hunksAt(store, { failed, path, bytes, sides, limits });
    conflicts.push({
      path,
      kind,
      class: (failed.classOf ?? pathClass)(path),
      picking: failed.step.source,
      ...explained,
    });
  }
  return conflicts;
}

/** What is left of the limits that all files share. */
type Limits = { hunks: number; blames: number; readonly leftMs: () => Ms };

function limitsOf(searchMs: Ms): Limits {
  const endAt = performance.now() + searchMs;
  return { hunks: HUNKS_MAX.perAssembly, blames: BLAMES_MAX, leftMs: () => endAt - performance.now() };
}

type At = {
  readonly failed: Failed;
  readonly path: string;
  readonly bytes: Buffer;
  readonly sides: Sides;
  readonly limits: Limits;
};

async function hunksAt(store: Store, at: At): Promise<Pick<Conflict, 'hunks' | 'because'>> {
  const read = await readTexts(store, at.sides);
  if (!read.texts) return { hunks: [], ...(read.because === undefined ? {} : { because: read.because }) };
  const found = hunksOf(read.texts, at.path);
  const shown = found.hunks.slice(0, at.limits.hunks);
  at.limits.hunks -= shown.length;
  const because =
    found.because ??
    (shown.length < found.count ? `${shown.length} of ${found.count} hunks are shown` : undefined);
  const blamed = await blameSides(store, at, shown);
  const hunks: Hunk[] = [];
  for (const hunk of shown) hunks.push(await hunkOf(store, hunk, read.texts, blamed));
  return { hunks, ...(because === undefined ? {} : { because }) };
}

type BlamedSides = { readonly ours: Blamed; readonly base: Blamed };

async function blameSides(store: Store, at: At, hunks: readonly FoundHunk[]): Promise<BlamedSides> {
  const { failed, bytes, sides, limits } = at;
  const ask = async (side: 'ours' | 'base', commit: Commit | undefined): Promise<Blamed> => {
    const blob = sides[side]?.blob;
    if (commit === undefined || blob === undefined || limits.blames <= 0) return new Map();
    limits.blames -= 1;
    const spans = hunks.map((hunk) => hunk[side]);
    return blame(store, { commit, path: bytes, blob, spans, leftMs: limits.leftMs() });
  };
  const [ours, base] = await Promise.all([
    ask('ours', failed.onto),
    ask('base', await madeOn(store, failed)),
  ]);
  return { ours, base };
}

/** The commit whose tree the change was made on; for a git revert that is the commit it takes back. */
async function madeOn(store: Store, { step }: Failed): Promise<Commit | undefined> {
  if (step.isRevert) return step.source;
  return (await store.findCommit(step.source))?.parents[0];
}

async function hunkOf(store: Store, found: FoundHunk, texts: ThreeTexts, by: BlamedSides): Promise<Hunk> {
  const [ours, base, theirs] = await Promise.all([
    touchesOf(store, by.ours, linesIn(found.ours)),
    touchesOf(store, by.base, linesIn(found.base)),
    // What the picked commit did not write itself is as the base has it.
    touchesOf(store, by.base, found.keptByTheirs),
  ]);
  return {
    shape: found.shape,
    ours: sideOf(texts.ours, found.ours, ours),
    base: sideOf(texts.base, found.base, base),
    theirs: sideOf(texts.theirs, found.theirs, theirs),
  };
}

const linesIn = (span: Span) => Array.from({ length: span.to - span.from }, (_, i) => span.from + i);

function sideOf(lines: readonly string[], span: Span, touchedBy: readonly Touch[]): HunkSide {
  const shown = lines.slice(span.from, Math.min(span.to, span.from + HUNKS_MAX.linesPerSide));
  return { from: span.from + 1, count: span.to - span.from, lines: shown.map(lineText), touchedBy };
}

/** A line for people; that a file ends its lines with carriage returns is no part of a conflict. */
const lineText = (line: string): string => visibleLine(Buffer.from(line.replace(/\r?\n$/, ''), 'latin1'));
