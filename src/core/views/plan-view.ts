import type { Digest, FixId, PlanId } from '../base/ids.ts';
import type { Instant, Ms } from '../base/instant.ts';

/** The plan as a person reads it before saying yes; what is approved is the plan with this hash. */
export type PlanView = {
  readonly id: PlanId;
  readonly hash: string;
  readonly fix: FixId;
  readonly fixVersion: number;
  readonly at: Instant;
  readonly validUntil: Instant;
  /** Why it may no longer be used; absent: it may. */
  readonly stale?: string;
  readonly policy: string;
  readonly exposed: number;
  readonly inPlan: number;
  readonly notInPlan: number;
  readonly native: number;
  readonly component: string;
  /** The fix that must be in place on a management cluster before this one is started there. */
  readonly after?: FixId;
  readonly managementClusters: number;
  readonly versions: readonly { readonly version: string; readonly targets: number }[];
  readonly digests: readonly { readonly line: string; readonly digest: Digest }[];
  /** What restarts and for how long, as far as it is known. */
  readonly restarts: string;
  /** What is known about worker nodes. */
  readonly nodes: string;
  readonly leavesOut: readonly {
    readonly because: string;
    readonly count: number;
    readonly until?: Instant;
  }[];
  /** How many may be expected to break at once, at most, and what the incident asks for. */
  readonly harmBudget: number;
  readonly profile?: string;
  readonly computedBudget: number;
  readonly urgency: string;
  readonly oneBox: number;
  readonly burning: number;
  readonly controls: number;
  readonly minSoakMs: Ms;
  readonly maxPerHour?: number;
  readonly stages: readonly {
    readonly name: string;
    readonly targets: number;
    readonly soakMs: Ms;
    readonly approval: boolean;
  }[];
  readonly inFlightPerManagementCluster: number;
  readonly stops: readonly string[];
  readonly endsAbout: Instant;
  readonly undo: string;
  readonly needs: {
    readonly count: number;
    readonly role: string;
    readonly given: readonly string[];
    readonly notBy: string;
    /** Of `count`, those that the budget asks for beyond the policy's; absent: none. */
    readonly more?: number;
  };
};
