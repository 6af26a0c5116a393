// Goal: what each command does, in the right state, in the wrong one and in the wrong hands. A row is: the
// story so far, who does what, and the events it makes or the words of the refusal.
import { describe, expect, test } from 'vitest';
import type { Actor } from '../approval/approval.ts';
import { DAY, plus } from '../base/instant.ts';
import { coverageOf } from '../coverage/standing.ts';
import type { Plan } from '../rollout/plan.ts';
import type { Command } from './command.ts';
import { decide } from './decide.ts';
import type { Event } from './event.ts';
import type { Facts } from './facts.ts';
import type { Fix } from './fix.ts';
import { planFor } from './plan-for.ts';
import { gatesOf } from './readiness.ts';
import {
  ANA,
  act,
  assemblyOf,
  BOB,
  COMPONENT,
  commitOf,
  declared,
  digestOf,
  EVE,
  factsOf,
  fixImage,
  lineOf,
  minute,
  POLICY,
  person,
  planeOf,
  proven,
  QUINN,
  type Story,
  T0,
  TOMORROW,
  tell,
  wait,
} from './testing.ts';

const reason = 'because';
const FLEET = [planeOf('a'), planeOf('b')];
const facts = (over: Partial<Facts> = {}): Facts => factsOf({ fleet: FLEET, ...over });
const planOf = (story: Story, over: Partial<Facts> = {}): Plan => planFor(story.fix, facts(over), story.now);

/** Stories that end where the tests begin. */
function approved(over: Partial<Facts> = {}): { story: Story; plan: Plan } {
  const story = proven();
  const plan = planOf(story, over);
  act(story, BOB, { do: 'approve', plan: plan.id }, facts({ plan }));
  return { story, plan };
}
function delivering(over: Partial<Facts> = {}): { story: Story; plan: Plan } {
  const { story, plan } = approved(over);
  act(story, EVE, { do: 'start', plan: plan.id }, facts({ plan }));
  return { story, plan };
}
/** The first of the plan runs the image, the other waits. */
const told = (plan: Plan): Event[] => [
  { type: 'StageOpened', stage: 1, name: 'all', size: 2 },
  { type: 'TargetsStarted', targets: [plan.targets[0]!.uid], because: 'room' },
  { type: 'TargetsObserved', changes: [{ uid: plan.targets[0]!.uid, to: 'patched' }] },
];
/** A policy with a stage of one, then the rest. */
const STAGED = { ...POLICY, stages: [{ name: 'first', take: { count: 1 }, soakMs: 0, approval: false }] };
const COVERAGE = coverageOf([]);
const COVERED: Event = {
  type: 'Covered',
  coverage: COVERAGE,
};

type Made = { readonly story: Story; readonly plan?: Plan };
const does = ({ story, plan }: Made, actor: Actor, command: Command, over: Partial<Facts> = {}) =>
  decide(story.fix, command, facts({ ...(plan && { plan }), ...over, actor }), story.now);
const types = (decision: ReturnType<typeof decide>) =>
  decision.ok ? decision.value.map((e) => e.type) : `${decision.error.code}: ${decision.error.detail}`;

describe('rights', () => {
  test.each([
    [
      'a viewer may not pause',
      person('vic', 'viewer'),
      { do: 'pause' },
      'vic may not pause: it needs on-call or operator or engineer or qe or approver or requester',
    ],
    [
      'qe may not start',
      QUINN,
      { do: 'start', plan: 'P-00000001' },
      'quinn may not start: it needs operator or on-call',
    ],
    [
      'an operator may not approve',
      EVE,
      { do: 'approve', plan: 'P-00000001' },
      'eve may not approve: it needs approver',
    ],
    [
      'an approver may not declare',
      BOB,
      { do: 'declare', ...declared().fix },
      'bob may not declare: it needs requester or engineer or on-call or operator',
    ],
  ] as [string, Actor, Command, string][])('%s', (_what, actor, command, detail) => {
    expect(types(does(delivering(), actor, command))).toBe(`not-allowed: ${detail}`);
  });

  test('an admin may do what roles allow, and is bound by the two-person rule all the same', () => {
    const root = person('ana', 'admin');
    const it = { story: proven() };
    const plan = planOf(it.story);
    expect(types(does({ ...it, plan }, root, { do: 'approve', plan: plan.id }))).toMatch(
      /^two-person-rule: ana declared FIX-1/,
    );
    expect(types(does({ ...it, plan }, person('adam', 'admin'), { do: 'approve', plan: plan.id }))).toEqual([
      'Approved',
      'ApprovalCompleted',
    ]);
  });
});

