import type { Instant } from '../base/instant.ts';

/** Whose signatures count. Keys and identities; both may be given, and one that verifies is enough. */
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

/** Whether JSON says of itself that it is a sigstore trusted root. */
export const isTrustedRoot = (value: unknown): boolean =>
  /^application\/vnd\.dev\.sigstore\.trustedroot/.test(
    String((value as { mediaType?: unknown } | null)?.mediaType),
  );
