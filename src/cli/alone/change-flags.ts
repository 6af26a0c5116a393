import type { Change } from '../../core/assembly/assembly.ts';
import { changeOf } from '../rev.ts';

/** A change as `assemble` and `contains` take it. */
export type AloneChangeFlags = {
  /** Commits with commas, several times, or one range `A..B`. */
  readonly change?: readonly string[];
  readonly gitRevert?: string;
  readonly patch?: string;
  readonly pr?: string;
};

/** The change the flags name; exactly one of them is needed. */
export function aloneChangeOf({ change: named, gitRevert, patch, pr }: AloneChangeFlags): Change {
  const change = named?.join(',');
  const commits = change === undefined ? {} : change.includes('..') ? { range: change } : { commit: change };
  return changeOf(
    { ...commits, ...(gitRevert && { gitRevert }), ...(patch && { patch }), ...(pr && { pr }) },
    {
      commit: '--change',
      range: '--change',
      all: '--change SHA[,SHA]|A..B, --git-revert SHA, --patch FILE, --pr N',
    },
  );
}
