// Goal: a calendar is read as people see it in their calendar program, by the clocks of the place it is for. Method:
// small calendars written out, and what each gives in UTC.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIMITS, readCalendar } from './read-calendar.ts';

const YEAR = { from: '2026-01-01T00:00:00.000Z', to: '2027-01-01T00:00:00.000Z' };

const calendar = (...lines: readonly string[]) =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', ...lines, 'END:VCALENDAR', ''].join('\r\n');
const event = (...lines: readonly string[]) => ['BEGIN:VEVENT', 'SUMMARY:ana', ...lines, 'END:VEVENT'];

function read(text: string, asked: { span?: typeof YEAR; zone?: string; zoneDefault?: string } = {}) {
  const found = readCalendar(Buffer.from(text), { span: YEAR, ...asked });
  if (!found.ok) throw new Error(found.error);
  return found.value;
}
/** `from/to`, to the minute. */
const times = (text: string, asked: Parameters<typeof read>[1] = {}) =>
  read(text, asked)
    .events.map(({ from, to }) => `${from.slice(0, 16)}/${to.slice(0, 16)}`)
    .sort();
const errorOf = (text: string | Buffer) => {
  const found = readCalendar(Buffer.from(text as string), { span: YEAR });
  return found.ok ? 'read' : found.error;
};

const BERLIN = (name: string, time: string) => `${name};TZID=Europe/Berlin:${time}`;

