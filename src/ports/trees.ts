import type { Commit } from '../core/base/ids.ts';
import type { Surveyed } from '../core/select/affected.ts';

/** Reads commits of a repository on this machine without checking anything out. */
export type Trees = {
  /** The commits of `A..B`, or of `A...B` from where both parted. Throws a `SourceProblem` that names what is wrong. */
  resolve(
    range: string,
  ): Promise<{ readonly from: Commit; readonly to: Commit; readonly warnings: readonly string[] }>;
  /** Who imports whom in both commits and what they have unlike. Throws a `SourceProblem` when a tree is missing. */
  survey(from: Commit, to: Commit): Promise<TreeSurvey>;
};

export type TreeSurvey = {
  readonly surveyed: Surveyed;
  /** Texts of tests that may read files that nothing else is known of, by blob id. */
  readonly texts: ReadonlyMap<string, string>;
  /** Files that could not be read, by name. */
  readonly warnings: readonly string[];
};
