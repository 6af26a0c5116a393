// Goal: no sequence of commands, by whomever and in whatever order, gets past the two-person rule, closes the
// safe direction, or leads to a fix that cannot be folded, read or explained. Method: random people do random
// things while machines and a toy fleet go on working; after every act the whole record is judged.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Actor } from '../approval/approval.ts';
import type { PlanId } from '../base/ids.ts';
import { MINUTE, msBetween } from '../base/instant.ts';
import { isIntact } from '../rollout/make-plan.ts';
import type { Plan } from '../rollout/plan.ts';
import { makeFixView } from '../views/make-fix-view.ts';
import { makeWhyView } from '../views/make-why-view.ts';
import { timelineOf } from '../views/timeline.ts';
import { agenda, type Task } from './agenda.ts';
import { readAt } from './clocks.ts';
import type { Command, CommandName } from './command.ts';
import { decide } from './decide.ts';
import type { Event } from './event.ts';
import { fold } from './evolve.ts';
import { planFor } from './plan-for.ts';
import { may } from './rights.ts';
import {
  ANA,
  assemblyOf,
  BOB,
  commitOf,
  declared,
  EVE,
  fixImage,
  minute,
  POLICY,
  person,
  planeOf,
  QUINN,
  releaseImage,
  tell,
} from './testing.ts';
import { pass, type Toy, tend, toyFacts, toyOf } from './testing-fleet.ts';

const CAROL = person('carol', 'approver');
const PEOPLE: readonly Actor[] = [
  ANA,
  BOB,
  EVE,
  QUINN,
  CAROL,
  person('adam', 'admin'),
  person('vic', 'viewer'),
];
const VERSIONS = ['4.19.1', '4.20.1'];
/** Prepared by chance; no control plane is on it. */
const NEXT = '4.21.1';
const LINES = [...VERSIONS, NEXT, '9.9.9'];

type Deed =
  | { readonly kind: 'command'; readonly actor: Actor; readonly make: (plans: readonly Plan[]) => Command }
  | { readonly kind: 'task'; readonly pick: number; readonly luck: 'good' | 'bad' }
  | { readonly kind: 'plan' | 'look' | 'minutes' };

const reason = 'because';
const anyPlan = (plans: readonly Plan[], i: number): PlanId => plans.at(i)?.id ?? 'P-ffffffff';
const line = fc.constantFrom(...LINES);
const fixed = (command: Command) => fc.constant(() => command);
const onPlan = (of: (plan: PlanId) => Command) =>
  fc.integer({ min: -2, max: 1 }).map((i) => (plans: readonly Plan[]) => of(anyPlan(plans, i)));

const prepare = (from: string): Command => ({ do: 'prepare', release: NEXT, commit: commitOf(from) });

const commands = fc.oneof(
  { weight: 16, arbitrary: onPlan((plan) => ({ do: 'approve', plan })) },
  { weight: 6, arbitrary: onPlan((plan) => ({ do: 'start', plan })) },
  { weight: 6, arbitrary: onPlan((plan) => ({ do: 'start', plan, reason })) },
  onPlan((plan) => ({ do: 'decline', plan, reason })),
  {
    weight: 2,
    arbitrary: line.map((l) => () => ({ do: 'attest', gate: 'smoke', line: l, result: 'pass' }) as Command),
  },
  fixed({ do: 'attest', gate: 'smoke', result: 'fail' }),
  fixed({ do: 'waive', gate: 'bvt', reason, expiresAt: minute(60) }),
  fixed({ do: 'retry', stage: 'build' }),
  fc
    .constantFrom<Command>(
      { do: 'retry', stage: 'assembly' },
      prepare(NEXT),
      prepare('4.20.1'),
      prepare('rebuilt'),
    )
    .map((c) => () => c),
  fixed({ do: 'retry', stage: 'proof' }),
  line.map((l) => () => ({ do: 'backport', to: [l], with: [commitOf('prerequisite')] }) as Command),
  line.map((l) => () => ({ do: 'backport', to: [l] }) as Command),
  line.map((l) => () => ({ do: 'backport', not: [{ line: l, reason }] }) as Command),
  fixed({ do: 'pause' }),
  fixed({ do: 'resume' }),
  fixed({ do: 'rollback', reason }),
  fixed({ do: 'rollback', target: 'cp-1', reason }),
  fixed({ do: 'advance', stage: 'all', reason }),
  fixed({ do: 'rollback', wave: 1, reason }),
  fixed({ do: 'rollback', stage: 'all', reason }),
  fixed({ do: 'exclude', target: 'cp-2', until: minute(100), reason }),
  fc
    .constantFrom<Command>({ do: 'close', as: 'not needed' }, { do: 'withdraw', reason }, { do: 'retire' })
    .map((c) => () => c),
);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('command' as const),
      actor: fc.constantFrom(...PEOPLE, BOB, CAROL, EVE, EVE),
      make: commands,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('task' as const),
      pick: fc.nat(9),
      luck: fc.constantFrom('good' as const, 'good' as const, 'good' as const, 'bad' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('plan' as const) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('look' as const, 'minutes' as const) }) },
);
const deeds = fc.array(deed, { minLength: 10, maxLength: 70, size: 'max' });

