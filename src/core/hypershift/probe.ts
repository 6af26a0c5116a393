import { type Digest, type FixId, isFixId, short, type Uid } from '../base/ids.ts';
import { durationText, HOUR, instantOf, MINUTE, type Ms } from '../base/instant.ts';
import type { Order, SignedOrder } from '../rollout/order.ts';
import { convergence, runningImage } from './convergence.ts';
import { leverOf } from './lever-state.ts';
import type { LeverOrder } from './levers.ts';
import { isMarkedDone, markOf } from './mark.ts';
import type { Look, Memory } from './memory.ts';
import { type NodePoolBaseline, nodePoolBaseline, nodePoolDelta } from './node-pools.ts';
import type { Hosted, HostedCluster, NodePool } from './objects.ts';
import type { ComponentSettings } from './settings.ts';
import { releaseImageOf } from './upgrade.ts';

// Whether an image makes node pools replace their workers, found out on one hosted cluster while its node pools are paused:
// HyperShift computes the condition UpdatingConfig before it looks at `pausedUntil`, and acts after it
// (nodepool_controller.go). Read in the source, and never run against a live operator.

/** The field manager of the pause, and of nothing else. */
export const PROBE_MANAGER = 'fleetfix-probe';

/** HyperShift compares it with a clock of its own, so it is long enough for both to be some minutes off. */
export const PAUSE_MS: Ms = HOUR;
/** With less than this left, while the lever is not yet back, it is set anew. */
const RENEW_MS: Ms = 20 * MINUTE;
/** No pause is set anew after so long. */
const PAUSED_MAX_MS: Ms = 4 * HOUR;
/** How long HyperShift may take to say that node pools are paused. */
const PAUSED_WITHIN_MS: Ms = 5 * MINUTE;
/** How long a control plane may take to run the image. */
const DECIDED_WITHIN_MS: Ms = 30 * MINUTE;
/** How long all must be still before it counts: HyperShift looks at node pools again with every event of their cluster. */
export const SETTLE_MS: Ms = 2 * MINUTE;

export type PausedPool = { readonly uid: Uid; readonly name: string; readonly namespace: string };

/** What is kept of a probe that runs, so that whoever restarts can put everything back. */
export type Probe = {
  readonly stratum: string;
  readonly order: Pick<Order, 'key' | 'fix' | 'uid' | 'name' | 'component' | 'sequence'> & {
    readonly digest: Digest;
  };
  /** What the lever named before, and what was marked of it. */
  readonly before: {
    readonly override?: Digest;
    readonly mark?: { readonly key: string; readonly fix: FixId; readonly sequence: number };
  };
  readonly pools: readonly PausedPool[];
  /** Once they are paused. */
  readonly baseline: NodePoolBaseline;
  readonly startedAtMs: number;
  /** The values of `pausedUntil` that are ours: the last one, and the one before. */
  readonly until: readonly string[];
};

/** What is known of a stratum. untold: no outcome, so the next order tries anew; the one of this key does not. */
export type Outcome =
  | { readonly is: 'rolls'; readonly because: string; readonly name: string }
  | { readonly is: 'fits'; readonly name: string }
  | { readonly is: 'untold'; readonly because: string; readonly key: string };

/**
 * What a look at a running probe comes to. calm: it would be `go`, once it has lasted. rolls: node pools would roll. untold: it
 * cannot be found out.
 */
export type Verdict =
  | { readonly is: 'wait' | 'calm' | 'go' }
  | { readonly is: 'rolls' | 'untold'; readonly because: string };

/** Control planes that one probe speaks for: of one candidate, release image and platform. */
export const stratumOf = (
  { component, digest }: Pick<Order, 'component' | 'digest'>,
  cluster: HostedCluster,
): string =>
  [component, digest, releaseImageOf(cluster) ?? 'unknown', cluster.spec?.platform?.type ?? 'unknown'].join(
    ' ',
  );

/** Why an order is not carried out by what is known of its stratum. */
export function whyNotProbed(outcome: Outcome | undefined, key: string): string | undefined {
  if (outcome?.is === 'rolls') return `${outcome.because} (tried on ${outcome.name})`;
  return outcome?.is === 'untold' && outcome.key === key
    ? `whether node pools would roll could not be found out: ${outcome.because}`
    : undefined;
}

