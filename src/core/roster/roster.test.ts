// Goal: who is on duty, and where nobody is, follows from the calendars alone, whatever their order. Method: small
// rosters by hand, and properties over drawn ones, hour by hour.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coverageOf, doubleBookings, endingCalendars } from './coverage.ts';
import { onDuty } from './duty.ts';
import { makeRoster } from './roster.ts';
import { holds, union, without } from './span.ts';
import { hour, hours, KNOWN, type Row, rosterOf } from './testing.ts';

const RUNS = { seed: 6, numRuns: 50 };
/** Rows of two roles and four people over two weeks, in whole hours. */
const someRows: fc.Arbitrary<Row[]> = fc.array(
  fc
    .tuple(
      fc.constantFrom('on-call', 'qe'),
      fc.constantFrom('ana', 'bo', 'cy', 'di'),
      fc.integer({ min: -20, max: 360 }),
      fc.integer({ min: 1, max: 60 }),
    )
    .map(([role, person, from, length]): Row => [role, person, from, from + length]),
  { maxLength: 25 },
);

const FORTNIGHT = hours(0, 14 * 24);
const everyHour = Array.from({ length: 14 * 24 }, (_, n) => hour(n));

describe('spans', () => {
  const spans = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 20 })), { maxLength: 12 })
    .map((all) => all.map(([from, length]) => hours(from, from + length)));

  test('a union holds what any holds, in order, and touches itself nowhere', () => {
    fc.assert(
      fc.property(spans, (all) => {
        const merged = union(all);
        for (const at of everyHour)
          expect(merged.some((span) => holds(span, at))).toBe(all.some((span) => holds(span, at)));
        for (const [i, span] of merged.entries()) if (i > 0) expect(merged[i - 1]!.to < span.from).toBe(true);
      }),
      RUNS,
    );
  });

  test('what is taken away is gone, and nothing else', () => {
    fc.assert(
      fc.property(spans, spans, (all, taken) => {
        const left = without(union(all), union(taken));
        for (const at of everyHour) {
          const isLeft = all.some((span) => holds(span, at)) && !taken.some((span) => holds(span, at));
          expect(left.some((span) => holds(span, at))).toBe(isLeft);
        }
      }),
      RUNS,
    );
  });
});

describe('on duty', () => {
  const roster = rosterOf([
    ['on-call', 'ana', -5, 8],
    ['on-call', 'ana', 8, 16],
    ['on-call', 'bo', 16, 24],
    ['on-call', 'cy', 16, 20],
    ['qe', 'di', 9, 17],
  ]);

  test('shifts of one person that meet are one turn', () => {
    expect(onDuty(roster, 'on-call', hour(1)).now).toEqual([{ person: 'ana', ...hours(-5, 16) }]);
  });

  test('all who come on next at one moment are named', () => {
    expect(onDuty(roster, 'on-call', hour(1)).next.map(({ person }) => person)).toEqual(['bo', 'cy']);
  });

  test('at the hand-over the new one has it and the old one has not', () => {
    expect(onDuty(roster, 'on-call', hour(16)).now.map(({ person }) => person)).toEqual(['bo', 'cy']);
  });

  test('before and after a shift nobody has the role', () => {
    expect(onDuty(roster, 'qe', hour(8))).toEqual({ now: [], next: [{ person: 'di', ...hours(9, 17) }] });
    expect(onDuty(roster, 'qe', hour(17))).toEqual({ now: [], next: [] });
  });
});