describe('declare', () => {
  test('makes the fix, and every other command needs one', () => {
    const { fix } = declared();
    const command: Command = {
      do: 'declare',
      title: fix.title,
      severity: fix.severity,
      reason,
      change: fix.change,
      component: 'cpo',
      policy: 'standard',
    };
    expect(types(decide(undefined, command, facts({ actor: ANA }), T0))).toEqual(['Declared']);
    expect(types(decide(undefined, { do: 'pause' }, facts({ actor: ANA }), T0))).toBe(
      'wrong-state: there is no such fix yet',
    );
  });
});

describe('backport', () => {
  const story = () => {
    const made = declared();
    return {
      story: tell(made, 'fleetfix', {
        type: 'LineAssembled',
        line: lineOf('4.19.1'),
        assembly: assemblyOf('conflict'),
      }),
    };
  };
  test.each([
    ['assembles again what is not settled', {}, ['StageRetried']],
    [
      'takes chosen prerequisites for named lines',
      { to: ['4.19.1'], with: [commitOf('p')] },
      ['PrerequisitesChosen'],
    ],
    ['assembles a named line anew', { to: ['4.19.1', '4.19.1'] }, ['PrerequisitesChosen']],
    ['takes a line out with a reason', { not: [{ line: '4.19.1', reason }] }, ['LineNotAffected']],
    [
      'refuses prerequisites for no line',
      { with: [commitOf('p')] },
      'invalid: prerequisites are chosen for named lines: add --to LINE',
    ],
    [
      'refuses a line it does not have',
      { to: ['9.9'] },
      'unknown-line: FIX-1 has no line 9.9: it has 4.19.1',
    ],
    [
      'refuses to take out a line it does not have',
      { not: [{ line: '9.9', reason }] },
      'unknown-line: FIX-1 has no line 9.9: it has 4.19.1',
    ],
  ] as [string, Partial<Command>, string[] | string][])('%s', (_what, command, expected) => {
    expect(types(does(story(), ANA, { do: 'backport', ...command } as Command))).toEqual(expected);
  });
});