describe('clocks', () => {
  test('a night shift keeps its place on the wall when clocks go forward and back', () => {
    const nights = (from: string, count: number) =>
      calendar(
        ...event(
          BERLIN('DTSTART', `${from}T200000`),
          BERLIN('DTEND', `${from.slice(0, 6)}${Number(from.slice(6)) + 1}T080000`),
          `RRULE:FREQ=DAILY;COUNT=${count}`,
        ),
      );
    expect(times(nights('20260327', 3))).toEqual([
      '2026-03-27T19:00/2026-03-28T07:00',
      '2026-03-28T19:00/2026-03-29T06:00',
      '2026-03-29T18:00/2026-03-30T06:00',
    ]);
    expect(times(nights('20261023', 3))).toEqual([
      '2026-10-23T18:00/2026-10-24T06:00',
      '2026-10-24T18:00/2026-10-25T07:00',
      '2026-10-25T19:00/2026-10-26T07:00',
    ]);
  });

  test('a weekly rota leaves no hole and no overlap over both changes', () => {
    const weeks = times(
      calendar(
        ...event(
          BERLIN('DTSTART', '20260105T090000'),
          BERLIN('DTEND', '20260112T090000'),
          'RRULE:FREQ=WEEKLY',
        ),
      ),
    );
    expect(weeks).toHaveLength(52);
    for (const [i, week] of weeks.entries())
      if (i > 0) expect(week.split('/')[0]).toBe(weeks[i - 1]!.split('/')[1]);
  });

  test('a time that clocks skip counts by the offset before, one they show twice is the first', () => {
    const once = (start: string) => calendar(...event(BERLIN('DTSTART', start), 'DURATION:PT30M'));
    expect(times(once('20260329T023000'))).toEqual(['2026-03-29T01:30/2026-03-29T02:00']);
    expect(times(once('20261025T023000'))).toEqual(['2026-10-25T00:30/2026-10-25T01:00']);
  });

  test('a duration in hours is exact, one in days is on the wall', () => {
    const lasting = (length: string) =>
      calendar(...event(BERLIN('DTSTART', '20260328T200000'), `DURATION:${length}`));
    expect(times(lasting('PT12H'))).toEqual(['2026-03-28T19:00/2026-03-29T07:00']);
    expect(times(lasting('P1D'))).toEqual(['2026-03-28T19:00/2026-03-29T18:00']);
  });

  test('south of the equator and at half hours', () => {
    const at = (zone: string) =>
      calendar(...event(`DTSTART;TZID=${zone}:20261003T120000`, 'DURATION:P1D', 'RRULE:FREQ=DAILY;COUNT=2'));
    expect(times(at('Australia/Sydney'))).toEqual([
      '2026-10-03T02:00/2026-10-04T01:00',
      '2026-10-04T01:00/2026-10-05T01:00',
    ]);
    expect(times(at('Asia/Kolkata'))[0]).toBe('2026-10-03T06:30/2026-10-04T06:30');
    expect(times(at('Australia/Lord_Howe'))[0]).toBe('2026-10-03T01:30/2026-10-04T01:00');
  });

  const outlook = [
    'BEGIN:VTIMEZONE',
    'TZID:W. Europe Standard Time',
    'BEGIN:STANDARD',
    'DTSTART:16010101T030000',
    'TZOFFSETFROM:+0200',
    'TZOFFSETTO:+0100',
    'RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10',
    'END:STANDARD',
    'BEGIN:DAYLIGHT',
    'DTSTART:16010101T020000',
    'TZOFFSETFROM:+0100',
    'TZOFFSETTO:+0200',
    'RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3',
    'END:DAYLIGHT',
    'END:VTIMEZONE',
  ];

  test('a zone that the file describes and no machine knows by name', () => {
    const zoned = (start: string) => `DTSTART;TZID="W. Europe Standard Time":${start}`;
    const one = (start: string) => times(calendar(...outlook, ...event(zoned(start), 'DURATION:PT1H')))[0];
    expect(one('20260328T200000')).toBe('2026-03-28T19:00/2026-03-28T20:00');
    expect(one('20260329T023000')).toBe('2026-03-29T01:30/2026-03-29T02:30');
    expect(one('20260329T200000')).toBe('2026-03-29T18:00/2026-03-29T19:00');
    expect(one('20261025T023000')).toBe('2026-10-25T00:30/2026-10-25T01:30');
    expect(one('20261025T033000')).toBe('2026-10-25T02:30/2026-10-25T03:30');
  });

  test('what a file describes is the same as what the machine knows, every hour of a year', () => {
    const hourly = (zone: string, extra: string[]) =>
      times(
        calendar(
          ...extra,
          ...event(`DTSTART;TZID=${zone}:20260101T000000`, 'DURATION:PT1H', 'RRULE:FREQ=HOURLY;INTERVAL=7'),
        ),
      );
    expect(hourly('"W. Europe Standard Time"', outlook)).toEqual(hourly('Europe/Berlin', []));
  });

  test('a file that describes a known zone otherwise is warned of, and the machine is believed', () => {
    const wrong = outlook.map((line) =>
      line.replace('W. Europe Standard Time', 'Europe/Berlin').replace('+0200', '+0500'),
    );
    const found = read(calendar(...wrong, ...event(BERLIN('DTSTART', '20260701T120000'), 'DURATION:PT1H')));
    expect(found.events[0]!.from).toBe('2026-07-01T10:00:00.000Z');
    expect(found.warnings).toEqual([
      "its clocks of Europe/Berlin differ from those this machine knows; the machine's are used",
    ]);
  });

  test('a zone nobody knows is refused by name when it matters, and not for an event of long ago', () => {
    const at = (start: string) => calendar(...event(`DTSTART;TZID=Mars/Base:${start}`, 'DURATION:PT1H'));
    expect(errorOf(at('20260701T120000'))).toMatch(
      /^event "ana": time zone "Mars\/Base" is not known: expected an IANA name such as Europe\/Berlin, or a VTIMEZONE$/,
    );
    expect(times(at('20160701T120000'))).toEqual([]);
  });

  test('days and floating times are of the zone that was set, else the calendar, else the roster, else UTC with a warning', () => {
    const floating = event('DTSTART:20260701T120000', 'DURATION:PT1H');
    const [plain, tokyo] = [calendar(...floating), calendar('X-WR-TIMEZONE:Asia/Tokyo', ...floating)];
    const from = (text: string, asked = {}) => read(text, asked).events[0]!.from.slice(11, 16);
    expect(from(tokyo, { zone: 'Europe/Berlin', zoneDefault: 'America/New_York' })).toBe('10:00');
    expect(from(tokyo, { zoneDefault: 'America/New_York' })).toBe('03:00');
    expect(from(plain, { zoneDefault: 'America/New_York' })).toBe('16:00');
    expect(from(plain)).toBe('12:00');
    expect(read(plain).warnings).toEqual(['it has days or times without a time zone, read as UTC; set zone']);
    expect(read(plain, { zoneDefault: 'UTC' }).warnings).toEqual([]);
  });

  test('a whole day is as long as the day is', () => {
    const day = (date: string, ...more: string[]) =>
      times(calendar(...event(`DTSTART;VALUE=DATE:${date}`, ...more)), { zone: 'Europe/Berlin' });
    expect(day('20260329')).toEqual(['2026-03-28T23:00/2026-03-29T22:00']);
    expect(day('20261024', 'DTEND;VALUE=DATE:20261026')).toEqual(['2026-10-23T22:00/2026-10-25T23:00']);
  });
});

