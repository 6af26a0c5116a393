import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { canonical } from '../core/base/hash.ts';
import type { SignedOrder } from '../core/rollout/order.ts';

/** Whether an order was signed by someone an agent trusts. Never throws. */
export type Verify = (order: SignedOrder) => boolean;

/** Trusts orders signed by one of these keys (SPKI PEM). Throws when one is not a public key. */
export function pinnedKeys(
  pinned: readonly { readonly keyId: string; readonly publicKey: string }[],
): Verify {
  const keys = new Map<string, KeyObject>(
    pinned.map(({ keyId, publicKey }) => [keyId, createPublicKey(publicKey)]),
  );
  return ({ keyId, signature, ...order }) => {
    const key = keys.get(keyId);
    return (
      key?.asymmetricKeyType === 'ed25519' &&
      verify(null, Buffer.from(canonical(order)), key, Buffer.from(signature, 'base64'))
    );
  };
}
