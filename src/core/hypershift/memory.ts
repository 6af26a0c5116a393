import type { Digest } from '../base/ids.ts';
import { HOUR, type Ms } from '../base/instant.ts';
import { runningImage } from './convergence.ts';
import type { SameImage } from './image-ref.ts';
import { isInPlace, type LeverState, leverOf, namesImage } from './lever-state.ts';
import { markOf } from './mark.ts';
import { type NodePoolBaseline, nodePoolBaseline } from './node-pools.ts';
import type { Hosted } from './objects.ts';
import type { AgentSettings, ComponentSettings } from './settings.ts';
import { usualOf } from './unhealthy.ts';

/** What an agent keeps of one hosted cluster from one look to the next. All of it may be lost: what was seen is seen again. */
export type Memory = {
  readonly components: Readonly<Record<string, ComponentMemory>>;
  /** Types of conditions that were wrong for long when it was first seen. */
  readonly usual: readonly string[];
  /** As it was before a lever was last moved. */
  readonly nodePools: NodePoolBaseline;
  /** When a lever was last seen to have been moved. */
  readonly movedAtMs?: number;
};

type ComponentMemory = {
  /** What ran when the lever was last seen unset. */
  readonly release?: Digest;
  /** Images it was seen to hold, latest last. */
  readonly seen: readonly Digest[];
  readonly lever: string;
  /** What our lever named, until something else is seen to run: once it is taken back, that goes on running for a while. */
  readonly put?: Digest;
};

/** For how long after a lever moved a node pool that begins to roll is put down to it. */
export const NODE_POOL_WATCH_MS: Ms = 2 * HOUR;
const SEEN_MAX = 16;

/** Which image a component has in a release, by the release's image as it is written in a spec; undefined: not seen yet. */
export type ReleaseDigest = (component: string, image: string) => Digest | undefined;

export type Look = {
  readonly nowMs: number;
  readonly sameImage: SameImage;
  readonly releaseDigest?: ReleaseDigest;
};

/** What to keep after a look at a hosted cluster; `memory` is absent at the first. */
export function remember(
  hosted: Hosted,
  settings: Pick<AgentSettings, 'components'>,
  { memory, ...look }: Look & { readonly memory: Memory | undefined },
): Memory {
  const own = settings.components.filter((c) => c.lever !== 'workload-image');
  const components = Object.fromEntries(
    own.map((c) => [c.name, rememberComponent(hosted, c, { earlier: memory?.components[c.name], ...look })]),
  );
  const moved = own.some(({ name }) => {
    const earlier = memory?.components[name];
    return earlier !== undefined && earlier.lever !== components[name]!.lever;
  });
  const movedAtMs = moved ? look.nowMs : memory?.movedAtMs;
  const watched = movedAtMs !== undefined && look.nowMs - movedAtMs < NODE_POOL_WATCH_MS;
  return {
    components,
    usual: memory?.usual ?? usualOf(hosted.cluster, look.nowMs),
    nodePools:
      watched && memory !== undefined
        ? memory.nodePools
        : nodePoolBaseline(hosted.nodePools, hosted.secretNames),
    ...(movedAtMs !== undefined && { movedAtMs }),
  };
}

function rememberComponent(
  hosted: Hosted,
  component: ComponentSettings,
  { earlier, sameImage }: Look & { readonly earlier: ComponentMemory | undefined },
): ComponentMemory {
  const lever = leverOf(hosted, component);
  const running = runningImage(hosted, component, { known: earlier?.seen ?? [], sameImage });
  const mark = markOf(hosted.cluster.metadata, component);
  const put =
    lever.state === 'set' && mark !== undefined && isInPlace(mark, lever)
      ? lever.digest
      : stillPut(earlier, running.digest ?? earlier?.put);
  const isOurs =
    (put !== undefined && put === running.digest) || (mark !== undefined && namesImage(mark, running.digest));
  const release = (lever.state === 'absent' && !isOurs ? running.digest : undefined) ?? earlier?.release;
  const before = (earlier?.seen ?? []).filter((digest) => !running.held.includes(digest));
  return {
    ...(release !== undefined && { release }),
    seen: [...before, ...running.held].slice(-SEEN_MAX),
    lever: leverText(lever),
    ...(put !== undefined && { put }),
  };
}

/** The image our lever named when it was last set, as long as it is what runs. */
export const stillPut = (
  earlier: ComponentMemory | undefined,
  digest: Digest | undefined,
): Digest | undefined => (digest !== undefined && earlier?.put === digest ? digest : undefined);

const leverText = (lever: LeverState): string => {
  if (lever.state === 'absent') return 'absent';
  return lever.state === 'set' ? lever.ref : lever.because;
};
