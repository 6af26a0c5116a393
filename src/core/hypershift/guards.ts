import { driftOf } from './drift.ts';
import type { GuardSubject } from './guard-checks.ts';
import {
  beingDeleted,
  etcdRecovering,
  foreignOwner,
  labelsMissing,
  minorDiffers,
  nodePoolsRoll,
  notConverged,
  notPullable,
  reEncrypting,
  singleReplica,
  sizeTransition,
  unhealthyBefore,
  unreadableLever,
  wouldRollNodePools,
} from './guard-checks.ts';
import { pausedBecause, releaseStateOf } from './release-state.ts';
import { ACCEPTABLE } from './settings.ts';
import { lostQuorum, lostVital, persistentlyDegraded } from './unhealthy.ts';

export type Guard = {
  readonly name: string;
  readonly when: 'before' | 'during' | 'after';
  /** A field of the report says it already, so `held` does not. */
  readonly saidAs?: 'paused' | 'upgrading' | 'unhealthy';
  /** Holds when a lever is taken away, too. The way back is open otherwise. */
  readonly alsoBack?: true;
  /** The reason it holds, one printable sentence; undefined: it does not. */
  readonly check: (it: GuardSubject) => string | undefined;
};

export const GUARDS: readonly Guard[] = [
  { name: 'being deleted', when: 'before', alsoBack: true, check: beingDeleted },
  {
    name: 'paused',
    when: 'before',
    saidAs: 'paused',
    check: ({ hosted, nowMs }) => pausedBecause(hosted.cluster, nowMs),
  },
  {
    name: 'upgrading',
    when: 'before',
    saidAs: 'upgrading',
    check: ({ hosted }) => (releaseStateOf(hosted).upgrading ? 'an upgrade is running' : undefined),
  },
  { name: 'size transition', when: 'before', check: sizeTransition },
  { name: 'etcd recovering', when: 'before', check: etcdRecovering },
  { name: 're-encrypting', when: 'before', check: reEncrypting },
  { name: 'single replica', when: 'before', check: singleReplica },
  { name: 'unhealthy before', when: 'before', saidAs: 'unhealthy', check: unhealthyBefore },
  { name: 'foreign owner', when: 'before', alsoBack: true, check: foreignOwner },
  { name: 'unreadable lever', when: 'before', alsoBack: true, check: unreadableLever },
  { name: 'proxy trap', when: 'before', check: wouldRollNodePools },
  { name: 'not pullable', when: 'before', check: notPullable },
  { name: 'image labels missing', when: 'before', check: labelsMissing },
  { name: 'minor version differs', when: 'before', check: minorDiffers },
  { name: 'node pool delta', when: 'during', check: nodePoolsRoll },
  { name: 'lost availability', when: 'during', check: ({ hosted }) => lostVital(hosted.cluster) },
  { name: 'lost quorum', when: 'during', check: ({ hosted }) => lostQuorum(hosted) },
  {
    name: 'persistent Degraded',
    when: 'during',
    check: ({ hosted, nowMs }) => persistentlyDegraded(hosted.cluster, nowMs),
  },
  { name: 'not converged', when: 'after', check: notConverged },
  {
    name: 'drift',
    when: 'after',
    check: ({ hosted, component, expected }) => expected && driftOf(hosted, { component, ...expected })?.says,
  },
];

/**
 * Why nothing would be put in place on a control plane now: the first guard that holds of those that no other field of the
 * report tells. `accepted`: names of guards that people let pass here.
 */
export function heldBecause(it: GuardSubject, accepted: readonly string[] = []): string | undefined {
  return firstOf(it, ({ when, saidAs }) => when === 'before' && saidAs === undefined, accepted);
}

/**
 * Why an order is not carried out now. An unhealthy control plane is no reason here: whether it is the one to be
 * healed, the hub knows. Taking a lever away waits only for what makes it impossible.
 */
export function whyNotNow(
  it: GuardSubject,
  { action, accepted = [] }: { readonly action: 'set' | 'remove'; readonly accepted?: readonly string[] },
): string | undefined {
  const holds = (guard: Guard): boolean =>
    guard.when === 'before' && guard.saidAs !== 'unhealthy' && (action === 'set' || guard.alsoBack === true);
  return firstOf(it, holds, accepted);
}

function firstOf(
  it: GuardSubject,
  holds: (guard: Guard) => boolean,
  accepted: readonly string[],
): string | undefined {
  const passes = (name: string) => accepted.includes(name) && ACCEPTABLE.includes(name);
  for (const guard of GUARDS) {
    const because = holds(guard) && !passes(guard.name) ? guard.check(it) : undefined;
    if (because !== undefined) return because;
  }
  return undefined;
}
