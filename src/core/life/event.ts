import type { Assembly, Line } from '../assembly/assembly.ts';
import type { Accepted } from '../assembly/proposals.ts';
import type { Commit, Digest, FixId, PlanId, Uid } from '../base/ids.ts';
import type { Instant, Ms } from '../base/instant.ts';
import type { Coverage } from '../coverage/coverage.ts';
import type { Weighed } from '../health/judge.ts';
import type { Look } from '../proof/closing-item.ts';
import type { Cut } from '../proof/cut.ts';
import type { Looks } from '../proof/look-again.ts';
import type { Finding, GateResult, LateGate, TestCounts } from '../proof/proof.ts';
import type { Counts } from '../rollout/next.ts';
import type { SeenOther } from '../rollout/observed.ts';
import type { Telling } from '../roster/escalation.ts';
import type { ClockedStage, Declaration, Exclusion } from './fix.ts';

/** What happened, in past tense; a fix is the fold of these. `type` names the member of the closed set. */
export type Event =
  | ({ readonly type: 'Declared' } & Declaration)
  | { readonly type: 'LineAssembled'; readonly line: Line; readonly assembly: Assembly }
  /** The line's control planes have left it; it needs nothing any more. */
  | { readonly type: 'LineEmptied'; readonly line: string }
  /** A line for a release that no control plane is on yet; an earlier one prepared for that release is given up. */
  | { readonly type: 'LinePrepared'; readonly line: Line }
  /** The first control planes of a prepared line are there: from now on it is a line as any other. */
  | { readonly type: 'LineReached'; readonly line: string; readonly targets: number }
  | { readonly type: 'LineNotAffected'; readonly line: string; readonly reason: string }
  | { readonly type: 'PrerequisitesChosen'; readonly line: string; readonly commits: readonly Commit[] }
  /** A person took a proposal, as the tree they looked at. */
  | ({ readonly type: 'ProposalAccepted'; readonly line: string } & Accepted)
  | { readonly type: 'BuildStarted'; readonly line: string; readonly commit: Commit }
  | {
      readonly type: 'Built';
      readonly line: string;
      readonly commit: Commit;
      readonly digest: Digest;
      readonly tookMs: Ms;
    }
  | {
      readonly type: 'BuildFailed';
      readonly line: string;
      readonly commit: Commit;
      readonly because: string;
      readonly tookMs: Ms;
    }
  | { readonly type: 'StageRetried'; readonly stage: 'assembly' | 'build' | 'proof' | 'closing' }
  | {
      readonly type: 'GateRan';
      readonly gate: string;
      readonly line: string;
      readonly digest: Digest;
      readonly result: GateResult;
      readonly note?: string;
      readonly counts?: TestCounts;
      readonly findings?: readonly Finding[];
      readonly tookMs: Ms;
      readonly looks?: Looks;
    }
  | {
      readonly type: 'Attested';
      readonly gate: string;
      readonly line: string;
      readonly digest: Digest;
      readonly result: 'pass' | 'fail';
      readonly note?: string;
      /** Of the reports that the word goes by. */
      readonly counts?: TestCounts;
      readonly findings?: readonly Finding[];
    }
  /** `cut`: what waiting for the gate would have cost, and what passing over it may. */
  | {
      readonly type: 'Waived';
      readonly gate: string;
      readonly reason: string;
      readonly expiresAt: Instant;
      readonly cut?: Cut;
    }
  /** A gate that was to follow the delivery has not, in its time. */
  | {
      readonly type: 'DebtOverdue';
      readonly gate: string;
      readonly line: string;
      readonly owner: string;
      readonly dueAt: Instant;
    }
  /** Images that wait for the word of people, and who was told first. */
  | {
      readonly type: 'HandedOff';
      readonly digests: readonly Digest[];
      readonly told: readonly Telling[];
    }
  /** Nobody had acknowledged, so the next were told. */
  | ({ readonly type: 'HandOffEscalated' } & Telling)
  /** All were told, or there is nobody, and nobody has acknowledged. */
  | { readonly type: 'HandOffUnheard'; readonly said: string }
  | { readonly type: 'HandOffAcknowledged'; readonly note?: string }
  /** Every line that needs an image has one and every gate of the lane is open. */
  | { readonly type: 'Proven' }
  | { readonly type: 'Approved'; readonly plan: PlanId; readonly hash: string }
  /** The last approval the policy asks for was given. */
  | { readonly type: 'ApprovalCompleted'; readonly plan: PlanId }
  | { readonly type: 'Declined'; readonly plan: PlanId; readonly reason: string }
  /** `reason`: why it goes on after a halt. `owed`: what it does not wait for, as the policy has it at that time. */
  | {
      readonly type: 'RolloutStarted';
      readonly plan: PlanId;
      readonly hash: string;
      readonly owed?: readonly LateGate[];
      readonly reason?: string;
    }
  | { readonly type: 'StageOpened'; readonly stage: number; readonly name: string; readonly size: number }
  /** A wave: what starts together. */
  | { readonly type: 'TargetsStarted'; readonly targets: readonly Uid[]; readonly because: string }
  | { readonly type: 'TargetsObserved'; readonly changes: readonly TargetChange[] }
  /** The same of those not told yet, and of those only compared with. */
  | { readonly type: 'OthersObserved'; readonly changes: readonly OtherChange[] }
  /** What the planner found and on which figures; what it does follows in the same transaction. */
  | ({ readonly type: 'Decided' } & Decision)
  | { readonly type: 'StagePassed'; readonly stage: number; readonly because: string }
  | { readonly type: 'Paused'; readonly reason: string }
  | { readonly type: 'Resumed'; readonly reason: string }
  | { readonly type: 'Advanced'; readonly stage: number; readonly reason: string }
  /**
   * `stratum`: only that one is judged bad, and the rest goes on. `all`: what earlier plans of the fix put in place goes back as
   * well.
   */
  | { readonly type: 'Halted'; readonly because: string; readonly stratum?: string; readonly all?: true }
  /** An earlier plan's rollout, to take back what is still in place of it. */
  | { readonly type: 'RolloutTakenUp'; readonly plan: PlanId }
  /** Told to go back, by a halt, a failure or a person's word. */
  | { readonly type: 'TargetsRolledBack'; readonly targets: readonly Uid[]; readonly because: string }
  | { readonly type: 'RollbackAsked'; readonly targets: readonly Uid[]; readonly reason: string }
  /** After the rollout: those that run the image fall ill more often than their past explains. */
  | {
      readonly type: 'SlowBurnSeen';
      readonly because: string;
      readonly e: number;
      readonly episodes: number;
      readonly expected: number;
    }
  | ({ readonly type: 'Excluded' } & Omit<Exclusion, 'by'>)
  | { readonly type: 'Covered'; readonly coverage: Coverage }
  /** From here on only a person can move the stage on; ends with the next event of that stage. */
  | { readonly type: 'PersonAwaited'; readonly stage: ClockedStage; readonly for: string }
  /** The rollout is over though not covered: everything told is rolled back or ended. */
  | { readonly type: 'RolloutEnded'; readonly because: string; readonly coverage: Coverage }
  | { readonly type: 'RetirementStarted' }
  | { readonly type: 'OverridesDropped'; readonly targets: readonly Uid[] }
  /** Their release's image runs in its place and they are well, or they were deleted. */
  | { readonly type: 'OverridesGone'; readonly targets: readonly Uid[] }
  /** Fell ill, or did not come to run their release's image, after they were told to give the override up. */
  | {
      readonly type: 'RetirementBroke';
      readonly targets: readonly { readonly uid: Uid; readonly because: string }[];
    }
  | {
      readonly type: 'Retired';
      readonly kept: readonly { readonly uid: Uid; readonly name: string; readonly because: string }[];
    }
  /** For an item of the closing checklist: an address, or a person's word. It replaces what was shown before. */
  | { readonly type: 'ItemShown'; readonly item: string; readonly link?: string; readonly note?: string }
  /** What the hub found behind the address that was shown. */
  | ({ readonly type: 'LinkChecked'; readonly item: string; readonly link: string } & Look)
  | { readonly type: 'ItemWaived'; readonly item: string; readonly reason: string }
  | { readonly type: 'Closed'; readonly as: string }
  | { readonly type: 'Withdrawn'; readonly reason: string };

