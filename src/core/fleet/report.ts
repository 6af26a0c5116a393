import type { Digest, Uid } from '../base/ids.ts';
import type { ControlPlane } from './control-plane.ts';

/**
 * What one management cluster's agent says: what changed since its last report, or everything when
 * `full`. Its arrival also means that every control plane of the cluster not named in `lost` was seen
 * unchanged. The hub stamps the time; an agent's clock is never used.
 */
export type Report = {
  readonly managementCluster: string;
  /** Names this run of the agent, and the report's place in it, from 1. Absent: reports come in order, each once. */
  readonly run?: string;
  readonly number?: number;
  readonly full?: boolean;
  readonly planes: readonly Omit<ControlPlane, 'reportedAt'>[];
  /** Deleted since. */
  readonly gone: readonly Uid[];
  /** Exists, but the agent cannot see its state; stays silent until it is reported again. */
  readonly lost: readonly Uid[];
  readonly images: readonly ReportedImage[];
  readonly refused: readonly RefusedOrder[];
};

/** Digests seen for the first time, with the commit of their label when there is one. */
export type ReportedImage = { readonly digest: Digest; readonly component: string; readonly commit?: string };

/** An order the agent did not carry out. */
export type RefusedOrder = { readonly key: string; readonly uid: Uid; readonly because: string };
