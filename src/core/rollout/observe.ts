import type { Uid } from '../base/ids.ts';
import { type Instant, msBetween, plus } from '../base/instant.ts';
import { type ControlPlane, isSilent } from '../fleet/control-plane.ts';
import type { ObservedTarget } from './observed.ts';
import type { Plan, Target } from './plan.ts';

/** What was told to a target and last seen of it, as the ledger holds it. */
export type Told = {
  readonly state: 'starting' | 'patched' | 'failed' | 'silent' | 'gone' | 'rolling back' | 'rolled back';
  readonly since: Instant;
  readonly toldAt: Instant;
  readonly broke: boolean;
  readonly because?: string;
  readonly rollbackWanted?: string;
};

/** A freeze as far as one target is concerned. */
export type HoldOf = (plane: ControlPlane) => string | undefined;

/**
 * Where every target of the plan stands now: what was told, met with what is seen to run.
 *
 * `planes` by uid; a uid that is missing was deleted. One entry a target, in plan order. What runs
 * decides: a target counts as patched only while it is heard, runs the digest and is healthy.
 */
export function observe(input: {
  readonly plan: Plan;
  readonly told: Readonly<Record<Uid, Told>>;
  readonly planes: ReadonlyMap<Uid, ControlPlane>;
  readonly excluded: ReadonlySet<Uid>;
  readonly holdOf: HoldOf;
  readonly now: Instant;
}): ObservedTarget[] {
  return input.plan.targets.map((target) => {
    const told = input.told[target.uid];
    const plane = input.planes.get(target.uid);
    return told === undefined
      ? untold({ target, plane, ...input })
      : { ...tell({ target, told, plane, plan: input.plan, now: input.now }), ...marks(told) };
  });
}

const marks = (told: Told) => ({
  broke: told.broke || told.state === 'failed',
  ...(told.rollbackWanted !== undefined && { rollbackWanted: told.rollbackWanted }),
});

function untold(input: {
  readonly target: Target;
  readonly plane: ControlPlane | undefined;
  readonly plan: Plan;
  readonly excluded: ReadonlySet<Uid>;
  readonly holdOf: HoldOf;
  readonly now: Instant;
}): ObservedTarget {
  const { target, plane, plan, now } = input;
  const base = { uid: target.uid, since: plan.at, broke: false };
  if (plane === undefined) return { ...base, state: 'gone', because: 'deleted' };
  if (input.excluded.has(target.uid)) return { ...base, state: 'excluded', because: 'left out by name' };
  const hold = holdBefore(target, plane, plan, now) ?? input.holdOf(plane);
  return { ...base, state: 'waiting', ...(hold !== undefined && { hold }) };
}

/** Guards that are read again at the moment of starting; each reason is printable. */
function holdBefore(target: Target, plane: ControlPlane, plan: Plan, now: Instant): string | undefined {
  const running = plane.components[target.component];
  if (isSilent(plane, plan.limits.silentAfterMs, now)) return `its agent is silent since ${plane.reportedAt}`;
  if (plane.upgrading) return 'an upgrade is running';
  if (plane.paused) return 'reconciling is paused at the source';
  if (plane.unhealthy !== undefined) return `unhealthy before the change: ${plane.unhealthy}`;
  if (running?.digest === undefined) return 'changing images already';
  if (running.digest !== target.from) return 'runs another image than when the plan was made';
  if (running.override !== target.fromOverride) return 'its override changed since the plan was made';
  return undefined;
}

type Seen = Pick<ObservedTarget, 'uid' | 'state' | 'since' | 'because'>;

function tell(input: {
  readonly target: Target;
  readonly told: Told;
  readonly plane: ControlPlane | undefined;
  readonly plan: Plan;
  readonly now: Instant;
}): Seen {
  const { target, told, plane, plan, now } = input;
  const as = (state: Told['state'], because?: string): Seen => ({
    uid: target.uid,
    state,
    since: state === told.state ? told.since : now,
    ...(because !== undefined && { because }),
  });
  if (plane === undefined) return as('gone', 'deleted');
  if (told.state === 'rolled back' || told.state === 'failed') return as(told.state, told.because);
  const digest = plane.components[target.component]?.digest;
  if (told.state === 'rolling back')
    return as(digest === target.from ? 'rolled back' : 'rolling back', told.because);
  if (isSilent(plane, plan.limits.silentAfterMs, now))
    return as('silent', `nothing heard since ${plane.reportedAt}`);
  if (plane.unhealthy !== undefined && digest === target.digest) return as('failed', plane.unhealthy);
  if (digest === target.digest) return as('patched');
  if (msBetween(told.toldAt, now) > plan.limits.convergeWithinMs) {
    return as('failed', plane.unhealthy ?? 'did not run the image in time');
  }
  return as('starting', plane.unhealthy);
}

/** When a target that was told and is not seen running the image counts as failed. */
export const convergeBy = (toldAt: Instant, plan: Plan): Instant =>
  plus(toldAt, plan.limits.convergeWithinMs);
