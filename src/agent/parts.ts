import type { Logger } from 'pino';
import type { Digest } from '../core/base/ids.ts';
import type { AgentSettings } from '../core/hypershift/settings.ts';
import type { SignedOrder } from '../core/rollout/order.ts';
import type { Journal } from '../ports/journal.ts';
import type { KubeWriter } from '../ports/kube.ts';
import type { Link } from '../ports/link.ts';
import type { HubClock } from './hub-clock.ts';
import type { Kind } from './mirror/kinds.ts';
import type { Mirror } from './mirror/mirror.ts';

/** Everything an agent is made of. main.ts names the adapters; nothing else does. */
export type AgentParts = {
  readonly settings: AgentSettings;
  readonly link: Link;
  readonly writer: KubeWriter;
  /** The same under the field manager that pauses node pools; absent: none are paused. */
  readonly poolWriter?: KubeWriter;
  /** Follows one kind until the signal. */
  readonly follow: (kind: Kind, signal: AbortSignal) => Promise<void>;
  readonly mirror: Mirror;
  readonly journal: Journal;
  readonly clock: HubClock;
  /** Whether an order was signed with a pinned key. */
  readonly isGenuine: (order: SignedOrder) => boolean;
  /** From the digest of one platform to that of the index it is in. */
  readonly sameImage: (digest: Digest) => Digest;
  /** The commit an image was built from, where somebody told us. */
  readonly commitOf: (digest: Digest) => string | undefined;
  readonly log: Logger;
  /** Names this run; never used twice. */
  readonly run: string;
  readonly reportEveryMs: number;
};
