import type { Conflict, Touch } from '../assembly/assembly.ts';
import type { DeployedDiff, PickRow } from '../assembly/explanation.ts';
import type { FixId } from '../base/ids.ts';
import type { Instant } from '../base/instant.ts';
import type { LineView, ProposalView } from './fix-view.ts';

/** What the candidates of a fix are made of, line by line; where there is none, what stands in the way. */
export type DiffView = {
  readonly fix: FixId;
  readonly version: number;
  readonly at: Instant;
  readonly title: string;
  readonly lines: readonly LineDiffView[];
};

export type LineDiffView = Pick<
  LineView,
  'line' | 'targets' | 'outcome' | 'because' | 'commit' | 'accepted' | 'conflicting'
> & {
  /** The commit of the release that is deployed. */
  readonly release: string;
  /** The commits of the candidate against their sources; empty without a candidate. */
  readonly picks: readonly PickRow[];
  /** Absent without a candidate. */
  readonly deployed?: DeployedDiff;
  /** Commits that ride along and are not the change: prerequisites a person chose. */
  readonly passengers: readonly Touch[];
  /** Earlier fixes the candidate keeps. */
  readonly carries: readonly { readonly fix: FixId; readonly title: string }[];
  readonly warnings: readonly string[];
  readonly conflicts: readonly Conflict[];
  readonly proposals: readonly ProposalView[];
};
