import type { ApproverRule } from '../approval/approval.ts';
import type { Instant, Ms } from '../base/instant.ts';
import type { Selector } from '../fleet/selector.ts';
import type { Lane } from '../proof/proof.ts';

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

/** Wave sizes in order: a count, or a share of the plan's targets in percent. The rest is the last wave. */
export type WaveRule = {
  readonly sizes: readonly ({ readonly count: number } | { readonly percent: number })[];
  readonly soakMs: Ms;
};

export type Policy = {
  readonly name: string;
  readonly severities: Readonly<Record<Severity, { readonly targets: StageTargets; readonly lane: Lane }>>;
  readonly approvers: ApproverRule;
  readonly waves: WaveRule;
  readonly inFlightPerManagementCluster: number;
  readonly failedPerWaveMax: number;
  readonly failedPerManagementClusterMax: number;
  readonly unknownMax: number;
  readonly convergeWithinMs: Ms;
  readonly silentAfterMs: Ms;
  readonly planValidMs: Ms;
  readonly freezes: readonly Freeze[];
};