describe('attest and waive', () => {
  const smoke = { do: 'attest', gate: 'smoke', result: 'pass' } as const;
  const two = () => ({ story: proven('FIX-1', ['4.19.1', '4.20.1']) });

  test.each([
    ['binds the word to the image of every line', QUINN, smoke, ['Attested', 'Attested']],
    ['or of the line that is named', QUINN, { ...smoke, line: '4.20.1' }, ['Attested']],
    [
      'or of the digest that is named',
      QUINN,
      { ...smoke, digest: fixImage('FIX-1', '4.19.1').digest },
      ['Attested'],
    ],
    [
      'refuses a digest it did not build',
      QUINN,
      { ...smoke, digest: digestOf('other') },
      /^gate-not-met: no image of FIX-1 has digest sha256/,
    ],
    ['refuses a line it does not have', QUINN, { ...smoke, line: '9.9' }, /^unknown-line/],
    [
      'refuses a gate that the hub runs',
      QUINN,
      { ...smoke, gate: 'bvt' },
      /^invalid: gate bvt is run by the hub/,
    ],
    [
      'refuses a gate that nobody has',
      QUINN,
      { ...smoke, gate: 'luck' },
      'invalid: cpo has no gate luck: it has bvt, smoke, perf',
    ],
    [
      'refuses who lacks the role of the gate',
      person('max', 'operator'),
      smoke,
      /^not-allowed: max may not attest: it needs qe/,
    ],
    [
      'waives with a reason and an end',
      QUINN,
      { do: 'waive', gate: 'bvt', reason, expiresAt: TOMORROW },
      ['Waived'],
    ],
    [
      'refuses a waiver that is over',
      QUINN,
      { do: 'waive', gate: 'bvt', reason, expiresAt: T0 },
      /^invalid: a waiver must end later than now/,
    ],
    [
      'refuses to waive a gate that nobody has',
      QUINN,
      { do: 'waive', gate: 'luck', reason, expiresAt: TOMORROW },
      /^invalid: cpo has no gate luck/,
    ],
  ] as [string, Actor, Command, string[] | string | RegExp][])('%s', (_what, actor, command, expected) => {
    const done = types(does(two(), actor, command));
    if (expected instanceof RegExp) expect(done).toMatch(expected);
    else expect(done).toEqual(expected);
  });

  test.each([
    [
      'by whoever declared the fix',
      person('ana', 'approver'),
      TOMORROW,
      /^two-person-rule: ana declared FIX-1: another/,
    ],
    ['for longer than a debt should last', BOB, plus(T0, 91 * DAY), /^invalid: a waiver lasts 90d at most/],
  ] as const)('waives nothing %s', (_, actor, expiresAt, expected) => {
    expect(types(does(two(), actor, { do: 'waive', gate: 'bvt', reason, expiresAt }))).toMatch(expected);
  });

  test.each([
    [{ tests: 0, failures: 0, skipped: 0 }, /^invalid: no test ran/],
    [{ tests: 5, failures: 0, skipped: 5 }, /^invalid: no test ran/],
    [{ tests: 1, failures: 0, skipped: 9 }, /^invalid: the counts do not add up/],
    [{ tests: 1, failures: 0, skipped: 0, flaky: 2 }, /^invalid: the counts do not add up/],
    [{ tests: 2, failures: 1, skipped: 0 }, /^invalid: 1 tests failed/],
  ])('takes no pass with counts %j', (counts, expected) => {
    expect(types(does(two(), QUINN, { ...smoke, counts }))).toMatch(expected);
  });

  test.each(['constructor', '__proto__', 'toString'])('takes line %s for none of its own', (name) => {
    expect(types(does(two(), QUINN, { ...smoke, line: name }))).toMatch(/^unknown-line/);
    const not = [{ line: name, reason }];
    expect(types(does({ story: declared() }, ANA, { do: 'backport', not }))).toMatch(/^unknown-line/);
  });

  test('a word that says no stands until a person says other, whatever is retried', () => {
    const { story } = two();
    act(story, QUINN, { ...smoke, result: 'fail' }, facts());
    const last = { gate: 'bvt', line: '4.19.1', digest: fixImage('FIX-1', '4.19.1').digest, tookMs: 1 };
    tell(story, 'fleetfix', { type: 'GateRan', ...last, result: 'fail' });
    act(story, ANA, { do: 'retry', stage: 'proof' }, facts());
    const states = (name: string) =>
      gatesOf({
        fix: story.fix,
        line: story.fix.lines['4.19.1']!,
        component: COMPONENT,
        policy: POLICY,
        now: T0,
      }).find(({ gate }) => gate === name)?.state;
    expect([states('smoke'), states('bvt')]).toEqual(['failed', 'missing']);
    expect(story.fix.evidence.filter((e) => e.retried)).toHaveLength(1);
  });

  describe('where a check leaves a question', () => {
    const asks = { name: 'scope', component: 'cpo', check: 'scope', attestBy: 'approver' } as const;
    const component = { ...COMPONENT, gates: [...COMPONENT.gates, asks] };
    const answer = { do: 'attest', gate: 'scope', result: 'pass', note: 'it mends what is there' } as const;
    const asked = (...results: readonly ('pass' | 'fail' | 'unclear')[]) => {
      const story = proven('FIX-1', ['4.19.1', '4.20.1']);
      const about = { gate: 'scope', line: '4.19.1', digest: fixImage('FIX-1', '4.19.1').digest, tookMs: 1 };
      for (const result of results)
        tell(story, 'fleetfix', { type: 'GateRan', ...about, result, note: 'it may be a feature' });
      return { story };
    };
    const says = (made: Made, actor: Actor, command: Command = answer) =>
      types(does(made, actor, command, { component }));

    test.each([
      ['an approver answers it, for that image alone', BOB, answer, ['Attested']],
      [
        'who declared the fix does not',
        person('ana', 'approver'),
        answer,
        /^two-person-rule: ana declared FIX-1/,
      ],
      ['nor who lacks the role', QUINN, answer, /^not-allowed: gate scope is attested by approver/],
      [
        'an answer has a reason',
        BOB,
        { ...answer, note: ' ' },
        /^invalid: gate scope asks a question: its answer/,
      ],
      ['also one that says no', BOB, { ...answer, result: 'fail', note: 'no' }, ['Attested']],
    ] as [string, Actor, Command, string[] | RegExp][])('%s', (_what, actor, command, expected) => {
      const said = says(asked('unclear'), actor, command);
      if (expected instanceof RegExp) expect(said).toMatch(expected);
      else expect(said).toEqual(expected);
    });

    test('an answer can be corrected by those who may give it', () => {
      const made = asked('unclear');
      act(made.story, BOB, answer, facts({ component }));
      expect(says(made, BOB, { ...answer, result: 'fail', note: 'I was wrong' })).toEqual(['Attested']);
    });

    test.each([[[]], [['pass']], [['fail']], [['unclear', 'fail']]] as const)(
      'after %j nothing is asked, and a word in passing opens nothing',
      (results) => {
        expect(says(asked(...results), BOB)).toMatch(
          /^invalid: gate scope is run by the hub and leaves nothing/,
        );
      },
    );
  });

  test('refuses a word on an image that is not there yet', () => {
    expect(types(does({ story: declared() }, QUINN, smoke))).toBe('gate-not-met: FIX-1 has no image yet');
  });
});

