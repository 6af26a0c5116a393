import type { Role } from '../core/approval/approval.ts';
import type { FixId } from '../core/base/ids.ts';
import type { Instant } from '../core/base/instant.ts';
import type { Evidence, Waiver } from '../core/proof/proof.ts';

// Answers of the hub that are no views of core. The command line may not import the hub, so they are
// written again here; test/worlds/shapes.test.ts fails to compile when the hub's drift away from them.

export type EvidenceAnswer = { readonly evidence: readonly Evidence[]; readonly waivers: readonly Waiver[] };

export type AgentRow = {
  readonly managementCluster: string;
  readonly reportedAt: Instant;
  readonly planes: number;
};

export type Person = { readonly name: string; readonly roles: readonly Role[] };

export type Verified = {
  readonly verified: boolean;
  readonly events: number;
  readonly fixes: readonly {
    readonly fix: FixId;
    readonly events: number;
    readonly verified: boolean;
    readonly broken?: { readonly seq: number; readonly version: number; readonly because: string };
  }[];
};

export type Items<T> = { readonly items: readonly T[] };
