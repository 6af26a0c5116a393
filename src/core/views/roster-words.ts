import { DAY, durationText, type Instant, msBetween } from '../base/instant.ts';
import type { OnDuty, RoleReport, RosterReport } from '../roster/report.ts';

const WEEK = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const dayName = (at: Instant): string => WEEK[new Date(Date.parse(at)).getUTCDay()]!;

/** `Mon 2026-11-23 08:00Z` */
export const weekdayText = (at: Instant): string => `${dayName(at)} ${at.slice(0, 10)} ${at.slice(11, 16)}Z`;

/** `08:00Z (in 4h48m)`, with the day when it is another one. */
function untilText(at: Instant, now: Instant): string {
  const day = at.slice(0, 10) === now.slice(0, 10) ? '' : `${dayName(at)} `;
  const length = msBetween(now, at);
  const text = length < 6 * DAY ? `${day}${at.slice(11, 16)}Z` : weekdayText(at);
  return `${text} (in ${durationText(length)})`;
}

type Within = Pick<RosterReport, 'at' | 'until' | 'days'>;

/** Calendars are read for a time only: where nobody follows, a turn that outlasts the report may go on for ever. */
const goesOn = (next: RoleReport['next'], { to }: Pick<OnDuty, 'to'>, { until }: Within): boolean =>
  next.length === 0 && to > until;

/** Until when somebody on a role has it: `Mon 08:00Z (in 1d4h)`, `past Sun 2026-12-06 03:12Z`. */
export const lastsText = ({ next }: Pick<RoleReport, 'next'>, one: OnDuty, report: Within): string =>
  goesOn(next, one, report) ? `past ${weekdayText(report.until)}` : untilText(one.to, report.at);

/** Who comes on a role next, and when. */
export function nextText({ now, next, isRead }: RoleReport, report: Within): string {
  const [first] = next;
  if (first !== undefined)
    return `${next.map(({ person }) => person).join(', ')} from ${untilText(first.from, report.at)}`;
  if (!isRead) return 'unknown';
  return now.some((one) => goesOn(next, one, report))
    ? `nobody else in ${counted(report.days, 'day')}`
    : 'nobody';
}

/** What is wrong with the days to come besides gaps, one sentence each; what calendars lack is not in it. */
export const rosterRemarks = (answer: RosterReport): string[] => [
  ...answer.ending.map(({ role, calendar, at }) =>
    at === undefined
      ? `${role}: ${calendar} has nothing from now on`
      : `${role}: ${calendar} ends ${weekdayText(at)}`,
  ),
  ...answer.roles.flatMap(({ role, alone }) =>
    alone === undefined ? [] : [`${role}: only ${alone} in all ${counted(answer.days, 'day')}`],
  ),
  ...doubled(answer),
  ...unlisted(answer),
];

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

function doubled({ doubleBookings: all }: RosterReport): string[] {
  const pairs = Map.groupBy(all, ({ person, roles }) => `${person} has ${roles.join(' and ')} at once`);
  return [...pairs].map(([text, times]) => {
    const more = times.length > 1 ? `, and ${counted(times.length - 1, 'more time')}` : '';
    return `${text}, ${weekdayText(times[0]!.from)} to ${weekdayText(times[0]!.to)}${more}`;
  });
}

function unlisted({ roles }: RosterReport): string[] {
  const names = roles.flatMap(({ now, next: coming }) =>
    [...now, ...coming].filter(({ isListed }) => !isListed).map(({ person }) => person),
  );
  return [...new Set(names)].map((name) => `"${name}" is not among people: no contact is known`);
}

/** Why a calendar was not read, or that a copy stands in for it and how old that is; undefined when it was read. */
export function unreadText(
  { problem, copyFrom }: RosterReport['calendars'][number],
  at: Instant,
): string | undefined {
  if (problem === undefined) return undefined;
  const instead =
    copyFrom === undefined
      ? 'cannot be read'
      : `is a copy of ${weekdayText(copyFrom)}, ${durationText(Math.max(0, msBetween(copyFrom, at)))} old`;
  return `${instead}: ${problem}`;
}
