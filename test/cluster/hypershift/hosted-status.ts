import type { Thing } from '../api.ts';
import { isFalse, isTrue, isUnknown, nowText, type Verdicts, verdict, withVerdicts } from './conditions.ts';
import type { Progress } from './control-plane.ts';
import { type Ref, versionOf } from './options.ts';
import { type Place, say } from './place.ts';
import { controlPlaneNamespaceOf } from './templates.ts';

/** Expected True in every cluster, and in those of a platform (support/conditions/conditions.go). */
const SOUND = [
  'InfrastructureReady',
  'IgnitionEndpointAvailable',
  'ValidConfiguration',
  'SupportedHostedCluster',
  'ClusterVersionSucceeding',
  'ClusterVersionAvailable',
  'ClusterVersionReleaseAccepted',
  'ConfigOperatorReconciliationSucceeded',
  'ValidHostedControlPlaneConfiguration',
  'ValidReleaseImage',
  'PlatformCredentialsFound',
];
const OF_PLATFORM: Readonly<Record<string, readonly string[]>> = {
  AWS: ['ValidOIDCConfiguration', 'ValidAWSIdentityProvider', 'AWSDefaultSecurityGroupCreated'],
};
const UNUSED: Readonly<Record<string, readonly string[]>> = {
  AWS: ['ValidAWSKMSConfig', 'ExternalDNSReachable'],
  Azure: ['ValidAzureKMSConfig', 'ExternalDNSReachable'],
};

/** What the last pass came to. */
export type Came = { readonly progress: Progress; readonly fault?: string };

/** Writes of a HostedCluster what differs from what it says. */
export async function writeStatus(place: Place, cluster: Thing, { progress, fault }: Came): Promise<void> {
  const version = versionStatus(place, cluster, progress);
  const isUpgrading = version?.history[0]?.state !== 'Completed';
  const more = {
    ...(version && { version }),
    ...controlPlaneVersion(place, cluster, progress),
    controlPlaneEndpoint: { host: `api.${cluster.metadata.name}.example.com`, port: 443 },
  };
  await write(place, cluster, { verdicts: verdictsOn(place, cluster, { isUpgrading, fault }), more });
}

/** All that is said of a paused cluster. */
export const writePaused = (place: Place, cluster: Thing): Promise<void> =>
  write(place, cluster, { verdicts: { ReconciliationActive: isFalse('ReconciliationPaused') }, more: {} });

async function write(
  place: Place,
  cluster: Thing,
  { verdicts, more }: { readonly verdicts: Verdicts; readonly more: Thing },
) {
  const { name, namespace } = cluster.metadata;
  const before = cluster.status?.conditions ?? [];
  const conditions = withVerdicts(before, verdicts, place.pretended.get(`${namespace}/${name}`));
  const isSame = Object.entries(more).every(
    ([key, value]) => JSON.stringify(sorted(value)) === JSON.stringify(sorted(cluster.status?.[key])),
  );
  if (conditions === before && isSame) return;
  const status = { conditions, ...more };
  await say(place, 'hostedclusters', cluster, { by: 'hypershift-operator', status });
}