describe('approve, decline and start', () => {
  test('as many as the policy asks for approve, each once, and the author never', () => {
    const story = proven();
    const policy = { ...POLICY, approvers: { count: 2, role: 'approver' as const } };
    const plan = planOf(story, { policy });
    const all = facts({ plan, policy });
    const approve: Command = { do: 'approve', plan: plan.id };
    expect(types(act(story, ANA, approve, all))).toMatch(/^two-person-rule/);
    expect(types(act(story, BOB, approve, all))).toEqual(['Approved']);
    expect(types(act(story, BOB, approve, all))).toBe(`wrong-state: bob has approved ${plan.id} already`);
    expect(types(act(story, EVE, { do: 'start', plan: plan.id }, all))).toBe(
      `approval-missing: ${plan.id} needs 1 more approval(s): approved by bob`,
    );
    expect(types(act(story, person('carol', 'approver'), approve, all))).toEqual([
      'Approved',
      'ApprovalCompleted',
    ]);
    expect(types(act(story, EVE, { do: 'start', plan: plan.id }, all))).toEqual(['RolloutStarted']);
  });

  test('nothing is started that nobody approved', () => {
    const story = proven();
    const plan = planOf(story);
    expect(types(does({ story, plan }, EVE, { do: 'start', plan: plan.id }))).toBe(
      `approval-missing: ${plan.id} needs 1 more approval(s): nobody has approved it`,
    );
  });

  test.each([
    [
      'has expired',
      (m: Made) => wait(m.story, POLICY.planValidMs),
      /^plan-expired: P-\w+: it was valid until/,
    ],
    [
      'is for another image of its line',
      (m: Made) =>
        tell(m.story, 'fleetfix', {
          type: 'Built',
          line: '4.19.1',
          commit: commitOf('new'),
          digest: digestOf('new'),
          tookMs: 1,
        }),
      /^plan-expired: P-\w+: line 4.19.1 has another image now/,
    ],
    [
      'is for a line that is assembled again',
      (m: Made) => act(m.story, ANA, { do: 'backport', to: ['4.19.1'] }, facts()),
      /^plan-expired: P-\w+: line 4.19.1 has another image now/,
    ],
    [
      'is for a line that is not affected',
      (m: Made) => act(m.story, ANA, { do: 'backport', not: [{ line: '4.19.1', reason }] }, facts()),
      /^plan-expired: P-\w+: line 4.19.1 is not affected, said ana/,
    ],
    [
      'was declined',
      (m: Made) => act(m.story, BOB, { do: 'decline', plan: m.plan!.id, reason }, facts({ plan: m.plan! })),
      /^plan-expired: P-\w+: it was declined by bob: because/,
    ],
    [
      'counts on a gate that failed since',
      (m: Made) => act(m.story, QUINN, { do: 'attest', gate: 'smoke', result: 'fail' }, facts()),
      /^gate-not-met: P-\w+: line 4.19.1: gate smoke failed/,
    ],
  ] as [string, (made: Made) => unknown, RegExp][])(
    'an approved plan is not started when it %s',
    (_what, since, refusal) => {
      const made = approved();
      since(made);
      expect(types(does(made, EVE, { do: 'start', plan: made.plan.id }))).toMatch(refusal);
    },
  );

  test('a plan that counts on a waiver is not started when the waiver has ended', () => {
    const story = proven();
    act(story, QUINN, { do: 'attest', gate: 'smoke', result: 'fail' }, facts());
    act(story, QUINN, { do: 'waive', gate: 'smoke', reason, expiresAt: minute(30) }, facts());
    const plan = planOf(story);
    act(story, BOB, { do: 'approve', plan: plan.id }, facts({ plan }));
    expect(types(does({ story, plan }, EVE, { do: 'start', plan: plan.id }))).toEqual(['RolloutStarted']);
    wait(story, 30 * 60_000);
    expect(types(does({ story, plan }, EVE, { do: 'start', plan: plan.id }))).toMatch(
      /^gate-not-met: .*gate smoke failed/,
    );
  });

  test('the plan that is named is the plan that is looked at', () => {
    const made = approved();
    wait(made.story, 1);
    const other = planOf(made.story);
    for (const command of ['approve', 'start', 'decline'] as const) {
      const act: Command =
        command === 'decline'
          ? { do: command, plan: made.plan.id, reason }
          : { do: command, plan: made.plan.id };
      const actor = person('adam', 'admin');
      expect(types(does({ story: made.story, plan: other }, actor, act))).toMatch(
        /^plan-unknown: FIX-1 has no plan/,
      );
      expect(types(does({ story: made.story }, actor, act))).toMatch(/^plan-unknown/);
    }
  });

  test('a plan of nobody is neither approved nor started, and says what keeps most of them out', () => {
    const story = proven();
    const fleet = [
      planeOf('a', { paused: true }),
      planeOf('b', { paused: true }),
      planeOf('c', { upgrading: true }),
    ];
    const plan = planOf(story, { fleet });
    const because =
      /^invalid: P-\w+ names no control plane: 3 are left out, 2 of them because reconciling is paused at the source$/;
    expect(types(does({ story, plan }, BOB, { do: 'approve', plan: plan.id }))).toMatch(because);
    expect(types(does({ story, plan }, EVE, { do: 'start', plan: plan.id }))).toMatch(because);
  });

  test('a plan is started once, and another only when it is over', () => {
    const made = delivering();
    expect(types(does(made, EVE, { do: 'start', plan: made.plan.id }))).toBe(
      'wrong-state: FIX-1 is being delivered',
    );
    tell(
      made.story,
      'fleetfix',
      { type: 'Halted', because: 'bad' },
      { type: 'RolloutEnded', because: 'all are back', coverage: COVERAGE },
    );
    expect(types(does(made, person('carol', 'approver'), { do: 'approve', plan: made.plan.id }))).toMatch(
      /^wrong-state: P-\w+ was started at/,
    );
    expect(types(does(made, EVE, { do: 'start', plan: made.plan.id }))).toMatch(
      /^wrong-state: P-\w+ was started at .*another start needs another plan/,
    );
  });

  test('after a halt a start needs a reason, a word of its own, and then it is told', () => {
    const made = delivering();
    tell(
      made.story,
      'fleetfix',
      { type: 'Halted', because: 'bad' },
      { type: 'RolloutEnded', because: 'all are back', coverage: COVERAGE },
    );
    const plan = planOf(wait(made.story, 1));
    act(made.story, BOB, { do: 'approve', plan: plan.id }, facts({ plan }));
    const start = { do: 'start', plan: plan.id } as const;
    const refused = does({ story: made.story, plan }, EVE, start);
    expect(types(refused)).toBe('invalid: FIX-1 was halted (bad): say why it starts again');
    expect(refused).toMatchObject({
      error: { next: [`fleetfix start FIX-1 --plan ${plan.id} --reason TEXT`] },
    });
    const again = does({ story: made.story, plan }, EVE, { ...start, reason: 'it was the network' });
    expect(again).toMatchObject({ value: [{ type: 'RolloutStarted', reason: 'it was the network' }] });
  });

  test.each([
    [12, 1],
    [13, 2],
    [24, 2],
    [25, 3],
    [96, 4],
    [400, 7],
    [1, 1],
  ])('a budget of %d where the incident asks for 12 needs %d to approve', (harmBudget, count) => {
    const story = proven();
    const plan = planFor(story.fix, facts(), story.now, { budget: harmBudget });
    expect(plan.urgency.computedBudget).toBe(12);
    const all = facts({ plan });
    const approve: Command = { do: 'approve', plan: plan.id };
    for (let i = 1; i < count; i += 1)
      expect(types(act(story, person(`approver ${i}`, 'approver'), approve, all))).toEqual(['Approved']);
    const start: Command = { do: 'start', plan: plan.id };
    expect(types(does({ story, plan }, EVE, start))).toMatch(/^approval-missing: P-\w+ needs 1 more/);
    expect(types(act(story, BOB, approve, all))).toEqual(['Approved', 'ApprovalCompleted']);
    expect(types(does({ story, plan }, EVE, start))).toEqual(['RolloutStarted']);
  });

  test('saying no to another plan leaves the approved one approved', () => {
    const made = approved();
    wait(made.story, 1);
    const other = planOf(made.story);
    expect(
      types(act(made.story, BOB, { do: 'decline', plan: other.id, reason }, facts({ plan: other }))),
    ).toEqual(['Declined']);
    expect(types(does(made, EVE, { do: 'start', plan: made.plan.id }))).toEqual(['RolloutStarted']);
  });

  test('a plan that was started is not declined but paused or rolled back', () => {
    const made = delivering();
    expect(types(does(made, BOB, { do: 'decline', plan: made.plan.id, reason }))).toMatch(
      /^wrong-state: P-\w+ was started already: pause or roll back/,
    );
  });
});

