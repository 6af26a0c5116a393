import { DAY, durationText, MINUTE, type Ms } from '../base/instant.ts';
import { EXPECTED_TRUE, NEVER_USUAL, VITAL } from './condition-types.ts';
import { podContainers, statusOf } from './convergence.ts';
import type { Condition, Container, Hosted, HostedCluster, Pod } from './objects.ts';

/** How long a condition must be wrong to count: Degraded is True during every normal roll. */
export const PERSISTENT_MS: Ms = 10 * MINUTE;
/** How long a container must wait, or HyperShift must fail to take an image, to count. */
export const WAITING_MS: Ms = 2 * MINUTE;
/** How long a condition must have been wrong, when a hosted cluster is first seen, to be its usual state. */
const USUAL_AFTER_MS: Ms = DAY;

/** Reasons of a container that waits and will not come by itself. */
const STUCK = [
  'ImagePullBackOff',
  'ErrImagePull',
  'InvalidImageName',
  'CrashLoopBackOff',
  'CreateContainerError',
];

const conditionsOf = ({ status }: HostedCluster): readonly Condition[] => status?.conditions ?? [];

export const conditionOf = (cluster: HostedCluster, type: string): Condition | undefined =>
  conditionsOf(cluster).find((c) => c.type === type);

/**
 * Types of conditions that are usually wrong with a hosted cluster, for its customer's reasons: wrong for a day when it was
 * first seen. To be taken then and kept, never at an order: a symptom that the fix heals must not vanish because it was told.
 */
export function usualOf(cluster: HostedCluster, nowMs: number): string[] {
  return conditionsOf(cluster)
    .filter((c) => isWrong(c) && !NEVER_USUAL.includes(c.type))
    .filter((c) => nowMs - Date.parse(c.lastTransitionTime ?? '') >= USUAL_AFTER_MS)
    .map((c) => c.type)
    .sort();
}

/**
 * What is vital and lost now: no persistence is waited for. With a single replica it is lost at every restart, and only
 * counts when it lasts (see `persistentlyWrong`).
 */
export function lostVital(cluster: HostedCluster): string | undefined {
  if (cluster.spec?.controllerAvailabilityPolicy === 'SingleReplica') return undefined;
  const lost = VITAL.flatMap((type) => conditionOf(cluster, type) ?? []).filter((c) => c.status === 'False');
  return lost.length === 0 ? undefined : lost.map(conditionText).join(', ');
}

/**
 * etcd without a majority of its members ready, by its StatefulSet: Available there means one replica, not quorum. A single member has
 * none to lose.
 */
export function lostQuorum({ workloads }: Pick<Hosted, 'workloads'>): string | undefined {
  const etcd = workloads.find((w) => w.kind === 'StatefulSet' && w.metadata.name === 'etcd');
  if (etcd === undefined) return undefined;
  const [members, ready] = [etcd.spec?.replicas ?? 1, etcd.status?.readyReplicas ?? 0];
  const majority = Math.floor(members / 2) + 1;
  return members < 2 || ready >= majority
    ? undefined
    : `etcd has ${ready} of ${members} members ready and needs ${majority}`;
}

/** Conditions that have been wrong for `PERSISTENT_MS`, but for the usual ones. One without a time counts. */
export function persistentlyWrong(
  cluster: HostedCluster,
  { usual, nowMs }: { readonly usual: readonly string[]; readonly nowMs: number },
): string[] {
  return conditionsOf(cluster)
    .filter((c) => isWrong(c) && !usual.includes(c.type))
    .filter((c) => !(nowMs - Date.parse(c.lastTransitionTime ?? '') < PERSISTENT_MS))
    .map(conditionText)
    .sort();
}

/** Degraded, if it has lasted: with how long where that is known. */
export function persistentlyDegraded(cluster: HostedCluster, nowMs: number): string | undefined {
  const degraded = conditionOf(cluster, 'Degraded');
  if (degraded?.status !== 'True') return undefined;
  const forMs = nowMs - Date.parse(degraded.lastTransitionTime ?? '');
  if (forMs < PERSISTENT_MS) return undefined;
  const since = Number.isFinite(forMs) ? ` for ${durationText(forMs)}` : '';
  return `${conditionText(degraded)}${since}`;
}

export const isWrong = ({ type, status }: Condition): boolean =>
  (EXPECTED_TRUE.includes(type) && status === 'False') || (type === 'Degraded' && status === 'True');

export const conditionText = ({ type, status, reason }: Condition): string =>
  `${type} is ${status}${reason ? ` (${reason.slice(0, 128)})` : ''}`;

/** Containers of these that have been stuck for `WAITING_MS`, as `ImagePullBackOff: etcd of pod etcd-0`. */
export function stuckContainers(
  pods: readonly Pod[],
  { isOurs, nowMs }: { readonly isOurs: (container: Container) => boolean; readonly nowMs: number },
): string[] {
  return pods
    .flatMap((pod) =>
      podContainers(pod).flatMap((container) => {
        const reason = statusOf(pod, container.name)?.state?.waiting?.reason ?? '';
        const stuck = STUCK.includes(reason) && isOurs(container);
        return stuck && !(nowMs - notReadySinceMs(pod) < WAITING_MS)
          ? [`${reason}: ${container.name} of pod ${pod.metadata.name}`]
          : [];
      }),
    )
    .sort();
}

/** NaN when unknown, which counts as long enough. */
export function notReadySinceMs({ metadata, status }: Pod): number {
  const ready = status?.conditions?.find((c) => c.type === 'Ready' && c.status === 'False');
  return Date.parse(ready?.lastTransitionTime ?? metadata.creationTimestamp ?? '');
}

/** Pods that have not been ready for `PERSISTENT_MS`. */
export const lastingUnready = (pods: readonly Pod[], nowMs: number): string[] =>
  pods
    .filter(({ status }) => status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'False'))
    .filter((pod) => !(nowMs - notReadySinceMs(pod) < PERSISTENT_MS))
    .map((pod) => `pod ${pod.metadata.name} is not ready`)
    .sort();
