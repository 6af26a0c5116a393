// Goal: images that wait for people reach whoever is on duty, and if nobody acknowledges, the next, until somebody does or it is
// said that nobody is left. What was told once stays told, whatever becomes of the calendar.
import { describe, expect, test } from 'vitest';
import { DAY, type Instant, MINUTE, plus } from '../base/instant.ts';
import type { Duty } from '../roster/escalation.ts';
import { makeRoster } from '../roster/roster.ts';
import { makeFixView } from '../views/make-fix-view.ts';
import type { Event } from './event.ts';
import { handOff, usualRule } from './hand-off.ts';
import {
  act,
  COMPONENT,
  declared,
  factsOf,
  lineReady,
  person,
  planeOf,
  QUINN,
  type Story,
  T0,
  tell,
} from './testing.ts';

const at = (minutes: number): Instant => plus(T0, minutes * MINUTE);

/** A roster in which the named people have their roles all day. */
function duty(shifts: Readonly<Record<string, readonly string[]>>): Duty {
  const roster = makeRoster({
    known: { from: plus(T0, -DAY), to: plus(T0, 14 * DAY) },
    roles: Object.keys(shifts).map((name) => ({ name })),
    people: [],
    calendars: Object.entries(shifts).map(([role, people]) => ({
      role,
      calendar: `${role}.ics`,
      naming: 'summary' as const,
      events: people.map((summary) => ({
        summary,
        attendees: [],
        from: plus(T0, -DAY),
        to: plus(T0, 14 * DAY),
      })),
      warnings: [],
    })),
  });
  return { roster, rule: usualRule(Object.keys(shifts)) };
}

const TWO = duty({ qe: ['quinn'], 'on-call': ['olu'] });
const facts = (over: { readonly duty?: Duty } = { duty: TWO }) => factsOf({ fleet: [planeOf('a')], ...over });

/** A fix whose image waits for QE alone: its own gates have passed. */
function waiting(): Story {
  const events = lineReady('FIX-1', '4.19.1').filter((e) => e.type !== 'Attested');
  return tell(declared(), 'fleetfix', ...events);
}
function look(story: Story, minutes: number, over = facts()): readonly Event[] {
  story.now = at(minutes);
  const { events } = handOff(story.fix, over, story.now);
  tell(story, 'fleetfix', ...events);
  return events;
}

