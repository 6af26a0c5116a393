import type { Digest } from '../base/ids.ts';
import type { SignatureSeen, Signed } from './image.ts';
import {
  isProvenance,
  type Provenance,
  provenanceOf,
  readStatement,
  SIGNED_BY_COSIGN,
} from './provenance.ts';

/** A provenance that somebody trusted has signed, and where it was found. */
export type Trusted = { readonly is: Provenance; readonly from: Signed & { readonly signer: string } };

/** Every provenance that a trusted signer stands for, in the order found. */
export function provenancesIn(signed: readonly Signed[]): Trusted[] {
  return signed.flatMap((from) => {
    const statement = statementOf(from);
    const is = statement && provenanceOf(statement);
    return is && hasSigner(from) ? [{ is, from }] : [];
  });
}

/** Whether a trusted signer says that exactly this digest is signed. */
export function isSignature(one: Signed, digest: Digest): boolean {
  if (!hasSigner(one)) return false;
  if (one.form === 'simple signature') return simplySigned(one.content) === digest;
  const statement = statementOf(one);
  return statement?.predicateType === SIGNED_BY_COSIGN && statement.subjects.includes(digest);
}

export function kindOf(one: Signed): SignatureSeen['kind'] {
  if (!hasSigner(one)) return 'untrusted';
  if (one.form === 'simple signature') return 'signature';
  const statement = statementOf(one);
  if (statement?.predicateType === SIGNED_BY_COSIGN) return 'signature';
  return statement && isProvenance(statement) ? 'provenance' : 'other statement';
}

const hasSigner = (one: Signed): one is Signed & { readonly signer: string } => one.signer !== undefined;

function statementOf(one: Signed) {
  if (one.form !== 'statement' || !hasSigner(one)) return undefined;
  const read = readStatement(one.content);
  return read.ok ? read.value : undefined;
}

type Simple = {
  readonly critical?: {
    readonly type?: unknown;
    readonly image?: { readonly 'docker-manifest-digest'?: unknown };
  };
} | null;

/** The digest a simple signature is about; undefined when it is none of cosign's. */
function simplySigned(content: unknown): unknown {
  const critical = (content as Simple)?.critical;
  return critical?.type === 'cosign container image signature'
    ? critical.image?.['docker-manifest-digest']
    : undefined;
}
