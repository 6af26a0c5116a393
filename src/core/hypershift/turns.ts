import { type Memory, NODE_POOL_WATCH_MS } from './memory.ts';
import type { Hosted } from './objects.ts';
import { isWrong, notReadySinceMs, PERSISTENT_MS, WAITING_MS } from './unhealthy.ts';

/**
 * When `planeOf` may next say something else of objects that did not change: what is wrong comes to last, a pause ends.
 * Milliseconds since the epoch, always after `nowMs`; undefined: never. Who looks only at changes has to look then as well.
 */
export function turnsAtMs(
  hosted: Hosted,
  { nowMs, memory }: { readonly nowMs: number; readonly memory?: Memory | undefined },
): number | undefined {
  const { spec, status } = hosted.cluster;
  const wrong = (status?.conditions ?? []).filter(isWrong);
  const waiting = hosted.pods.filter(isWaiting);
  const turns = [
    ...wrong.map((c) => Date.parse(c.lastTransitionTime ?? '') + PERSISTENT_MS),
    ...wrong
      .filter((c) => c.type === 'ReconciliationSucceeded')
      .map((c) => Date.parse(c.lastTransitionTime ?? '') + WAITING_MS),
    ...waiting.map((pod) => notReadySinceMs(pod) + WAITING_MS),
    Date.parse(spec?.pausedUntil ?? ''),
    (memory?.movedAtMs ?? Number.NaN) + NODE_POOL_WATCH_MS,
  ].filter((atMs) => atMs > nowMs);
  return turns.length === 0 ? undefined : Math.min(...turns);
}

const isWaiting = ({ status }: Hosted['pods'][number]): boolean =>
  [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].some(
    (c) => c.state?.waiting !== undefined,
  );
