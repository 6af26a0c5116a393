import type { Digest, Uid } from '../base/ids.ts';
import { type Instant, type Ms, msBetween, plus } from '../base/instant.ts';
import { limitOf } from '../base/limit.ts';
import { type ControlPlane, isSilent } from '../fleet/control-plane.ts';
import { LASTS_MS } from '../health/field.ts';
import type { ObservedTarget } from './observed.ts';
import type { Plan, Target } from './plan.ts';

/** What was told to a target and last seen of it, as the ledger holds it. */
export type Told = {
  readonly state: 'starting' | 'patched' | 'failed' | 'silent' | 'gone' | 'rolling back' | 'rolled back';
  readonly since: Instant;
  readonly toldAt: Instant;
  readonly broke: boolean;
  readonly burned?: true;
  readonly ranAt?: Instant;
  readonly illAt?: Instant;
  readonly because?: string;
  readonly rollbackWanted?: string;
};

/** A freeze as far as one target is concerned. */
export type HoldOf = (plane: ControlPlane) => string | undefined;

/** What all targets of a plan are looked at with. */
type Look = {
  readonly plan: Plan;
  readonly excluded: ReadonlySet<Uid>;
  readonly holdOf: HoldOf;
  /** Whether it shows what the incident does to control planes. */
  readonly isBurning: (plane: ControlPlane) => boolean;
  /** Whether an image contains the fix: a later one that does is as good as the plan's own. */
  readonly carriesFix: (digest: Digest) => boolean;
  readonly now: Instant;
};

/**
 * Where every target of the plan stands now: what was told, met with what is seen to run.
 *
 * `planes` by uid; a uid that is missing was deleted. One entry a target, in plan order. What runs
 * decides: a target counts as patched only while it is heard, runs the digest (or a later image that
 * contains the fix) and is healthy; as rolled back only by a report that came after it was told to.
 */
export function observe(
  input: Look & {
    readonly told: Readonly<Record<Uid, Told>>;
    /** How often others took the override of a target away, and how last. */
    readonly lost?: Readonly<Record<Uid, Lost>>;
    readonly planes: ReadonlyMap<Uid, ControlPlane>;
  },
): ObservedTarget[] {
  return input.plan.targets.map((target) => {
    const told = input.told[target.uid];
    const plane = input.planes.get(target.uid);
    if (told === undefined) return untold(target, { plane, lost: input.lost?.[target.uid] }, input);
    const seen = tell({ target, told, plane }, input);
    if (seen.state !== 'waiting') return { ...seen, ...marks(told) };
    const times = (input.lost?.[target.uid]?.times ?? 0) + 1;
    return { ...untold(target, { plane, lost: { because: seen.because!, times } }, input), ...seen };
  });
}

const marks = (told: Told) => ({
  broke: told.broke || told.state === 'failed',
  ...(told.rollbackWanted !== undefined && { rollbackWanted: told.rollbackWanted }),
});

type Lost = { readonly because: string; readonly times: number };

/** What others took away is put back once: who takes it away again means it, and each time is a roll of the control plane. */
const PUT_BACK_TIMES = 1;

function untold(
  target: Target,
  { plane, lost }: { readonly plane: ControlPlane | undefined; readonly lost: Lost | undefined },
  look: Look,
): ObservedTarget {
  const base = { uid: target.uid, since: look.plan.at, broke: false };
  if (plane === undefined) return { ...base, state: 'gone', because: 'deleted' };
  if (look.excluded.has(target.uid)) return { ...base, state: 'excluded', because: 'left out by name' };
  const waiting = { ...base, state: 'waiting', ...conditionOf(plane, look) } as const;
  if (lost !== undefined && lost.times > PUT_BACK_TIMES)
    return { ...waiting, hold: `${lost.because}, again, and is not put back a second time`, misfit: true };
  const { component } = target;
  const { silentAfterMs } = look.plan.limits;
  const isBurning = look.isBurning(plane);
  const hold =
    holdBefore(plane, { component, silentAfterMs, isBurning, now: look.now }) ?? look.holdOf(plane);
  if (hold !== undefined) return { ...waiting, hold };
  const misfit = misfitOf(target, plane);
  return { ...waiting, ...(misfit !== undefined && { hold: misfit, misfit: true }) };
}

/** How one that is not told is: in no cohort while it is ill or not heard. */
export function conditionOf(
  plane: ControlPlane,
  { plan, now, isBurning }: Pick<Look, 'plan' | 'now' | 'isBurning'>,
): Pick<ObservedTarget, 'unwell' | 'unheard' | 'burning'> {
  return {
    ...(plane.unhealthy !== undefined && { unwell: plane.unhealthy }),
    ...(isSilent(plane, plan.limits.silentAfterMs, now) && { unheard: true }),
    ...(isBurning(plane) && { burning: true }),
  };
}

/**
 * Guards that are read again at the moment of changing one, to another image or back to its release's; each reason is
 * printable and passes by itself. `isBurning`: it shows what the change is to heal, so that its illness holds nothing.
 */
export function holdBefore(
  plane: ControlPlane,
  { component, silentAfterMs, isBurning, now }: HoldBefore,
): string | undefined {
  if (isSilent(plane, silentAfterMs, now)) return `its agent is silent since ${plane.reportedAt}`;
  if (plane.upgrading) return 'an upgrade is running';
  if (plane.paused) return 'reconciling is paused at the source';
  if (plane.held !== undefined) return plane.held;
  if (plane.unhealthy !== undefined && !isBurning) return `unhealthy before the change: ${plane.unhealthy}`;
  if (plane.components[component]?.digest === undefined) return 'changing images already';
  return undefined;
}

