import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { Instant } from '../../core/base/instant.ts';
import type { TrustedKey } from '../../core/proof/trust.ts';
import { RegistryProblem } from '../../ports/registry.ts';

/** A key ready to check with. `expired`: why it counts for nothing now. */
export type Key = {
  readonly name: string;
  readonly key: KeyObject;
  readonly expired?: string;
};

/** Reads the keys; throws a usage problem that names the one that cannot be used. */
export function readKeys(keys: readonly TrustedKey[], now: Instant): Key[] {
  return keys.map((trusted) => {
    const expired = whyNotNow(trusted, now);
    return { name: trusted.name, key: readKey(trusted), ...(expired !== undefined && { expired }) };
  });
}

function readKey({ name, pem }: TrustedKey): KeyObject {
  if (/PRIVATE KEY/.test(pem)) throw wrong(name, 'is a private key, which is never needed here');
  const key = parsed(name, pem);
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType === 'rsa' && bits < 2_048) throw wrong(name, `is an RSA key of ${bits} bits`);
  if (!['ec', 'rsa', 'ed25519'].includes(key.asymmetricKeyType ?? ''))
    throw wrong(name, `is a ${key.asymmetricKeyType} key`);
  return key;
}

function parsed(name: string, pem: string): KeyObject {
  try {
    return createPublicKey({ key: pem, format: 'pem' });
  } catch {
    throw wrong(name, 'is no public key in PEM');
  }
}

const wrong = (name: string, why: string) =>
  new RegistryProblem(
    'usage',
    `${name} ${why}; allowed: ECDSA, RSA from 2048 bits, Ed25519`,
    'name the cosign.pub of the builder',
  );

/**
 * By the clock of now, not of the signature: without a trusted time stamp, whoever has a stolen key can write any
 * time into what is signed.
 */
function whyNotNow({ notBefore, notAfter }: TrustedKey, now: Instant): string | undefined {
  if (notBefore !== undefined && now < notBefore) return `is not valid before ${notBefore}`;
  if (notAfter !== undefined && now >= notAfter) return `was valid until ${notAfter}`;
  return undefined;
}

export type ByKey =
  | { readonly signer: string; readonly because: string }
  | { readonly signer?: undefined; readonly because: string };

/** Who of the keys made the signature; `because` says which one did, or that none of them did. */
export function signedBy(keys: readonly Key[], bytes: Buffer, signature: Buffer): ByKey {
  const made = keys.filter(({ key }) => holds(key, bytes, signature));
  const valid = made.find(({ expired }) => expired === undefined);
  if (valid) return { signer: valid.name, because: `signed with ${valid.name}` };
  const late = made[0];
  if (late) return { because: `signed with ${late.name}, which ${late.expired}` };
  return {
    because:
      keys.length === 0 ? 'no key was given' : `not signed with ${keys.map(({ name }) => name).join(' or ')}`,
  };
}

function holds(key: KeyObject, bytes: Buffer, signature: Buffer): boolean {
  return hashesFor(key).some((hash) => {
    try {
      return verify(hash, bytes, key, signature);
    } catch {
      return false;
    }
  });
}

/** cosign hashes with SHA-256 whatever the curve; newer releases fit the hash to it. Ed25519 has its own. */
function hashesFor(key: KeyObject): (string | null)[] {
  if (key.asymmetricKeyType === 'ed25519') return [null];
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (curve === 'secp384r1') return ['sha256', 'sha384'];
  return curve === 'secp521r1' ? ['sha256', 'sha512'] : ['sha256'];
}