describe('the brakes', () => {
  test.each([
    ['pause', { do: 'pause' }],
    ['rollback', { do: 'rollback', reason }],
  ] as [string, Command][])('%s needs no plan, no approval and no fleet', (_name, command) => {
    const { story, plan } = delivering();
    tell(story, 'fleetfix', ...told(plan));
    expect(does({ story }, EVE, command, { fleet: [], images: [] }).ok).toBe(true);
  });

  test('a rollback of one target finds it by name without the plan, by uid without the fleet', () => {
    const { story, plan } = delivering();
    tell(story, 'fleetfix', ...told(plan));
    const { uid, name } = plan.targets[0]!;
    expect(types(does({ story }, EVE, { do: 'rollback', target: name, reason }))).toEqual(['RollbackAsked']);
    expect(types(does({ story }, EVE, { do: 'rollback', target: uid, reason }, { fleet: [] }))).toEqual([
      'RollbackAsked',
    ]);
  });

  test('a whole rollback halts, also before anybody was told and after it was covered', () => {
    const before = delivering();
    expect(types(does(before, EVE, { do: 'rollback', reason }))).toEqual(['Halted']);
    const during = delivering();
    tell(during.story, 'fleetfix', ...told(during.plan));
    expect(types(does(during, EVE, { do: 'rollback', reason }))).toEqual(['Halted', 'RollbackAsked']);
    tell(during.story, 'fleetfix', COVERED);
    expect(types(act(during.story, EVE, { do: 'rollback', reason }, facts()))).toEqual([
      'Halted',
      'RollbackAsked',
    ]);
    expect(during.story.fix).toMatchObject({
      state: 'delivering',
      rollout: { halted: { because: 'rolled back by eve: because' } },
    });
  });

  test.each([
    ['a wave', { do: 'rollback', wave: 1, reason }, 1],
    ['a stage', { do: 'rollback', stage: 'rest', reason }, 1],
    ['a target', { do: 'rollback', target: 'uid-a', reason }, 1],
  ] as [string, Command, number][])(
    'a rollback of %s takes that back and does not halt the rest',
    (_what, command, count) => {
      const { story, plan } = delivering({ policy: STAGED });
      for (const { uid } of plan.targets)
        tell(story, 'fleetfix', { type: 'TargetsStarted', targets: [uid], because: 'room' });
      const decision = does({ story, plan }, EVE, command);
      expect(types(decision)).toEqual(['RollbackAsked']);
      const [asked] = decision.ok ? decision.value : [];
      expect(asked).toMatchObject({ targets: { length: count } });
      if (command.do === 'rollback' && command.stage)
        expect(asked).toMatchObject({ targets: [plan.targets.find((t) => t.stage === 2)!.uid] });
      if (command.do === 'rollback' && command.wave)
        expect(asked).toMatchObject({ targets: [plan.targets[0]!.uid] });
    },
  );

  test("a stage that is not the plan's, and one without the plan at hand, is nothing to take back", () => {
    const { story, plan } = delivering({ policy: STAGED });
    tell(story, 'fleetfix', ...told(plan));
    const back = (stage: string) => ({ do: 'rollback', stage, reason }) as const;
    expect(types(does({ story, plan }, EVE, back('last')))).toMatch(/^unknown-target: nothing of last/);
    expect(types(does({ story }, EVE, back('first')))).toMatch(/^unknown-target: nothing of first/);
  });

  test('what is on its way back already is not asked back again', () => {
    const { story, plan } = delivering();
    tell(story, 'fleetfix', ...told(plan));
    act(story, EVE, { do: 'rollback', reason }, facts({ plan }));
    expect(types(does({ story, plan }, EVE, { do: 'rollback', reason }))).toBe(
      'unknown-target: nothing of FIX-1 has been changed, or it is on its way back already',
    );
    expect(types(does({ story, plan }, EVE, { do: 'rollback', target: 'nobody', reason }))).toMatch(
      /^unknown-target: nothing of nobody/,
    );
    expect(types(does({ story, plan }, EVE, { do: 'rollback', wave: 2, reason }))).toMatch(
      /^unknown-target: nothing of wave 2/,
    );
  });

  test('pausing twice, resuming what is not paused and resuming what was halted is refused', () => {
    const { story } = delivering();
    expect(types(does({ story }, EVE, { do: 'resume' }))).toBe('wrong-state: FIX-1 is not paused');
    act(story, EVE, { do: 'pause' }, facts());
    expect(types(does({ story }, EVE, { do: 'pause' }))).toBe(
      `wrong-state: FIX-1 is paused already, by eve at ${T0}`,
    );
    expect(types(does({ story }, EVE, { do: 'resume' }))).toEqual(['Resumed']);
    tell(story, 'fleetfix', { type: 'Halted', because: '2 failed' });
    expect(types(does({ story }, EVE, { do: 'resume' }))).toBe(
      'wrong-state: FIX-1 was halted (2 failed): it goes on only with a new plan',
    );
    expect(types(does({ story }, EVE, { do: 'advance', stage: 'all', reason }))).toMatch(
      /was halted \(2 failed\)/,
    );
  });

  test('the wait of a stage is ended once, of the open one by its name, and not past the last', () => {
    const made = delivering({ policy: STAGED });
    const advance = (stage: string) => ({ do: 'advance', stage, reason }) as const;
    expect(types(does(made, EVE, advance('rest')))).toBe(
      'stale-version: stage first is the open one, not rest',
    );
    expect(types(does({ story: made.story }, EVE, advance('first')))).toMatch(/^plan-unknown/);
    expect(types(act(made.story, EVE, advance('first'), facts({ plan: made.plan })))).toEqual(['Advanced']);
    expect(made.story.fix.rollout?.advanced).toEqual([1]);
    expect(types(does(made, EVE, advance('first')))).toBe(
      'wrong-state: the wait of stage first was ended already',
    );
    tell(made.story, 'fleetfix', { type: 'StagePassed', stage: 1, because: 'r' });
    expect(types(does(made, EVE, advance('first')))).toBe(
      'stale-version: stage rest is the open one, not first',
    );
    tell(made.story, 'fleetfix', { type: 'StagePassed', stage: 2, because: 'r' });
    expect(types(does(made, EVE, advance('rest')))).toBe(
      'wrong-state: every stage of FIX-1 has passed already',
    );
  });

  test.each(['pause', 'resume', 'rollback', 'advance'] as const)(
    '%s has nothing to do where nothing is delivered',
    (name) => {
      const command = { do: name, reason, stage: 'all' } as unknown as Command;
      expect(types(does({ story: proven() }, EVE, command))).toMatch(
        /^wrong-state: FIX-1 is proven: nothing (is being|was) delivered/,
      );
    },
  );
});