describe('an image that waits for people', () => {
  test('is handed to who is on duty, once', () => {
    const story = waiting();
    expect(look(story, 0)).toEqual([
      {
        type: 'HandedOff',
        digests: [expect.stringMatching(/^sha256:/)],
        told: [{ step: 0, role: 'qe', people: ['quinn'] }],
      },
    ]);
    expect(look(story, 1)).toEqual([]);
    const view = makeFixView(story.fix, facts(), story.now);
    expect(view.needs.find((n) => n.who === 'qe')?.what).toBe(
      'attest smoke on 4.19.1; quinn told at 20:00Z, not acknowledged yet; olu (on-call) at 20:15Z',
    );
    expect(handOff(story.fix, facts(), story.now).askAgainAt).toBe(at(15));
  });

  test('is told on when nobody acknowledges, and when all were told twice, that is said once', () => {
    const story = waiting();
    look(story, 0);
    expect(look(story, 15)).toMatchObject([{ type: 'HandOffEscalated', role: 'on-call', people: ['olu'] }]);
    expect(look(story, 30)).toMatchObject([{ role: 'qe', people: ['quinn'] }]);
    expect(look(story, 45)).toMatchObject([{ role: 'on-call', people: ['olu'] }]);
    expect(look(story, 60)).toEqual([
      { type: 'HandOffUnheard', said: expect.stringMatching(/^NOBODY IS LEFT TO TELL: quinn, olu told/) },
    ]);
    expect(look(story, 300)).toEqual([]);
    expect(makeFixView(story.fix, facts(), story.now).handOff?.text).toMatch(/^NOBODY IS LEFT TO TELL/);
  });

  test('that was looked at late is told on one step, and each has the whole wait', () => {
    const story = waiting();
    look(story, 0);
    expect(look(story, 90)).toMatchObject([{ role: 'on-call', people: ['olu'] }]);
    expect(look(story, 91)).toEqual([]);
    expect(handOff(story.fix, facts(), story.now).askAgainAt).toBe(at(105));
    expect(look(story, 105)).toMatchObject([{ role: 'qe', people: ['quinn'] }]);
  });

  test('is told to the next also when the first has left the calendar meanwhile, and says whom it told', () => {
    const story = waiting();
    look(story, 0);
    const without = facts({ duty: duty({ qe: [], 'on-call': ['olu'] }) });
    expect(look(story, 15, without)).toMatchObject([{ role: 'on-call', people: ['olu'] }]);
    expect(look(story, 30, without)).toMatchObject([{ role: 'on-call', people: ['olu'] }]);
    expect(look(story, 45, without)).toEqual([
      { type: 'HandOffUnheard', said: expect.stringMatching(/^NOBODY IS LEFT TO TELL: quinn, olu told/) },
    ]);
  });

  test('is told to whoever comes on duty after nobody was left, and waits for them', () => {
    const story = waiting();
    for (const minutes of [0, 15, 30, 45, 60]) look(story, minutes);
    const later = facts({ duty: duty({ qe: ['quinn', 'ria'], 'on-call': ['olu'] }) });
    expect(look(story, 61, later)).toMatchObject([{ type: 'HandOffEscalated', people: ['ria'] }]);
    expect(makeFixView(story.fix, later, story.now).handOff?.text).toMatch(
      /ria told at .*, not acknowledged yet$/,
    );
    expect(look(story, 62, later)).toEqual([]);
    expect(look(story, 76, later)).toMatchObject([{ type: 'HandOffUnheard' }]);
  });

  test.each([
    ['an acknowledgement', { do: 'acknowledge', note: 'two hours' } as const, 'quinn has it since 20:05Z'],
    ['a word on it', { do: 'attest', gate: 'smoke', result: 'pass' } as const, 'quinn has it since 20:05Z'],
  ])('is told to nobody else after %s', (_, command, text) => {
    const story = waiting();
    look(story, 0);
    story.now = at(5);
    act(story, QUINN, command, facts());
    expect(look(story, 100)).toEqual([]);
    expect(makeFixView(story.fix, facts(), story.now).handOff?.text).toBe(text);
  });

  test('is handed off anew when it is another image, whoever had the one before', () => {
    const story = waiting();
    look(story, 0);
    act(story, QUINN, { do: 'acknowledge' }, facts());
    tell(story, 'fleetfix', ...lineReady('FIX-1', '4.20.1').filter((e) => e.type !== 'Attested'));
    expect(look(story, 10)).toMatchObject([{ type: 'HandedOff', told: [{ role: 'qe', people: ['quinn'] }] }]);
    expect(story.fix.handOff?.digests).toHaveLength(2);
  });

  test('keeps who was told when the calendar is changed afterwards', () => {
    const story = waiting();
    look(story, 0);
    expect(look(story, 15, facts({ duty: duty({ qe: ['zoe'], 'on-call': ['olu'] }) }))).toMatchObject([
      { people: ['olu'] },
    ]);
    expect(story.fix.handOff?.told.flatMap(({ people }) => people)).toEqual(['quinn', 'olu']);
  });

  test('that nobody can be told of says so', () => {
    const story = waiting();
    expect(look(story, 0, facts({ duty: duty({ qe: [] }) }))).toMatchObject([
      { type: 'HandedOff', told: [] },
    ]);
    expect(look(story, 0, facts({ duty: duty({ qe: [] }) }))).toMatchObject([
      { type: 'HandOffUnheard', said: expect.stringMatching(/^NOBODY CAN BE TOLD/) },
    ]);
  });

  test('is told to nobody where no roster is configured', () => {
    expect(look(waiting(), 0, facts({}))).toEqual([]);
    expect(COMPONENT.gates.some((g) => g.attestBy)).toBe(true);
  });
});

test('what was never handed off, or has somebody, is not acknowledged', () => {
  const story = waiting();
  const says = () => {
    const done = act(story, person('olu', 'on-call'), { do: 'acknowledge' }, facts());
    return done.ok ? 'done' : done.error.detail;
  };
  expect(says()).toMatch(/^nothing of FIX-1 was handed off/);
  look(story, 0);
  expect(says()).toBe('done');
  expect(says()).toMatch(/^olu has it already/);
});
