import { X509Certificate } from 'node:crypto';
import type { Keyless } from '../../core/proof/trust.ts';
import { RegistryProblem } from '../../ports/registry.ts';
import { strictBase64 } from './base64.ts';
import { fields } from './documents.ts';
import type { ByKey } from './keys.ts';

/** Judges bundles of signers with certificates: chain, log, time and identity, all offline. */
export type KeylessJudge = (bundle: unknown, artifact?: Buffer) => ByKey;

/**
 * Loads sigstore's libraries and the trusted root. One entry of a log with proof or promise, one time and one stamp
 * of a certificate log are asked for, as the public sigstore gives them. Throws a usage problem: the root cannot be used.
 */
export async function createKeyless({ trustedRoot, identities }: Keyless): Promise<KeylessJudge> {
  const [{ bundleFromJSON }, { TrustedRoot }, { toSignedEntity, toTrustMaterial, Verifier }] =
    await Promise.all([
      import('@sigstore/bundle'),
      import('@sigstore/protobuf-specs'),
      import('@sigstore/verify'),
    ]);
  const material = usable(() => toTrustMaterial(TrustedRoot.fromJSON(trustedRoot)));
  const verifier = new Verifier(material);
  return (bundle, artifact) => {
    try {
      const { identity } = verifier.verify(toSignedEntity(bundleFromJSON(bundle), artifact));
      const subject = identity?.subjectAlternativeName;
      const issuer = identity?.extensions?.issuer;
      const who = `${subject ?? 'nobody by name'} (${issuer ?? 'no issuer'})`;
      // Held against each other whole: the library takes a subject for a pattern that may stand anywhere in it.
      const isAllowed = identities.some((one) => one.subject === subject && one.issuer === issuer);
      if (isAllowed) return { signer: who, because: `signed by ${who}` };
      return { because: `signed by ${who}; allowed: ${identities.map((one) => one.subject).join(', ')}` };
    } catch (problem) {
      return {
        because: `its certificate, log entry or time does not hold: ${(problem as Error).message.slice(0, 200)}`,
      };
    }
  };
}

function usable<T>(read: () => T): T {
  try {
    return read();
  } catch (problem) {
    const why = (problem as Error).message.slice(0, 200);
    throw new RegistryProblem(
      'usage',
      `the trusted root cannot be used: ${why}`,
      'fetch trusted_root.json anew from your sigstore',
    );
  }
}

const NAMES = {
  signature: 'dev.cosignproject.cosign/signature',
  certificate: 'dev.sigstore.cosign/certificate',
  log: 'dev.sigstore.cosign/bundle',
} as const;

/** Whether a layer of cosign's tags carries a certificate instead of being signed with a key alone. */
export const hasCertificate = (beside: Readonly<Record<string, string>>): boolean =>
  beside[NAMES.certificate] !== undefined;

/**
 * What cosign keeps in annotations of a layer, as the bundle that says the same: certificate, promise of the log, and
 * the signature. `content`: the envelope, or the digest that is signed. Undefined when a part is missing.
 */
export function bundleOfAnnotations(
  beside: Readonly<Record<string, string>>,
  content: { readonly envelope: unknown } | { readonly sha256: Buffer },
): unknown {
  const certificate = certificateIn(beside[NAMES.certificate]);
  const entry = logEntryIn(beside[NAMES.log]);
  if (certificate === undefined || entry === undefined) return undefined;
  const signed =
    'envelope' in content
      ? { dsseEnvelope: content.envelope }
      : {
          messageSignature: {
            messageDigest: { algorithm: 'SHA2_256', digest: content.sha256.toString('base64') },
            signature: beside[NAMES.signature],
          },
        };
  return {
    mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.1',
    verificationMaterial: {
      x509CertificateChain: { certificates: [{ rawBytes: certificate }] },
      tlogEntries: [entry],
    },
    ...signed,
  };
}

function certificateIn(pem: string | undefined): string | undefined {
  try {
    return pem === undefined ? undefined : new X509Certificate(pem).raw.toString('base64');
  } catch {
    return undefined;
  }
}

/** cosign's `{"SignedEntryTimestamp","Payload":{body,integratedTime,logIndex,logID}}` as an entry of a bundle. */
function logEntryIn(text: string | undefined): unknown {
  const said = fields(parsed(text));
  const { body, integratedTime, logIndex, logID } = fields(said.Payload);
  const { kind, apiVersion } = fields(parsed(strictBase64(body)?.toString('utf8')));
  if (typeof logID !== 'string' || typeof kind !== 'string' || said.SignedEntryTimestamp === undefined)
    return undefined;
  return {
    logIndex: String(logIndex),
    logId: { keyId: Buffer.from(logID, 'hex').toString('base64') },
    kindVersion: { kind, version: apiVersion },
    integratedTime: String(integratedTime),
    inclusionPromise: { signedEntryTimestamp: said.SignedEntryTimestamp },
    canonicalizedBody: body,
  };
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