describe('exclude', () => {
  test('names a living control plane until a time to come', () => {
    const { story } = delivering();
    const exclude = (target: string, until: string) =>
      types(does({ story }, EVE, { do: 'exclude', target, until, reason }));
    expect(exclude('a', TOMORROW)).toEqual(['Excluded']);
    expect(exclude('uid-a', TOMORROW)).toEqual(['Excluded']);
    expect(exclude('nobody', TOMORROW)).toBe('unknown-target: no living control plane is called nobody');
    expect(exclude('a', T0)).toMatch(/^invalid: an exclusion must end later than now/);
  });
});

describe('the end', () => {
  const covered = () => {
    const { story, plan } = delivering();
    tell(story, 'fleetfix', ...told(plan), COVERED);
    return { story, plan };
  };
  test.each([
    ['a covered fix is retired', covered, { do: 'retire' }, ['RetirementStarted']],
    [
      'only a covered fix is',
      delivering,
      { do: 'retire' },
      'wrong-state: FIX-1 is delivering: only a covered fix can be retired, once',
    ],
    [
      'a fix that runs somewhere is not closed',
      covered,
      { do: 'close', as: 'done' },
      'wrong-state: FIX-1 still runs on control planes: retire it first',
    ],
    ['unless another one takes over', covered, { do: 'close', as: 'superseded-by=FIX-2' }, ['Closed']],
    [
      'a fix under way is not closed',
      delivering,
      { do: 'close', as: 'superseded-by=FIX-2' },
      'wrong-state: FIX-1 is being delivered',
    ],
    [
      'a fix that never ran is closed',
      () => ({ story: proven() }),
      { do: 'close', as: 'not needed' },
      ['Closed'],
    ],
    ['or withdrawn', () => ({ story: proven() }), { do: 'withdraw', reason }, ['Withdrawn']],
    [
      'a fix that was delivered is not withdrawn',
      covered,
      { do: 'withdraw', reason },
      'wrong-state: FIX-1 was delivered: roll back and close it instead',
    ],
  ] as [string, () => Made, Command, string[] | string][])('%s', (_what, made, command, expected) => {
    expect(types(does(made(), EVE, command))).toEqual(expected);
  });

  test('retiring twice is refused, and what is closed stays closed to everything', () => {
    const { story } = covered();
    act(story, EVE, { do: 'retire' }, facts());
    expect(types(does({ story }, EVE, { do: 'retire' }))).toMatch(
      /^wrong-state: FIX-1 is covered: only a covered fix can be retired, once/,
    );
    tell(story, 'eve', { type: 'Retired', kept: [] }, { type: 'Closed', as: 'done' });
    const admin = person('adam', 'admin');
    for (const name of ['pause', 'rollback', 'start', 'backport', 'exclude', 'close'] as const)
      expect(types(does({ story }, admin, { do: name } as unknown as Command))).toBe(
        'wrong-state: FIX-1 is closed: done',
      );
  });
});

test('judging a command changes nothing', () => {
  const { story, plan } = delivering();
  const before = JSON.stringify(story.fix satisfies Fix);
  does({ story, plan }, EVE, { do: 'rollback', reason });
  expect(JSON.stringify(story.fix)).toBe(before);
});
