import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Ms } from '../../src/core/base/instant.ts';
import { type Api, ApiRefusal, type Thing } from './api.ts';

/** What becomes of a container: it runs, its image cannot be pulled, or it starts and ends again and again. */
export type Fate = 'runs' | 'cannot be pulled' | 'crashes';

export type KubeletOptions = {
  /** From a pod's getting a node to its being ready, also by its namespace. Default 0. */
  readonly readyAfterMs?: Ms | ((namespace: string) => Ms);
  /** By the image as the pod names it; asked when the pod starts. Default: every image runs. */
  readonly fateOf?: (image: string) => Fate;
  /**
   * What a node of this platform reports for a digest that names an index of several platforms. Default: the
   * digest itself, as it is for an image of one platform. `sha256:…` in and out.
   */
  readonly platformDigestOf?: (digest: string) => string;
  /** Default one, `node-a`. A DaemonSet gets a pod on each. */
  readonly nodes?: readonly string[];
};

export type Kubelet = {
  /** Ends it and waits for what it is doing. Pods stay as they are. */
  stop(): Promise<void>;
};

const RETRY_MS = 100;

/**
 * A pretend kubelet with the scheduler in it: gives each pod a node, says of its containers what a kubelet
 * would, and lets go of pods that are being deleted. Nothing runs anywhere. It outlives a restart of the API
 * server: then it looks at every pod again.
 */
export async function startKubelet(api: Api, options: KubeletOptions = {}): Promise<Kubelet> {
  const nodes = options.nodes ?? ['node-a'];
  for (const node of nodes) await registerNode(api, node);
  const over = new AbortController();
  const doing = new Map<string, Promise<void>>();
  let pods = 0;

  /** Each step of a pod is taken once; again when the server did not answer, or later. */
  const look = (pod: Thing) => {
    const step = nextStep(pod);
    const key = `${pod.metadata.uid} ${step}`;
    if (step === 'none' || doing.has(key)) return;
    const node = nodeWantedBy(pod) ?? nodes[pods++ % nodes.length]!;
    const taken = take(api, { pod, step, node, options, signal: over.signal }).catch(async (problem) => {
      if (isFinal(problem)) return;
      await pause(RETRY_MS, undefined, { signal: over.signal }).catch(() => {});
      doing.delete(key);
      if (!over.signal.aborted) look(pod);
    });
    doing.set(key, taken);
  };
  const forget = (pod: Thing) => {
    for (const step of STEPS) doing.delete(`${pod.metadata.uid} ${step}`);
  };
  const watching = keepWatching(api, over.signal, { look, forget });
  return {
    stop: async () => {
      over.abort();
      await watching;
      await Promise.all(doing.values());
    },
  };
}

const STEPS = ['schedule', 'run', 'let go'] as const;
type Step = (typeof STEPS)[number] | 'none';

/** A pod without a node that is deleted is the API server's business alone. */
function nextStep({ metadata, spec, status }: Thing): Step {
  if (metadata.deletionTimestamp !== undefined) return spec.nodeName === undefined ? 'none' : 'let go';
  if (spec.nodeName === undefined) return 'schedule';
  return status.startTime === undefined ? 'run' : 'none';
}

/** The pod is gone, is another one, or has been put there already. */
const isFinal = (problem: unknown): boolean =>
  problem instanceof ApiRefusal && [404, 409, 422].includes(problem.status);

type Work = {
  readonly pod: Thing;
  readonly step: Step;
  readonly node: string;
  readonly options: KubeletOptions;
  readonly signal: AbortSignal;
};

async function take(api: Api, { pod, step, node, options, signal }: Work): Promise<void> {
  const { name, namespace, uid } = pod.metadata;
  const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
  if (step === 'schedule') {
    const target = { apiVersion: 'v1', kind: 'Node', name: node };
    const body = { apiVersion: 'v1', kind: 'Binding', metadata: { name, uid }, target };
    await api.must({ method: 'POST', path: `${path}/binding`, body });
  } else if (step === 'run') {
    const { readyAfterMs: ready = 0 } = options;
    const readyAfterMs = typeof ready === 'number' ? ready : ready(namespace);
    if (readyAfterMs > 0) await pause(readyAfterMs, undefined, { signal });
    // With the uid, so that a later pod of the same name does not get this one's status.
    await api.merge(`${path}/status`, { metadata: { uid }, status: statusOf(pod, options) });
  } else {
    const body = { gracePeriodSeconds: 0, preconditions: { uid } };
    await api.must({ method: 'DELETE', path, body });
  }
}

