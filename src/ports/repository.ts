import type { Assembly, Change, Containment, ProposalKind } from '../core/assembly/assembly.ts';
import type { Explained } from '../core/assembly/explanation.ts';
import type { PathGlobs } from '../core/assembly/path-class.ts';
import type { Survey, Weight } from '../core/assembly/survey.ts';
import type { Commit, FixId } from '../core/base/ids.ts';
import type { Instant, Ms } from '../core/base/instant.ts';
import type { ScopeChange } from '../core/scope/change.ts';

/** Opens repositories by location (a directory or URL), keeping an own copy of each. */
export interface Repositories {
  /** Throws a `SourceProblem` when it is not a repository or cannot be reached. Fetches what is new. */
  open(location: string): Promise<Repository>;
}

/** One repository. Reads and writes objects and `fleetfix/` refs of the own copy only. */
export interface Repository {
  /** The git directory of the own copy, for reading trees (ports/trees.ts). Absent: there is none on this machine. */
  readonly gitDir?: string;
  /** The commit a name, tag, branch or id stands for; undefined when there is none. */
  resolve(name: string): Promise<Commit | undefined>;
  /** The source commits of a change, oldest first. Throws a `SourceProblem` naming the commit that is missing. */
  commitsOf(change: Change, branch: string): Promise<Commit[]>;
  /** Puts carried fixes, prerequisites and the change onto a commit, in memory. Same input, same commit id. */
  assemble(work: AssemblyWork): Promise<Assembly>;
  /** Whether a commit has the change already. Nothing is written. Throws a `SourceProblem` as `commitsOf` does. */
  contains(commit: Commit, change: Change, more: { readonly branch: string }): Promise<Containment>;
  /** Points `refs/heads/fleetfix/<fix>/<line>` at the candidate. */
  publish(fix: FixId, line: string, commit: Commit): Promise<void>;
  /** Keeps a candidate that belongs to no fix from being tidied away, and says where it can be fetched from. */
  keep(commit: Commit): Promise<{ readonly repository: string; readonly ref: string }>;
  /** A clean tree of the commit in a new folder, or only `paths` of it; the caller disposes of it. */
  checkout(
    commit: Commit,
    paths?: readonly string[],
  ): Promise<{ readonly dir: string; dispose(): Promise<void> }>;
  /** Author, time and subject for people. */
  describe(
    commit: Commit,
  ): Promise<{ readonly author: string; readonly at: string; readonly subject: string }>;
  /**
   * What a candidate is made of. Nothing is written. Throws a `SourceProblem` when the candidate or the release is not
   * there; a source commit that is not is a row that says so.
   */
  explain(work: ExplainWork): Promise<Explained>;
  /**
   * What a component is built from at each of the commits, and the commits by which they differ there. Nothing
   * is written. Throws a `SourceProblem` when a commit is not there, or a path is at none of them.
   */
  survey(work: SurveyWork): Promise<Surveyed>;
  /** What `to` changes against `from`, for the scope of a candidate. Throws a `SourceProblem` when a commit is not there. */
  change(from: Commit, to: Commit): Promise<ScopeChange>;
}

export type ExplainWork = {
  /** Whose candidate it is; what else its commits say they are for is carried. */
  readonly fix: FixId;
  /** The commit of the release that is deployed, which the candidate was put on. */
  readonly release: Commit;
  readonly candidate: Commit;
  /** Sources of the candidate's commits, in their order (`Assembly.picked`). */
  readonly picked: readonly Commit[];
  /** Those of them that ride along (`Assembly.passengers`). */
  readonly passengers: readonly Commit[];
  readonly change: Change;
  /** Changes of the fixes it carries: sources of theirs that were made of a patch are made again. */
  readonly carried: readonly Change[];
  readonly branch: string;
  /** As for the assembly. */
  readonly pathClasses?: PathGlobs;
  /** The change as another line has it was put on in its place. */
  readonly isReused: boolean;
  /** Without patches only counts and names are given. */
  readonly patches: boolean;
  /** Of all patches together. */
  readonly patchBytesMax: number;
};

export type SurveyWork = {
  /** Different from each other. */
  readonly commits: readonly Commit[];
  /** Files or folders of the component; `.` is the whole repository. What their Go packages import counts too. */
  readonly paths: readonly string[];
  /** Told what is being done, for people who wait. */
  readonly say?: (text: string) => void;
};

export type Surveyed = Survey & {
  /** What the commits change of the component as it is built at line `at` (its place in `lines`). */
  weigh(commits: readonly Commit[], at: number): Promise<Weight>;
};

export type AssemblyWork = {
  /** Written into the candidate; absent when it is assembled for no fix of a ledger. */
  readonly fix?: FixId;
  readonly line: string;
  readonly change: Change;
  /** Where merged pull requests are looked for, e.g. `main`. */
  readonly branch: string;
  readonly onto: Commit;
  /** Fixes the candidate must keep, in ledger order, that `onto` does not hold yet. */
  readonly carry: readonly {
    readonly fix?: FixId;
    readonly change: Change;
    readonly prerequisites: readonly Commit[];
  }[];
  readonly prerequisites: readonly Commit[];
  /**
   * A proposal a person took, by the tree they looked at. When the same remedy does not give that tree any
   * more, the work is refused. Prerequisites are taken by naming them above.
   */
  readonly accept?: { readonly kind: Exclude<ProposalKind, 'prerequisites'>; readonly tree: string };
  /** The component's own patterns of what a path is for; they win over the usual ones. */
  readonly pathClasses?: PathGlobs;
  /**
   * How generated files that a taken proposal left are made again: run in a checkout of the candidate, and only
   * those paths are taken over. Without it they stay as the line has them.
   */
  readonly regenerate?: { readonly command: readonly string[]; readonly timeoutMs: Ms };
  /** Whether signs that a clean candidate is not right are looked for; they are when not given. */
  readonly signs?: boolean;
  /** Proposals as if the repository had no commit made later: to replay the past. */
  readonly asOf?: Instant;
};

/** The repository or the change is not what was said: what, where, allowed, next. */
export class SourceProblem extends Error {
  override name = 'SourceProblem';
}
