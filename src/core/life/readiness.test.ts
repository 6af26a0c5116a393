import { describe, expect, test } from 'vitest';
import type { Selector } from '../fleet/selector.ts';
import type { Event } from './event.ts';
import type { Fix, FixLine } from './fix.ts';
import { movedSince } from './moved.ts';
import { planFor } from './plan-for.ts';
import type { Freeze, Policy, Window } from './policy.ts';
import { gatesOf, isProven, laneGates, lineImage } from './readiness.ts';
import { may, rolesFor } from './rights.ts';
import { excludedUids, freezeOf, heldBy, isOpen } from './scope-of.ts';
import {
  assemblyOf,
  COMPONENT,
  commitOf,
  declared,
  digestOf,
  factsOf,
  fixImage,
  lineOf,
  lineReady,
  minute,
  POLICY,
  person,
  planeOf,
  proven,
  type Story,
  T0,
  TOMORROW,
  tell,
} from './testing.ts';

const IMAGE = fixImage('FIX-1', '4.19.1').digest;
const ask = (story: Story, now = story.now) => ({
  fix: story.fix,
  component: COMPONENT,
  policy: POLICY,
  now,
});
const line = (story: Story): FixLine => story.fix.lines['4.19.1']!;
const image = (story: Story, now = story.now) => lineImage({ ...ask(story, now), line: line(story) });
const ran = (gate: string, result: 'pass' | 'fail', digest = IMAGE): Event => ({
  type: 'GateRan',
  gate,
  line: '4.19.1',
  digest,
  result,
  tookMs: 1,
});
const waived = (gate: string, expiresAt: string): Event => ({ type: 'Waived', gate, reason: 'r', expiresAt });
const with_ = (...events: Event[]) => tell(declared(), 'fleetfix', ...events);
const built = () => with_(...lineReady('FIX-1', '4.19.1').slice(0, 3));

describe('the image of a line may be given', () => {
  test('when every blocking gate is open on its digest', () => {
    expect(image(proven())).toEqual({ line: '4.19.1', digest: IMAGE, fixes: ['FIX-1'] });
  });

  test.each([
    [
      'not before it is assembled',
      () =>
        tell(
          with_({ type: 'LineAssembled', line: lineOf('4.19.1'), assembly: assemblyOf('conflict') }),
          'ana',
          { type: 'StageRetried', stage: 'assembly' },
        ),
      'not assembled yet',
    ],
    [
      'not where it is in conflict',
      () => with_({ type: 'LineAssembled', line: lineOf('4.19.1'), assembly: assemblyOf('conflict') }),
      'conflict: it is conflict',
    ],
    ['not before it is built', () => with_(...lineReady('FIX-1', '4.19.1').slice(0, 1)), 'not built yet'],
    ['not while it is built', () => with_(...lineReady('FIX-1', '4.19.1').slice(0, 2)), 'build running'],
    [
      'not when its build failed',
      () =>
        with_(...lineReady('FIX-1', '4.19.1').slice(0, 2), {
          type: 'BuildFailed',
          line: '4.19.1',
          commit: commitOf('x'),
          because: 'r',
          tookMs: 1,
        }),
      'build failed',
    ],
    ['not without evidence', built, 'gate bvt missing, gate smoke missing'],
    [
      'not with evidence on another digest',
      () => tell(built(), 'fleetfix', ran('bvt', 'pass', digestOf('other')), ran('smoke', 'pass')),
      'gate bvt missing',
    ],
    ['not when a gate failed', () => tell(proven(), 'fleetfix', ran('bvt', 'fail')), 'gate bvt failed'],
    [
      'not after it was built anew',
      () =>
        tell(proven(), 'fleetfix', {
          type: 'Built',
          line: '4.19.1',
          commit: commitOf('y'),
          digest: digestOf('new'),
          tookMs: 1,
        }),
      'gate bvt missing, gate smoke missing',
    ],
  ] as [string, () => Story, string][])('%s', (_what, story, missing) => {
    expect(image(story())).toEqual({ line: '4.19.1', missing });
  });

  test('when what failed was waived, until the waiver ends', () => {
    const story = tell(proven(), 'fleetfix', ran('bvt', 'fail'), waived('bvt', minute(30)));
    expect(image(story, minute(29))).toMatchObject({ digest: IMAGE });
    expect(image(story, minute(30))).toEqual({ line: '4.19.1', missing: 'gate bvt failed' });
    expect(isProven(ask(story, minute(29)))).toBe(true);
    expect(isProven(ask(story, minute(30)))).toBe(false);
  });

  test('whatever the gates say that may follow delivery', () => {
    const story = tell(proven(), 'fleetfix', ran('perf', 'fail'));
    expect(image(story)).toMatchObject({ digest: IMAGE });
    expect(gatesOf({ ...ask(story), line: line(story) }).map((g) => [g.gate, g.state, g.blocks])).toEqual([
      ['bvt', 'met', true],
      ['smoke', 'met', true],
      ['perf', 'failed', false],
    ]);
  });

  test('and a lane names only gates that the component has', () => {
    const lane = { before: ['smoke', 'nobody has this'], after: [], shadow: [] };
    const policy = {
      ...POLICY,
      severities: { ...POLICY.severities, critical: { ...POLICY.severities.critical, lane } },
    };
    expect(laneGates(proven().fix, COMPONENT, policy).before.map((g) => g.name)).toEqual(['smoke']);
  });
});