type Stage = { readonly toy: Toy; readonly plans: Plan[]; readonly builds: Map<string, number> };

function opening(): Stage {
  const story = declared();
  const planes = [1, 2, 3, 4].map((i) => planeOf(`cp-${i}`, { version: VERSIONS[i % 2]! }));
  const base = toyOf(planes, { story }).facts;
  const policy = { ...POLICY, approvers: { count: 2, role: 'approver' as const } };
  const toy = toyOf(planes, { story, facts: { ...base, policy, images: VERSIONS.map(releaseImage) } });
  return { toy, plans: [], builds: new Map() };
}

/** What a machine reports of a task. */
function work({ toy, builds }: Stage, task: Task, luck: 'good' | 'bad'): void {
  const say = (...events: Event[]) => tell(toy.story, 'fleetfix', ...events);
  if (task.do === 'assemble') {
    const n = (builds.get(task.line.name) ?? 0) + 1;
    builds.set(task.line.name, n);
    const clean = assemblyOf('clean', { commit: commitOf(`${task.line.name} ${n}`) });
    say({
      type: 'LineAssembled',
      line: task.line,
      assembly: luck === 'good' ? clean : assemblyOf('conflict'),
    });
  } else if (task.do === 'build') {
    const { line, commit } = task;
    say({ type: 'BuildStarted', line, commit });
    if (luck === 'bad') say({ type: 'BuildFailed', line, commit, because: 'no space', tookMs: 1 });
    else {
      const image = {
        ...fixImage('FIX-1', line, [...task.fixes.slice(0, -1)]),
        digest: `sha256:${commit}${'0'.repeat(24)}` as const,
        commit,
      };
      (toy.facts.images as unknown[]).push({ ...image, release: task.release });
      say({ type: 'Built', line, commit, digest: image.digest, tookMs: 1 });
    }
  } else {
    const { line, gate, digest } = task;
    say({ type: 'GateRan', gate, line, digest, result: luck === 'good' ? 'pass' : 'fail', tookMs: 1 });
  }
}

function does(stage: Stage, it: Deed): void {
  const { toy, plans } = stage;
  const { story } = toy;
  switch (it.kind) {
    case 'command':
      obey(stage, it.actor, it.make(plans));
      return;
    case 'task': {
      const { tasks } = agenda(story.fix, toyFacts(toy), story.now);
      const task = tasks[it.pick % Math.max(1, tasks.length)];
      if (task) work(stage, task, it.luck);
      return;
    }
    case 'plan':
      plans.push(planFor(story.fix, toyFacts(toy), story.now));
      return;
    case 'look':
      toy.plan = plans.find((p) => p.id === story.fix.rollout?.plan);
      tend(toy);
      expect(tend(toy).events.filter((e) => e.type !== 'PersonAwaited')).toEqual([]);
      expect(tend(toy).events).toEqual([]);
      return;
    case 'minutes':
      pass(toy, 2 * MINUTE);
  }
}

const isWhole = (command: Command): boolean =>
  !('target' in command || 'wave' in command || 'stage' in command);

const NAMES_PLAN: ReadonlySet<CommandName> = new Set(['approve', 'decline', 'start']);

function obey({ toy, plans }: Stage, actor: Actor, command: Command): void {
  const { story } = toy;
  const named = 'plan' in command ? command.plan : story.fix.rollout?.plan;
  const plan = plans.find((p) => p.id === named);
  const { plan: _, ...rest } = toyFacts(toy, actor);
  const facts = { ...rest, ...(plan && { plan }) };
  const before = story.fix;
  const decision = decide(before, command, facts, story.now);
  if (!decision.ok) {
    expect(decision.error.detail.trim()).not.toBe('');
    const moving = before.rollout !== undefined && before.rollout.endedAt === undefined && !before.closed;
    if (moving && may(actor, command.do, facts)) {
      if (command.do === 'pause') expect(before.rollout!.paused).toBeDefined();
      if (command.do === 'rollback' && isWhole(command)) expect(before.rollout!.halted).toBeDefined();
    }
    return;
  }
  expect(decision.value.length).toBeGreaterThan(0);
  expect(may(actor, command.do, facts)).toBe(true);
  const allowed = makeFixView(before, facts, story.now).actions.find((a) => a.name === command.do);
  if (allowed && !NAMES_PLAN.has(command.do))
    expect([command.do, allowed.allowed, allowed.because]).toEqual([command.do, true, allowed.because]);
  tell(story, actor.name, ...decision.value);
}

