import type { Uid } from '../base/ids.ts';
import { HOUR, type Instant, type Ms, msBetween } from '../base/instant.ts';
import type { SeenOther } from '../rollout/observed.ts';
import type { OtherChange, TargetChange } from './event.ts';
import type { Rollout, ToldTarget } from './fix.ts';

export const NO_EPISODES: Rollout['episodes'] = { treated: [], control: [] };

/** One control plane has at most one bad episode in this time: a flapping one is one that is ill. */
export const ONE_EPISODE_MS: Ms = 2 * HOUR;

export function startedTargets(rollout: Rollout, uids: readonly Uid[], at: Instant): Rollout {
  const targets: Record<Uid, ToldTarget> = { ...rollout.targets };
  const others: Record<Uid, SeenOther> = { ...rollout.others };
  for (const uid of uids) {
    targets[uid] = {
      state: 'starting',
      since: at,
      toldAt: at,
      startedAt: at,
      wave: rollout.waves + 1,
      broke: targets[uid]?.broke ?? false,
      ...(others[uid]?.burning
        ? { burned: true as const }
        : rollout.decided?.counts.oneBox && { oneBox: true as const }),
    };
    delete others[uid];
  }
  return { ...rollout, targets, others, waves: rollout.waves + 1 };
}

/** A failure of one that was healthy when it was told is a bad episode, once. */
export function seenTargets(rollout: Rollout, changes: readonly TargetChange[], at: Instant): Rollout {
  const targets: Record<Uid, ToldTarget> = { ...rollout.targets };
  const burners: Record<Uid, Rollout['burners'][Uid]> = { ...rollout.burners };
  const treated: Uid[] = [];
  const late = [...rollout.late];
  const over = rollout.endedAt !== undefined;
  for (const change of changes.filter(({ to }) => to !== 'waiting')) {
    const told = targets[change.uid]!;
    if (over && change.ill && isNewEpisode(late, change.uid, at)) late.push({ uid: change.uid, at });
    targets[change.uid] = changed(told, change, at);
    // One that fell ill long after it began to run the image goes back when that lasts, and says nothing of it.
    if (change.to === 'failed' && !told.broke && !told.burned && told.illAt === undefined)
      treated.push(change.uid);
    const burner = burners[change.uid];
    if (change.recovered && burner && burner.recoveredAt === undefined)
      burners[change.uid] = { ...burner, recoveredAt: at };
  }
  const episodes = withEpisodes(rollout, { treated, control: [] });
  return lostTargets({ ...rollout, targets, burners, episodes, late }, changes, at);
}

/** Who runs the image no more because others took the override away is as if it had not been told, and says nothing of the image. */
function lostTargets(rollout: Rollout, changes: readonly TargetChange[], at: Instant): Rollout {
  const gone = changes.filter(({ to }) => to === 'waiting');
  if (gone.length === 0) return rollout;
  const targets: Record<Uid, ToldTarget> = { ...rollout.targets };
  const lost = { ...rollout.lost };
  for (const { uid, because = 'its override was taken away' } of gone) {
    delete targets[uid];
    lost[uid] = { at, because, times: (lost[uid]?.times ?? 0) + 1 };
  }
  return { ...rollout, targets, lost };
}

const isNewEpisode = (late: Rollout['late'], uid: Uid, at: Instant): boolean =>
  !late.some((l) => l.uid === uid && msBetween(l.at, at) < ONE_EPISODE_MS);

function changed(told: ToldTarget, change: TargetChange, at: Instant): ToldTarget {
  const { because, ill, ran } = change;
  const to = change.to as ToldTarget['state'];
  const { because: _, ranAt, illAt, ...rest } = told;
  const running = to === 'patched' || ran ? (ranAt ?? at) : to === 'starting' ? undefined : ranAt;
  return {
    ...rest,
    state: to,
    // One that is well again is where it was.
    since: told.state === to ? told.since : at,
    broke: told.broke || to === 'failed',
    ...(to === 'failed' && told.brokeAt === undefined && { brokeAt: at }),
    ...(running !== undefined && { ranAt: running }),
    ...(ill && { illAt: illAt ?? at }),
    ...(because !== undefined && { because }),
  };
}

/** Falling ill is a bad episode, unless it was so when the rollout first looked, or soon after the last one. */
export function seenOthers(rollout: Rollout, changes: readonly OtherChange[], at: Instant): Rollout {
  const others: Record<Uid, SeenOther> = { ...rollout.others };
  const burners: Record<Uid, Rollout['burners'][Uid]> = { ...rollout.burners };
  const struck: Record<Uid, Instant> = { ...rollout.struck };
  const control: Uid[] = [];
  for (const { uid, seen } of changes) {
    const before = others[uid];
    if (Object.keys(seen).length > 0) others[uid] = seen;
    else delete others[uid];
    const burner = burners[uid];
    if (seen.burning && burner?.from === undefined) burners[uid] = { from: at };
    if (!seen.burning && !seen.unheard && burner && burner.recoveredAt === undefined)
      burners[uid] = { ...burner, recoveredAt: at };
    const fellIll = seen.unwell !== undefined && before?.unwell === undefined && !seen.burning;
    if (!fellIll || rollout.decided === undefined) continue;
    const last = struck[uid];
    if (last === undefined || msBetween(last, at) >= ONE_EPISODE_MS) control.push(uid);
    struck[uid] = at;
  }
  return { ...rollout, others, burners, struck, episodes: withEpisodes(rollout, { treated: [], control }) };
}

const withEpisodes = ({ episodes }: Rollout, more: Rollout['episodes']): Rollout['episodes'] => ({
  treated: [...episodes.treated, ...more.treated],
  control: [...episodes.control, ...more.control],
});
