import type { Instant } from '../../core/base/instant.ts';
import type { Signed } from '../../core/proof/image.ts';
import type { Trust } from '../../ports/registry.ts';
import { strictBase64 } from './base64.ts';
import { fields } from './documents.ts';
import { type ByKey, readKeys, signedBy } from './keys.ts';

/** What of a signed document is known once it was looked at. */
export type Judged = Pick<Signed, 'form' | 'signer' | 'because' | 'content'>;

/** Where a signature of cosign keeps its certificate and the log's promise: annotations of the layer. */
export type Beside = Readonly<Record<string, string>>;

/** Says of signed documents who trusted has signed them. Nothing in them is believed before that. */
export type Judge = {
  /** cosign's simple signature: the bytes of the layer, and what stands beside it. */
  simple(payload: Buffer, beside: Beside): Promise<Judged>;
  /** A DSSE envelope, as JSON was parsed. */
  envelope(envelope: unknown, beside: Beside): Promise<Judged>;
  /** A sigstore bundle, as JSON was parsed. */
  bundle(bundle: unknown): Promise<Judged>;
};

const SIGNATURE = 'dev.cosignproject.cosign/signature';
const CERTIFICATE = 'dev.sigstore.cosign/certificate';
const IN_TOTO = 'application/vnd.in-toto+json';

export function createJudge(trust: Trust, now: Instant): Judge {
  const keys = readKeys(trust.keys, now);
  return {
    simple: async (payload, beside) => {
      const signature = strictBase64(beside[SIGNATURE]);
      if (signature === undefined) return unreadable('its signature is not base64');
      if (beside[CERTIFICATE] !== undefined && keys.length === 0) return unreadable(NO_KEYLESS);
      return withContent('simple signature', signedBy(keys, payload, signature), payload);
    },
    envelope: async (envelope) =>
      byEnvelope(envelope, (bytes, signature) => signedBy(keys, bytes, signature)),
    bundle: async (bundle) => {
      const { dsseEnvelope } = fields(bundle);
      if (dsseEnvelope === undefined) return unreadable('the bundle holds no statement');
      return byEnvelope(dsseEnvelope, (bytes, signature) => signedBy(keys, bytes, signature));
    },
  };
}

const NO_KEYLESS = 'signed with a certificate, and no trusted root was given';

export const unreadable = (because: string): Judged => ({ form: 'unreadable', because });

/** Any signature that holds is enough; an envelope may carry more of them than we have keys for. */
function byEnvelope(envelope: unknown, by: (bytes: Buffer, signature: Buffer) => ByKey): Judged {
  const { payload, payloadType, signatures } = fields(envelope);
  const body = strictBase64(payload);
  if (body === undefined) return unreadable('its payload is not base64');
  if (payloadType !== IN_TOTO)
    return unreadable(`its payload is ${String(payloadType).slice(0, 100)}, not ${IN_TOTO}`);
  const listed = Array.isArray(signatures) ? signatures.slice(0, SIGNATURES_MAX) : [];
  const all = listed.map((one) => strictBase64(fields(one).sig));
  const tried = all.flatMap((signature) => (signature ? [by(signedBytes(IN_TOTO, body), signature)] : []));
  const best = tried.find(({ signer }) => signer !== undefined) ?? tried[0];
  if (best === undefined)
    return unreadable(listed.length === 0 ? 'nobody signed it' : 'its signature is not base64');
  return withContent('statement', best, body);
}

const SIGNATURES_MAX = 32;

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