describe('a plan made from the fleet', () => {
  const plan = (planes: Parameters<typeof factsOf>[0], story = proven(), exclude?: Selector) =>
    planFor(story.fix, factsOf(planes), story.now, { exclude });
  const because = (made: ReturnType<typeof plan>) =>
    Object.fromEntries(made.leftOut.map((l) => [l.name, l.because]));

  test('takes who is exposed, and names who is exposed and not taken', () => {
    const story = proven();
    tell(story, 'eve', { type: 'Excluded', uid: 'uid-named', name: 'named', until: TOMORROW, reason: 'r' });
    const fleet = [
      planeOf('taken'),
      planeOf('named'),
      planeOf('picked', { customer: 'shop' }),
      planeOf('silent', { reportedAt: minute(-60) }),
      planeOf('other', { version: '4.20.1' }),
      planeOf('foreign', { running: { digest: digestOf('foreign'), override: digestOf('foreign') } }),
      planeOf('patched', { running: { digest: IMAGE, override: IMAGE } }),
    ];
    const made = plan({ fleet }, story, { customer: 'shop' });
    expect(made.targets.map((t) => t.name)).toEqual(['taken']);
    expect(because(made)).toEqual({
      named: 'left out by name',
      picked: 'excluded by this plan',
      silent: 'agent silent',
      other: 'its release has not been looked at yet',
      foreign: 'nobody knows what is in the image it runs',
    });
  });

  test('takes the limits of the policy and is valid for as long as that says', () => {
    expect(plan({ fleet: [planeOf('a')] })).toMatchObject({
      policy: 'standard',
      at: T0,
      validUntil: minute(720),
      limits: { unknownMax: 0 },
      pace: { inFlightPerManagementCluster: 2, oneBox: 12, harmBudget: 12 },
      stages: [{ name: 'all', size: 1 }],
    });
  });

  test("takes the budget a person asks for, else the policy's, else the one that the incident asks for", () => {
    const { fix, now } = proven();
    const budget = (policy: Partial<Policy['pace']>, asked?: number) =>
      planFor(fix, factsOf({ fleet: [planeOf('a')], policy: { ...POLICY, pace: policy } }), now, {
        budget: asked,
      }).pace.harmBudget;
    expect([budget({}), budget({ harmBudget: 30 }), budget({ harmBudget: 30 }, 50)]).toEqual([12, 30, 50]);
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])(
    'of a budget, a cap or a number an hour of %s is as small as can be',
    (bad) => {
      const pace = { harmBudget: bad, inFlightPerManagementCluster: bad, maxPerHour: bad };
      const made = plan({ fleet: [planeOf('a')], policy: { ...POLICY, pace } });
      expect(made.pace).toMatchObject({ harmBudget: 1, inFlightPerManagementCluster: 1, maxPerHour: 1 });
    },
  );

  test('compares with those of its regions that it does not touch, that do not run the fix, and that nobody else changes', () => {
    const other = { ...proven('FIX-7').fix, rollout: { targets: { 'uid-busy': {} } } } as unknown as Fix;
    const fleet = [
      planeOf('taken'),
      planeOf('free', { version: '4.20.1' }),
      planeOf('busy', { version: '4.20.1' }),
      planeOf('ill', { version: '4.20.1', unhealthy: 'etcd' }),
      planeOf('far', { version: '4.20.1', region: 'us' }),
      planeOf('patched', { running: { digest: IMAGE, override: IMAGE } }),
    ];
    expect(plan({ fleet, others: [other] }).controls.map((c) => c.uid)).toEqual(['uid-free']);
  });

  test('takes who shows the symptom though it is unhealthy, and nobody else who is', () => {
    const story = proven('FIX-1', ['4.19.1'], { symptom: 'etcd is FULL' });
    const fleet = [
      planeOf('burns', { unhealthy: 'member 2: ETCD is full' }),
      planeOf('ill', { unhealthy: 'api down' }),
      planeOf('well'),
    ];
    const made = plan({ fleet }, story);
    expect(made.targets.map((t) => t.name).sort()).toEqual(['burns', 'well']);
    expect(because(made)).toEqual({ ill: 'unhealthy before the change' });
    expect(made.urgency).toMatchObject({
      burning: 1,
      because: '1 of 3 show the symptom now, about 1 more every hour',
    });
    expect(because(plan({ fleet }))).toMatchObject({ burns: 'unhealthy before the change' });
  });

  test('leaves out who is frozen, until the freeze ends', () => {
    const freezes: Freeze[] = [
      { name: 'sale', from: T0, to: TOMORROW, selector: { name: 'a' }, reason: 'r' },
    ];
    const made = plan({ fleet: [planeOf('a'), planeOf('b')], policy: { ...POLICY, freezes } });
    expect(made.leftOut).toEqual([{ uid: 'uid-a', name: 'a', because: 'frozen (sale)', until: TOMORROW }]);
  });
});

