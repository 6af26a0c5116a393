import type { Order, SignedOrder } from '../core/rollout/order.ts';

/** Signs orders with the hub's key; agents verify them against keys they pinned. */
export interface Signer {
  readonly keyId: string;
  /** SPKI PEM, to be pinned by agents. */
  readonly publicKey: string;
  sign(order: Order): SignedOrder;
}