export type TargetChange = {
  readonly uid: Uid;
  /** waiting: it ran the image and others took the override away; it may be told anew. */
  readonly to: 'waiting' | 'starting' | 'patched' | 'failed' | 'silent' | 'gone' | 'rolled back';
  readonly because?: string;
  /** It no longer shows the symptom it showed when it was told. */
  readonly recovered?: true;
  /** It failed while it ran the image. */
  readonly ran?: true;
  /** It runs the image, and fell ill long after it began to. */
  readonly ill?: true;
};

/** One that is not told, as it is seen from now on. */
export type OtherChange = { readonly uid: Uid; readonly seen: SeenOther };

/** `judged`: what is known against the image from now on; absent while it is what it was. */
export type Decision = {
  readonly because: string;
  readonly counts: Counts;
  readonly episodes: { readonly treated: readonly Uid[]; readonly control: readonly Uid[] };
  readonly judged?: {
    readonly logs: readonly number[];
    readonly control: { readonly episodes: number; readonly expected: number };
    readonly recent: readonly Weighed[];
  };
};

/** An event as the ledger holds it. `seq`: order over the whole ledger; `version`: order within the fix, from 1. */
export type Recorded = {
  readonly seq: number;
  readonly fix: FixId;
  readonly version: number;
  readonly at: Instant;
  readonly author: string;
  /** Where it was done: `cli`, `console`, `api`, `hub`, `agent`. */
  readonly surface: string;
  /** The version its author had seen; 0 when none was needed. */
  readonly seen: number;
  readonly event: Event;
  /** The hash of the row before it in its fix; `ORIGIN` of chain.ts for the first. */
  readonly previous: string;
  /** SHA-256 over the canonical text of every member above but `seq`, which the store gives (`link` in chain.ts). */
  readonly hash: string;
};