describe('repetitions', () => {
  const UTC8 = ['DTSTART:20260601T080000Z', 'DTEND:20260601T100000Z'];
  const starts = (...lines: readonly string[]) =>
    times(calendar(...event(...lines))).map((t) => t.slice(5, 13));

  test('dates taken out, also when an earlier one meets nothing', () => {
    const rule = [
      'RRULE:FREQ=DAILY;COUNT=5',
      'EXDATE:20260601T090000Z,20260602T080000Z',
      'EXDATE:20260604T080000Z',
    ];
    expect(starts(...UTC8, ...rule)).toEqual(['06-01T08', '06-03T08', '06-05T08']);
  });

  test('a date taken out in other clocks, or as a day', () => {
    expect(
      starts(
        ...UTC8,
        'RRULE:FREQ=DAILY;COUNT=4',
        BERLIN('EXDATE', '20260602T100000'),
        'EXDATE;VALUE=DATE:20260603',
      ),
    ).toEqual(['06-01T08', '06-04T08']);
  });

  test('dates added, once each, with lengths of their own', () => {
    const dates = ['RDATE:20260610T080000Z,20260602T080000Z', 'RDATE;VALUE=PERIOD:20260611T080000Z/PT30M'];
    const all = times(calendar(...event(...UTC8, 'RRULE:FREQ=DAILY;COUNT=2', ...dates)));
    expect(all).toEqual([
      '2026-06-01T08:00/2026-06-01T10:00',
      '2026-06-02T08:00/2026-06-02T10:00',
      '2026-06-10T08:00/2026-06-10T10:00',
      '2026-06-11T08:00/2026-06-11T08:30',
    ]);
    expect(starts(...UTC8, 'RDATE:20260610T080000Z')).toEqual(['06-01T08', '06-10T08']);
  });

  test('UNTIL in UTC for a series on the wall includes the last one and no more', () => {
    const until = (time: string) =>
      starts(BERLIN('DTSTART', '20260601T090000'), 'DURATION:PT1H', `RRULE:FREQ=DAILY;UNTIL=${time}`).at(-1);
    expect(until('20260603T070000Z')).toBe('06-03T07');
    expect(until('20260603T065959Z')).toBe('06-02T07');
    expect(until('20260603')).toBe('06-03T07');
  });

  test.each(['20280101T080000Z', '20280101T080000', '20280101', '99991231T235959Z'])(
    'UNTIL=%s, long after the time that is looked at, ends nothing in it',
    (time) => {
      const rule = (until: string) => starts(...UTC8, `RRULE:FREQ=DAILY${until}`);
      expect(rule(`;UNTIL=${time}`)).toEqual(rule(''));
    },
  );

  test.each(['', '2028-01-01T08:00:00Z', '100000101T000000Z', 'tomorrow', '20280101T08Z', '2028'])(
    'UNTIL=%s is refused with what is expected in its place',
    (time) =>
      expect(() => starts(...UTC8, `RRULE:FREQ=DAILY;UNTIL=${time}`)).toThrow(
        /its rule \(RRULE\) ends at no time: expected UNTIL as 20280131T080000Z or, for a day, 20280131/,
      ),
  );

  test('a shift that began before the time is there, whole', () => {
    const span = { from: '2026-06-10T00:00:00.000Z', to: '2026-06-11T00:00:00.000Z' };
    const weekly = calendar(
      ...event('DTSTART:20250602T080000Z', 'DTEND:20250609T080000Z', 'RRULE:FREQ=WEEKLY'),
    );
    expect(times(weekly, { span })).toEqual(['2026-06-08T08:00/2026-06-15T08:00']);
  });

  const series = event('UID:s', 'DTSTAMP:20260101T000000Z', ...UTC8, 'RRULE:FREQ=DAILY;COUNT=4');
  const instead = (id: string, ...lines: readonly string[]) => [
    'BEGIN:VEVENT',
    'UID:s',
    `RECURRENCE-ID${id}`,
    ...lines,
    'END:VEVENT',
  ];
  const told = (...lines: readonly string[]) =>
    read(calendar(...lines))
      .events.map(({ from, summary }) => `${from.slice(5, 13)} ${summary}`)
      .sort();

  test('one repetition moved, one given to another, one cancelled', () => {
    expect(
      told(
        ...instead(':20260602T080000Z', 'DTSTART:20260620T080000Z', 'DURATION:PT1H', 'SUMMARY:ana'),
        ...series,
        ...instead(
          ';TZID=Europe/Berlin:20260603T100000',
          'DTSTART:20260603T080000Z',
          'DURATION:PT2H',
          'SUMMARY:bo',
        ),
        ...instead(':20260604T080000Z', 'DTSTART:20260604T080000Z', 'DURATION:PT2H', 'STATUS:CANCELLED'),
      ),
    ).toEqual(['06-01T08 ana', '06-03T08 bo', '06-20T08 ana']);
  });

  test('one that is moved into the time from outside of it', () => {
    const span = { from: '2026-06-19T00:00:00.000Z', to: '2026-06-21T00:00:00.000Z' };
    const text = calendar(
      ...series,
      ...instead(':20260602T080000Z', 'DTSTART:20260620T080000Z', 'DURATION:PT1H', 'SUMMARY:bo'),
    );
    expect(times(text, { span })).toEqual(['2026-06-20T08:00/2026-06-20T09:00']);
  });

  test('this and all that follow, at another time and by another person', () => {
    expect(
      told(
        ...series,
        ...instead(
          ';RANGE=THISANDFUTURE:20260603T080000Z',
          'DTSTART:20260603T120000Z',
          'DURATION:PT1H',
          'SUMMARY:bo',
        ),
      ),
    ).toEqual(['06-01T08 ana', '06-02T08 ana', '06-03T12 bo', '06-04T12 bo']);
  });

  test('of two versions the newer, whichever comes first in the file', () => {
    const of = (sequence: number, who: string) =>
      instead(
        ':20260602T080000Z',
        `SEQUENCE:${sequence}`,
        'DTSTART:20260602T080000Z',
        'DURATION:PT2H',
        `SUMMARY:${who}`,
      );
    const expected = ['06-01T08 ana', '06-02T08 new', '06-03T08 ana', '06-04T08 ana'];
    expect(told(...series, ...of(10, 'new'), ...of(9, 'old'))).toEqual(expected);
    expect(told(...of(9, 'old'), ...of(10, 'new'), ...series)).toEqual(expected);
  });

  test('a cancelled series, and a calendar that cancels', () => {
    expect(told(...series.toSpliced(1, 0, 'STATUS:CANCELLED'))).toEqual([]);
    expect(told('METHOD:CANCEL', ...series)).toEqual([]);
  });

  test('the order of components changes nothing', () => {
    const parts = [
      series,
      instead(':20260602T080000Z', 'DTSTART:20260602T090000Z', 'DURATION:PT1H', 'SUMMARY:bo'),
      instead(':20260602T080000Z', 'DTSTART:20260602T100000Z', 'DURATION:PT1H', 'SUMMARY:cy'),
      event('UID:t', ...UTC8, 'RRULE:FREQ=WEEKLY;COUNT=3'),
      event('UID:u', BERLIN('DTSTART', '20260701T080000'), 'DURATION:PT8H'),
    ];
    const expected = told(...parts.flat());
    fc.assert(
      fc.property(fc.shuffledSubarray(parts, { minLength: parts.length }), (mixed) => {
        expect(told(...mixed.flat())).toEqual(expected);
      }),
      { seed: 2, numRuns: 30 },
    );
  });
});

