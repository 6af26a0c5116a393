import { createHash } from 'node:crypto';

/** A reference to an image, as it stands in an object. */
export type Ref = string;

/** A container of a component: its image by its name in the release payload. */
export type ComponentContainer = { readonly name: string; readonly image: string };

export type Component = {
  readonly name: string;
  /** Default Deployment. */
  readonly kind?: 'Deployment' | 'StatefulSet';
  /** With HighlyAvailable; default 2. SingleReplica makes it 1. */
  readonly replicas?: number;
  /** Those that must be rolled out before this one is touched; default kube-apiserver. */
  readonly after?: readonly string[];
  /** The API is away while its only pod restarts: no pod besides the wanted ones. */
  readonly critical?: boolean;
  readonly containers: readonly ComponentContainer[];
  readonly initContainers?: readonly ComponentContainer[];
};

export type OperatorOptions = {
  /** By version: the control-plane-operator's image in that release, with its digest. */
  readonly releases: Readonly<Record<string, Ref>>;
  /** As overrides.yaml: by platform in lower case and exact version. */
  readonly overrides?: Readonly<Record<string, Readonly<Record<string, Ref>>>>;
  /** Whether a registry answers for an image; asked at every pass. Default: every one. */
  readonly resolvable?: (ref: Ref) => boolean;
  /** Whether a control-plane-operator of this image renders another ignition configuration for nodes. Default: none does. */
  readonly changesIgnition?: (ref: Ref) => boolean;
  /** What a control plane is made of beside its operator. Default: `COMPONENTS`. */
  readonly components?: readonly Component[];
};

/** Names in the release payload for which the control-plane-operator puts in its own image (its main.go). */
const ITS_OWN: ReadonlySet<string> = new Set([
  'hosted-cluster-config-operator',
  'socks5-proxy',
  'token-minter',
  'availability-prober',
  'controlplane-operator',
  'controlplane-pki-operator',
]);

/** A handful of the 44, with fewer pods than the real ones but for those that a quorum or an outage hangs on. */
export const COMPONENTS: readonly Component[] = [
  {
    name: 'etcd',
    kind: 'StatefulSet',
    replicas: 3,
    after: [],
    initContainers: [{ name: 'ensure-dns', image: 'controlplane-operator' }],
    containers: [{ name: 'etcd', image: 'etcd' }],
  },
  {
    name: 'kube-apiserver',
    replicas: 3,
    after: ['etcd'],
    critical: true,
    containers: [
      { name: 'kube-apiserver', image: 'hyperkube' },
      { name: 'bootstrap', image: 'controlplane-operator' },
    ],
  },
  {
    name: 'openshift-apiserver',
    containers: [
      { name: 'openshift-apiserver', image: 'openshift-apiserver' },
      { name: 'konnectivity-proxy-https', image: 'socks5-proxy' },
    ],
  },
  {
    name: 'oauth-openshift',
    containers: [
      { name: 'oauth-openshift', image: 'oauth-server' },
      { name: 'konnectivity-proxy-socks5', image: 'socks5-proxy' },
    ],
  },
  {
    name: 'hosted-cluster-config-operator',
    replicas: 1,
    containers: [{ name: 'hosted-cluster-config-operator', image: 'hosted-cluster-config-operator' }],
  },
  {
    name: 'konnectivity-agent',
    containers: [{ name: 'konnectivity-agent', image: 'apiserver-network-proxy' }],
  },
];

/**
 * The least that still has what is rolled in order, and loses neither quorum nor its API on the way: for tests that are about
 * something else.
 */
export const FEW_COMPONENTS: readonly Component[] = COMPONENTS.slice(0, 2).map((c) => ({
  ...c,
  replicas: c.name === 'etcd' ? 3 : 2,
}));

/** The release image of a version, and back: its tag says it. */
export const releaseImage = (version: string): Ref =>
  `quay.io/openshift-release-dev/ocp-release:${version}-multi`;

export const versionOf = (image: Ref): string | undefined => /:(\d+\.\d+\.\d+)(-|$)/.exec(image)?.[1];

/** The image a component runs: an override by name, the operator's own, or the one of the release. */
export function payloadImage(
  name: string,
  from: {
    readonly version: string;
    readonly operator: Ref;
    readonly overrides: ReadonlyMap<string, Ref>;
  },
): Ref {
  const overridden = from.overrides.get(name);
  if (overridden !== undefined) return overridden;
  if (ITS_OWN.has(name)) return from.operator;
  const made = createHash('sha256').update(`${from.version} ${name}`).digest('hex');
  return `quay.io/openshift-release-dev/ocp-v4.0-art-dev@sha256:${made}`;
}

/** `name=ref,name2=ref2`; what cannot be read is skipped, and of two of one name the last wins. */
export function readOverrides(text: string): ReadonlyMap<string, Ref> {
  const pairs = text
    .split(',')
    .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);
  return new Map(pairs.filter(([name, ref]) => name !== '' && ref !== '') as [string, Ref][]);
}
