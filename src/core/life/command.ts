import type { Accepted } from '../assembly/proposals.ts';
import type { Commit, Digest, PlanId } from '../base/ids.ts';
import type { Instant } from '../base/instant.ts';
import type { Finding, TestCounts } from '../proof/proof.ts';
import type { Declaration } from './fix.ts';

/** What a person may ask for. Safe commands (pause, rollback, exclude) need no version and no plan. */
export type Command =
  | ({ readonly do: 'declare' } & Declaration)
  /**
   * Assembles again: with chosen prerequisites on named lines, with a proposal taken on one line, or naming
   * lines that are not affected.
   */
  | {
      readonly do: 'backport';
      readonly to?: readonly string[];
      readonly with?: readonly Commit[];
      readonly accept?: Accepted;
      readonly not?: readonly { readonly line: string; readonly reason: string }[];
    }
  /** Makes a candidate for a release before a control plane is on it. `release`: its name; `commit`: the component's there. */
  | { readonly do: 'prepare'; readonly release: string; readonly commit: Commit }
  | {
      readonly do: 'attest';
      readonly gate: string;
      readonly line?: string;
      readonly digest?: Digest;
      readonly result: 'pass' | 'fail';
      readonly note?: string;
      /** Of the reports that the word goes by. */
      readonly counts?: TestCounts;
      readonly findings?: readonly Finding[];
    }
  /** Says that the hand-off has somebody: nobody else is told. */
  | { readonly do: 'acknowledge'; readonly note?: string }
  | { readonly do: 'waive'; readonly gate: string; readonly reason: string; readonly expiresAt: Instant }
  | { readonly do: 'retry'; readonly stage: 'assembly' | 'build' | 'proof' | 'closing' }
  | { readonly do: 'approve'; readonly plan: PlanId }
  | { readonly do: 'decline'; readonly plan: PlanId; readonly reason: string }
  /** `reason`: needed where a rollout of the fix was halted. */
  | { readonly do: 'start'; readonly plan: PlanId; readonly reason?: string }
  | { readonly do: 'advance'; readonly stage: string; readonly reason: string }
  | { readonly do: 'pause'; readonly reason?: string }
  | { readonly do: 'resume'; readonly reason?: string }
  | {
      readonly do: 'rollback';
      readonly target?: string;
      readonly wave?: number;
      readonly stage?: string;
      readonly reason: string;
    }
  | { readonly do: 'exclude'; readonly target: string; readonly until: Instant; readonly reason: string }
  | { readonly do: 'retire' }
  /** Shows an item of the closing checklist: by an address, or by one's word. */
  | { readonly do: 'show'; readonly item: string; readonly link?: string; readonly note?: string }
  | { readonly do: 'waive-item'; readonly item: string; readonly reason: string }
  | { readonly do: 'close'; readonly as: string }
  | { readonly do: 'withdraw'; readonly reason: string };

export type CommandName = Command['do'];
