import { durationText, msBetween } from '../../core/base/instant.ts';
import type { HubRoster, OnDuty, RoleReport, RosterReport } from '../../core/roster/report.ts';
import type { Span } from '../../core/roster/span.ts';
import {
  lastsText,
  nextText,
  rosterRemarks,
  unreadText,
  weekdayText,
} from '../../core/views/roster-words.ts';
import { clean, ink, many, type Paper, screen, wrap } from '../render/paper.ts';
import { table } from '../render/table.ts';

const GAPS_MAX = 10;
const REMARKS_MAX = 12;

/** Who now, until when, who next; then what is wrong with the days to come. */
export function renderRoster(found: RosterReport | HubRoster, paper: Paper): string {
  const answer = clean(found);
  return screen(
    [
      `${ink(paper, 'bold', `on duty at ${weekdayText(answer.at)}`)}${readText(answer)}`,
      ...people(answer, paper),
      ...gaps(answer, paper),
      ...remarks(answer, paper),
    ],
    paper,
  );
}

/** A hub tells what it read last; how long ago that was says how far it can be trusted. */
const readText = (answer: RosterReport | HubRoster): string =>
  'readAt' in answer
    ? `, by calendars read ${durationText(Math.max(0, msBetween(answer.readAt, answer.at)))} before`
    : '';

const COLUMNS = ['ROLE', 'NOW', 'UNTIL', 'NEXT'].map((title) => ({ title }));

/** One line for each person on duty; the role and who comes next stand on the first. */
function people(report: RosterReport, paper: Paper): string[] {
  const rows = report.roles.flatMap((role) => {
    const first = role.now.length === 0 ? [vacancy(role, paper), '-'] : undefined;
    const lines = first ? [first] : role.now.map((one) => [named(one), lastsText(role, one, report)]);
    return lines.map((cells, i) => [
      i === 0 ? role.role : '',
      ...cells,
      i === 0 ? nextText(role, report) : '',
    ]);
  });
  return ['', ...table(COLUMNS, rows, paper)];
}

function vacancy({ isRead, isNeeded }: RoleReport, paper: Paper): string {
  if (!isRead) return ink(paper, 'yellow', 'UNKNOWN');
  return isNeeded ? ink(paper, 'red', 'NOBODY') : ink(paper, 'dim', 'nobody, not needed now');
}

const named = ({ person, contact }: OnDuty): string =>
  contact === undefined ? person : `${person} (${contact})`;

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
    return wrap(
      `  ${role.padEnd(width)}  ${weekdayText(from)} to ${weekdayText(to)} (${length})`,
      paper.width,
    );
  });
  const more = all.length - GAPS_MAX;
  return [...shown, ...(more > 0 ? [`  and ${more} more: -o json has all`] : [])];
}

function remarks(answer: RosterReport, paper: Paper): string[] {
  const all = [
    ...unread(answer),
    ...rosterRemarks(answer),
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
  calendars.flatMap((one) => {
    const text = unreadText(one, at);
    return text === undefined ? [] : [`${one.role}: ${one.calendar} ${text}`];
  });
