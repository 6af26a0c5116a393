import type { Uid } from '../core/base/ids.ts';
import { MINUTE } from '../core/base/instant.ts';
import { whyNotNow } from '../core/hypershift/guards.ts';
import { planeOf, type ReportedPlane, releasesSeenIn } from '../core/hypershift/inventory.ts';
import { type Change, change, changeWorkload, type LeverOrder } from '../core/hypershift/levers.ts';
import { type Look, type Memory, remember } from '../core/hypershift/memory.ts';
import type { Hosted, HostedCluster, Meta, Workload, WorkloadKind } from '../core/hypershift/objects.ts';
import { turnsAtMs } from '../core/hypershift/turns.ts';
import { planeOfWorkload } from '../core/hypershift/workload-plane.ts';
import type { SignedOrder } from '../core/rollout/order.ts';
import { clusterOf, workloadOf } from './mirror/projections.ts';
import type { AgentParts } from './parts.ts';

/** What the hub calls a control plane, as the agent has it before it: an object whose lever it may move, and what it is judged by. */
export type AgentTarget = {
  readonly metadata: Meta;
  /** Of the object, at the API server. */
  readonly path: string;
  /** What is to be kept of it after this look. */
  remembered(memory: Memory | undefined, look: Look): Memory;
  plane(memory: Memory | undefined, look: Look): ReportedPlane;
  /** What it tells of the release it is on, for those whose lever hides it. */
  releases(plane: ReportedPlane): ReturnType<typeof releasesSeenIn>;
  /** When it may be another though nothing of it changes; undefined: never. */
  turnsAtMs(memory: Memory, nowMs: number): number | undefined;
  /** Why a guard keeps the order from being carried out now. */
  guarded(order: SignedOrder, it: Look & { readonly memory: Memory | undefined }): string | undefined;
  change(
    order: LeverOrder & Pick<SignedOrder, 'component'>,
    plane: ReportedPlane,
  ): Change | { readonly refused: string };
  /** The same as it was just read; undefined when that is another object. */
  fresh(object: unknown): AgentTarget | undefined;
};

type Parts = Pick<AgentParts, 'mirror' | 'settings'>;

/** The target of a uid; undefined when there is none. */
export function targetOf(parts: Parts, uid: Uid): AgentTarget | undefined {
  const hosted = parts.mirror.hosted(uid);
  return hosted === undefined ? ownWorkload(parts, uid) : hostedTarget(parts, hosted);
}

const HYPERSHIFT = '/apis/hypershift.openshift.io/v1beta1';
const PLURALS: Readonly<Record<WorkloadKind, string>> = {
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
};

const pathOf = (api: string, { namespace, name }: Meta, plural: string): string =>
  `${api}/namespaces/${encodeURIComponent(namespace)}/${plural}/${encodeURIComponent(name)}`;

function hostedTarget(parts: Parts, hosted: Hosted): AgentTarget {
  const { settings } = parts;
  const { metadata } = hosted.cluster;
  const componentOf = (order: Pick<SignedOrder, 'component'>) =>
    settings.components.find((c) => c.name === order.component)!;
  return {
    metadata,
    path: pathOf(HYPERSHIFT, metadata, 'hostedclusters'),
    remembered: (memory, look) => remember(hosted, settings, { memory, ...look }),
    plane: (memory, look) => planeOf(hosted, settings, { memory, ...look }),
    releases: (plane) => releasesSeenIn(hosted, plane),
    turnsAtMs: (memory, nowMs) => turnsAtMs(hosted, { nowMs, memory }),
    guarded: (order, { memory, ...look }) =>
      whyNotNow(
        { hosted, component: componentOf(order), ...look, usual: settings.usual, ...(memory && { memory }) },
        { action: order.action, accepted: settings.accepted ?? [] },
      ),
    change: (order, plane) =>
      change(componentOf(order), order, { hosted, release: plane.components[order.component]!.release }),
    fresh(object) {
      const cluster = clusterOf(object as HostedCluster);
      return cluster.metadata.uid === metadata.uid ? hostedTarget(parts, { ...hosted, cluster }) : undefined;
    },
  };
}

function ownWorkload(parts: Parts, uid: Uid, read?: Workload): AgentTarget | undefined {
  const { settings, mirror } = parts;
  const seen = mirror.workload(uid);
  if (seen === undefined) return undefined;
  const { component, pods } = seen;
  const workload = read ?? seen.workload;
  const { metadata, kind } = workload;
  const plane = (memory: Memory | undefined, look: Look) =>
    planeOfWorkload(
      { workload, pods },
      { settings, component, ...look, release: memory?.components[component.name]?.release },
    );
  return {
    metadata,
    path: pathOf('/apis/apps/v1', metadata, PLURALS[kind]),
    remembered(memory, look) {
      const running = plane(memory, look).components[component.name];
      const earlier = memory?.components[component.name];
      const release =
        running?.override === undefined ? (running?.digest ?? earlier?.release) : earlier?.release;
      const kept = {
        ...(release !== undefined && { release }),
        seen: [],
        lever: running?.override ?? 'absent',
      };
      return { components: { [component.name]: kept }, usual: [], nodePools: [] };
    },
    plane,
    releases: () => [],
    // Few, and quickly looked at.
    turnsAtMs: (_, nowMs) => nowMs + MINUTE,
    guarded: (order, { memory, ...look }) => (order.action === 'set' ? plane(memory, look).held : undefined),
    change: (order, seenPlane) =>
      changeWorkload(component, order, { workload, release: seenPlane.components[component.name]!.release }),
    fresh(object) {
      const one = workloadOf({ ...(object as Workload), kind }, { whole: true });
      return one.metadata.uid === uid ? ownWorkload(parts, uid, one) : undefined;
    },
  };
}
