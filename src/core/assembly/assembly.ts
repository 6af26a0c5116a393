import type { Commit, FixId } from '../base/ids.ts';
import type { Instant, Ms } from '../base/instant.ts';

/** What is to be carried over, as a person names it. */
export type Change =
  | { readonly kind: 'commits'; readonly commits: readonly Commit[] }
  /** `from` exclusive, `to` inclusive, first-parent order oldest first. */
  | { readonly kind: 'range'; readonly from: Commit; readonly to: Commit }
  | { readonly kind: 'git-revert'; readonly commit: Commit }
  | { readonly kind: 'pull-request'; readonly number: number; readonly url?: string }
  /** What `git format-patch` or `git diff` wrote; its author and time are kept when it names them. */
  | { readonly kind: 'patch'; readonly text: string };

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
  /** Machine time until the outcome was known and a candidate was kept. */
  readonly ms: Ms;
  /** Machine time after that, to look for signs that a clean candidate is not right. */
  readonly signsMs?: Ms;
};

/**
 * Whether a commit has a change, and how that is known: `ancestry`, `author and time`, `patch id`, `empty re-pick`,
 * `reverse pick`, `trailer`. `of`: the same for each source commit, oldest first; the whole is contained
 * when all of them are. `gitReverted`: it was there and a git revert took it away. `warnings`: where history and
 * content say different things, one sentence each.
 */
export type Containment = Answer & {
  readonly because: string;
  readonly of: readonly SourceContainment[];
  readonly warnings: readonly string[];
};
export type SourceContainment = Answer & { readonly source: Commit };
type Answer = {
  readonly contained: boolean;
  readonly how: readonly string[];
  /** The commit that is it, when one is known. */
  readonly commit?: Commit;
  readonly gitReverted: boolean;
};

/** What a path is for; generated files are made again by the build rather than merged. */
export const PATH_CLASSES = ['code', 'test', 'generated', 'docs', 'build'] as const;
export type PathClass = (typeof PATH_CLASSES)[number];

export type Conflict = {
  readonly path: string;
  /** git's word for it: `content`, `modify/delete`, `add/add`, … */
  readonly kind: string;
  readonly class: PathClass;
  /** The source commit whose pick failed. */
  readonly picking: Commit;
  /** Where in the file; none for a binary file, or for one that a side does not have. */
  readonly hunks: readonly Hunk[];
  /** Why there are no hunks, or not all of them. */
  readonly because?: string;
};

/**
 * One place of a file that both sides changed: the line (`ours`), the change (`theirs`), and what the change
 * was made on (`base`).
 *
 * same lines: both rewrote them. adjacent: no line was changed by both. both inserted: new lines at one place.
 * imports: only lines of an import block. lines absent: what the change rewrites is not on the line.
 */
export type Hunk = {
  readonly shape: 'same lines' | 'adjacent' | 'both inserted' | 'imports' | 'lines absent';
  readonly ours: HunkSide;
  readonly base: HunkSide;
  readonly theirs: HunkSide;
};

export type HunkSide = {
  /** Number of the first line in this side's file, from 1; where lines would stand when there are none. */
  readonly from: number;
  readonly count: number;
  /** The first of the lines, without line ends. */
  readonly lines: readonly string[];
  /** Who last touched these lines, newest first; of `theirs` the commit that is picked is left out. */
  readonly touchedBy: readonly Touch[];
};

export type Touch = {
  readonly commit: Commit;
  readonly subject: string;
  readonly author: string;
  readonly at: Instant;
  readonly pullRequest?: number;
};

export const PROPOSAL_KINDS = ['prerequisites', 'reuse', 'adjacent', 'regenerate'] as const;
export type ProposalKind = (typeof PROPOSAL_KINDS)[number];

/**
 * A remedy for a conflict that was tried and works; taking it needs a person's word.
 *
 * prerequisites: `commits` are put on before the change. reuse: `commits`, the same change as it was made for
 * another line, are put on in its place. adjacent: edits that touch no common line, and import blocks, are put
 * side by side. regenerate: everything is merged but the paths in `left`, which stay as the line has them.
 */
export type Proposal = {
  readonly kind: ProposalKind;
  /** incomplete: something is to be made again before the tree is whole, see `left`. */
  readonly outcome: 'clean' | 'incomplete';
  /** Oldest first. */
  readonly commits: readonly Commit[];
  readonly subjects: readonly string[];
  readonly tree: string;
  /** What would ride along and is not the change. `lines`: added and removed. */
  readonly passengers: { readonly commits: number; readonly files: number; readonly lines: number };
  readonly left: readonly { readonly path: string; readonly class: PathClass }[];
  /** What a person must still look at, one sentence each. */
  readonly look: readonly string[];
};