/** Why node pools cannot tell: theirs is a pause of somebody else, or they roll already. */
export function whyNotTellable(pools: readonly NodePool[]): string | undefined {
  for (const pool of pools) {
    const { name } = pool.metadata;
    if (pool.spec?.pausedUntil !== undefined)
      return `node pool ${name} has a pausedUntil that is not ours (${pool.spec.pausedUntil.slice(0, 40)})`;
    const [busy] = nodePoolBaseline([pool]).flatMap((it) => it.updating);
    if (busy !== undefined) return `node pool ${name} is being updated already (${busy})`;
  }
  return undefined;
}

/** A probe that is about to begin. */
export function beginProbe(
  order: SignedOrder,
  hosted: Hosted,
  { component, nowMs }: { readonly component: ComponentSettings; readonly nowMs: number },
): Probe {
  const { key, fix, uid, name, sequence } = order;
  const lever = leverOf(hosted, component);
  const mark = markOf(hosted.cluster.metadata, component);
  return {
    stratum: stratumOf(order, hosted.cluster),
    order: { key, fix, uid, name, component: order.component, sequence, digest: order.digest! },
    before: {
      ...(lever.state === 'set' && { override: lever.digest }),
      ...(mark && isFixId(mark.fix) && { mark: { key: mark.key, fix: mark.fix, sequence: mark.sequence } }),
    },
    pools: hosted.nodePools.map(({ metadata }) => ({
      uid: metadata.uid,
      name: metadata.name,
      namespace: metadata.namespace,
    })),
    baseline: [],
    startedAtMs: nowMs,
    until: [untilText(nowMs)],
  };
}

const untilText = (nowMs: number): string => instantOf(nowMs + PAUSE_MS).replace(/\.\d+Z$/, 'Z');

/** The same with a later end of its pause; undefined while it has time left, or has had too much. */
export function renewed(probe: Probe, nowMs: number): Probe | undefined {
  const last = probe.until.at(-1)!;
  const isDue = Date.parse(last) - nowMs < RENEW_MS;
  if (!isDue || nowMs - probe.startedAtMs > PAUSED_MAX_MS) return undefined;
  return { ...probe, until: [last, untilText(nowMs)] };
}

/** The lever is put with a mark of its own, and with the order's only once it stays: until then the order is not done. */
const triedKey = ({ key }: Pick<Order, 'key'>): string => `${key}/probe`;

/** One lower, so that the order itself is not stale afterwards. */
export const asTried = <T extends Pick<Order, 'key' | 'sequence'>>(order: T): T => ({
  ...order,
  key: triedKey(order),
  sequence: order.sequence - 1,
});

type Placed = { readonly cluster: HostedCluster };

/** Whether the lever is where this probe put it. */
export function isTried(probe: Probe, at: Placed, component: ComponentSettings): boolean {
  const lever = leverOf(at, component);
  return (
    lever.state === 'set' &&
    lever.digest === probe.order.digest &&
    isMarkedDone(at.cluster.metadata, triedKey(probe.order))
  );
}

/** Whether the order stands: the probe was over, and only the rest of its end is missing. */
export const isKept = (probe: Probe, { cluster }: Placed): boolean =>
  isMarkedDone(cluster.metadata, probe.order.key);

type PutBack = LeverOrder & Pick<Order, 'component'>;

/** What puts the lever back to where it was, its mark too. */
export function putBack({ order, before }: Probe): PutBack {
  const { override, mark } = before;
  const { key, fix, sequence } = mark ?? {
    key: `${order.key}/taken back`,
    fix: order.fix,
    sequence: order.sequence - 1,
  };
  const about = { key, fix, sequence, uid: order.uid, component: order.component };
  return override === undefined
    ? { ...about, action: 'remove' }
    : { ...about, action: 'set', digest: override };
}

/** What leaves the lever there for good. */
export const keep = ({ order }: Probe): PutBack => ({ ...order, action: 'set' });

