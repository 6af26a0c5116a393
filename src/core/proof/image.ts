import type { Commit, Digest } from '../base/ids.ts';

/** What a registry holds of one image. Every part was held against its digest; a signer stands only where a signature holds. */
export type ImageSeen = {
  /** As it was asked for. */
  readonly reference: string;
  /** `host/path`, without tag and digest. */
  readonly repository: string;
  /** Of the index when there is one, else of the manifest. */
  readonly digest: Digest;
  readonly isIndex: boolean;
  /** One for each platform; what an index holds besides images is left out. */
  readonly images: readonly PlatformImage[];
  /** Everything signed that was found beside the image and its platforms, trusted or not. */
  readonly signed: readonly Signed[];
};

export type PlatformImage = {
  readonly digest: Digest;
  /** `linux/amd64`, `linux/arm/v7`, as the image's own configuration says. */
  readonly platform: string;
  /** What the index says it is, when that is something else. */
  readonly listedAs?: string;
  readonly labels: Labels;
};

export type Labels = Readonly<Record<string, string>>;

/** One signed document: cosign's simple signature, or an in-toto statement in an envelope. */
export type Signed = {
  /** The digest it was found beside. What it is about stands inside. */
  readonly of: Digest;
  /** Such as `sha256-….att, layer 2`, for people. */
  readonly place: string;
  readonly form: 'simple signature' | 'statement' | 'unreadable';
  /** The name of the key, or the identity, whose signature holds. Absent: nobody that is trusted. */
  readonly signer?: string;
  /** Who signed it, or why that counts for nothing. */
  readonly because: string;
  /** The JSON that was signed; only with a signer. */
  readonly content?: unknown;
};

/** What an image must be. Empty lists allow everything; `judgeImage` says so in its answer. */
export type ImageWanted = {
  readonly commit: Commit;
  /** `linux/amd64`; a platform without variant fits every variant. Empty: what the deployed image has, if there is one. */
  readonly architectures: readonly string[];
  /** Builder ids that may have built it. */
  readonly builders: readonly string[];
  /** Repositories the commit may come from, such as `https://github.com/example/operator`. */
  readonly sources: readonly string[];
  /** What runs now, none or several: the labels and platforms of each are the least the new image must have. */
  readonly deployed: readonly { readonly reference: string; readonly images: readonly PlatformImage[] }[];
  readonly rules: ImageRules;
};

/** What a policy may change. */
export type ImageRules = {
  /** Labels that name the commit; every one that is there must. */
  readonly commitLabels: readonly string[];
  /** Labels of the deployed image that may go; `*` at the end stands for the rest. */
  readonly labelsThatMayGo: readonly string[];
  /** Values of build parameters that weaken the build, in lower case. */
  readonly weakParameters: Readonly<Record<string, readonly string[]>>;
  readonly signature: 'required' | 'optional';
  /** `subject`: each platform must stand in a provenance itself; `index`: the index that names it is enough. */
  readonly platformsProvenBy: 'subject' | 'index';
};

export const IMAGE_RULES: ImageRules = {
  commitLabels: ['vcs-ref', 'io.openshift.build.commit.id', 'org.opencontainers.image.revision'],
  // Every build has its own of these; that one is gone says nothing of what the image can do.
  labelsThatMayGo: ['org.label-schema.*', 'quay.expires-after'],
  weakParameters: { hermetic: ['false'], 'skip-checks': ['true'] },
  signature: 'required',
  platformsProvenBy: 'subject',
};

export type CheckName =
  | 'registry'
  | 'architectures'
  | 'commit-label'
  | 'label-set'
  | 'signature'
  | 'provenance'
  | 'provenance-platforms'
  | 'commit'
  | 'source'
  | 'builder'
  | 'parameters';

/** `because` says what was found and where, `allowed` what would have passed, `next` what to do. */
export type Check = {
  readonly name: CheckName;
  readonly ok: boolean;
  readonly because: string;
  readonly allowed?: string;
  readonly next?: string;
};

export type ImageVerdict = {
  readonly reference: string;
  /** Null: the registry gave none. */
  readonly digest: Digest | null;
  readonly verdict: 'verified' | 'refused';
  readonly checks: readonly Check[];
  /** Those that every platform has with the same value. */
  readonly labels: Labels;
  readonly architectures: readonly { readonly platform: string; readonly digest: Digest }[];
  /** Of the index, or of the only image; null when none that is trusted is about it. */
  readonly provenance: ProvenanceSeen | null;
  readonly signatures: readonly SignatureSeen[];
};

export type ProvenanceSeen = {
  readonly type: 'slsa-v0.2' | 'slsa-v1';
  readonly place: string;
  readonly signer: string;
  readonly builder: string | null;
  /** The commit that was asked for when it is among the sources, else the first; null when it names none. */
  readonly commit: Commit | null;
  readonly sources: readonly { readonly uri: string; readonly commit: Commit }[];
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  readonly subjects: readonly Digest[];
};

export type SignatureSeen = Pick<Signed, 'of' | 'place' | 'because'> & {
  readonly kind: 'signature' | 'provenance' | 'other statement' | 'untrusted';
  readonly signer: string | null;
};
