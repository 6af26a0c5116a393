import { DAY, HOUR, MINUTE, type Ms, plus, SECOND } from '../../../src/core/base/instant.ts';
import type { FixView } from '../../../src/core/views/fix-view.ts';
import { clockText, countText, durationText } from '../words.ts';

/** `21.6 min`: of an hour and less every tenth of a minute counts here. */
const shortText = (ms: Ms): string =>
  ms < MINUTE || ms >= HOUR
    ? durationText(Math.round(ms / SECOND) * SECOND)
    : `${Number((ms / MINUTE).toFixed(1))} min`;

/** The window the promise is over. The clock does not carry it, but what may be missed of it and how much that is. */
function windowText(target: number, budgetMs: Ms): string {
  const windowMs = Math.round(budgetMs / (1 - target) / MINUTE) * MINUTE;
  return windowMs % DAY === 0 ? countText(windowMs / DAY, 'day') : durationText(windowMs);
}

/** `99.95 %`, without the dust of the division. */
const percentText = (target: number): string => `${Number((100 * target).toFixed(6))} %`;

export type SloSaid = {
  readonly used: string;
  readonly left: string;
  readonly tone: 'danger' | 'warning' | 'neutral';
};

/** The incident against the promised availability, in words; undefined where nothing is promised or counted. */
export function sloSaid({ slo, clock, at }: Pick<FixView, 'slo' | 'clock' | 'at'>): SloSaid | undefined {
  if (slo === undefined) return undefined;
  const { target, burning, budgetMs, burntMs, leftMs } = slo;
  const may = `each may be down ${shortText(budgetMs)} in ${windowText(target, budgetMs)} (${percentText(target)} is promised)`;
  if (burning === 0)
    return { used: `None burns now; ${may}`, left: 'nobody uses it up now', tone: 'neutral' };
  const used = `${burning.toLocaleString('en')} ${burning === 1 ? 'burns' : 'burn'}; ${may}`;
  if (leftMs === 0) {
    const until = clock.coveredAt === undefined ? '' : ', until it was covered';
    const brokenAt = plus(clock.declaredAt, budgetMs);
    return {
      used,
      left: `Broken since ${clockText(brokenAt, at)}, for ${durationText(burntMs - budgetMs)}${until}`,
      tone: 'danger',
    };
  }
  if (clock.coveredAt !== undefined)
    return { used, left: `covered with ${shortText(leftMs)} left`, tone: 'neutral' };
  const left = `${shortText(leftMs)} left, until ${clockText(plus(at, leftMs), at)}`;
  return { used, left, tone: burntMs >= leftMs ? 'warning' : 'neutral' };
}
