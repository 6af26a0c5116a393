import type { Instant } from '../core/base/instant.ts';
import type { ControlPlane, ImageFacts } from '../core/fleet/control-plane.ts';
import type { Report } from '../core/fleet/report.ts';

/** What is known of the fleet: the projection that agents' reports keep current. */
export interface Fleet {
  /** Applies a report received at `at`. The same report twice changes nothing but times. */
  report(report: Report, at: Instant): Promise<void>;
  /** All living control planes that run the component, or all. */
  planes(component?: string): Promise<ControlPlane[]>;
  /** By name or uid; undefined when unknown or deleted. */
  plane(nameOrUid: string): Promise<ControlPlane | undefined>;
  images(component?: string): Promise<ImageFacts[]>;
  agents(): Promise<AgentFacts[]>;
}

export type AgentFacts = {
  readonly managementCluster: string;
  readonly reportedAt: Instant;
  readonly planes: number;
};
