import type { Instant } from '../core/base/instant.ts';
import type { ImageSeen } from '../core/proof/image.ts';

/** A container registry, read only. */
export interface Registry {
  /**
   * Everything the registry holds of an image, and what of it is signed by somebody trusted. A tag is read once; all
   * else is asked for by digest and held against it. A signature or statement that cannot be read is told, not
   * thrown. Throws a `RegistryProblem` when the image itself cannot be read whole.
   */
  look(reference: string, more: LookMore): Promise<ImageSeen>;
}

export type LookMore = {
  /** Whose signatures count. Absent: signatures are not looked for. */
  readonly trust?: Trust;
};

/** What people may say of the way to registries. */
export type RegistryReach = {
  /** Credentials; absent: where podman and docker keep theirs. */
  readonly authFile?: string;
  readonly hosts: Readonly<Record<string, HostRules>>;
};

export type HostRules = {
  /** `host` or `host/path`, asked in this order before the host itself. */
  readonly mirrors?: readonly string[];
  /** Speaks http without TLS. */
  readonly plainHttp?: boolean;
  /** Other hosts that may be sent the credentials of this one, since they hand out its tokens. */
  readonly tokenHosts?: readonly string[];
};

/** Keys and identities; both may be given, and one that verifies is enough. */
export type Trust = {
  readonly keys: readonly TrustedKey[];
  /** Signers with certificates, judged offline by a trusted root. */
  readonly keyless?: Keyless;
  /** Sigstore bundles that lie beside the image in files. */
  readonly bundles: readonly NamedBundle[];
};

/** A bundle's JSON, as it was parsed, and the file it is from. */
export type NamedBundle = { readonly name: string; readonly bundle: unknown };

/** A public key; outside of its time it is not trusted, whenever the signature was made. */
export type TrustedKey = {
  readonly name: string;
  readonly pem: string;
  readonly notBefore?: Instant;
  readonly notAfter?: Instant;
};

export type Keyless = {
  /** The JSON of a `trusted_root.json`, parsed. */
  readonly trustedRoot: unknown;
  /** Who may sign: the subject of the certificate and the issuer that vouched for it, both whole. At least one. */
  readonly identities: readonly { readonly subject: string; readonly issuer: string }[];
};

/**
 * missing: the registry does not have it. content: what it serves is not what the digest says, or no image.
 * denied: credentials are missing or not enough. unreachable: no answer in time. usage: the question is wrong.
 */
export type RegistryTrouble = 'missing' | 'content' | 'denied' | 'unreachable' | 'usage';

/** An image that cannot be read: what, where, allowed, next. */
export class RegistryProblem extends Error {
  override name = 'RegistryProblem';
  readonly trouble: RegistryTrouble;
  readonly next: string;

  constructor(trouble: RegistryTrouble, message: string, next: string) {
    super(message);
    this.trouble = trouble;
    this.next = next;
  }
}
