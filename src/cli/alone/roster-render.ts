import { DAY, durationText, type Instant, msBetween } from '../../core/base/instant.ts';
import type { OnDuty, RoleReport, RosterReport } from '../../core/roster/report.ts';
import type { Span } from '../../core/roster/span.ts';
import { clean, ink, many, type Paper, screen, wrap } from '../render/paper.ts';
import { table } from '../render/table.ts';

const GAPS_MAX = 10;
const REMARKS_MAX = 12;

/** Who now, until when, who next; then what is wrong with the days to come. */
export function renderRoster(found: RosterReport, paper: Paper): string {
  const answer = clean(found);
  return screen(
    [
      ink(paper, 'bold', `on duty at ${when(answer.at)}`),
      ...people(answer, paper),
      ...gaps(answer, paper),
      ...remarks(answer, paper),
    ],
    paper,
  );
}

const COLUMNS = ['ROLE', 'NOW', 'UNTIL', 'NEXT'].map((title) => ({ title }));

/** One line for each person on duty; the role and who comes next stand on the first. */
function people({ at, roles }: RosterReport, paper: Paper): string[] {
  const rows = roles.flatMap((role) => {
    const first = role.now.length === 0 ? [vacancy(role, paper), '-'] : undefined;
    const lines = first ? [first] : role.now.map((one) => [named(one), until(one.to, at)]);
    return lines.map((cells, i) => [i === 0 ? role.role : '', ...cells, i === 0 ? next(role, at) : '']);
  });
  return ['', ...table(COLUMNS, rows, paper)];
}

function vacancy({ isRead, isNeeded }: RoleReport, paper: Paper): string {
  if (!isRead) return ink(paper, 'yellow', 'UNKNOWN');
  return isNeeded ? ink(paper, 'red', 'NOBODY') : ink(paper, 'dim', 'nobody, not needed now');
}

const named = ({ person, contact }: OnDuty): string =>
  contact === undefined ? person : `${person} (${contact})`;

function next({ next: coming, isRead }: RoleReport, at: Instant): string {
  const [first] = coming;
  if (first === undefined) return isRead ? 'nobody' : 'unknown';
  return `${coming.map(({ person }) => person).join(', ')} from ${until(first.from, at)}`;
}

/** `08:00Z (in 4h48m)`, with the day when it is another one. */
function until(at: Instant, now: Instant): string {
  const day = at.slice(0, 10) === now.slice(0, 10) ? '' : `${dayName(at)} `;
  const length = msBetween(now, at);
  const text = length < 6 * DAY ? `${day}${at.slice(11, 16)}Z` : when(at);
  return `${text} (in ${durationText(length)})`;
}

const WEEK = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const dayName = (at: Instant): string => WEEK[new Date(Date.parse(at)).getUTCDay()]!;
const when = (at: Instant): string => `${dayName(at)} ${at.slice(0, 10)} ${at.slice(11, 16)}Z`;

function gaps({ roles, days }: RosterReport, paper: Paper): string[] {
  const of = (kind: 'gaps' | 'unknown') =>
    roles
      .flatMap((role) => role[kind].map((span) => ({ role: role.role, span })))
      .toSorted((a, b) => (a.span.from < b.span.from ? -1 : 1));
  const [empty, unknown] = [of('gaps'), of('unknown')];
  if (empty.length + unknown.length === 0) return ['', `no gap in ${many(days, 'day')}`];
  const head = (count: number, what: string) => `${many(count, what)} in ${many(days, 'day')}`;
  return [
    ...(empty.length > 0
      ? ['', ink(paper, 'red', `${head(empty.length, 'gap')}: nobody has`), ...rows(empty, paper)]
      : []),
    ...(unknown.length > 0
      ? [
          '',
          ink(paper, 'yellow', `${head(unknown.length, 'time')} not known: nobody seen for`),
          ...rows(unknown, paper),
        ]
      : []),
  ];
}

function rows(all: readonly { readonly role: string; readonly span: Span }[], paper: Paper): string[] {
  const width = Math.max(...all.slice(0, GAPS_MAX).map(({ role }) => role.length));
  const shown = all.slice(0, GAPS_MAX).map(({ role, span: { from, to } }) => {
    const length = durationText(msBetween(from, to));
    return wrap(`  ${role.padEnd(width)}  ${when(from)} to ${when(to)} (${length})`, paper.width);
  });
  const more = all.length - GAPS_MAX;
  return [...shown, ...(more > 0 ? [`  and ${more} more: -o json has all`] : [])];
}

function remarks(answer: RosterReport, paper: Paper): string[] {
  const all = [
    ...unread(answer),
    ...answer.ending.map(({ role, calendar, at }) =>
      at === undefined
        ? `${role}: ${calendar} has nothing from now on`
        : `${role}: ${calendar} ends ${when(at)}`,
    ),
    ...answer.roles.flatMap(({ role, alone }) =>
      alone === undefined ? [] : [`${role}: only ${alone} in all ${many(answer.days, 'day')}`],
    ),
    ...doubled(answer),
    ...unlisted(answer),
    ...answer.calendars.flatMap(({ role, calendar, warnings }) =>
      warnings.map((text) => `${role}: ${calendar}: ${text}`),
    ),
  ];
  const more = all.length - REMARKS_MAX;
  const shown = all.slice(0, REMARKS_MAX).map((text) => wrap(`warning: ${text}`, paper.width));
  return all.length === 0
    ? []
    : ['', ...shown, ...(more > 0 ? [`and ${many(more, 'more warning')}: -o json has all`] : [])];
}

const unread = ({ calendars, at }: RosterReport): string[] =>
  calendars.flatMap(({ role, calendar, problem, copyFrom }) => {
    if (problem === undefined) return [];
    const instead =
      copyFrom === undefined
        ? 'cannot be read'
        : `is a copy of ${when(copyFrom)}, ${durationText(Math.max(0, msBetween(copyFrom, at)))} old`;
    return [`${role}: ${calendar} ${instead}: ${problem}`];
  });

function doubled({ doubleBookings: all }: RosterReport): string[] {
  const pairs = Map.groupBy(all, ({ person, roles }) => `${person} has ${roles.join(' and ')} at once`);
  return [...pairs].map(([text, times]) => {
    const more = times.length > 1 ? `, and ${many(times.length - 1, 'more time')}` : '';
    return `${text}, ${when(times[0]!.from)} to ${when(times[0]!.to)}${more}`;
  });
}

function unlisted({ roles }: RosterReport): string[] {
  const names = roles.flatMap(({ now, next: coming }) =>
    [...now, ...coming].filter(({ isListed }) => !isListed).map(({ person }) => person),
  );
  return [...new Set(names)].map((name) => `"${name}" is not among people: no contact is known`);
}
