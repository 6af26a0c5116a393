import type { ApproverRule } from '../approval/approval.ts';
import type { Instant, Ms } from '../base/instant.ts';
import type { Selector } from '../fleet/selector.ts';
import type { Pace } from '../pace/pace.ts';
import type { Slo } from '../pace/slo.ts';
import type { ClosingItem } from '../proof/closing-item.ts';
import type { Lane } from '../proof/proof.ts';
import type { StageSpec } from '../rollout/stages.ts';
import type { ScopePolicy } from '../scope/policy.ts';

export const SEVERITIES = ['critical', 'high', 'moderate'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const STAGES = ['assembly', 'build', 'proof', 'approval', 'rollout'] as const;
export type Stage = (typeof STAGES)[number];

/** How long each stage may take, and the whole from declared to covered. */
export type StageTargets = Readonly<Record<Stage | 'covered', Ms>>;

export type Freeze = {
  readonly name: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly selector: Selector;
  readonly reason: string;
};

/** A week's hours in which control planes may be changed, in UTC; minutes of the day, the end not in it. */
export type Window = {
  readonly days: readonly Day[];
  readonly fromMinute: number;
  readonly toMinute: number;
};

export const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Day = (typeof DAYS)[number];

export type Policy = {
  readonly name: string;
  readonly severities: Readonly<Record<Severity, { readonly targets: StageTargets; readonly lane: Lane }>>;
  readonly approvers: ApproverRule;
  /** How fast; without a harm budget it is computed from the incident. */
  readonly pace: Partial<Pace>;
  /** The availability that is promised; absent: nothing is, and nothing is counted. */
  readonly slo?: Slo;
  /** People's named subsets, in order; what none of them takes is the last stage. */
  readonly stages: readonly StageSpec[];
  /** What counts as a fix of what exists; absent: the usual. */
  readonly scope?: ScopePolicy;
  readonly unknownMax: number;
  readonly convergeWithinMs: Ms;
  readonly silentAfterMs: Ms;
  readonly planValidMs: Ms;
  readonly freezes: readonly Freeze[];
  /** When control planes may be changed; none: always. */
  readonly windows: readonly Window[];
  /** What must be shown before a delivered fix is closed; absent: nothing. */
  readonly closing?: readonly ClosingItem[];
};