/** Every start has two approvers who are not the author, given since the plan was last declined, and an intact plan. */
function expectTwoPersons({ toy, plans }: Stage): void {
  const rows = toy.story.rows;
  for (const [i, { event }] of rows.entries()) {
    if (event.type !== 'RolloutStarted') continue;
    const before = rows.slice(0, i);
    const declinedAt = before.findLastIndex(
      (r) => r.event.type === 'Declined' && r.event.plan === event.plan,
    );
    const since = before.slice(declinedAt + 1);
    const yes = since.filter(
      (r) => r.event.type === 'Approved' && r.event.plan === event.plan && r.event.hash === event.hash,
    );
    const names = new Set(yes.map((r) => r.author));
    expect(names.size).toBeGreaterThanOrEqual(2);
    expect(
      [...names].filter(
        (name) => name === 'ana' || !may(PEOPLE.find((p) => p.name === name)!, 'approve', toyFacts(toy)),
      ),
    ).toEqual([]);
    expect(since.some((r) => r.event.type === 'ApprovalCompleted' && r.event.plan === event.plan)).toBe(true);
    const plan = plans.find((p) => p.id === event.plan)!;
    expect([isIntact(plan), plan.hash]).toEqual([true, event.hash]);
  }
}

/** Nobody runs what no started plan named for it. */
function expectApprovedDigests({ toy, plans }: Stage): void {
  const started = new Set(
    toy.story.rows.flatMap(({ event }) => (event.type === 'RolloutStarted' ? [event.plan] : [])),
  );
  const targets = plans.filter((p) => started.has(p.id)).flatMap((p) => p.targets);
  for (const order of toy.orders.filter((o) => o.action === 'set')) {
    const mine = targets.filter((t) => t.uid === order.uid).flatMap((t) => [t.digest, t.from]);
    expect(mine).toContain(order.digest);
  }
}

/** What is shown is told by the record, and times add up. */
function expectExplained({ toy }: Stage): void {
  const { fix, rows, now } = toy.story;
  expect(fold(rows)).toEqual(fix);
  const view = makeFixView(fix, toyFacts(toy), now);
  expect(view.headline).not.toBe('');
  expect(
    makeWhyView(fix, toyFacts(toy), now).facts.every(
      (f) => f.text.trim() !== '' || f.label === 'not because',
    ),
  ).toBe(true);
  expect(timelineOf(rows).every((entry) => entry.text.trim() !== '')).toBe(true);
  expect(fix.clocks.filter((c) => c.stage === 'assembly').length).toBe(1);
  for (const clock of fix.clocks) {
    const read = readAt(clock, now);
    const whole = msBetween(clock.startedAt, clock.endedAt ?? now);
    expect(read.machineMs).toBeGreaterThanOrEqual(0);
    expect(read.peopleMs).toBeGreaterThanOrEqual(0);
    expect(read.machineMs + read.peopleMs).toBeLessThanOrEqual(whole);
  }
}

/** Where the random people come in: at the beginning, with proven images, during a delivery or after one went back. */
const BEGINNINGS = ['declared', 'proven', 'delivering', 'over'] as const;
type Beginning = (typeof BEGINNINGS)[number];
const comeIn = fc.constantFrom<Beginning>(...BEGINNINGS, 'proven', 'over');

function headStart(stage: Stage, at: Beginning): void {
  if (at === 'declared') return;
  const { toy, plans } = stage;
  const todo = () => agenda(toy.story.fix, toyFacts(toy), toy.story.now).tasks;
  for (let tasks = todo(); tasks.length > 0; tasks = todo()) work(stage, tasks[0]!, 'good');
  obey(stage, QUINN, { do: 'attest', gate: 'smoke', result: 'pass' });
  does(stage, { kind: 'look' });
  if (at === 'proven') return;
  does(stage, { kind: 'plan' });
  const plan = plans[0]!.id;
  for (const approver of [BOB, CAROL]) obey(stage, approver, { do: 'approve', plan });
  obey(stage, EVE, { do: 'start', plan });
  if (at === 'delivering') return;
  for (let m = 0; m < 12; m += 1) {
    if (m === 3) obey(stage, EVE, { do: 'rollback', reason });
    does(stage, { kind: 'look' });
    does(stage, { kind: 'minutes' });
  }
  expect(toy.story.fix.rollout?.endedAt).toBeDefined();
  does(stage, { kind: 'plan' });
  obey(stage, BOB, { do: 'approve', plan: plans[1]!.id });
}

test('no sequence of commands gets past the two-person rule, closes the safe direction or breaks the record', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(comeIn, deeds, (at, all) => {
      const stage = opening();
      headStart(stage, at);
      for (const [i, it] of all.entries()) {
        does(stage, it);
        if (i % 10 === 0) expectExplained(stage);
      }
      expectExplained(stage);
      expectTwoPersons(stage);
      expectApprovedDigests(stage);
      for (const { event } of stage.toy.story.rows) seen.add(event.type);
      const starts = stage.toy.story.rows.filter((r) => r.event.type === 'RolloutStarted').length;
      if (at === 'proven' && starts > 0) seen.add('started by chance');
      if (starts > 1) seen.add('started again');
    }),
    { seed: 33, numRuns: 150 },
  );
  // The property says something only where these were reached, and it is another rollout that is started twice.
  for (const type of [
    'RolloutStarted',
    'Declined',
    'Halted',
    'Withdrawn',
    'BuildFailed',
    'PersonAwaited',
    'LinePrepared',
    'started by chance',
    'started again',
  ])
    expect(seen).toContain(type);
});
