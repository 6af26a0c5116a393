import type { Uid } from '../core/base/ids.ts';
import { type Instant, MINUTE, type Ms } from '../core/base/instant.ts';
import type { ControlPlane, ImageFacts } from '../core/fleet/control-plane.ts';
import type { Report } from '../core/fleet/report.ts';

/** What is known of the fleet: the projection that agents' reports keep current. */
export interface Fleet {
  /**
   * Applies a report received at `at`. One that names its run and number is applied once and in its place; one without
   * is taken as it comes, and twice changes nothing but times.
   */
  report(report: Report, at: Instant): Promise<Heard>;
  /** All living control planes that run the component, or all. */
  planes(component?: string): Promise<ControlPlane[]>;
  /** By name or uid; undefined when unknown or deleted. */
  plane(nameOrUid: string): Promise<ControlPlane | undefined>;
  images(component?: string): Promise<ImageFacts[]>;
  agents(): Promise<AgentFacts[]>;
}

/**
 * What became of a report. Not taken: a copy of an earlier one, which changed nothing; or, with `resync`, one whose
 * forerunner is not known here, so that the agent must begin again with a full one.
 */
export type Heard = {
  readonly taken: boolean;
  readonly resync: boolean;
  /** Reported, but another management cluster's agent speaks for them; nothing of them was taken. */
  readonly foreign: readonly Uid[];
};

/**
 * Whose a control plane is that two agents report: the first one's, until it has not been heard for this long. It is
 * the usual limit of silence; a shorter one would let a slow agent lose what is its own.
 */
export const OWNER_KEPT_MS: Ms = 10 * MINUTE;

export type AgentFacts = {
  readonly managementCluster: string;
  readonly reportedAt: Instant;
  readonly planes: number;
};
