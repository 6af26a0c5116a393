import type { FixId, PlanId } from '../core/base/ids.ts';
import type { Instant } from '../core/base/instant.ts';
import type { ImageFacts } from '../core/fleet/control-plane.ts';
import type { Event, Recorded } from '../core/life/event.ts';
import type { State } from '../core/life/fix.ts';
import type { Severity } from '../core/life/policy.ts';
import type { SignedOrder } from '../core/rollout/order.ts';
import type { Plan } from '../core/rollout/plan.ts';

/**
 * The append-only record, and what must change in the same transaction as an append.
 *
 * Optimistic: an append names the version it was decided on, and is refused as `moved` when the fix
 * has moved on; the caller loads again and decides again. Nothing is ever half-applied.
 */
export interface Ledger {
  /** The number the next declaration will get. Taken by the first append with `expectedVersion` 0. */
  nextFixId(): Promise<FixId>;
  /** Events of one fix with a version above `after` (default 0), in order. Empty for an unknown fix. */
  events(fix: FixId, after?: number): Promise<Recorded[]>;
  /** Events of all fixes with `seq` above `after`, in order, at most `limit`. */
  since(after: number, limit: number, fix?: FixId): Promise<Recorded[]>;
  /** The highest `seq`; 0 when empty. */
  head(): Promise<number>;
  append(write: Append): Promise<AppendOutcome>;
  /** The stored answer of a command that was given this key before, if any. Kept for 7 days. */
  answered(key: string, actor: string): Promise<StoredAnswer | undefined>;
  /** Calls back after each committed append, by any hub; returns how to stop. Hints only: may be missed. */
  onAppend(listener: (fix: FixId, seq: number) => void): () => void;
}

export type Append = {
  readonly fix: FixId;
  /** 0 creates the fix. */
  readonly expectedVersion: number;
  readonly events: readonly Event[];
  readonly at: Instant;
  readonly author: string;
  readonly surface: string;
  /** The version the author had seen; 0 when none was needed. */
  readonly seen: number;
  /** Signed orders to hand to agents, written with the events or not at all. */
  readonly orders: readonly SignedOrder[];
  /** Images that came to be with these events. */
  readonly images: readonly ImageFacts[];
  /** The row of the fix for lists, as it is after the events. */
  readonly summary: FixSummary;
  /** Set for people's commands. */
  readonly answer?: StoredAnswer;
};

export type FixSummary = {
  readonly id: FixId;
  readonly title: string;
  readonly severity: Severity;
  readonly state: State;
  readonly component: string;
  readonly author: string;
  readonly declaredAt: Instant;
};

/** `body`: SHA-256 of the request, so that the same key with another body can be told. */
export type StoredAnswer = {
  readonly key: string;
  readonly actor: string;
  readonly body: string;
  readonly status: number;
  readonly answer: unknown;
  readonly at: Instant;
};

export type AppendOutcome =
  | { readonly outcome: 'appended'; readonly recorded: readonly Recorded[] }
  | { readonly outcome: 'moved'; readonly version: number }
  /** The key was used by a command that was committed in the meantime. */
  | { readonly outcome: 'answered'; readonly stored: StoredAnswer };

/** Orders written by an append and not yet known to be accepted by the clusters. */
export interface Outbox {
  pending(limit: number): Promise<SignedOrder[]>;
  accepted(keys: readonly string[], at: Instant): Promise<void>;
}

/** Plans are values; they are kept by id so that approval can name them. Keeping one changes no fix. */
export interface Plans {
  keep(plan: Plan): Promise<void>;
  /** Undefined when unknown. Throws when the stored body does not match its hash. */
  find(id: PlanId): Promise<Plan | undefined>;
}

/** Read models of all fixes. */
export interface Fixes {
  list(filter: { readonly open?: boolean }): Promise<FixSummary[]>;
}
