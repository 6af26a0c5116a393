// Goal: whoever asks at any moment learns who was to be told by then, who is next, and loudly when nobody is left.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MINUTE, plus } from '../base/instant.ts';
import { type EscalationRule, escalate, type Told } from './escalation.ts';
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

/** Looks every so many minutes and tells as it is said, as the hub does; ends with what follows at `until`. */
function play(
  until: number,
  rows: readonly Row[] = ROWS,
  more: { readonly every?: number; readonly unread?: string[] } = {},
) {
  const duty = { roster: rosterOf(rows, more.unread ? { unread: more.unread } : {}), rule: RULE };
  const told: Told[] = [];
  let follows = escalate(duty, { since, told }, since);
  for (let n = 0; n <= until; n += more.every ?? 1) {
    follows = escalate(duty, { since, told }, minute(n));
    while ('tell' in follows) {
      told.push({ ...follows.tell, at: minute(n) });
      follows = escalate(duty, { since, told }, minute(n));
    }
  }
  return { told, follows };
}
const round = ({ step }: Told) => Math.min(RULE.rounds, Math.floor(step / RULE.steps.length)) + 1;
const short = (told: readonly Told[]) =>
  told.map((one) => `${one.at.slice(11, 16)} ${one.people.join(',')} ${round(one)}`);

describe('who is told', () => {
  test('the first at once, and who is next and when', () => {
    const { told, follows } = play(0);
    expect(short(told)).toEqual(['03:00 ana 1']);
    expect(follows).toEqual({ waitsUntil: minute(10), next: { step: 1, role: 'qe', people: ['bo'] } });
  });

  test('then the next, and all again in the next round', () => {
    expect(short(play(45).told)).toEqual(['03:00 ana 1', '03:10 bo 1', '03:30 ana 2', '03:40 bo 2']);
  });

  test('whoever has the role by then, when the shift changed in between', () => {
    const rows: Row[] = [
      ['on-call', 'ana', 0, 3.25],
      ['on-call', 'cy', 3.25, 8],
      ['qe', 'bo', 0, 8],
    ];
    expect(short(play(45, rows).told)).toEqual(['03:00 ana 1', '03:10 bo 1', '03:30 cy 2', '03:40 bo 2']);
  });

  test('a step nobody can be told at is not waited for', () => {
    expect(short(play(0, [['qe', 'bo', 0, 8]]).told)).toEqual(['03:00 bo 1']);
    expect(short(play(0, [['qe', 'bo', 0, 8]], { unread: ['on-call'] }).told)).toEqual(['03:00 bo 1']);
  });

  test('one person with both roles once a round', () => {
    const both: Row[] = [
      ['on-call', 'ana', 0, 8],
      ['qe', 'ana', 0, 8],
    ];
    expect(short(play(60, both).told)).toEqual(['03:00 ana 1', '03:10 ana 2']);
  });

  test('each has the whole wait, also when nobody looked for long', () => {
    expect(short(play(240, ROWS, { every: 60 }).told)).toEqual([
      '03:00 ana 1',
      '04:00 bo 1',
      '05:00 ana 2',
      '06:00 bo 2',
    ]);
  });
});

describe('when nobody is left', () => {
  const nobody = (until: number, rows?: readonly Row[], more = {}) => {
    const { follows } = play(until, rows, more);
    return 'nobodyLeft' in follows ? follows.nobodyLeft : undefined;
  };

  test('it is said loudly, with who comes on duty next', () => {
    expect(nobody(59)).toBeUndefined();
    expect(nobody(60)).toMatch(
      /^NOBODY IS LEFT TO TELL: ana, bo told.*cy \(on-call\) comes on duty at 2026-11-23 08:00Z$/,
    );
  });

  test('whoever comes on duty later and was never told is told then', () => {
    expect(short(play(5 * 60).told).at(-1)).toBe('08:00 cy 3');
    expect(nobody(5 * 60)).toBeUndefined();
    expect(nobody(5 * 60 + 10)).toMatch(/^NOBODY IS LEFT TO TELL: ana, bo, cy told/);
  });

  test('with nobody at all it is said at once, and why of each role', () => {
    expect(nobody(0, [])).toMatch(
      /^NOBODY CAN BE TOLD since .*nobody comes on duty in the time that is known$/,
    );
    expect(nobody(0, [], { unread: ['qe'] })).toContain(
      '(on-call: nobody is on duty; qe: a calendar cannot be read)',
    );
  });
});

test('at every moment: nobody is told twice a round, only who has the role, and each after the wait of the one before', () => {
  fc.assert(
    fc.property(
      someRows,
      fc.integer({ min: 0, max: 20 * 60 }),
      fc.integer({ min: 1, max: 90 }),
      (rows, until, every) => {
        const { told, follows } = play(until, rows, { every });
        const { shifts } = rosterOf(rows);
        for (const { at, role, people } of told)
          for (const person of people)
            expect(
              shifts.some((s) => s.role === role && s.person === person && s.from <= at && at < s.to),
            ).toBe(true);
        const inRounds = told.flatMap((one) => one.people.map((name) => `${round(one)} ${name}`));
        expect(new Set(inRounds).size).toBe(inRounds.length);
        for (const [i, one] of told.entries()) {
          const before = told[i - 1];
          if (before === undefined) continue;
          expect(one.step).toBeGreaterThan(before.step);
          expect(one.at >= plus(before.at, RULE.steps[before.step % 2]!.waitMs)).toBe(true);
        }
        if ('nobodyLeft' in follows) expect(follows.nobodyLeft).toMatch(/^NOBODY/);
      },
    ),
    { seed: 9, numRuns: 300 },
  );
});
