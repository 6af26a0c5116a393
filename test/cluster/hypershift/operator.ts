import { type Api, ApiRefusal, type Thing } from '../api.ts';
import { reconcileControlPlane } from './control-plane.ts';
import { writePaused, writeStatus } from './hosted-status.ts';
import { operatorImage } from './images.ts';
import { type ClusterWish, makeCluster } from './make-cluster.ts';
import { pausedForMs, reconcileNodePools } from './node-pools.ts';
import { type OperatorOptions, type Ref, releaseImage } from './options.ts';
import { bring, change, make, type Place, type Pretended } from './place.ts';
import { startQueue } from './queue.ts';
import { pathOf, startSeeing } from './seen.ts';
import {
  controlPlaneNamespaceOf,
  hostedControlPlaneFor,
  namespaceFor,
  operatorFor,
  releasesOf,
} from './templates.ts';

export type Operator = {
  /** Makes a HostedCluster with its namespace and node pools; it comes up by itself. */
  makeCluster(wish: ClusterWish): Promise<Thing>;
  /** Once everything is rolled out to what the HostedCluster asks for now; the HostedCluster. */
  settled(cluster: Thing): Promise<Thing>;
  /** Asks for another release, of the management side and the nodes' API; node pools keep theirs. */
  upgrade(cluster: Thing, version: string): Promise<Thing>;
  /** Conditions that the cluster says from now on, whatever is the case; an empty record ends it. */
  pretend(cluster: Thing, conditions: Readonly<Record<string, Pretended>>): void;
  /** Looks at every cluster again, after something outside the API has changed, such as what can be resolved. */
  lookAgain(): void;
  /** Ends it and waits for what it is doing. Throws when the API server would not have what it wrote. */
  stop(): Promise<void>;
};

const AT_ONCE = 16;
const AGAIN_MS = 100;
const FINALIZER = 'hypershift.openshift.io/finalizer';
const by = 'hypershift-operator';

/**
 * A pretend HyperShift Operator together with the control-plane-operators it starts, as both were read and measured: who chooses
 * which image, what is rolled in which order, what is said of it. It needs a kubelet to see pods become ready.
 */
