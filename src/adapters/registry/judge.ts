import { createHash } from 'node:crypto';
import type { Instant } from '../../core/base/instant.ts';
import type { Signed } from '../../core/proof/image.ts';
import type { Trust } from '../../core/proof/trust.ts';
import { strictBase64 } from './base64.ts';
import { fields } from './documents.ts';
import { bundleOfAnnotations, createKeyless, hasCertificate, type KeylessJudge } from './keyless.ts';
import { type ByKey, type Key, readKeys, signedBy } from './keys.ts';

/** What of a signed document is known once it was looked at. */
export type Judged = Pick<Signed, 'form' | 'signer' | 'because' | 'content'>;

/** What stands beside a layer of cosign's tags: its annotations. */
type Beside = Readonly<Record<string, string>>;

/** Says of signed documents who trusted has signed them. Nothing in them is believed before that. */
export type Judge = {
  /** cosign's simple signature: the bytes of the layer, and what stands beside it. */
  simple(payload: Buffer, beside: Beside): Judged;
  /** A DSSE envelope, as JSON was parsed. */
  envelope(envelope: unknown, beside: Beside): Judged;
  /** A sigstore bundle, as JSON was parsed. */
  bundle(bundle: unknown): Judged;
};

const SIGNATURE = 'dev.cosignproject.cosign/signature';
const IN_TOTO = 'application/vnd.in-toto+json';
const SIGNATURES_MAX = 32;

/** Reads keys and trusted root; throws a usage problem that names what cannot be used. */
export async function createJudge(trust: Trust, now: Instant): Promise<Judge> {
  const keys = readKeys(trust.keys, now);
  const keyless = trust.keyless && (await createKeyless(trust.keyless));
  return {
    simple: (payload, beside) => {
      const signature = strictBase64(beside[SIGNATURE]);
      if (signature === undefined) return unreadable('its signature is not base64');
      const byKey = signedBy(keys, payload, signature);
      if (byKey.signer !== undefined || !hasCertificate(beside))
        return withContent('simple signature', byKey, payload);
      const sha256 = createHash('sha256').update(payload).digest();
      const by = byCertificate(keyless, bundleOfAnnotations(beside, { sha256 }), payload);
      return withContent('simple signature', by, payload);
    },
    envelope: (envelope, beside) =>
      byEnvelope(envelope, keys, () =>
        hasCertificate(beside)
          ? byCertificate(keyless, bundleOfAnnotations(beside, { envelope }))
          : undefined,
      ),
    bundle: (bundle) => {
      const { dsseEnvelope, verificationMaterial } = fields(bundle);
      if (dsseEnvelope === undefined) return unreadable('the bundle holds no statement');
      const { certificate, x509CertificateChain } = fields(verificationMaterial);
      const isKeyless = certificate !== undefined || x509CertificateChain !== undefined;
      return byEnvelope(dsseEnvelope, keys, () => (isKeyless ? byCertificate(keyless, bundle) : undefined));
    },
  };
}

export const unreadable = (because: string): Judged => ({ form: 'unreadable', because });

function byCertificate(keyless: KeylessJudge | undefined, bundle: unknown, artifact?: Buffer): ByKey {
  if (keyless === undefined) return { because: 'signed with a certificate, and no trusted root was given' };
  if (bundle === undefined) return { because: 'its certificate or log entry cannot be read' };
  return keyless(bundle, artifact);
}

/** Any signature that holds is enough; an envelope may carry more of them than there are keys for. */
function byEnvelope(envelope: unknown, keys: readonly Key[], otherwise: () => ByKey | undefined): Judged {
  const { payload, payloadType, signatures } = fields(envelope);
  const body = strictBase64(payload);
  if (body === undefined) return unreadable('its payload is not base64');
  if (payloadType !== IN_TOTO)
    return unreadable(`its payload is ${String(payloadType).slice(0, 100)}, not ${IN_TOTO}`);
  const listed = Array.isArray(signatures) ? signatures.slice(0, SIGNATURES_MAX) : [];
  const read = listed.flatMap((one) => strictBase64(fields(one).sig) ?? []);
  // One text in place of a signature could else be read in two ways.
  if (read.length < listed.length) return unreadable('a signature of it is not base64');
  if (read.length === 0) return unreadable('nobody signed it');
  const bytes = signedBytes(IN_TOTO, body);
  const tried = read.map((signature) => signedBy(keys, bytes, signature));
  const found = tried.find(({ signer }) => signer !== undefined) ?? otherwise();
  const late = tried.find(({ because }) => because.startsWith('signed with'));
  return withContent('statement', found ?? late ?? tried[0]!, body);
}

/** DSSE's pre-authentication encoding: the type is signed too, so that no text can be taken for another kind. */
export const signedBytes = (type: string, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${body.length} `), body]);

function withContent(form: Signed['form'], by: ByKey, bytes: Buffer): Judged {
  if (by.signer === undefined) return { form, because: by.because };
  try {
    const content: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return { form, signer: by.signer, because: by.because, content };
  } catch {
    return unreadable(`${by.because}, but it is not JSON`);
  }
}
