// Goal: whoever asks at any moment learns who was to be told by then, who is next, and loudly when nobody is left.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MINUTE, plus } from '../base/instant.ts';
import { type Ack, type EscalationRule, escalation } from './escalation.ts';
import { hour, type Row, rosterOf } from './testing.ts';

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

const RULE: EscalationRule = {
  steps: [
    { role: 'on-call', waitMs: 10 * MINUTE },
    { role: 'qe', waitMs: 20 * MINUTE },
  ],
  rounds: 2,
};
const ROWS: Row[] = [
  ['on-call', 'ana', 0, 8],
  ['qe', 'bo', 0, 8],
  ['on-call', 'cy', 8, 16],
];
const since = hour(3);
const minute = (n: number) => plus(since, n * MINUTE);
const at = (n: number, acks: readonly Ack[] = [], rows = ROWS, rule = RULE) =>
  escalation({ roster: rosterOf(rows), since, acks, rule, now: minute(n) });
const short = (told: readonly { at: string; people: readonly string[]; round: number }[]) =>
  told.map(({ at: when, people, round }) => `${when.slice(11, 16)} ${people.join(',')} ${round}`);

describe('who is told', () => {
  test('the first at once, and who is next and when', () => {
    const found = at(0);
    expect(found.state).toBe('waiting');
    expect(short(found.told)).toEqual(['03:00 ana 1']);
    expect(found.next).toEqual({ at: minute(10), role: 'qe', people: ['bo'], round: 1 });
    expect(found.said).toContain('bo (qe) is told at 2026-11-23 03:10Z');
  });

  test('then the next, and all again in the next round', () => {
    expect(short(at(45).told)).toEqual(['03:00 ana 1', '03:10 bo 1', '03:30 ana 2', '03:40 bo 2']);
  });

  test('whoever has the role by then, when the shift changed in between', () => {
    const rows: Row[] = [
      ['on-call', 'ana', 0, 3.25],
      ['on-call', 'cy', 3.25, 8],
      ['qe', 'bo', 0, 8],
    ];
    expect(short(at(45, [], rows).told)).toEqual(['03:00 ana 1', '03:10 bo 1', '03:30 cy 2', '03:40 bo 2']);
  });

  test('nobody after an acknowledgement; the first one counts, and none from before it began', () => {
    const acks = [
      { by: 'bo', at: minute(12) },
      { by: 'ana', at: minute(11) },
      { by: 'zed', at: minute(-1) },
    ];
    const found = at(45, acks);
    expect(found).toMatchObject({ state: 'acknowledged', acknowledged: { by: 'ana', at: minute(11) } });
    expect(short(found.told)).toEqual(['03:00 ana 1', '03:10 bo 1']);
    expect(found.next).toBeUndefined();
  });

  test('an acknowledgement that is still to come does not count yet', () => {
    expect(at(5, [{ by: 'ana', at: minute(6) }]).state).toBe('waiting');
  });

  test('a step nobody can be told at is not waited for, and why is said', () => {
    const found = at(0, [], [['qe', 'bo', 0, 8]]);
    expect(short(found.told)).toEqual(['03:00 bo 1']);
    expect(found.skipped).toEqual([{ at: since, role: 'on-call', round: 1, because: 'nobody has the role' }]);
    const unread = rosterOf([['qe', 'bo', 0, 8]], { unread: ['on-call'] });
    const skipped = escalation({ roster: unread, since, acks: [], rule: RULE, now: since }).skipped;
    expect(skipped[0]!.because).toBe('its calendar cannot be read');
  });

  test('one person with both roles once a round', () => {
    const both: Row[] = [
      ['on-call', 'ana', 0, 8],
      ['qe', 'ana', 0, 8],
    ];
    const found = at(60, [], both);
    expect(short(found.told)).toEqual(['03:00 ana 1', '03:10 ana 2']);
    expect(found.skipped.map(({ because }) => because)).toEqual([
      'all were told already',
      'all were told already',
    ]);
  });
});

describe('when nobody is left', () => {
  test('it is said loudly, with who comes on duty next', () => {
    const found = at(60);
    expect(found.state).toBe('nobody-left');
    expect(found.said).toMatch(
      /^NOBODY IS LEFT TO TELL: ana, bo told.*cy \(on-call\) is told at 2026-11-23 08:00Z$/,
    );
  });

  test('whoever comes on duty later and was never told is told then', () => {
    const found = at(5 * 60);
    expect(short(found.told).at(-1)).toBe('08:00 cy 3');
    expect(found.state).toBe('waiting');
    expect(at(5 * 60 + 10).state).toBe('nobody-left');
  });

  test('with nobody at all it is said at once', () => {
    const found = at(0, [], []);
    expect(found).toMatchObject({ state: 'nobody-left', told: [] });
    expect(found.said).toMatch(/^NOBODY CAN BE TOLD since .*nobody comes on duty in the time that is known$/);
  });
});

test('at every moment: nobody is told twice a round, only who has the role, and a later look keeps what was told', () => {
  const minutes = fc.integer({ min: 0, max: 20 * 60 });
  fc.assert(
    fc.property(someRows, minutes, minutes, (rows, a, b) => {
      const [early, late] = [at(Math.min(a, b), [], rows), at(Math.max(a, b), [], rows)];
      expect(late.told.slice(0, early.told.length)).toEqual(early.told);
      for (const { at: when, role, people } of late.told)
        for (const person of people)
          expect(
            rosterOf(rows).shifts.some(
              (s) => s.role === role && s.person === person && s.from <= when && when < s.to,
            ),
          ).toBe(true);
      const told = late.told.flatMap(({ round, people }) => people.map((name) => `${round} ${name}`));
      expect(new Set(told).size).toBe(told.length);
      if (early.next) expect(early.next.at > minute(Math.min(a, b))).toBe(true);
      if (late.state === 'nobody-left') expect(late.said).toMatch(/^NOBODY/);
    }),
    { seed: 9, numRuns: 300 },
  );
});