export function startOperator(api: Api, options: OperatorOptions): Operator {
  const over = new AbortController();
  /** By the namespace of a control plane, the key of its cluster. */
  const owners = new Map<string, string>();
  const keys = new Set<string>();
  const settledAt = new Map<string, number>();
  const waiting = new Set<() => void>();
  /** What the API server would not have from us: a fault of ours, which no repetition heals. */
  let mistake: ApiRefusal | undefined;

  const queue = startQueue(
    async (key) => {
      const at = { namespace: key.split('/')[0]!, name: key.split('/')[1]! };
      const cluster = place.seen.get('hostedclusters', at);
      settledAt.delete(key);
      if (cluster === undefined) return;
      const again = await pass(place, cluster);
      if (again.inMs !== undefined) queue.addAfter(key, again.inMs);
      // What changed during the pass, its own writes too, brings the next one.
      if (again.isSettled) settledAt.set(key, Number(cluster.metadata.resourceVersion));
      for (const look of waiting) look();
    },
    {
      atOnce: AT_ONCE,
      onProblem: (problem) => {
        if (!(problem instanceof ApiRefusal) || ![400, 422].includes(problem.status)) return;
        mistake ??= problem;
        for (const look of waiting) look();
      },
    },
  );
  const seen = startSeeing(api, {
    signal: over.signal,
    onChange: (kind, object) => {
      const { namespace, name } = object.metadata;
      if (kind === 'hostedclusters') {
        owners.set(controlPlaneNamespaceOf(object), keyOf(object));
        keys.add(keyOf(object));
        queue.add(keyOf(object));
      } else if (kind === 'nodepools') queue.add(`${namespace}/${object.spec.clusterName}`);
      else {
        const key = owners.get(kind === 'namespaces' ? name : namespace);
        if (key !== undefined) queue.add(key);
      }
    },
  });
  const place: Place = { api, options, seen, written: new Map(), pretended: new Map() };
  const fresh = ({ metadata }: Thing) => api.get(pathOf('hostedclusters', metadata as Named));

  return {
    makeCluster: (wish) => makeCluster(api, wish),
    settled: async (cluster) => {
      const from = Number((await fresh(cluster)).metadata.resourceVersion);
      const key = keyOf(cluster);
      await new Promise<void>((resolve, reject) => {
        const look = () => {
          if (mistake) reject(mistake);
          else if ((settledAt.get(key) ?? -1) < from) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      });
      return fresh(cluster);
    },
    upgrade: (cluster, version) =>
      api.merge(pathOf('hostedclusters', cluster.metadata as Named), {
        spec: { release: { image: releaseImage(version) } },
      }),
    pretend: (cluster, conditions) => {
      place.pretended.set(keyOf(cluster), conditions);
      queue.add(keyOf(cluster));
    },
    lookAgain: () => {
      for (const key of keys) queue.add(key);
    },
    stop: async () => {
      over.abort();
      await queue.stop();
      await seen.over;
      if (mistake) throw mistake;
    },
  };
}

type Named = { readonly namespace: string; readonly name: string };

const keyOf = ({ metadata }: Thing): string => `${metadata.namespace}/${metadata.name}`;

/** Whether all is as it should be, and when to look again though nothing happens. */
type Again = { readonly isSettled: boolean; readonly inMs?: number };

async function pass(place: Place, cluster: Thing): Promise<Again> {
  const { seen, options } = place;
  if (cluster.metadata.deletionTimestamp !== undefined) return takeDown(place, cluster);
  const forMs = pausedForMs(cluster);
  if (forMs !== undefined) {
    await writePaused(place, cluster);
    return { isSettled: false, ...(Number.isFinite(forMs) && { inMs: forMs }) };
  }
  const { ref, fault } = operatorImage(cluster, options);
  const poolsInMs = ref === undefined ? undefined : await reconcileHosted(place, cluster, ref);
  const at = { namespace: controlPlaneNamespaceOf(cluster), name: cluster.metadata.name };
  const plane = seen.get('hostedcontrolplanes', at);
  const progress = plane === undefined ? {} : await reconcileControlPlane(place, plane);
  const now = seen.get('hostedclusters', cluster.metadata as Named);
  if (now !== undefined) await writeStatus(place, now, { progress, ...(fault && { fault }) });
  const isSettled = progress.completed !== undefined && progress.image === ref;
  const inMs = fault === undefined ? poolsInMs : AGAIN_MS;
  return { isSettled, ...(inMs !== undefined && { inMs }) };
}

/** The HyperShift Operator's part: the namespace, what the control plane is told, and the node pools. */
async function reconcileHosted(place: Place, cluster: Thing, ref: Ref) {
  const { seen } = place;
  const finalizers: readonly string[] = cluster.metadata.finalizers ?? [];
  if (!finalizers.includes(FINALIZER)) {
    const metadata = { finalizers: [...finalizers, FINALIZER] };
    await change(place, 'hostedclusters', cluster, { by, metadata });
  }
  const namespace = controlPlaneNamespaceOf(cluster);
  if (seen.get('namespaces', { name: namespace }) === undefined)
    await make(place, 'namespaces', namespaceFor(cluster), by);
  const plane = seen.get('hostedcontrolplanes', { namespace, name: cluster.metadata.name });
  const releases = releasesOf(cluster);
  if (plane === undefined) await make(place, 'hostedcontrolplanes', hostedControlPlaneFor(cluster), by);
  else if (
    plane.spec.releaseImage !== releases.releaseImage ||
    plane.spec.controlPlaneReleaseImage !== releases.controlPlaneReleaseImage
  ) {
    const spec = { controlPlaneReleaseImage: null, ...releases };
    await change(place, 'hostedcontrolplanes', plane, { by, spec });
  }
  await bring(place, operatorFor(cluster, ref), by);
  return await reconcileNodePools(place, cluster, ref);
}

/** Its node pools and the namespace of its control plane go first, then it. */
async function takeDown(place: Place, cluster: Thing): Promise<Again> {
  const { api, seen } = place;
  const namespace = controlPlaneNamespaceOf(cluster);
  for (const pool of seen.in('nodepools', cluster.metadata.namespace)) {
    if (pool.spec.clusterName === cluster.metadata.name && !pool.metadata.deletionTimestamp)
      await api.ask({ method: 'DELETE', path: pathOf('nodepools', pool.metadata as Named) });
  }
  const around = seen.get('namespaces', { name: namespace });
  if (around === undefined) {
    const finalizers = (cluster.metadata.finalizers ?? []).filter((name: string) => name !== FINALIZER);
    await change(place, 'hostedclusters', cluster, { by, metadata: { finalizers } });
  } else if (around.metadata.deletionTimestamp === undefined)
    await api.ask({ method: 'DELETE', path: pathOf('namespaces', { name: namespace }) });
  return { isSettled: false };
}
