/**
 * What of Kubernetes objects is read, and no more; the field names are theirs. Everything may be absent: a cluster says
 * what it likes, and whoever reads decides what absence means.
 */
export type Meta = {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly deletionTimestamp?: string;
  readonly creationTimestamp?: string;
  readonly managedFields?: readonly ManagedFields[];
};

/** Who owns which fields: `fieldsV1` is a tree of `f:` names. */
export type ManagedFields = {
  readonly manager?: string;
  readonly operation?: string;
  readonly fieldsV1?: unknown;
};

export type Condition = {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
};

/** hypershift.openshift.io/v1beta1. */
export type HostedCluster = {
  readonly metadata: Meta;
  readonly spec?: {
    readonly release?: { readonly image?: string };
    readonly controlPlaneRelease?: { readonly image?: string };
    readonly clusterID?: string;
    readonly platform?: {
      readonly type?: string;
      readonly aws?: { readonly endpointAccess?: string };
      readonly azure?: {
        readonly topology?: string;
        readonly azureAuthenticationConfig?: { readonly azureAuthenticationConfigType?: string };
      };
    };
    readonly controllerAvailabilityPolicy?: string;
    readonly pausedUntil?: string;
    readonly networking?: {
      readonly apiServer?: { readonly advertiseAddress?: string; readonly port?: number };
      readonly serviceNetwork?: readonly { readonly cidr?: string }[];
      readonly clusterNetwork?: readonly { readonly cidr?: string }[];
    };
    readonly configuration?: {
      readonly proxy?: { readonly httpsProxy?: string; readonly noProxy?: string };
    };
  };
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly version?: {
      readonly desired?: { readonly image?: string; readonly version?: string };
      readonly history?: readonly VersionEntry[];
    };
    readonly controlPlaneVersion?: { readonly history?: readonly VersionEntry[] };
    readonly controlPlaneEndpoint?: { readonly host?: string; readonly port?: number };
  };
};

/** Newest first. */
export type VersionEntry = {
  readonly state?: string;
  readonly version?: string;
  readonly image?: string;
};

/** hypershift.openshift.io/v1beta1, in the namespace of its hosted cluster. */
export type NodePool = {
  readonly metadata: Meta;
  readonly spec?: {
    readonly clusterName?: string;
    readonly release?: { readonly image?: string };
    readonly pausedUntil?: string;
  };
  readonly status?: { readonly version?: string; readonly conditions?: readonly Condition[] };
};

/** hypershift.openshift.io/v1beta1, in the control plane's namespace; reliably there from 4.20 on. */
export type ControlPlaneComponent = {
  readonly metadata: Meta;
  readonly status?: { readonly version?: string; readonly conditions?: readonly Condition[] };
};

export type Container = {
  readonly name: string;
  readonly image?: string;
  /** Of the control-plane-operator's container, what of it names images. */
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
};

export type WorkloadKind = 'Deployment' | 'StatefulSet' | 'DaemonSet';

/** A Deployment, StatefulSet or DaemonSet, its numbers under the names of a Deployment. */
export type Workload = {
  readonly kind: WorkloadKind;
  readonly metadata: Meta;
  readonly spec?: {
    readonly replicas?: number;
    readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
    readonly template?: {
      readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
      readonly spec?: {
        readonly containers?: readonly Container[];
        readonly initContainers?: readonly Container[];
      };
    };
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly availableReplicas?: number;
    readonly unavailableReplicas?: number;
    /** Of a DaemonSet, which has names of its own. */
    readonly desiredNumberScheduled?: number;
    readonly updatedNumberScheduled?: number;
    readonly numberReady?: number;
    readonly numberUnavailable?: number;
  };
};

export type ContainerStatus = {
  readonly name: string;
  readonly image?: string;
  readonly imageID?: string;
  readonly ready?: boolean;
  readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
};

export type Pod = {
  readonly metadata: Meta & {
    readonly ownerReferences?: readonly {
      readonly kind: string;
      readonly name: string;
      readonly uid: string;
    }[];
  };
  readonly spec?: {
    readonly containers?: readonly Container[];
    readonly initContainers?: readonly Container[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
};

/** Everything that one hosted cluster is judged by, as it was last seen. */
export type Hosted = {
  readonly cluster: HostedCluster;
  readonly nodePools: readonly NodePool[];
  readonly components: readonly ControlPlaneComponent[];
  /** Deployments, StatefulSets and DaemonSets of the control plane's namespace. */
  readonly workloads: readonly Workload[];
  readonly pods: readonly Pod[];
  /** Names of the secrets of the control plane's namespace, for who may list them. */
  readonly secretNames?: readonly string[];
};

/** The namespace of a hosted cluster's control plane (manifests.go of HyperShift; nothing is cut off). */
export const controlPlaneNamespace = ({ name, namespace }: Pick<Meta, 'name' | 'namespace'>): string =>
  `${namespace}-${name.replaceAll('.', '-')}`;

export const CPO_IMAGE = 'hypershift.openshift.io/control-plane-operator-image';
/** On pod templates: the release image they were made for. */
export const RELEASE_IMAGE = 'hypershift.openshift.io/release-image';
export const IMAGE_OVERRIDES = 'hypershift.openshift.io/image-overrides';

/** The field manager of everything Fleetfix writes. */
export const FIELD_MANAGER = 'fleetfix';

/**
 * What Fleetfix writes beside the lever, one JSON value: which order put it there, and what was there before, so that whoever
 * looks at the object knows, and a restarted agent too. See `Mark`.
 */
export const MARK = 'fleetfix.dev/applied';

export type Mark = {
  /** Of the order that was carried out last. */
  readonly key: string;
  readonly fix: string;
  readonly sequence: number;
  /** The component whose lever was moved, and the image it names now; null: taken away. */
  readonly component: string;
  readonly image: string | null;
  /** The image that ran before Fleetfix first moved this lever, by digest. */
  readonly before: string;
  /** The release image the control plane was to run when the lever was moved, see upgrade.ts. Earlier marks have none. */
  readonly release?: string;
};
