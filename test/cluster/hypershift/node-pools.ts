import { createHash } from 'node:crypto';
import { isExempt } from '../../../src/core/hypershift/no-proxy.ts';
import { ApiRefusal, type Thing } from '../api.ts';
import { isFalse, isTrue, type Verdicts, verdict, withVerdicts } from './conditions.ts';
import { running } from './control-plane.ts';
import { isPoolOf } from './hosted-status.ts';
import { type Ref, versionOf } from './options.ts';
import { change, type Place, say } from './place.ts';
import { controlPlaneNamespaceOf } from './templates.ts';

const CONFIG = 'hypershift.openshift.io/nodePoolCurrentConfig';
const CONFIG_VERSION = 'hypershift.openshift.io/nodePoolCurrentConfigVersion';
const SOUND = [
  'Ready',
  'ValidReleaseImage',
  'ValidGeneratedPayload',
  'ValidMachineConfig',
  'ValidTuningConfig',
  'AllMachinesReady',
  'AllNodesHealthy',
  'ReconciliationActive',
  'ReachedIgnitionEndpoint',
  'UpdateManagementEnabled',
  'ValidArchPlatform',
  'SupportedVersionSkew',
];
const by = 'hypershift-operator';

/**
 * What the HyperShift Operator says of a cluster's node pools. Nodes are never rolled here: a pool that wants another configuration
 * says so until it is asked for the one it has again. That its roll has begun is to be seen by its secrets, which are made for the
 * configuration it wants; not while it is paused. In how many milliseconds the first pause ends; undefined: none does.
 */
export async function reconcileNodePools(
  place: Place,
  cluster: Thing,
  operator: Ref,
): Promise<number | undefined> {
  const pools = place.seen
    .in('nodepools', cluster.metadata.namespace)
    .filter((pool) => isPoolOf(cluster, pool));
  for (const pool of pools) {
    if (pool.metadata.deletionTimestamp === undefined)
      await reconcilePool(place, cluster, { pool, operator });
  }
  const ends = pools.map(pausedForMs).filter((ms) => ms !== undefined && Number.isFinite(ms));
  return ends.length === 0 ? undefined : Math.min(...(ends as number[]));
}

/** For how long reconciling is paused: a truth value has no end, a time in the past pauses nothing. */
export function pausedForMs({ spec }: Thing): number | undefined {
  const until: string | undefined = spec?.pausedUntil;
  if (until === undefined) return undefined;
  if (until.toLowerCase() === 'true') return Number.POSITIVE_INFINITY;
  const forMs = Date.parse(until) - Date.now();
  return forMs > 0 ? forMs : undefined;
}

/** The core ignition configuration is made by the operator that runs, the rest by what it is to be. */
function ignitionOf(place: Place, cluster: Thing): string {
  const ref = running(place, controlPlaneNamespaceOf(cluster))?.image;
  return ref !== undefined && place.options.changesIgnition?.(ref) ? ref : '';
}

async function reconcilePool(
  place: Place,
  cluster: Thing,
  { pool, operator }: { readonly pool: Thing; readonly operator: Ref },
) {
  const ignition = ignitionOf(place, cluster);
  const config = hash(
    cluster.metadata.name,
    inNodes(cluster) ? operator : '',
    ...(ignition ? [ignition] : []),
  );
  const configVersion = hash(config, pool.spec.release.image);
  const isPaused = pausedForMs(pool) !== undefined;
  // As in nodepool_controller.go: a pause keeps it from what it would do, and not from what it says.
  if (!isPaused) await makeSecrets(place, cluster, `${pool.metadata.name}-${configVersion}`);
  const annotations = { [CONFIG]: config, [CONFIG_VERSION]: configVersion };
  const current = pool.metadata.annotations?.[CONFIG];
  const there =
    current === undefined ? await change(place, 'nodepools', pool, { by, metadata: { annotations } }) : pool;
  const version = there.status?.version ?? versionOf(there.spec.release.image);
  const verdicts: Verdicts = {
    ...Object.fromEntries(SOUND.map((type) => [type, isTrue()])),
    UpdatingConfig: verdict(there.metadata.annotations[CONFIG] !== config, 'AsExpected'),
    UpdatingVersion: verdict(versionOf(there.spec.release.image) !== version, 'AsExpected'),
    UpdatingPlatformMachineTemplate: isFalse(),
    ReconciliationActive: isPaused ? isFalse('ReconciliationPaused') : isTrue(),
  };
  const before = there.status?.conditions ?? [];
  const conditions = withVerdicts(before, verdicts);
  if (conditions === before) return;
  const status = { conditions, version, replicas: there.spec.replicas };
  await say(place, 'nodepools', there, { by, status });
}

/** The earliest lasting sign that nodes will be rolled: their names end in the hash of the configuration. */
async function makeSecrets({ api, written }: Place, cluster: Thing, suffix: string) {
  const namespace = controlPlaneNamespaceOf(cluster);
  const key = `secrets ${cluster.metadata.uid} ${suffix}`;
  if (written.has(key)) return;
  for (const name of [`user-data-${suffix}`, `token-${suffix}`]) {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name } };
    await api
      .create(`/api/v1/namespaces/${namespace}/secrets?fieldManager=${by}`, secret)
      .catch((problem) => {
        if (!(problem instanceof ApiRefusal && problem.body.reason === 'AlreadyExists')) throw problem;
      });
  }
  written.set(key, { generation: 0, wanted: suffix });
}

const hash = (...of: readonly string[]): string =>
  createHash('sha256').update(of.join(' ')).digest('hex').slice(0, 8);

/**
 * Whether the static pod kube-apiserver-proxy on every node runs the control-plane-operator's image
 * (hypershift-operator/controllers/nodepool/apiserver-haproxy/haproxy.go).
 */
function inNodes({ spec, metadata }: Thing): boolean {
  const { httpsProxy = '', noProxy = '' } = spec.configuration?.proxy ?? {};
  const { aws, azure } = spec.platform;
  const isPrivate =
    (aws && (aws.endpointAccess ?? 'Public') !== 'Public') ||
    (azure && (azure.topology ?? 'Public') !== 'Public');
  if (httpsProxy === '' || isPrivate) return false;
  const networks = [spec.networking?.serviceNetwork?.[0]?.cidr, spec.networking?.clusterNetwork?.[0]?.cidr];
  const entries: string[] = noProxy.split(',').map((entry: string) => entry.trim());
  if (entries.some((entry) => entry.includes('kubernetes') || (entry !== '' && networks.includes(entry))))
    return false;
  const { advertiseAddress = '172.20.0.1', port = 6443 } = spec.networking?.apiServer ?? {};
  const endpoints = [
    { host: `api.${metadata.name}.example.com`, port: 443 },
    { host: advertiseAddress, port },
  ];
  return noProxy === '' || !endpoints.some((endpoint) => isExempt(noProxy, endpoint));
}
