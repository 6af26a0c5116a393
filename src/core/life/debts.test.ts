// Goal: what delivery did not wait for is not forgotten: it is owed from the start of the delivery, by somebody, until a time,
// and is called overdue once. What goes back owes nothing.
import { describe, expect, test } from 'vitest';
import { DAY, HOUR, type Instant, plus } from '../base/instant.ts';
import { agenda } from './agenda.ts';
import { debtsOf, isPressing, owedFrom } from './debts.ts';
import { decide } from './decide.ts';
import type { Event } from './event.ts';
import { gateRecords, recallOf } from './gate-record.ts';
import type { Policy } from './policy.ts';
import {
  COMPONENT,
  digestOf,
  factsOf,
  fixImage,
  POLICY,
  proven,
  QUINN,
  type Story,
  T0,
  tell,
} from './testing.ts';

const IMAGE = fixImage('FIX-1', '4.19.1').digest;
const lane = {
  before: ['bvt', 'smoke'],
  after: [{ gate: 'perf', withinMs: 7 * DAY, owner: 'qe' }],
  shadow: ['whole'],
};
const component = {
  ...COMPONENT,
  gates: [...COMPONENT.gates, { name: 'whole', component: 'cpo', check: 'command' as const }],
};
const critical = { ...POLICY.severities.critical, lane };
const policy: Policy = { ...POLICY, severities: { ...POLICY.severities, critical } };
const facts = factsOf({ component, policy });
const started: Event = { type: 'RolloutStarted', plan: 'P-1', hash: 'h' };
const ran = (gate: string, result: 'pass' | 'fail', digest = IMAGE): Event => ({
  type: 'GateRan',
  gate,
  line: '4.19.1',
  digest,
  result,
  tookMs: 60_000,
});
const waived = (gate: string, expiresAt: Instant): Event => ({
  type: 'Waived',
  gate,
  reason: 'no lab',
  expiresAt,
});
const owed = (story: Story, afterMs = HOUR) =>
  debtsOf(story.fix, facts, plus(T0, afterMs)).map(({ gate, owner, dueAt, state }) => [
    gate,
    owner,
    dueAt,
    state,
  ]);
const delivered = (...events: Event[]) => tell(proven(), 'fleetfix', ...events, started);

describe('a gate that may follow the delivery', () => {
  const due = plus(T0, 7 * DAY);

  test.each<[string, Story, unknown[]]>([
    ['is owed from the start of the delivery', delivered(), [['perf', 'qe', due, 'missing']]],
    ['not before', proven(), []],
    ['is paid when it has passed', delivered(ran('perf', 'pass')), []],
    ['not on another image', delivered(ran('perf', 'pass', digestOf('x'))), [['perf', 'qe', due, 'missing']]],
    ['nor when it failed', delivered(ran('perf', 'fail')), [['perf', 'qe', due, 'failed']]],
    ['is forgiven by a waiver', delivered(waived('perf', plus(T0, DAY))), []],
    [
      'no more once everything went back',
      tell(
        delivered(),
        'fleetfix',
        { type: 'Halted', because: 'worse' },
        { type: 'RolloutEnded', because: 'back', coverage: {} as never },
      ),
      [],
    ],
  ])('%s', (_, story, expected) => {
    expect(owed(story)).toEqual(expected);
  });

  test('a gate that blocks and was waived is owed until the waiver ends, by who waived it', () => {
    const story = tell(proven(), 'quinn', waived('bvt', plus(T0, DAY)), ran('bvt', 'fail'), started);
    expect(owed(story)[0]).toEqual(['bvt', 'quinn', plus(T0, DAY), 'waived']);
    expect(owed(story, 2 * DAY)[0]).toEqual(['bvt', 'quinn', plus(T0, DAY), 'failed']);
  });

  test('presses when little of its time is left, and at once when it failed', () => {
    const pressing = (story: Story, afterMs: number) => {
      const now = plus(T0, afterMs);
      return debtsOf(story.fix, facts, now).some((debt) => isPressing(debt, now));
    };
    expect([5 * DAY, 5.3 * DAY].map((ms) => pressing(delivered(), ms))).toEqual([false, true]);
    expect(pressing(delivered(ran('perf', 'fail')), HOUR)).toBe(true);
  });

  test('is called overdue once, by the hub', () => {
    const story = delivered();
    const says = (afterMs: number) =>
      agenda(story.fix, facts, plus(T0, afterMs)).events.filter((e) => e.type === 'DebtOverdue');
    expect(says(7 * DAY - 1)).toEqual([]);
    const [event, ...more] = says(7 * DAY);
    expect([event, more]).toEqual([
      { type: 'DebtOverdue', gate: 'perf', line: '4.19.1', owner: 'qe', dueAt: due },
      [],
    ]);
    tell(story, 'fleetfix', event!);
    expect(says(8 * DAY)).toEqual([]);
  });
});

