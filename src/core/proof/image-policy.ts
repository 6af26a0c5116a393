import { epochMs, instantOf } from '../base/instant.ts';
import { IMAGE_RULES, type ImageRules, type ImageWanted } from './image.ts';
import type { Keyless, NamedBundle, Trust, TrustedKey } from './trust.ts';

/** What an image must be, as people write it (docs/images.md). Files are named, not read. */
export type ImagePolicy = {
  readonly architectures?: readonly string[];
  readonly builders?: readonly string[];
  readonly sources?: readonly string[];
  readonly keys?: readonly KeyFile[];
  readonly trustedRoot?: string;
  readonly identities?: Keyless['identities'];
  readonly signature?: ImageRules['signature'];
  readonly platformsProvenBy?: ImageRules['platformsProvenBy'];
  readonly labels?: { readonly commit?: readonly string[]; readonly mayGo?: readonly string[] };
  readonly weakParameters?: Readonly<Record<string, readonly string[]>>;
  readonly parametersThatMayWeaken?: readonly string[];
  readonly registries?: Readonly<Record<string, HostRules>>;
};

/** `notBefore`, `notAfter`: times of RFC 3339, with any offset. */
export type KeyFile = {
  readonly file: string;
  readonly name?: string;
  readonly notBefore?: string;
  readonly notAfter?: string;
};

/** What people may say of the way to one registry. */
export type HostRules = {
  /** `host` or `host/path`, asked in this order before the host itself. */
  readonly mirrors?: readonly string[];
  /** Speaks http without TLS. */
  readonly plainHttp?: boolean;
  /** Other hosts that may be sent the credentials of this one, since they hand out its tokens. */
  readonly tokenHosts?: readonly string[];
};

/** What the files of a policy hold. */
export type PolicyFiles = {
  /** Of each of its keys, in their order. */
  readonly pems: readonly string[];
  /** Its trusted root as JSON was parsed; absent exactly when it names none. */
  readonly trustedRoot?: unknown;
  /** Beside those that it names. */
  readonly bundles?: readonly NamedBundle[];
};

/** What a policy asks of an image of any commit, and whose word counts. */
export type ImageQuestion = {
  readonly wanted: Omit<ImageWanted, 'commit' | 'deployed'>;
  readonly trust: Trust;
};

const PLATFORM = /^[a-z0-9]+(\/[a-z0-9_]+){0,2}$/;

/** What is wrong with a policy in itself, for people; undefined: nothing. */
export function policyProblem({ architectures = [], trustedRoot, identities = [] }: ImagePolicy) {
  const odd = architectures.find((one) => !PLATFORM.test(one.trim()));
  if (odd !== undefined) return `${odd} is no platform: expected os/architecture, such as linux/amd64`;
  if (trustedRoot === undefined && identities.length > 0)
    return 'an identity needs a trusted root: name a trusted_root.json with trustedRoot (or --bundle)';
  if (trustedRoot !== undefined && identities.length === 0)
    return `with the trusted root ${trustedRoot}, everybody could sign: name who may with identities (or --identity SUBJECT=ISSUER)`;
  return undefined;
}

/** The question a policy makes that has no problem in itself. */
export const questionOf = (policy: ImagePolicy, files: PolicyFiles): ImageQuestion => ({
  wanted: {
    architectures: (policy.architectures ?? []).map(platformIn),
    builders: policy.builders ?? [],
    sources: policy.sources ?? [],
    rules: rulesOf(policy),
  },
  trust: trustOf(policy, files),
});

/** `arm64` is `linux/arm64`. */
function platformIn(given: string): string {
  const text = given.trim();
  return text.includes('/') ? text : `linux/${text}`;
}

function rulesOf({
  labels,
  weakParameters,
  parametersThatMayWeaken = [],
  ...policy
}: ImagePolicy): ImageRules {
  const weak = Object.entries({ ...IMAGE_RULES.weakParameters, ...weakParameters });
  return {
    commitLabels: labels?.commit ?? IMAGE_RULES.commitLabels,
    labelsThatMayGo: [...IMAGE_RULES.labelsThatMayGo, ...(labels?.mayGo ?? [])],
    weakParameters: Object.fromEntries(
      weak
        .filter(([name]) => !parametersThatMayWeaken.includes(name))
        .map(([name, values]) => [name, values.map((value) => value.toLowerCase())]),
    ),
    signature: policy.signature ?? IMAGE_RULES.signature,
    platformsProvenBy: policy.platformsProvenBy ?? IMAGE_RULES.platformsProvenBy,
  };
}

function trustOf({ keys = [], identities = [] }: ImagePolicy, files: PolicyFiles): Trust {
  const { trustedRoot } = files;
  return {
    keys: keys.map((key, at) => keyOf(key, files.pems[at]!)),
    bundles: files.bundles ?? [],
    ...(trustedRoot !== undefined && { keyless: { trustedRoot, identities } }),
  };
}

function keyOf({ file, name = file, notBefore, notAfter }: KeyFile, pem: string): TrustedKey {
  return {
    name,
    pem,
    ...(notBefore !== undefined && { notBefore: spelled(notBefore) }),
    ...(notAfter !== undefined && { notAfter: spelled(notAfter) }),
  };
}

/** Instants are compared as text, so there is one spelling of each. */
const spelled = (at: string) => instantOf(epochMs(at));