/** What a kubelet says of a pod that it has tried to start. A pod of a Job has done its work already. */
function statusOf(pod: Thing, options: KubeletOptions): Thing {
  const at = new Date().toISOString();
  const ends = pod.spec.restartPolicy !== 'Always';
  const first: Thing[] = (pod.spec.initContainers ?? []).map((one: Thing) =>
    containerStatus(one, { ends: true, at, options }),
  );
  const stuck = first.some((one) => one.state.waiting !== undefined);
  const main: Thing[] = pod.spec.containers.map((one: Thing) =>
    stuck ? waiting(one, 'PodInitializing') : containerStatus(one, { ends, at, options }),
  );
  const ready = main.every((one) => one.ready);
  const condition = (type: string, holds: boolean) => ({
    type,
    status: holds ? 'True' : 'False',
    lastTransitionTime: at,
  });
  return {
    phase: phaseOf(main),
    startTime: at,
    conditions: [
      condition('PodScheduled', true),
      condition('Initialized', !stuck),
      condition('ContainersReady', ready),
      condition('Ready', ready),
    ],
    containerStatuses: main,
    ...(first.length > 0 && { initContainerStatuses: first }),
  };
}

/** A container that crashes has run; one that waits for its image has not. */
function phaseOf(main: readonly Thing[]): string {
  if (main.every((one) => one.state.terminated !== undefined)) return 'Succeeded';
  return main.some((one) => one.imageID === '') ? 'Pending' : 'Running';
}

type Start = { readonly ends: boolean; readonly at: string; readonly options: KubeletOptions };

function containerStatus(container: Thing, { ends, at, options }: Start): Thing {
  const fate = options.fateOf?.(container.image) ?? 'runs';
  if (fate === 'cannot be pulled') return waiting(container, 'ImagePullBackOff');
  const imageID = imageIdOf(container.image, options.platformDigestOf);
  if (fate === 'crashes') {
    const lastState = { terminated: { exitCode: 1, reason: 'Error', startedAt: at, finishedAt: at } };
    return { ...waiting(container, 'CrashLoopBackOff'), imageID, restartCount: 1, lastState };
  }
  const state = ends
    ? { terminated: { exitCode: 0, reason: 'Completed', startedAt: at, finishedAt: at } }
    : { running: { startedAt: at } };
  return {
    name: container.name,
    image: container.image,
    imageID,
    ready: !ends,
    started: !ends,
    restartCount: 0,
    state,
  };
}

const waiting = ({ name, image }: Thing, reason: string): Thing => ({
  name,
  image,
  imageID: '',
  ready: false,
  started: false,
  restartCount: 0,
  state: { waiting: { reason } },
});

/** As a node reports it: repository and digest. A tag gets a digest that depends on the tag alone. */
function imageIdOf(image: string, platformDigestOf: (digest: string) => string = (digest) => digest): string {
  const [repository, digest] = image.split('@');
  if (digest !== undefined) return `${repository}@${platformDigestOf(digest)}`;
  const made = `sha256:${createHash('sha256').update(image).digest('hex')}`;
  return `${image.replace(/:[^:/]*$/, '')}@${made}`;
}

/** The DaemonSet controller names the node of each of its pods in an affinity. */
const nodeWantedBy = (pod: Thing): string | undefined =>
  pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms?.[0]
    ?.matchFields?.[0]?.values?.[0];

async function registerNode(api: Api, name: string) {
  const labels = {
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
  };
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name, labels } };
  await api.apply(`/api/v1/nodes/${name}`, node, { manager: 'kubelet' });
  const at = new Date().toISOString();
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: 'KubeletReady',
    message: 'pretends to be',
    lastTransitionTime: at,
    lastHeartbeatTime: at,
  };
  await api.merge(`/api/v1/nodes/${name}/status`, { status: { conditions: [ready] } });
  // A new node is tainted until the node controller, which does not run here, has seen it ready.
  await api.merge(`/api/v1/nodes/${name}`, { spec: { taints: null } });
}

type Seen = { look(pod: Thing): void; forget(pod: Thing): void };

/** Passes on every pod of the cluster; begins anew, with all of them, when the watch ends. */
async function keepWatching(api: Api, signal: AbortSignal, { look, forget }: Seen): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const { type, object } of api.watch('/api/v1/pods', signal)) {
        if (type === 'DELETED') forget(object);
        else if (type !== 'ERROR' && type !== 'BOOKMARK') look(object);
      }
    } catch {
      // The server went away or is busy; whether we are known to it was seen when the nodes were registered.
    }
    await pause(RETRY_MS, undefined, { signal }).catch(() => {});
  }
}