describe('a change of the configuration pays no debt', () => {
  const owes = [{ gate: 'perf', withinMs: 7 * DAY, owner: 'qe' }];
  const story = (...events: Event[]) => tell(proven(), 'fleetfix', { ...started, owed: owes }, ...events);
  const laneOf = (over: object) => {
    const changed = { ...critical, lane: { ...lane, ...over } };
    return { ...policy, severities: { ...policy.severities, critical: changed } };
  };
  const due = plus(T0, 7 * DAY);
  const without = { ...COMPONENT, gates: COMPONENT.gates.filter(({ name }) => name !== 'perf') };
  const GONE = /^no evidence yet; the lane of the fix does not name it any more: put it back, or waive it/;

  test.each([
    ['taken out of the lane', factsOf({ component, policy: laneOf({ after: [] }) }), GONE],
    ['taken out of the component', factsOf({ component: without, policy }), GONE],
    ['made to watch only', factsOf({ component, policy: laneOf({ after: [], shadow: ['perf'] }) }), /^no ev/],
    [
      'given more time',
      factsOf({ component, policy: laneOf({ after: [{ gate: 'perf', withinMs: 90 * DAY }] }) }),
      /^no ev/,
    ],
  ])('%s', (_, changed, because) => {
    const [debt, ...more] = debtsOf(story().fix, changed, plus(T0, HOUR));
    expect(more).toEqual([]);
    expect(debt).toMatchObject({ gate: 'perf', owner: 'qe', dueAt: due, state: 'missing' });
    expect(debt!.because).toMatch(because);
    expect(debtsOf(story(waived('perf', plus(T0, DAY))).fix, changed, plus(T0, HOUR))).toEqual([]);
    const waive = { do: 'waive', gate: 'perf', reason: 'no lab', expiresAt: plus(T0, DAY) } as const;
    expect(decide(story().fix, waive, { ...changed, actor: QUINN }, T0)).toMatchObject({ ok: true });
  });

  test('nor does it forget a gate that was waived and is named no more', () => {
    const it = tell(proven(), 'quinn', waived('bvt', plus(T0, DAY)), ran('bvt', 'fail'), started);
    const changed = factsOf({ component, policy: laneOf({ before: ['smoke'], after: [] }) });
    expect(debtsOf(it.fix, changed, plus(T0, 2 * DAY))).toMatchObject([
      { gate: 'bvt', owner: 'quinn', dueAt: plus(T0, DAY), state: 'failed' },
    ]);
  });

  test('a start notes what its delivery does not wait for, also that it is nothing', () => {
    const none = tell(proven(), 'fleetfix', { ...started, owed: [] });
    expect(debtsOf(none.fix, facts, plus(T0, 30 * DAY))).toEqual([]);
    expect(owedFrom(proven().fix, policy)).toEqual(lane.after);
  });

  test('a further start changes no terms, and adds what the policy names since; what went back owes nothing', () => {
    const more = laneOf({
      after: [
        { gate: 'perf', withinMs: 90 * DAY },
        { gate: 'bvt', withinMs: DAY },
      ],
    });
    expect(owedFrom(story().fix, more)).toEqual([...owes, { gate: 'bvt', withinMs: DAY }]);
    const back = story(
      { type: 'Halted', because: 'worse' },
      { type: 'RolloutEnded', because: 'back', coverage: {} as never },
    );
    expect(owedFrom(back.fix, laneOf({ after: [] }))).toEqual([]);
  });
});

test('a shadow runs once the delivery has begun, and nothing waits for it', () => {
  const tasks = (story: Story) =>
    agenda(story.fix, facts, T0).tasks.map((t) => (t.do === 'gate' ? t.gate : t.do));
  expect(tasks(proven())).toEqual(['perf']);
  expect(tasks(delivered())).toEqual(['perf', 'whole']);
  expect(owed(delivered(ran('whole', 'fail'))).map(([gate]) => gate)).toEqual(['perf']);
});

describe('the record of gates', () => {
  const of = (id: `FIX-${number}`, ...events: Event[]) => {
    const story = proven(id);
    for (const event of events)
      tell(story, 'because' in event && /by ana/.test(event.because) ? 'ana' : 'fleetfix', event);
    return story.fix;
  };
  const fixes = [
    of('FIX-1', started, ran('whole', 'fail'), { type: 'Halted', because: 'rolled back by ana' }),
    of('FIX-2', ran('perf', 'fail'), ran('bvt', 'fail')),
    of('FIX-3', ran('perf', 'fail'), ran('perf', 'pass', digestOf('next'))),
    // It passed on the same image later: the gate was flaky.
    of('FIX-7', ran('perf', 'fail'), { type: 'StageRetried', stage: 'proof' }, ran('perf', 'pass')),
    of('FIX-4', started, { type: 'Halted', because: '4 of 17 broke' }),
    of('FIX-5', started, ran('whole', 'pass')),
    // Nobody took it back: the gate may have failed for reasons of its own.
    of('FIX-6', started, ran('whole', 'fail')),
  ];

  test('says what each gate stopped, what it alone stopped, and what it found too late', () => {
    const records = Object.fromEntries(gateRecords(fixes).map((r) => [r.gate, r]));
    expect(records.perf).toMatchObject({ judged: 3, caught: 2, alone: 1, late: 0, tookMs: 60_000 });
    expect(records.whole).toMatchObject({ judged: 3, caught: 0, alone: 0, late: 2 });
  });

  test('says how many of the bad ones were stopped before delivery, and what found the others', () => {
    expect(recallOf(fixes)).toEqual({
      caught: 2,
      missed: [
        { fix: 'FIX-1', by: 'gate whole' },
        { fix: 'FIX-4', by: '4 of 17 broke' },
      ],
      recall: 0.5,
    });
    expect(recallOf([])).toEqual({ caught: 0, missed: [] });
  });
});
