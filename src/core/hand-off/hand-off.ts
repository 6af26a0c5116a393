import type { Touch } from '../assembly/assembly.ts';
import type { FileDiff, PickRow } from '../assembly/explanation.ts';
import type { Commit, Digest, FixId } from '../base/ids.ts';
import type { Instant } from '../base/instant.ts';
import type { Role } from '../base/roles.ts';
import type { State } from '../life/fix.ts';
import type { Severity } from '../life/policy.ts';
import type { CheckKind, Finding, GateState } from '../proof/proof.ts';
import type { SelectedSuite, SelectedTest, Selection } from '../select/selection.ts';
import type { LineView } from '../views/fix-view.ts';

/**
 * What whoever tests a fix must know, at one version of it. Whatever it says of a line is of the image named there by
 * digest and of no other: another digest needs another hand-off.
 */
export type HandOff = {
  readonly fix: FixId;
  readonly version: number;
  readonly at: Instant;
  readonly title: string;
  readonly severity: Severity;
  readonly state: State;
  readonly incident?: string;
  readonly symptom?: string;
  readonly reason: string;
  readonly author: string;
  readonly declaredAt: Instant;
  readonly component: string;
  /** The fix that must be in place first. */
  readonly after?: FixId;
  /** The change as it was named: `pull request #12`, `commit 5cd2f01a9b3c`, `a patch`. */
  readonly change: string;
  /** What is to be tested, in the order of the lines; empty: nothing is built yet. */
  readonly images: readonly { readonly line: string; readonly digest: Digest }[];
  readonly lines: readonly HandOffLine[];
  readonly back: HowTo;
  readonly contacts: readonly Contact[];
};

export type HandOffLine = Pick<
  LineView,
  'line' | 'versions' | 'targets' | 'outcome' | 'because' | 'build' | 'prepared'
> & {
  /** The commit that is deployed, and the release below it. */
  readonly base: Commit;
  readonly release: Commit;
  readonly candidate?: Commit;
  /** Absent: there is no image, and nothing to test. */
  readonly digest?: Digest;
  /** Where it is pulled from, by digest. */
  readonly image?: string;
  /** Images this line had before, latest first: a verdict on one of them is none on this. */
  readonly earlier: readonly { readonly digest: Digest; readonly builtAt: Instant }[];
  /** The commits of the candidate, in their order. */
  readonly commits: readonly HandOffCommit[];
  readonly passengers: readonly Touch[];
  readonly carries: readonly { readonly fix: FixId; readonly title: string }[];
  readonly warnings: readonly string[];
  /** Absent: there is no candidate, or `notRead` says why it is not known. */
  readonly deployed?: DeployedFiles;
  readonly notRead?: string;
  /** The gate that judges whether it is a fix of what exists; absent: no gate of the component does. */
  readonly scope?: HandOffGate;
  readonly gates: readonly HandOffGate[];
  /** Absent without a candidate. */
  readonly tests?: HandOffTests;
  /** Absent without an image. */
  readonly cluster?: HowTo;
};

export type HandOffCommit = Pick<PickRow, 'mark' | 'role' | 'fix' | 'isRevert' | 'because'> & {
  readonly commit?: Commit;
  readonly source?: Commit;
  readonly subject: string;
  readonly pullRequest?: number;
};

export type DeployedFiles = {
  readonly from: Commit;
  readonly to: Commit;
  readonly total: { readonly files: number; readonly added: number; readonly removed: number };
  readonly files: readonly Omit<FileDiff, 'patch' | 'leftOut'>[];
  readonly leftOut: readonly string[];
  /** Shows the patch: with Fleetfix, and in a clone that has both commits. */
  readonly commands: readonly string[];
};

export type HandOffGate = {
  readonly gate: string;
  readonly check?: CheckKind;
  readonly state: GateState;
  readonly blocks: boolean;
  readonly because: string;
  readonly until?: Instant;
  readonly findings?: readonly Finding[];
  readonly waiver?: { readonly by: string; readonly reason: string; readonly at: Instant };
  /** Who may give a verdict, and how it is given on this image and no other. Absent: nobody has to. */
  readonly verdict?: { readonly by: Role; readonly command: string };
};

/** Which tests the change against what is deployed can affect, or why that is not known. */
export type HandOffTests =
  | {
      readonly known: true;
      readonly range: Selection['range'];
      /** How many tests there are in all. */
      readonly all: number;
      /** Nearest first. */
      readonly tests: readonly SelectedTest[];
      readonly testsLeftOut: number;
      readonly suites: readonly SelectedSuite[];
      /** Where the map of suites was read; absent: there is none, so no suite can be named. */
      readonly map?: string;
      readonly notCovered: Selection['notCovered'];
      readonly notCoveredLeftOut: number;
      readonly warnings: readonly string[];
      readonly command: string;
    }
  | { readonly known: false; readonly because: string };

/** Something a person does by hand: what it is, step by step, and what to know before. */
export type HowTo = {
  readonly text: string;
  readonly steps: readonly { readonly what: string; readonly command: string }[];
  readonly know: readonly string[];
};

export type Contact = { readonly for: string; readonly who: string };
