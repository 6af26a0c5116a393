import { clockText, type Instant } from '../base/instant.ts';
import type { PlaneStanding } from '../coverage/coverage.ts';
import { type ControlPlane, isSilent } from '../fleet/control-plane.ts';
import type { Facts } from '../life/facts.ts';
import type { Fix } from '../life/fix.ts';
import { planesByUid, standings } from '../life/scope-of.ts';
import { isBurning } from '../life/urgency-for.ts';
import { holdBefore } from '../rollout/observe.ts';
import { driftText } from './drift-text.ts';
import { lookAt } from './looked.ts';
import { rowOf } from './rollout-rows.ts';
import type { ControlPlaneView, TargetView } from './target-view.ts';

/** Every living control plane towards the fix, by name. */
export function targetViews(fix: Fix, facts: Facts, now: Instant): TargetView[] {
  const planes = planesByUid(facts.fleet);
  const looked = lookAt(fix, facts, now);
  const stageOf = new Map(looked?.plan.targets.map((t) => [t.uid, t.stage]));
  const seenOf = new Map(looked?.observed.map((t) => [t.uid, t]));
  return standings(fix, facts, now)
    .map((s): TargetView => {
      const plane = planes.get(s.uid)!;
      const seen = seenOf.get(s.uid);
      const stage = stageOf.get(s.uid);
      const wave = fix.rollout?.targets[s.uid]?.wave;
      const drift = driftText(fix, plane, { ...s, plan: looked?.plan });
      // Of a rollout that is over, what it is held by says nothing any more.
      const isOver = fix.rollout?.endedAt !== undefined && s.standing !== 'patched';
      return {
        uid: s.uid,
        name: plane.name,
        customer: plane.customer,
        version: plane.version,
        managementCluster: plane.managementCluster,
        region: plane.region,
        standing: s.standing,
        ...(seen && { state: seen.state, since: seen.since }),
        ...(stage !== undefined && { stage: rowOf(fix, looked!, s.uid, stage) }),
        ...(wave !== undefined && { wave }),
        inPlan: stage !== undefined,
        ...(s.digest && { digest: s.digest }),
        because: isOver
          ? sayings(s.because, drift, wentBack(fix, s))
          : (seen?.hold ??
            seen?.because ??
            sayings(s.because, looked ? undefined : keptOut(fix, s, plane, facts, now))),
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Why one that lacks the fix went back, as it was said: by the one who had it taken back, or by what broke. */
function wentBack({ rollout }: Fix, { uid, standing }: PlaneStanding): string | undefined {
  const told = rollout?.targets[uid];
  if (told?.state !== 'rolled back' || (standing !== 'exposed' && standing !== 'excluded')) return undefined;
  // Of one that the halt took back it is what the halt was for, and not how many were on their way then.
  const halted = rollout?.halted?.because;
  const because = halted !== undefined && told.because?.includes(halted) ? halted : told.because;
  return because === undefined ? undefined : `went back: ${because}`;
}

/** What keeps an exposed one out of a plan now, where none is under way. */
function keptOut(
  fix: Fix,
  { standing }: Pick<PlaneStanding, 'standing'>,
  plane: ControlPlane,
  { policy: { silentAfterMs } }: Facts,
  now: Instant,
): string | undefined {
  if (standing !== 'exposed') return undefined;
  const { component } = fix;
  return holdBefore(plane, { component, silentAfterMs, isBurning: isBurning(fix, plane), now });
}

const sayings = (...parts: readonly (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined).join('; ');

/** One control plane and the fixes it carries or lacks, with a sentence support can paste. */
export function controlPlaneView(input: {
  readonly plane: ControlPlane;
  /** Every fix that is not withdrawn, each with the facts to judge it by. */
  readonly fixes: readonly { readonly fix: Fix; readonly facts: Facts }[];
  readonly silentAfterMs: number;
  readonly now: Instant;
}): ControlPlaneView {
  const { plane, now } = input;
  const fixes = input.fixes.map(({ fix, facts }) => {
    const s = standings(fix, { ...facts, fleet: [plane] }, now)[0]!;
    const plan = facts.plan?.id === fix.rollout?.plan ? facts.plan : undefined;
    const because = sayings(s.because, driftText(fix, plane, { ...s, plan }));
    return { fix: fix.id, standing: s.standing, because, at: patchedAt(fix, plane) };
  });
  return {
    uid: plane.uid,
    name: plane.name,
    customer: plane.customer,
    version: plane.version,
    managementCluster: plane.managementCluster,
    region: plane.region,
    sector: plane.sector,
    platform: plane.platform,
    availability: plane.availability,
    health: plane.unhealthy ?? 'healthy',
    reportedAt: plane.reportedAt,
    silent: isSilent(plane, input.silentAfterMs, now),
    upgrading: plane.upgrading === true,
    paused: plane.paused === true,
    ...(plane.held !== undefined && { held: plane.held }),
    components: Object.entries(plane.components)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([component, running]) => ({
        component,
        ...(running.digest && { digest: running.digest }),
        overridden: running.override !== undefined,
      })),
    fixes: fixes.map(({ at: _, ...f }) => f),
    sentence:
      fixes.length === 0 ? 'No fix concerns this control plane.' : fixes.map((f) => say(f, now)).join(' '),
  };
}

const patchedAt = (fix: Fix, plane: ControlPlane): Instant | undefined => {
  const told = fix.rollout?.targets[plane.uid];
  return told?.state === 'patched' ? told.since : undefined;
};

function say(
  f: {
    readonly fix: string;
    readonly standing: string;
    readonly because: string;
    readonly at: Instant | undefined;
  },
  now: Instant,
): string {
  switch (f.standing) {
    case 'patched':
      return `Patched by ${f.fix}${f.at ? ` at ${clockText(f.at, now)}` : ''}; no action needed.`;
    case 'native':
      return `Its release contains ${f.fix}; no action needed.`;
    case 'unaffected':
      return `Not affected by what ${f.fix} fixes.`;
    case 'unknown':
      return `Not known for ${f.fix}: ${f.because}.`;
    default:
      return `Does not have ${f.fix} yet: ${f.because}.`;
  }
}
