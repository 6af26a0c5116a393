import type { Actor } from '../approval/approval.ts';
import type { ControlPlane, ImageFacts } from '../fleet/control-plane.ts';
import type { Gate } from '../proof/proof.ts';
import type { Plan } from '../rollout/plan.ts';
import type { Duty } from '../roster/escalation.ts';
import type { Fix } from './fix.ts';
import type { Policy } from './policy.ts';

/** What a deliverable is: where its source is, how it is built, what it must pass. Core sees only the names. */
export type ComponentFacts = {
  readonly name: string;
  readonly gates: readonly Gate[];
  /** There is one instance a management cluster, on which all control planes there depend. */
  readonly perManagementCluster?: boolean;
};

/** Everything `decide` may look at besides the fix itself: loaded by the caller, in any order. */
export type Facts = {
  readonly actor: Actor;
  readonly policy: Policy;
  readonly component: ComponentFacts;
  readonly fleet: readonly ControlPlane[];
  readonly images: readonly ImageFacts[];
  /** The plan a command names, when it exists and its body matches its hash. */
  readonly plan?: Plan;
  /** Who is on duty; absent: no roster is configured, and nobody is told. */
  readonly duty?: Duty;
  /** Other fixes of the same component, for order and supersession. */
  readonly others: readonly Fix[];
  /** The fix that comes before this one, when it was declared after one. */
  readonly before?: Before;
};

/** A fix that must be in place first, and what tells where it is. No facts: its component or policy is not configured any more. */
export type Before = {
  readonly fix: Fix;
  readonly facts?: Pick<Facts, 'policy' | 'component' | 'fleet' | 'images'>;
};