/** What a probe is judged by at one moment. */
export type ProbeLook = Look & {
  readonly hosted: Hosted;
  readonly component: ComponentSettings;
  readonly memory?: Memory | undefined;
  readonly settleMs: Ms;
  /** Since when every look was calm; absent: the last one was not. */
  readonly calmSinceMs?: number | undefined;
};

/** Whether HyperShift has seen the pause of every pool. */
export function judgePause(probe: Probe, { hosted, nowMs }: ProbeLook): Verdict {
  const late = poolsOf(probe, hosted).find((pool) => !isPausedBy(probe, pool) || !saysPaused(pool));
  if (late === undefined) return { is: 'go' };
  const tooLong = nowMs - probe.startedAtMs > PAUSED_WITHIN_MS;
  return tooLong
    ? { is: 'untold', because: `HyperShift does not say that node pool ${late.metadata.name} is paused` }
    : { is: 'wait' };
}

const isPausedBy = ({ until }: Probe, { spec }: NodePool): boolean =>
  spec?.pausedUntil !== undefined && until.includes(spec.pausedUntil);

const saysPaused = ({ status }: NodePool): boolean =>
  status?.conditions?.find((c) => c.type === 'ReconciliationActive')?.status === 'False';

/** What the pools are compared with, as they are now. */
export const withBaseline = (probe: Probe, hosted: Hosted): Probe => ({
  ...probe,
  baseline: nodePoolBaseline(poolsOf(probe, hosted), hosted.secretNames),
});

/** Whether the pools would roll, the lever being in place. */
export function judgeTry(probe: Probe, look: ProbeLook): Verdict {
  const { hosted, nowMs, sameImage, memory, component } = look;
  const signs = deltaOf(probe, hosted);
  if (signs !== undefined) return { is: 'rolls', because: signs };
  const free = poolsOf(probe, hosted).find((pool) => !isPausedBy(probe, pool));
  if (free !== undefined)
    return { is: 'untold', because: `somebody changed pausedUntil of node pool ${free.metadata.name}` };
  const known = memory?.components[component.name]?.seen ?? [];
  const { digest } = probe.order;
  const outcome = convergence(hosted, { component, digest, known, sameImage });
  if (outcome.converged && isTried(probe, hosted, component)) return calm(look);
  if (nowMs - probe.startedAtMs <= DECIDED_WITHIN_MS) return { is: 'wait' };
  const because = outcome.converged ? 'its lever is somewhere else' : outcome.waitingFor[0];
  return {
    is: 'untold',
    because: `it did not come to run ${short(digest)} within ${durationText(DECIDED_WITHIN_MS)}: ${because}`,
  };
}

/**
 * Whether the pools may go on, the lever being back: nothing holds the image any more and no pool wants another configuration than
 * before. Sooner they would roll after all, by what the earlier operator has not put right yet. When no pause can be left, it is over.
 */
export function judgeBack(probe: Probe, look: ProbeLook): Verdict {
  const { hosted, nowMs, sameImage, memory, component } = look;
  if (nowMs - probe.startedAtMs > PAUSED_MAX_MS + PAUSE_MS) return { is: 'go' };
  const known = [...(memory?.components[component.name]?.seen ?? []), probe.order.digest];
  const { held } = runningImage(hosted, component, { known, sameImage });
  const isOut = !held.includes(sameImage(probe.order.digest));
  return isOut && deltaOf(probe, hosted) === undefined ? calm(look) : { is: 'wait' };
}

const calm = ({ calmSinceMs, nowMs, settleMs }: ProbeLook): Verdict => ({
  is: calmSinceMs !== undefined && nowMs - calmSinceMs >= settleMs ? 'go' : 'calm',
});

/** Pools that were made meanwhile are not paused, and begin with what is there. */
const poolsOf = ({ pools }: Probe, hosted: Hosted): readonly NodePool[] =>
  hosted.nodePools.filter(({ metadata }) => pools.some(({ uid }) => uid === metadata.uid));

function deltaOf(probe: Probe, hosted: Hosted): string | undefined {
  const now = nodePoolBaseline(poolsOf(probe, hosted), hosted.secretNames);
  return nodePoolDelta(probe.baseline, now)?.replace(/^node pools begin to roll/, 'node pools would roll');
}
