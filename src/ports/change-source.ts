import type { ScopeChange } from '../core/scope/change.ts';

/** Reads what a range of commits changes. Nothing is written to the repository. */
export interface ChangeSource {
  /**
   * `isFromFork`: the range is `A...B`, from where the two went apart. Throws a `SourceProblem` when the repository
   * or a commit is not there. What is too large or no text is left out and said in the warnings.
   */
  read(
    location: string,
    range: { readonly from: string; readonly to: string; readonly isFromFork?: boolean },
  ): Promise<ScopeChange>;
}
