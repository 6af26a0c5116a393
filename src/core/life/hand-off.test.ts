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
  ANA,
  act,
  BOB,
  COMPONENT,
  declared,
  factsOf,
  fixImage,
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

  test('can be acknowledged by those who may, once', () => {
    const story = waiting();
    const acts = (over = facts()) =>
      makeFixView(story.fix, over, story.now).actions.filter(({ name }) => name === 'acknowledge');
    expect(acts()).toEqual([]);
    look(story, 0);
    expect(acts()).toMatchObject([{ label: 'Acknowledge the hand-off', allowed: true }]);
    expect(acts({ ...facts(), actor: person('vic', 'viewer') })).toMatchObject([{ allowed: false }]);
    act(story, QUINN, { do: 'acknowledge' }, facts());
    expect(acts()).toMatchObject([{ allowed: false, because: 'quinn has it already' }]);
  });

  test('is told to nobody where no roster is configured', () => {
    expect(look(waiting(), 0, facts({}))).toEqual([]);
    expect(COMPONENT.gates.some((g) => g.attestBy)).toBe(true);
  });
});

describe('a question that a check has raised', () => {
  /** The scope gate asks an approver; ana, who declared the fix, is one and must not answer. */
  const component = {
    ...COMPONENT,
    gates: [
      ...COMPONENT.gates.filter(({ name }) => name !== 'smoke'),
      { name: 'smoke', component: 'cpo', check: 'scope' as const, attestBy: 'approver' as const },
    ],
  };
  const of = (shifts: Readonly<Record<string, readonly string[]>>) => ({
    ...facts({ duty: duty(shifts) }),
    component,
  });
  const BOTH = of({ qe: ['quinn'], 'on-call': ['olu'] });
  const ask = (story: Story, at: Instant, result: 'unclear' | 'pass' = 'unclear') => {
    story.now = at;
    const { digest } = fixImage('FIX-1', '4.19.1');
    const note = 'touches an API';
    return tell(story, 'fleetfix', {
      type: 'GateRan',
      gate: 'smoke',
      line: '4.19.1',
      digest,
      result,
      note,
      tookMs: 1,
    });
  };
  const answered = (story: Story, minutes: number) => {
    story.now = at(minutes);
    return act(story, BOB, { do: 'attest', gate: 'smoke', result: 'pass', note: 'a fix' }, BOTH);
  };
  const need = (story: Story, over = BOTH) =>
    makeFixView(story.fix, over, story.now).needs.find(({ who }) => who === 'approver')?.what;

  test('is handed to who is on duty, told on, and said with who was told', () => {
    const story = waiting();
    expect(look(story, 0, BOTH)).toEqual([]);
    ask(story, at(1));
    expect(look(story, 1, BOTH)).toMatchObject([
      { type: 'HandedOff', told: [{ role: 'qe', people: ['quinn'] }] },
    ]);
    expect(look(story, 2, BOTH)).toEqual([]);
    expect(need(story)).toBe(
      'answer smoke on 4.19.1: touches an API; quinn told at 20:01Z, not acknowledged yet; olu (on-call) at 20:16Z',
    );
    expect(look(story, 16, BOTH)).toMatchObject([{ type: 'HandOffEscalated', people: ['olu'] }]);
  });

  test('that is answered, or that the check takes back, is told to nobody else', () => {
    const [byPerson, byCheck] = [ask(waiting(), at(0)), ask(waiting(), at(0))];
    for (const story of [byPerson, byCheck]) look(story, 0, BOTH);
    expect(answered(byPerson, 5).ok).toBe(true);
    ask(byCheck, at(5), 'pass');
    for (const story of [byPerson, byCheck]) {
      expect(look(story, 100, BOTH)).toEqual([]);
      expect(makeFixView(story.fix, BOTH, story.now).handOff?.text).toBe(
        'nothing that was handed off waits for people now',
      );
    }
  });

  test('is taken by who acknowledges it', () => {
    const story = ask(waiting(), at(0));
    look(story, 0, BOTH);
    story.now = at(3);
    expect(act(story, QUINN, { do: 'acknowledge' }, BOTH).ok).toBe(true);
    expect(look(story, 100, BOTH)).toEqual([]);
    expect(need(story)).toBe('answer smoke on 4.19.1: touches an API; quinn has it since 20:03Z');
  });

  test('is not handed to who declared the fix: another answers it', () => {
    const story = ask(waiting(), at(0));
    const withAna = of({ qe: ['ana'], 'on-call': ['olu'] });
    expect(look(story, 0, withAna)).toMatchObject([{ told: [{ role: 'on-call', people: ['olu'] }] }]);
    const alone = ask(waiting(), at(0));
    const onlyAna = of({ qe: ['ana'] });
    expect(look(alone, 0, onlyAna)).toMatchObject([{ type: 'HandedOff', told: [] }]);
    expect(look(alone, 0, onlyAna)).toEqual([
      {
        type: 'HandOffUnheard',
        said: expect.stringMatching(/^NOBODY CAN BE TOLD .*\(qe: only ana, and another must act\)/),
      },
    ]);
  });

  test('that comes after somebody took the image is told anew, once', () => {
    const story = ask(waiting(), at(0));
    look(story, 0, BOTH);
    story.now = at(1);
    act(story, QUINN, { do: 'acknowledge' }, BOTH);
    ask(story, at(10));
    expect(look(story, 10, BOTH)).toMatchObject([{ type: 'HandedOff', told: [{ people: ['quinn'] }] }]);
    expect(story.fix.handOff?.digests).toHaveLength(1);
    expect(story.fix.handOff?.acknowledged).toBeUndefined();
    expect(look(story, 11, BOTH)).toEqual([]);
  });

  test('that comes after everybody was told in vain is told anew', () => {
    const story = ask(waiting(), at(0));
    for (let minutes = 0; minutes <= 90; minutes += 15) look(story, minutes, BOTH);
    expect(story.fix.handOff?.unheard).toBeDefined();
    expect(look(story, 100, BOTH)).toEqual([]);
    ask(story, at(120));
    expect(look(story, 120, BOTH)).toMatchObject([{ type: 'HandedOff', told: [{ people: ['quinn'] }] }]);
    expect(look(story, 121, BOTH)).toEqual([]);
  });

  test('is not taken by who declared the fix, for another must answer it', () => {
    const story = ask(waiting(), at(0));
    look(story, 0, BOTH);
    const taken = act(story, ANA, { do: 'acknowledge' }, BOTH);
    expect(taken).toMatchObject({ ok: false, error: { code: 'two-person-rule' } });
    const view = makeFixView(story.fix, { ...BOTH, actor: ANA }, story.now);
    expect(view.actions.find(({ name }) => name === 'acknowledge')).toMatchObject({ allowed: false });
    expect(view.handOff?.digests).toHaveLength(1);
    expect(act(story, QUINN, { do: 'acknowledge' }, BOTH).ok).toBe(true);
  });

  test('of a gate that only watches is handed to nobody', () => {
    const lane = { before: ['bvt'], after: [], shadow: ['smoke'] };
    const severity = { ...BOTH.policy.severities.critical, lane };
    const policy = { ...BOTH.policy, severities: { critical: severity, high: severity, moderate: severity } };
    expect(look(ask(waiting(), at(0)), 0, { ...BOTH, policy })).toEqual([]);
  });
});

test('what was never handed off, or has somebody, is not acknowledged', () => {
  const story = waiting();
  const says = (name = 'olu') => {
    const done = act(story, person(name, 'on-call'), { do: 'acknowledge' }, facts());
    return done.ok ? 'done' : done.error.detail;
  };
  expect(says()).toMatch(/^nothing of FIX-1 was handed off/);
  look(story, 0);
  expect(says()).toBe('done');
  expect(says()).toBe('you have it already, since 2026-11-21 20:00Z');
  expect(says('ann')).toBe('olu has it already, since 2026-11-21 20:00Z');
});
