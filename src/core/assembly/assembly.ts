import type { Commit, FixId } from '../base/ids.ts';
import type { Ms } from '../base/instant.ts';

/** What is to be carried over, as a person names it. */
export type Change =
  | { readonly kind: 'commits'; readonly commits: readonly Commit[] }
  /** `from` exclusive, `to` inclusive, first-parent order oldest first. */
  | { readonly kind: 'range'; readonly from: Commit; readonly to: Commit }
  | { readonly kind: 'git-revert'; readonly commit: Commit }
  | { readonly kind: 'pull-request'; readonly number: number; readonly url?: string };

/**
 * The control planes whose component was built from one base commit.
 *
 * `release`: the commit of the release image below any fix of ours; equals `base` on a line that
 * carries none. `carries`: fixes already in `base`, in ledger order; a candidate keeps them.
 */
export type Line = {
  readonly name: string;
  readonly component: string;
  readonly base: Commit;
  readonly release: Commit;
  readonly carries: readonly FixId[];
  readonly versions: readonly string[];
  readonly targets: number;
};

/**
 * The outcome of putting a change onto one commit; one shape for every outcome.
 *
 * clean: `commit` and `tree` are the candidate. contained: `base` has the change, `contained` says how
 * that is known. empty: the pick changes nothing though no signal says it is contained. conflict: `conflicts`
 * names the files; `proposals` are remedies that were tried and work, none of them included.
 * refused: the input cannot be assembled; `because` says why.
 */
export type Assembly = {
  readonly onto: Commit;
  readonly outcome: 'clean' | 'contained' | 'empty' | 'conflict' | 'refused';
  readonly because: string;
  readonly commit?: Commit;
  readonly tree?: string;
  /** Source commits put on, in order, carried fixes and chosen prerequisites included. */
  readonly picked: readonly Commit[];
  readonly contained?: {
    readonly how: readonly string[];
    readonly commit?: Commit;
    readonly gitReverted: boolean;
  };
  readonly conflicts: readonly Conflict[];
  readonly proposals: readonly Proposal[];
  readonly warnings: readonly string[];
  /** Commits that ride along and are not the change: the chosen prerequisites. */
  readonly passengers: readonly Commit[];
  /** Machine time. */
  readonly ms: Ms;
};

export type Conflict = {
  readonly path: string;
  /** git's word for it: `content`, `modify/delete`, `add/add`, … */
  readonly kind: string;
  /** The source commit whose pick failed. */
  readonly picking: Commit;
};

/** Earlier commits that would make the pick clean. Including them needs a person's word. */
export type Proposal = {
  readonly kind: 'prerequisites';
  readonly commits: readonly Commit[];
  readonly subjects: readonly string[];
  readonly files: number;
  readonly lines: number;
  readonly tree: string;
};
