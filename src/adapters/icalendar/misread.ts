import type { Rule } from './vevent.ts';

type Part = 'BYHOUR' | 'BYMINUTE' | 'BYSECOND' | 'BYMONTHDAY' | 'BYMONTH' | 'BYSETPOS' | 'BYWEEKNO';
type Test = (rule: Rule, values: (part: Part) => readonly number[]) => boolean;

/**
 * Rules that the library (ical.js 2.2.1) gives other times for than RFC 5545, found by comparing it with python-dateutil
 * over drawn rules. They are refused: a wrong answer would hide a gap.
 */
const MISREAD: readonly (readonly [what: string, is: Test])[] = [
  ['BYWEEKNO', (_, values) => values('BYWEEKNO').length > 0],
  [
    'BYSETPOS in a rule that is not MONTHLY',
    ({ freq }, values) => freq !== 'MONTHLY' && values('BYSETPOS').length > 0,
  ],
  [
    'several hours, minutes or seconds in a rule by the month or year',
    ({ freq }, values) =>
      (freq === 'MONTHLY' || freq === 'YEARLY') &&
      (['BYHOUR', 'BYMINUTE', 'BYSECOND'] as const).some((part) => values(part).length > 1),
  ],
  ['BYHOUR in a rule by the hour', ({ freq }, values) => freq === 'HOURLY' && values('BYHOUR').length > 0],
  [
    'BYMINUTE in a rule by the minute',
    ({ freq }, values) => freq === 'MINUTELY' && values('BYMINUTE').length > 0,
  ],
  [
    'days counted from the end of a month in a rule by the day',
    ({ freq }, values) => freq === 'DAILY' && values('BYMONTHDAY').some((day) => day < 0),
  ],
  [
    'days that not every month has in a rule by the year',
    ({ freq }, values) => freq === 'YEARLY' && values('BYMONTHDAY').some((day) => day < 0 || day > 28),
  ],
  [
    'numbered days of the week in a rule by the year without BYMONTH',
    ({ freq, parts }, values) =>
      freq === 'YEARLY' &&
      values('BYMONTH').length === 0 &&
      (parts.BYDAY ?? []).some((day) => /\d/.test(String(day))),
  ],
  [
    'BYMONTH in a rule by several months',
    ({ freq, interval }, values) => freq === 'MONTHLY' && interval > 1 && values('BYMONTH').length > 0,
  ],
];

/** What makes a rule one that is read wrongly; undefined for all others. */
export function misread(rule: Rule): string | undefined {
  const values = (part: Part) => (rule.parts[part] ?? []).map(Number);
  return MISREAD.find(([, is]) => is(rule, values))?.[0];
}
