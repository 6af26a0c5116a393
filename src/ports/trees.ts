import type { Commit } from '../core/base/ids.ts';
import type { Range, Wanted } from '../core/select/reading.ts';
import type { Facts } from '../core/select/sources.ts';

/** Reads commits of a repository on this machine without checking anything out. */
export type Trees = {
  /** The commits of `A..B`, or of `A...B` from where both parted. Throws a `SourceProblem` that names what is wrong. */
  resolve(
    range: string,
  ): Promise<{ readonly from: Commit; readonly to: Commit; readonly warnings: readonly string[] }>;
  /** The files of two commits and what they have unlike. Links that lead to a file are that file. */
  range(from: Commit, to: Commit): Promise<Range>;
  /** What blobs say. Those that are missing, or too large to be read, are named in `unread` and left out. */
  read(wanted: Wanted): Promise<Read>;
};

export type Read = { readonly facts: Facts; readonly unread: ReadonlyMap<string, 'missing' | 'too large'> };
