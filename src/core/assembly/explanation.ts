import type { Commit, FixId } from '../base/ids.ts';
import type { PathClass, Touch } from './assembly.ts';

/**
 * How much of an explanation is given. `patchLines`: of one file, or of the difference of one commit. `patchBytes`:
 * of all patches of one answer together. `files`: named one by one. `commits`: compared with their sources.
 */
export const EXPLAINED_MAX = {
  patchLines: 2_000,
  patchBytes: 1024 * 1024,
  files: 200,
  commits: 200,
} as const;

/**
 * One commit of a candidate held against the commit it was made of, as `git range-diff` marks it:
 * `=` the same change, `!` another one (`patch` says how), `<` only the source: it was not put on, `>` only the
 * candidate: its source is not in the repository any more, `?` not compared. `because` says why for the last three.
 */
export type PickRow = {
  readonly mark: '=' | '!' | '<' | '>' | '?';
  readonly role: 'change' | 'prerequisite' | 'carried';
  /** Of a carried fix: which. */
  readonly fix?: FixId;
  readonly source?: Touch;
  readonly candidate?: Touch;
  /** The source is taken back, not put on. */
  readonly isRevert: boolean;
  readonly because?: string;
  /** The difference between the two patches, as `git range-diff` writes it. */
  readonly patch: readonly string[];
  /** Lines of it that are not given. */
  readonly leftOut: number;
};

/** One file that differs between what is deployed and the candidate. Paths are quoted as git does when they are not clean UTF-8. */
export type FileDiff = {
  readonly path: string;
  /** The path before, when it was renamed. */
  readonly from?: string;
  readonly did: 'added' | 'deleted' | 'modified' | 'renamed';
  readonly class: PathClass;
  readonly isBinary: boolean;
  /** Lines; 0 in a binary file. */
  readonly added: number;
  readonly removed: number;
  /** `100644 → 100755`, when the mode changed. */
  readonly mode?: string;
  /** Hunks of the unified patch, from the first `@@`. */
  readonly patch: readonly string[];
  /** Lines of it that are not given. */
  readonly leftOut: number;
};

/** Everything that differs between what is deployed and the candidate. */
export type DeployedDiff = {
  readonly from: Commit;
  readonly to: Commit;
  /** Counts over all files, named here or not. */
  readonly total: { readonly files: number; readonly added: number; readonly removed: number };
  readonly files: readonly FileDiff[];
  /** What is not given, one sentence each; empty: everything is. */
  readonly leftOut: readonly string[];
  /** Shows the rest, in a clone that has both commits. */
  readonly command: string;
};

/** What a candidate is made of: its commits against their sources, its files against what is deployed, and who rides along. */
export type Explained = {
  /** In the order of the candidate's commits; source commits that were not put on come last. */
  readonly picks: readonly PickRow[];
  readonly deployed: DeployedDiff;
  readonly passengers: readonly Touch[];
};