type HoldBefore = {
  readonly component: string;
  readonly silentAfterMs: Ms;
  readonly isBurning: boolean;
  readonly now: Instant;
};

/** What was approved for it was approved for another state of it. */
function misfitOf(target: Target, plane: ControlPlane): string | undefined {
  const running = plane.components[target.component];
  if (running?.digest !== target.from) return 'runs another image than when the plan was made';
  if (running.override !== target.fromOverride) return 'its override changed since the plan was made';
  return undefined;
}

/**
 * How its override was lost to others after it ran the image: what it runs then says nothing of the image. One that is ill
 * is not excused so, since people take an override away from what it broke. Undefined: it was not.
 */
function lostBecause({ target, told, plane }: ToldTarget & { readonly plane: ControlPlane }, look: Look) {
  const running = plane.components[target.component];
  if (told.ranAt === undefined || plane.unhealthy !== undefined || running === undefined) return undefined;
  const { digest, override } = running;
  if (digest === target.digest || override === target.digest) return undefined;
  if ([digest, override].some((d) => d !== undefined && look.carriesFix(d))) return undefined;
  if (override !== undefined) return 'its override was overwritten by others';
  return plane.upgrading
    ? 'its override was taken away with an upgrade'
    : 'its override was taken away by others';
}

type Seen = Pick<ObservedTarget, 'uid' | 'state' | 'since' | 'because' | 'recovered' | 'ill' | 'ran'>;
type ToldTarget = {
  readonly target: Target;
  readonly told: Told;
  readonly plane: ControlPlane | undefined;
};

function tell({ target, told, plane }: ToldTarget, look: Look): Seen {
  const { plan, now } = look;
  const as = (state: Told['state'], because?: string): Seen => ({
    uid: target.uid,
    state,
    since: state === told.state ? told.since : now,
    ...(because !== undefined && { because }),
  });
  if (plane === undefined) return as('gone', 'deleted');
  if (told.state === 'rolled back' || told.state === 'failed') return as(told.state, told.because);
  if (told.state === 'rolling back') {
    const back = backBecause(target, told, plane);
    return back === undefined ? as('rolling back', told.because) : as('rolled back', back);
  }
  if (isSilent(plane, plan.limits.silentAfterMs, now))
    return as('silent', `nothing heard since ${plane.reportedAt}`);
  const lost = lostBecause({ target, told, plane }, look);
  if (lost !== undefined)
    return told.rollbackWanted === undefined
      ? { uid: target.uid, state: 'waiting', since: now, because: lost }
      : as('rolled back', `${told.rollbackWanted}; ${lost}`);
  const digest = plane.components[target.component]?.digest;
  if (digest === target.digest) return running({ told, plane }, look, as);
  if (digest !== undefined && look.carriesFix(digest))
    return as('patched', 'runs a later image that contains the fix');
  if (msBetween(underWaySince(told, now), now) > limitOf(plan.limits.convergeWithinMs, 0))
    return as('failed', plane.unhealthy ?? 'did not run the image in time');
  return as(
    'starting',
    plane.unhealthy ?? (told.state === 'patched' ? 'no longer runs the image' : undefined),
  );
}

/** It runs the image: well, ill by it, or still with the symptom that it had before. */
function running(
  { told, plane }: { readonly told: Told; readonly plane: ControlPlane },
  { plan, isBurning, now }: Look,
  as: (state: Told['state'], because?: string) => Seen,
): Seen {
  if (plane.unhealthy === undefined)
    return told.burned ? { ...as('patched'), recovered: true } : as('patched');
  if (told.burned && isBurning(plane)) return as('patched', `still ${plane.unhealthy}`);
  // Long after it began to run, falling ill is not put down to the image: who watches later counts those.
  const late = told.ranAt !== undefined && msBetween(told.ranAt, now) > plan.pace.windowMs;
  const lasts = told.illAt !== undefined && msBetween(told.illAt, now) >= LASTS_MS;
  return late && told.state === 'patched' && !lasts
    ? { ...as('patched', `ill since long after it ran the image: ${plane.unhealthy}`), ill: true }
    : { ...as('failed', plane.unhealthy), ran: true };
}

/** From when the time to converge counts. One that had converged and runs something else now begins anew. */
function underWaySince(told: Told, now: Instant): Instant {
  if (told.state === 'patched') return now;
  return told.state === 'starting' ? told.since : told.toldAt;
}

/**
 * Why it counts as back: heard after it was told to, nothing of ours runs or is asked for. It need not be
 * what ran before: an upgrade, a later fix or a person may have come in between. Undefined: not back yet.
 */
function backBecause(target: Target, told: Told, plane: ControlPlane): string | undefined {
  const running = plane.components[target.component];
  const because = told.because ?? 'told to go back';
  if (plane.reportedAt <= told.toldAt) return undefined;
  if (running === undefined) return `${because}; does not run ${target.component} any more`;
  if (running.override === target.digest || running.digest === target.digest) return undefined;
  if (running.digest === target.from) return because;
  return running.digest === undefined ? undefined : `${because}; something else put another image in place`;
}

/** When a target that is under way since `since` and not seen running the image counts as failed. */
export const convergeBy = (since: Instant, plan: Plan): Instant =>
  plus(since, limitOf(plan.limits.convergeWithinMs, 0));