describe('what the file is made of', () => {
  test('folded lines, also inside a character, and line ends of either kind', () => {
    const text = calendar(...event('DTSTART:20260601T080000Z', 'DURATION:PT1H')).replace(
      'SUMMARY:ana',
      'SUMMARY:Ana Díaz',
    );
    const bytes = Buffer.from(text);
    const at = bytes.indexOf(0xad);
    const folded = Buffer.concat([bytes.subarray(0, at), Buffer.from('\r\n '), bytes.subarray(at)]);
    for (const one of [
      bytes,
      folded,
      Buffer.from(text.replaceAll('\r\n', '\n')),
      Buffer.from(`\ufeff${text}`),
    ]) {
      const found = readCalendar(one, { span: YEAR });
      expect(found.ok && found.value.events.map(({ summary }) => summary)).toEqual(['Ana Díaz']);
    }
  });

  test('guests with names and addresses; rooms and those who declined are none', () => {
    const text = calendar(
      ...event(
        'DTSTART:20260601T080000Z',
        'DURATION:PT1H',
        'ATTENDEE;CN="Díaz, Ana";PARTSTAT=ACCEPTED:mailto:ana@example.com',
        'ATTENDEE;CN=Bo;PARTSTAT=DECLINED:mailto:bo@example.com',
        'ATTENDEE;CUTYPE=ROOM;CN=Red room:mailto:red@example.com',
        'ATTENDEE:MAILTO:cy@example.com',
      ),
    );
    expect(read(text).events[0]!.attendees).toEqual([
      { name: 'Díaz, Ana', email: 'ana@example.com' },
      { email: 'cy@example.com' },
    ]);
  });

  test('an event that ends before it begins is left out and said', () => {
    const found = read(calendar(...event('DTSTART:20260601T080000Z', 'DTEND:20260601T070000Z')));
    expect(found).toEqual({
      events: [],
      warnings: ['event "ana" ends when it begins or before; left out'],
    });
  });

  test.each([
    ['', /^it is no calendar: expected BEGIN:VCALENDAR at the beginning$/],
    ['<!doctype html><title>Log in</title>', /^it is no calendar/],
    [calendar(...event('DTSTART:20260601T080000Z')).slice(0, -20), /^it cannot be understood: /],
    [calendar(...event()), /^event "ana": it has no beginning \(DTSTART\)$/],
    [calendar(...event('DTSTART:soon', 'DURATION:PT1H')), /^event "ana": /],
    [
      calendar(...event('DTSTART:20260601T080000Z', 'RRULE:FREQ=OFTEN')),
      /^it cannot be understood: invalid freq/,
    ],
    [
      calendar(...event('DTSTART:20200101T000000Z', 'DURATION:PT1S', 'RRULE:FREQ=SECONDLY')),
      /^event "ana": more than 200000 repetitions were gone through$/,
    ],
    [
      calendar(
        ...['a', 'b', 'c'].flatMap((uid) =>
          event(`UID:${uid}`, 'DTSTART:20260101T000000Z', 'DURATION:PT1H', 'RRULE:FREQ=HOURLY'),
        ),
      ),
      /^it has 26280 events in the time asked for: expected at most 20000$/,
    ],
  ])('%# is refused with what is wrong and where', (text, said) => expect(errorOf(text)).toMatch(said));

  test.each([
    ['FREQ=YEARLY;BYWEEKNO=10', 'BYWEEKNO'],
    ['FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=1', 'BYSETPOS in a rule that is not MONTHLY'],
    [
      'FREQ=MONTHLY;BYDAY=1MO;BYHOUR=8,20',
      'several hours, minutes or seconds in a rule by the month or year',
    ],
    ['FREQ=HOURLY;INTERVAL=3;BYHOUR=8,9', 'BYHOUR in a rule by the hour'],
    ['FREQ=DAILY;BYMONTHDAY=-1,15', 'days counted from the end of a month in a rule by the day'],
    ['FREQ=YEARLY;BYMONTH=2,8;BYMONTHDAY=31', 'days that not every month has in a rule by the year'],
    ['FREQ=YEARLY;BYDAY=20MO,-1TU', 'numbered days of the week in a rule by the year without BYMONTH'],
    ['FREQ=MONTHLY;INTERVAL=2;BYMONTH=5,6;BYDAY=3TU', 'BYMONTH in a rule by several months'],
  ])('%s, which would be read wrongly, is refused', (rule, what) => {
    expect(errorOf(calendar(...event('DTSTART:20260601T080000Z', 'DURATION:PT1H', `RRULE:${rule}`)))).toBe(
      `event "ana": its rule has ${what}, which is not read; make it simpler rules or events`,
    );
  });

  test('too many components are not even parsed', () => {
    const many = 'BEGIN:VEVENT\r\nEND:VEVENT\r\n'.repeat(LIMITS.components + 1);
    expect(errorOf(`BEGIN:VCALENDAR\r\n${many}END:VCALENDAR\r\n`)).toBe('it has more than 50000 components');
  });

  test('clocks that are changed every second are refused', () => {
    const bomb = calendar(
      'BEGIN:VTIMEZONE',
      'TZID:Bomb',
      'BEGIN:STANDARD',
      'DTSTART:19700101T000000',
      'TZOFFSETFROM:+0200',
      'TZOFFSETTO:+0100',
      'RRULE:FREQ=SECONDLY',
      'END:STANDARD',
      'END:VTIMEZONE',
      ...event('DTSTART;TZID=Bomb:20260601T080000', 'DURATION:PT1H'),
    );
    expect(errorOf(bomb)).toBe(
      'event "ana": time zone "Bomb": its clocks are changed SECONDLY, expected YEARLY',
    );
    const days = Array.from({ length: 28 }, (_, day) => day + 1).join(',');
    const wide = bomb.replace('SECONDLY', `YEARLY;BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12;BYMONTHDAY=${days}`);
    expect(errorOf(wide)).toBe('event "ana": time zone "Bomb" has more than 5000 changes');
  });
});
