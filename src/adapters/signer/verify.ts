import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { canonical } from '../../core/base/hash.ts';
import type { Order, SignedOrder } from '../../core/rollout/order.ts';

const SIGNATURE_BYTES = 64;

/**
 * Whether an order was signed, as it is, with the private half of a pinned key (SPKI PEM).
 * False for everything else, however malformed; never throws. It says nothing about expiry, sequence or
 * target: those are the agent's to judge.
 */
export function verifyOrder(publicKeyPem: string, signed: SignedOrder): boolean {
  try {
    const key = publicKeyOf(publicKeyPem);
    if (key.asymmetricKeyType !== 'ed25519' || signed.keyId !== keyIdOf(key)) return false;
    const { keyId: _keyId, signature: text, ...order } = signed;
    const signature = Buffer.from(text, 'base64');
    // One spelling of a signature: what was signed once cannot be made to look like another order.
    if (signature.length !== SIGNATURE_BYTES || signature.toString('base64') !== text) return false;
    return verify(null, signedBytes(order), key, signature);
  } catch {
    return false;
  }
}

/** What a signature is over: the canonical text of the order, without `keyId` and `signature`. */
export const signedBytes = (order: Order): Buffer => Buffer.from(canonical(order), 'utf8');

/** The first 16 hex digits of the SHA-256 of the public key (DER, SPKI). */
export function keyIdOf(publicKey: string | KeyObject): string {
  const key = typeof publicKey === 'string' ? publicKeyOf(publicKey) : publicKey;
  const der = key.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex').slice(0, 16);
}

/** Only a public key: a private one in its place is a mistake that must not work. */
function publicKeyOf(pem: string): KeyObject {
  if (!pem.trimStart().startsWith('-----BEGIN PUBLIC KEY-----'))
    throw new TypeError('not a public key in PEM');
  return createPublicKey(pem);
}