function verdictsOn(
  { seen }: Place,
  cluster: Thing,
  { isUpgrading, fault }: { readonly isUpgrading: boolean; readonly fault: string | undefined },
): Verdicts {
  const namespace = controlPlaneNamespaceOf(cluster);
  const etcd = seen.get('statefulsets', { namespace, name: 'etcd' });
  const kas = seen.get('deployments', { namespace, name: 'kube-apiserver' });
  const quorum = (etcd?.status?.readyReplicas ?? 0) >= Math.floor((etcd?.spec.replicas ?? 1) / 2) + 1;
  const serves = (kas?.status?.availableReplicas ?? 0) > 0;
  const short = seen.in('deployments', namespace).filter((it) => (it.status?.unavailableReplicas ?? 0) > 0);
  const degraded = short.map((it) => `${it.metadata.name} has unavailable replicas`).join(', ');
  const hasNodes = seen.in('nodepools', cluster.metadata.namespace).some((pool) => isPoolOf(cluster, pool));
  const connected = hasNodes ? isTrue() : isUnknown('NoWorkerNodesAvailable');
  const platform = cluster.spec?.platform?.type ?? '';
  return {
    ...Object.fromEntries([...SOUND, ...(OF_PLATFORM[platform] ?? [])].map((type) => [type, isTrue()])),
    ...Object.fromEntries((UNUSED[platform] ?? []).map((type) => [type, isUnknown('NotUsed')])),
    Available: verdict(quorum && serves, 'WaitingForAvailable'),
    EtcdAvailable: verdict(quorum, 'EtcdWaitingForQuorum'),
    KubeAPIServerAvailable: verdict(serves, 'WaitingForAvailable'),
    Degraded: degraded === '' ? isFalse() : { ...isTrue('UnavailableReplicas'), message: degraded },
    Progressing: isUpgrading ? isTrue('Progressing') : isFalse(),
    ClusterVersionProgressing: isUpgrading ? isTrue('Progressing') : isFalse(),
    ReconciliationActive: isTrue(),
    ReconciliationSucceeded: fault === undefined ? isTrue() : isFalse('ReconciliationError', fault),
    ValidReleaseInfo: isTrue(),
    DataPlaneConnectionAvailable: connected,
    ControlPlaneConnectionAvailable: connected,
  };
}

export const isPoolOf = (cluster: Thing, pool: Thing): boolean =>
  pool.spec?.clusterName === cluster.metadata.name;

/** What the control plane was asked to run, not what the cluster asks for: the two differ while nothing is reconciled. */
function versionStatus({ seen }: Place, cluster: Thing, { completed, image }: Progress): Thing | undefined {
  const plane = planeOf(seen, cluster);
  if (plane === undefined) return cluster.status?.version;
  const { releaseImage, controlPlaneReleaseImage = releaseImage } = plane.spec;
  const isDone = completed === controlPlaneReleaseImage;
  const before = cluster.status?.version;
  const entries = historyWith(before?.history, { image: releaseImage, isDone });
  // Until a control-plane-operator has run, nobody knows which version the image is.
  const isKnown = image !== undefined || Boolean(before?.desired?.version);
  const history = entries.map((entry) => ({
    completionTime: null,
    verified: false,
    ...entry,
    ...(entry.image === releaseImage && { version: isKnown ? desired(releaseImage).version : '' }),
  }));
  return {
    desired: { ...desired(releaseImage), ...(!isKnown && { version: '' }) },
    history,
    observedGeneration: cluster.status?.version?.observedGeneration ?? cluster.metadata.generation,
    availableUpdates: [],
  };
}

/** Of the management side alone; from 4.20 on. */
function controlPlaneVersion({ seen }: Place, cluster: Thing, { completed }: Progress): Thing {
  const spec = planeOf(seen, cluster)?.spec;
  const image: Ref | undefined = spec?.controlPlaneReleaseImage ?? spec?.releaseImage;
  if (image === undefined || Number(versionOf(image)?.split('.')[1]) < 20) return {};
  const history = historyWith(cluster.status?.controlPlaneVersion?.history, {
    image,
    isDone: completed === image,
  });
  return { controlPlaneVersion: { desired: desired(image), history } };
}

const planeOf = (seen: Place['seen'], cluster: Thing): Thing | undefined =>
  seen.get('hostedcontrolplanes', {
    namespace: controlPlaneNamespaceOf(cluster),
    name: cluster.metadata.name,
  });

const desired = (image: Ref): Thing => ({ image, version: versionOf(image) ?? 'unknown' });

/** Newest first: another image is a new Partial entry, and it is Completed once everything runs it. */
function historyWith(
  before: readonly Thing[] = [],
  { image, isDone }: { readonly image: Ref; readonly isDone: boolean },
): readonly Thing[] {
  const [newest, ...older] =
    before[0]?.image === image
      ? before
      : [{ ...desired(image), state: 'Partial', startedTime: nowText() }, ...before];
  if (!isDone || newest!.state === 'Completed') return [newest!, ...older];
  return [{ ...newest, state: 'Completed', completionTime: nowText() }, ...older];
}

/** With its members in order, however the server put them. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(
    members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, sorted(member)]),
  );
}