describe('coverage', () => {
  test('no gap is covered, and nothing uncovered is outside the gaps', () => {
    fc.assert(
      fc.property(someRows, (rows) => {
        const roster = rosterOf(rows, { roles: [{ name: 'on-call' }, { name: 'qe' }] });
        const { gaps } = coverageOf(roster, 'on-call', FORTNIGHT);
        for (const at of everyHour) {
          const isCovered = rows.some(
            ([role, , from, to]) => role === 'on-call' && holds(hours(from, to), at),
          );
          expect(gaps.some((gap) => holds(gap, at))).toBe(!isCovered);
          expect(onDuty(roster, 'on-call', at).now.length > 0).toBe(isCovered);
        }
      }),
      RUNS,
    );
  });

  test('where somebody must be there only at some hours, there is no gap at others', () => {
    const roles = [{ name: 'qe', needed: [hours(9, 17), hours(33, 41)] }];
    const { gaps, covered } = coverageOf(rosterOf([['qe', 'di', 8, 16]], { roles }), 'qe', FORTNIGHT);
    expect(gaps).toEqual([hours(16, 17), hours(33, 41)]);
    expect(covered).toBeCloseTo(7 / 16);
  });

  test('where a calendar could not be read, nobody seen is unknown and no gap', () => {
    const found = coverageOf(rosterOf([], { unread: ['qe'] }), 'qe', FORTNIGHT);
    expect(found).toMatchObject({ gaps: [], unknown: [FORTNIGHT] });
    expect(found.alone).toBeUndefined();
  });

  test('a role that one person has in all the time is said, and not when a second takes an hour', () => {
    const alone: Row[] = [
      ['qe', 'di', 0, 30],
      ['qe', 'di', 50, 60],
    ];
    expect(coverageOf(rosterOf(alone), 'qe', FORTNIGHT).alone).toBe('di');
    const two = rosterOf([...alone, ['qe', 'bo', 300, 301]]);
    expect(coverageOf(two, 'qe', FORTNIGHT).alone).toBeUndefined();
  });

  test('a person is booked double exactly where two roles are theirs at once', () => {
    fc.assert(
      fc.property(someRows, (rows) => {
        const roster = rosterOf(rows, { roles: [{ name: 'on-call' }, { name: 'qe' }] });
        const found = doubleBookings(roster, FORTNIGHT);
        for (const at of everyHour) {
          const has = (person: string, role: string) =>
            onDuty(roster, role, at).now.some((turn) => turn.person === person);
          const doubled = ['ana', 'bo', 'cy', 'di'].filter(
            (person) => has(person, 'on-call') && has(person, 'qe'),
          );
          const said = found.filter((span) => holds(span, at)).map(({ person }) => person);
          expect(said.sort()).toEqual(doubled);
        }
      }),
      RUNS,
    );
  });

  test('a calendar is said to end when its last shift ends in the time, or it has none', () => {
    const roster = rosterOf(
      [
        ['on-call', 'ana', 0, 24 * 20],
        ['qe', 'di', 0, 24],
      ],
      { roles: [{ name: 'on-call' }, { name: 'qe' }, { name: 'engineer' }] },
    );
    expect(endingCalendars(roster, FORTNIGHT)).toEqual([
      { role: 'qe', calendar: 'qe.ics', at: hour(24) },
      { role: 'engineer', calendar: 'engineer.ics' },
    ]);
  });
});

test('the order of events in a calendar changes nothing', () => {
  const shuffled = someRows.chain((rows) =>
    fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })),
  );
  fc.assert(
    fc.property(shuffled, ([rows, other]) => {
      const roles = [{ name: 'on-call' }, { name: 'qe' }];
      expect(rosterOf(other, { roles })).toEqual(rosterOf(rows, { roles }));
    }),
    RUNS,
  );
});

describe('an event names', () => {
  const people = [
    { name: 'ana', also: ['Ana Díaz', 'ana@example.com'] },
    { name: 'an', also: [] },
    { name: 'bo', also: ['Bo Li'] },
  ];
  const namesOf = (
    event: { summary?: string; attendees?: { name?: string; email?: string }[] },
    naming: 'any' | 'attendee' | 'summary' = 'any',
    listed = people,
  ) => {
    const full = { ...hours(0, 1), summary: '', attendees: [], ...event };
    const calendars = [{ role: 'qe', calendar: 'x.ics', naming, warnings: [], events: [full] }];
    const made = makeRoster({ known: KNOWN, roles: [{ name: 'qe' }], people: listed, calendars });
    return [...made.shifts.map(({ person }) => person), ...made.calendars[0]!.warnings];
  };

  test.each([
    ['On call: Ana Díaz', ['ana']],
    ['on call: ANA  DI\u0301AZ (week 3)', ['ana']],
    ['ana/bo', ['ana', 'bo']],
    ['Analysis by somebody', ['Analysis by somebody']],
    ['bo_li', ['bo']],
    ['  Zed   Zee ', ['Zed Zee']],
    ['', [`the event of ${hour(0)} names nobody; left out`]],
  ])('by its title "%s": %j', (summary, who) => expect(namesOf({ summary })).toEqual(who));

  test('its guests before its title, by address or name', () => {
    const attendees = [
      { email: 'ANA@example.com', name: 'A. D.' },
      { name: 'Zed' },
      { email: 'y@example.com' },
    ];
    expect(namesOf({ summary: 'bo', attendees })).toEqual(['Zed', 'ana', 'y@example.com']);
    expect(namesOf({ summary: 'bo', attendees }, 'summary')).toEqual(['bo']);
  });

  test('nobody by its title where only guests count', () => {
    expect(namesOf({ summary: 'bo' }, 'attendee')).toEqual([
      `the event of ${hour(0)} names nobody; left out`,
    ]);
  });

  test('whoever it says when no people are listed', () => {
    expect(namesOf({ summary: 'On call: Ana' }, 'any', [])).toEqual(['On call: Ana']);
  });
});
