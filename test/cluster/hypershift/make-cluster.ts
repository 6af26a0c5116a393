import { createHash } from 'node:crypto';
import { type Api, ApiRefusal, type Thing } from '../api.ts';
import { releaseImage } from './options.ts';
import { HYPERSHIFT, pathOf } from './seen.ts';

export type ClusterWish = {
  readonly namespace: string;
  readonly name: string;
  /** Default 4.19.11. */
  readonly version?: string;
  readonly availability?: 'HighlyAvailable' | 'SingleReplica';
  /** Default AWS. */
  readonly platform?: 'AWS' | 'Azure' | 'KubeVirt' | 'Agent' | 'None';
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly proxy?: { readonly httpsProxy: string; readonly noProxy?: string };
  readonly pausedUntil?: string;
  /** How many node pools; default 1. */
  readonly nodePools?: number;
  /** Whatever else its spec has. */
  readonly spec?: Thing;
};

/** Makes the namespace where it is not there yet, the HostedCluster, and its node pools. The HostedCluster. */
export async function makeCluster(api: Api, wish: ClusterWish): Promise<Thing> {
  const { namespace, name, nodePools = 1 } = wish;
  await api.create(pathOf('namespaces'), { metadata: { name: namespace } }).catch((problem) => {
    if (!(problem instanceof ApiRefusal && problem.body.reason === 'AlreadyExists')) throw problem;
  });
  const made = await api.create(pathOf('hostedclusters', { namespace }), hostedCluster(wish));
  const pools = Array.from({ length: nodePools }, (_, at) => nodePool(wish, `${name}-${at + 1}`));
  await Promise.all(pools.map((pool) => api.create(pathOf('nodepools', { namespace }), pool)));
  return made;
}

function hostedCluster(wish: ClusterWish): Thing {
  const { namespace, name, version = '4.19.11', platform = 'AWS', proxy, pausedUntil } = wish;
  const made = createHash('sha256').update(`${namespace}/${name}`).digest('hex');
  const services = ['APIServer', 'OAuthServer', 'Konnectivity', 'Ignition'].map((service) => ({
    service,
    servicePublishingStrategy: { type: 'Route', route: {} },
  }));
  return {
    apiVersion: HYPERSHIFT,
    kind: 'HostedCluster',
    metadata: {
      name,
      ...(wish.annotations && { annotations: wish.annotations }),
      ...(wish.labels && { labels: wish.labels }),
    },
    spec: {
      clusterID: made.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5'),
      infraID: `${name.replaceAll('.', '-')}-${made.slice(0, 5)}`,
      release: { image: releaseImage(version) },
      pullSecret: { name: 'pull' },
      dns: { baseDomain: 'example.com' },
      platform: { type: platform },
      controllerAvailabilityPolicy: wish.availability ?? 'HighlyAvailable',
      services,
      ...(proxy && { configuration: { proxy } }),
      ...(pausedUntil && { pausedUntil }),
      ...wish.spec,
    },
  };
}

const nodePool = ({ name: clusterName, version = '4.19.11' }: ClusterWish, name: string): Thing => ({
  apiVersion: HYPERSHIFT,
  kind: 'NodePool',
  metadata: { name },
  spec: {
    clusterName,
    replicas: 2,
    release: { image: releaseImage(version) },
    management: { upgradeType: 'Replace' },
    platform: { type: 'None' },
  },
});