test('of two freezes the one that ends last counts, from its first moment to before its last', () => {
  const freeze = (name: string, from: number, to: number): Freeze => ({
    name,
    from: minute(from),
    to: minute(to),
    selector: {},
    reason: 'r',
  });
  const policy = { ...POLICY, freezes: [freeze('short', 0, 10), freeze('long', 5, 60)] };
  const at = (m: number) => freezeOf(policy, planeOf('a'), minute(m))?.name;
  expect([-1, 0, 5, 10, 59, 60].map(at)).toEqual([undefined, 'short', 'long', 'long', 'long', undefined]);
});

test.each([
  [[], '2026-11-21T03:00:00.000Z', true],
  [[{ days: ['sat'], fromMinute: 480, toMinute: 1020 }], '2026-11-21T07:59:59.999Z', false],
  [[{ days: ['sat'], fromMinute: 480, toMinute: 1020 }], '2026-11-21T08:00:00.000Z', true],
  [[{ days: ['sat'], fromMinute: 480, toMinute: 1020 }], '2026-11-21T17:00:00.000Z', false],
  [[{ days: ['sun', 'mon'], fromMinute: 0, toMinute: 1440 }], '2026-11-22T00:00:00.000Z', true],
  [[{ days: ['sun', 'mon'], fromMinute: 0, toMinute: 1440 }], '2026-11-24T00:00:00.000Z', false],
  [[{ days: [], fromMinute: 0, toMinute: 1440 }], '2026-11-21T08:00:00.000Z', false],
] as [Window[], string, boolean][])(
  'with the windows %j at %s it is %s that control planes may be changed',
  (windows, at, open) => {
    expect(isOpen(windows, at)).toBe(open);
  },
);

test('a freeze is said before a window that is shut, and neither hides the other', () => {
  const shut: Window[] = [{ days: [], fromMinute: 0, toMinute: 1440 }];
  const freezes = [{ name: 'sale', from: T0, to: TOMORROW, selector: { name: 'a' }, reason: 'r' }];
  const policy = { ...POLICY, freezes, windows: shut };
  expect(heldBy(policy, planeOf('a'), T0)).toBe(`frozen (sale) until ${TOMORROW}`);
  expect(heldBy(policy, planeOf('b'), T0)).toBe('outside the windows of the policy');
  expect(heldBy(POLICY, planeOf('b'), T0)).toBeUndefined();
});

test('an exclusion ends by itself', () => {
  const story = tell(declared(), 'eve', {
    type: 'Excluded',
    uid: 'u',
    name: 'n',
    until: minute(30),
    reason: 'r',
  });
  expect([...excludedUids(story.fix, minute(29))]).toEqual(['u']);
  expect([...excludedUids(story.fix, minute(30))]).toEqual([]);
});

test('an act stands while nothing happened but what the reader was told to expect', () => {
  const story = proven();
  expect(movedSince(story.rows.slice(2)).map((r) => r.event.type)).toEqual([]);
  tell(story, 'eve', { type: 'Paused', reason: 'r' });
  expect(movedSince(story.rows.slice(2)).map((r) => r.event.type)).toEqual(['Paused']);
});

describe('rights', () => {
  const facts = factsOf({ policy: { ...POLICY, approvers: { count: 1, role: 'qe' } } });
  test('to approve are what the policy says, to attest what the gates say', () => {
    expect(rolesFor('approve', facts)).toEqual(['qe']);
    expect(rolesFor('attest', facts)).toEqual(['qe']);
    const load = { name: 'load', component: 'cpo', attestBy: 'approver' } as const;
    const asked = { ...facts, component: { ...facts.component, gates: [...facts.component.gates, load] } };
    expect(rolesFor('attest', asked)).toEqual(['qe', 'approver']);
    expect(rolesFor('attest', asked, 'load')).toEqual(['approver']);
    expect(rolesFor('attest', asked, 'smoke')).toEqual(['qe']);
    expect(may(person('p', 'approver'), 'approve', facts)).toBe(false);
    expect(may(person('p', 'admin'), 'approve', facts)).toBe(true);
  });

  test('to stop are wider than to go on', () => {
    expect(rolesFor('pause', facts)).toEqual(expect.arrayContaining([...rolesFor('resume', facts)]));
    expect(rolesFor('rollback', facts)).toEqual(expect.arrayContaining([...rolesFor('start', facts)]));
    expect(may(person('v', 'viewer'), 'pause', facts)).toBe(false);
  });
});
