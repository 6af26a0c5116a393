import type { Instant } from '../core/base/instant.ts';
import type { Role } from '../core/base/roles.ts';
import type { Evidence, Waiver } from '../core/proof/proof.ts';

// Answers of the hub that are no views of core. The command line may not import the hub, so they are
// written again here; test/worlds/shapes.test.ts fails to compile when the hub's drift away from them.

export type EvidenceAnswer = { readonly evidence: readonly Evidence[]; readonly waivers: readonly Waiver[] };

export type AgentRow = {
  readonly managementCluster: string;
  readonly planes: number;
  /** Absent: never heard. */
  readonly reportedAt?: Instant;
  /** Absent: none is enrolled, as over a simulated fleet. */
  readonly agent?: string;
  readonly enrolledAt?: Instant;
};

export type Invitation = {
  readonly managementCluster: string;
  readonly token: string;
  readonly expiresAt: Instant;
};

export type Person = { readonly name: string; readonly roles: readonly Role[] };

export type { Verified } from '../core/views/list-view.ts';

export type Items<T> = { readonly items: readonly T[] };
