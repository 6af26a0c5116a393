import type { Digest, FixId, Uid } from '../base/ids.ts';
import { HOUR, type Instant, type Ms } from '../base/instant.ts';

/** An order that is not carried out within this time is void; who is still to be changed is told anew. */
export const ORDER_VALID_MS: Ms = HOUR;

/**
 * An instruction to one agent about one control plane. `key` makes doing it twice harmless: an agent
 * acts on a key once. `sequence` rises with every order to a target, whichever fix it is of; a lower one is stale.
 */
export type Order = {
  /** `FIX-12/<uid>/<sequence>`. */
  readonly key: string;
  readonly fix: FixId;
  readonly uid: Uid;
  readonly name: string;
  readonly managementCluster: string;
  readonly component: string;
  /** set: put `digest` in place. remove: take our override away, back to the release image. */
  readonly action: 'set' | 'remove';
  readonly digest?: Digest;
  /** The override that must be in place now (null: none), or the agent refuses. */
  readonly ifOverride: Digest | null;
  readonly expiresAt: Instant;
  readonly sequence: number;
};

/** `signature`: Ed25519 over the canonical text of the order, base64. */
export type SignedOrder = Order & { readonly keyId: string; readonly signature: string };
