// Goal: whole deliveries, from start to end, in worlds with bad images, silence, deletions, foreign hands and
// people who press buttons. Method: a toy fleet and a stepping clock play a hundred random worlds once; every
// test then holds what was recorded after each look of the hub against one line of what must never be true.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE, plus } from '../base/instant.ts';
import type { Order } from '../rollout/order.ts';
import { makeFixView } from '../views/make-fix-view.ts';
import { agenda } from './agenda.ts';
import type { Command } from './command.ts';
import { deliver, eventsOf } from './deliver.ts';
import type { Event } from './event.ts';
import { evolve } from './evolve.ts';
import type { Facts } from './facts.ts';
import type { Fix } from './fix.ts';
import { planFor } from './plan-for.ts';
import type { Policy } from './policy.ts';
import { retire } from './retire.ts';
import { stepOf } from './step-of.ts';
import { act, EVE, fixImage, minute, POLICY, planeOf, proven, releaseImage } from './testing.ts';
import { launch, pass, type Toy, tend, toyFacts, toyOf } from './testing-fleet.ts';

const VERSIONS = ['4.19.1', '4.20.1'] as const;
const CLUSTERS = ['mc-1', 'mc-2', 'mc-3'];

type Happening =
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'silent' | 'heard'; readonly cluster: string }
  | { readonly kind: 'deleted' | 'meddled' | 'upgraded'; readonly plane: number };

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.constant<Command>({ do: 'pause', reason: 'r' }),
  fc.constant<Command>({ do: 'resume', reason: 'r' }),
  fc.constant<Command>({ do: 'rollback', reason: 'r' }),
  fc.nat(9).map((i): Command => ({ do: 'rollback', target: `cp-${i}`, reason: 'r' })),
  fc.integer({ min: 1, max: 3 }).map((wave): Command => ({ do: 'rollback', wave, reason: 'r' })),
  fc.constantFrom('all', 'first', 'rest').map((stage): Command => ({ do: 'rollback', stage, reason: 'r' })),
  fc.constantFrom('all', 'first', 'rest').map((stage): Command => ({ do: 'advance', stage, reason: 'r' })),
  fc.record({ i: fc.nat(9), hours: fc.constantFrom(1, 24) }).map(
    ({ i, hours }): Command => ({
      do: 'exclude',
      target: `cp-${i}`,
      until: plus(minute(0), hours * HOUR),
      reason: 'r',
    }),
  ),
);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  command.map((c): Happening => ({ kind: 'command', command: c })),
  fc.record({
    kind: fc.constantFrom('silent' as const, 'heard' as const),
    cluster: fc.constantFrom(...CLUSTERS),
  }),
  fc.record({
    kind: fc.constantFrom('deleted' as const, 'meddled' as const, 'upgraded' as const),
    plane: fc.nat(9),
  }),
);

const world = fc.record({
  planes: fc.array(
    fc.record({ version: fc.constantFrom(...VERSIONS), cluster: fc.constantFrom(...CLUSTERS) }),
    { minLength: 1, maxLength: 10 },
  ),
  bad: fc.oneof({ weight: 2, arbitrary: fc.constant<number[]>([]) }, fc.array(fc.nat(9), { maxLength: 4 })),
  limits: fc.record({
    inFlightPerManagementCluster: fc.constantFrom(1, 2, 5),
    oneBox: fc.constantFrom(1, 2, 12),
    firstStage: fc.constantFrom(0, 1, 3),
    approval: fc.boolean(),
    unknownMax: fc.constantFrom(0, 2),
  }),
  happenings: fc.array(fc.record({ at: fc.nat(90), what: happening }), { maxLength: 6 }),
});
type World = typeof world extends fc.Arbitrary<infer W> ? W : never;

function policyOf({
  inFlightPerManagementCluster,
  oneBox,
  firstStage,
  approval,
  unknownMax,
}: World['limits']): Policy {
  const soakMs = 10 * MINUTE;
  const stages = firstStage > 0 ? [{ name: 'first', take: { count: firstStage }, soakMs, approval }] : [];
  return { ...POLICY, pace: { inFlightPerManagementCluster, oneBox }, stages, unknownMax };
}

function toyFor({ planes, bad, limits }: World): Toy {
  const story = proven('FIX-1', VERSIONS);
  const badUids = new Set(bad.map((i) => `uid-cp-${i}`));
  const fixDigests = new Set(VERSIONS.map((v) => fixImage('FIX-1', v).digest));
  const toy = toyOf(
    planes.map(({ version, cluster }, i) => planeOf(`cp-${i}`, { version, managementCluster: cluster })),
    {
      story,
      breaks: (uid, digest) => badUids.has(uid) && fixDigests.has(digest),
      rollMs: (uid) => (1 + ((uid.length + uid.charCodeAt(uid.length - 1)) % 5)) * MINUTE,
      facts: {
        ...toyOf([], { story }).facts,
        policy: policyOf(limits),
        images: [
          ...VERSIONS.map(releaseImage),
          ...VERSIONS.map((v) => fixImage('FIX-1', v)),
          releaseImage('4.21.1'),
        ],
      },
    },
  );
  launch(toy, planFor(story.fix, toyFacts(toy), story.now));
  return toy;
}

function happens(toy: Toy, what: Happening): void {
  if (what.kind === 'command') {
    act(toy.story, EVE, what.command, toyFacts(toy));
    return;
  }
  switch (what.kind) {
    case 'silent':
      toy.silent.add(what.cluster);
      return;
    case 'heard':
      toy.silent.delete(what.cluster);
      return;
    default:
      alter(toy, what.kind, `uid-cp-${what.plane}`);
  }
}

/** What others do to a control plane: delete it, set its override, upgrade it. */
function alter(toy: Toy, kind: 'deleted' | 'meddled' | 'upgraded', uid: string): void {
  const plane = toy.truth.get(uid);
  if (plane === undefined) return;
  const image = releaseImage('4.21.1').digest;
  if (kind === 'deleted') toy.truth.delete(uid);
  else {
    const cpo =
      kind === 'meddled'
        ? { ...plane.components.cpo!, override: image, digest: image }
        : { release: image, digest: image };
    toy.truth.set(uid, { ...plane, components: { cpo } });
    toy.rolling.delete(uid);
  }
}

/** What was true right after the hub had looked. */
type Look = {
  readonly minute: number;
  readonly fix: Fix;
  readonly facts: Facts;
  readonly orders: readonly Order[];
  readonly events: readonly Event[];
};
type Played = { readonly world: World; readonly toy: Toy; readonly looks: readonly Look[] };

/** Five hours, a minute at a time; the last things happen in the first half of the second. */
function play(world: World): Played {
  const toy = toyFor(world);
  const looks: Look[] = [];
  let quiet = 0;
  for (let m = 0; m <= 300 && quiet < 15; m += 1) {
    for (const { at, what } of world.happenings) if (at === m) happens(toy, what);
    const [orders, rows] = [toy.orders.length, toy.story.rows.length];
    tend(toy);
    const events = toy.story.rows.slice(rows).map((row) => row.event);
    looks.push({
      minute: m,
      fix: toy.story.fix,
      facts: toyFacts(toy),
      orders: toy.orders.slice(orders),
      events,
    });
    pass(toy, MINUTE);
    quiet = toy.story.fix.rollout?.endedAt && m > 90 ? quiet + 1 : 0;
  }
  return { world, toy, looks };
}

const WORLDS = fc.sample(world, { seed: 21, numRuns: 100 }).map(play);

/** Holds the claim against every world; the one that breaks it is printed, to be kept as a test. */
function inEvery(claim: (it: Played) => void): void {
  for (const it of WORLDS) {
    try {
      claim(it);
    } catch (cause) {
      throw new Error(`broken in ${JSON.stringify(it.world)}: ${String(cause)}`, { cause });
    }
  }
}

const typed = <T extends Event['type']>({ toy }: Played, type: T) =>
  toy.story.rows.map((row) => row.event).filter((e): e is Extract<Event, { type: T }> => e.type === type);

/** What a person's word was recorded as, not a step of the planner. */
const byHand = (event: Event): boolean =>
  event.type === 'Halted' && event.because.startsWith('rolled back by');

describe('the worlds that are played', () => {
  test('hold what may happen: coverage, halts, pauses, silence, people, lost overrides, and rollouts that end short of coverage', () => {
    const seen = new Set(WORLDS.flatMap(({ toy }) => toy.story.rows.map((row) => row.event.type)));
    for (const type of [
      'Covered',
      'Halted',
      'Paused',
      'RolloutEnded',
      'TargetsRolledBack',
      'Advanced',
      'Excluded',
      'RollbackAsked',
    ])
      expect(seen).toContain(type);
    const states = new Set(
      WORLDS.flatMap(({ toy }) => Object.values(toy.story.fix.rollout!.targets).map((t) => t.state)),
    );
    expect([...states].sort()).toEqual(expect.arrayContaining(['gone', 'patched', 'rolled back']));
    expect(WORLDS.filter(({ toy }) => toy.story.fix.rollout?.lost !== undefined).length).toBeGreaterThan(0);
    expect(
      WORLDS.filter((it) => typed(it, 'RolloutEnded').length > 0 && typed(it, 'Halted').length === 0).length,
    ).toBeGreaterThan(0);
  });
});

describe('in any delivery', () => {
  test('no control plane is ordered an image that the approved plan does not name for it, or that it did not run before', () =>
    inEvery(({ toy }) => {
      const targets = new Map(toy.plan!.targets.map((t) => [t.uid, t]));
      for (const { uid, action, digest } of toy.orders)
        expect(action === 'set' ? [targets.get(uid)!.digest, targets.get(uid)!.from] : [undefined]).toContain(
          digest,
        );
    }));

  test('nobody is told twice to take the image, and every order has a key of its own and a rising sequence', () =>
    inEvery(({ toy }) => {
      const told = toy.orders.filter((o) => o.action === 'set').map((o) => o.uid);
      expect(new Set(told).size).toBe(told.length);
      expect(new Set(toy.orders.map((o) => o.key)).size).toBe(toy.orders.length);
      for (const uid of new Set(told)) {
        const sequences = toy.orders.filter((o) => o.uid === uid).map((o) => o.sequence);
        expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
      }
    }));

  test('asked twice the hub says nothing new, but once that a person is awaited', () =>
    inEvery(({ toy, looks }) => {
      for (const { fix, facts, minute: m } of looks.filter((_, i) => i % 3 === 0)) {
        const now = minute(m);
        const again = deliver(fix, toy.plan!, facts, now);
        expect([again.events, again.orders]).toEqual([[], []]);
        expect(retire(fix, facts, now).events).toEqual([]);
        expect(agenda(fix, facts, now).events.filter((e) => e.type !== 'PersonAwaited')).toEqual([]);
      }
    }));

  test('never more are on their way on a management cluster than the limit while something starts', () =>
    inEvery(({ world, toy, looks }) => {
      for (const { fix, orders } of looks) {
        for (const { managementCluster } of orders.filter((o) => o.action === 'set')) {
          const here = toy.plan!.targets.filter((t) => t.managementCluster === managementCluster);
          const moving = here.filter((t) =>
            /starting|rolling/.test(fix.rollout!.targets[t.uid]?.state ?? ''),
          );
          expect(moving.length).toBeLessThanOrEqual(world.limits.inFlightPerManagementCluster);
        }
      }
    }));

  test('nothing starts while it is paused or halted, beginning with the very next look', () =>
    inEvery(({ looks }) => {
      for (const { fix, orders } of looks) {
        const stopped = fix.rollout!.paused !== undefined || fix.rollout!.halted !== undefined;
        if (stopped) expect(orders.filter((o) => o.action === 'set')).toEqual([]);
      }
    }));

  test('after a halt everybody who was told is told to go back, or is gone', () =>
    inEvery((it) => {
      const { halted, targets } = it.toy.story.fix.rollout!;
      if (halted === undefined) return;
      const back = new Set(typed(it, 'TargetsRolledBack').flatMap((e) => e.targets));
      const kept = Object.entries(targets).filter(([uid, told]) => told.state !== 'gone' && !back.has(uid));
      expect(kept).toEqual([]);
    }));

  test('it comes to an end, or names what it waits for', () =>
    inEvery(({ toy }) => {
      const { fix, now } = toy.story;
      if (fix.rollout!.endedAt !== undefined) return;
      const view = makeFixView(fix, toyFacts(toy), now);
      const named = [...view.waits.map((w) => w.for), ...view.needs.map((n) => n.what)];
      expect(named.filter((text) => text.trim() !== '')).not.toEqual([]);
    }));

  test('a stage passes only when the ones before it have', () =>
    inEvery((it) => {
      const passed = typed(it, 'StagePassed').map((e) => e.stage);
      expect(passed).toEqual(passed.map((_, i) => i + 1));
      const stageOf = new Map(it.toy.plan!.targets.map((t) => [t.uid, t.stage]));
      for (const { fix, orders } of it.looks) {
        const open = Math.max(0, ...fix.rollout!.passed.map((p) => p.stage)) + 1;
        for (const o of orders.filter((o) => o.action === 'set'))
          expect(stageOf.get(o.uid)).toBeLessThanOrEqual(open);
      }
    }));

  test('every event that has a reason says it, and a person is awaited a few times and not with every look', () =>
    inEvery((it) => {
      for (const { event } of it.toy.story.rows) if ('because' in event) expect(event.because).not.toBe('');
      expect(typed(it, 'PersonAwaited').length).toBeLessThanOrEqual(3);
    }));

  test('covered means that everybody exposed runs the fix or was left out by name', () =>
    inEvery(({ looks }) => {
      const digests = new Set(VERSIONS.map((v) => fixImage('FIX-1', v).digest));
      for (const { fix, facts } of looks.filter((l) => l.events.some((e) => e.type === 'Covered'))) {
        const names = new Set(fix.exclusions.map((e) => e.uid));
        const open = facts.fleet.filter((p) => !digests.has(p.components.cpo!.digest!) && !names.has(p.uid));
        expect(open).toEqual([]);
      }
    }));

  test('what happens does not hang on the order in which the fleet is read', () =>
    inEvery(({ toy, looks }) => {
      for (const { fix, facts, minute: m } of looks.filter((_, i) => i % 7 === 0)) {
        const now = minute(m);
        const turned = { ...facts, fleet: [...facts.fleet].reverse(), images: [...facts.images].reverse() };
        expect(deliver(fix, toy.plan!, turned, now)).toEqual(deliver(fix, toy.plan!, facts, now));
        expect(planFor(fix, turned, now)).toEqual(planFor(fix, facts, now));
      }
    }));

  test('every decision can be made again from the plan and the ledger before it, to the last bit, with what followed', () =>
    inEvery(({ toy }) => {
      let fix: Fix | undefined;
      const { rows } = toy.story;
      for (const [i, row] of rows.entries()) {
        const { event, at } = row;
        if (event.type === 'Decided') {
          const step = stepOf(toy.plan!, fix!.rollout!, at);
          const { logs, control, recent } = step.judged;
          const judged = event.judged && { logs: [...logs], control, recent };
          expect({ because: step.because, counts: step.counts, judged }).toEqual({
            because: event.because,
            counts: event.counts,
            judged: event.judged,
          });
          const acts = eventsOf(step, toy.plan!, fix!.rollout!);
          expect(rows.slice(i + 1, i + 1 + acts.length).map((r) => r.event)).toEqual(acts);
        }
        fix = evolve(fix, row);
      }
    }));

  test('nothing starts without a decision before it, and no decision is without its figures', () =>
    inEvery(({ toy }) => {
      let decided: string | undefined;
      for (const { event, at } of toy.story.rows) {
        if (event.type === 'Decided') decided = at;
        if (
          ['TargetsStarted', 'TargetsRolledBack', 'Halted', 'StagePassed'].includes(event.type) &&
          !byHand(event)
        )
          expect(decided).toBe(at);
      }
    }));

  test('no more than the one-box is out before there is evidence, and then never more than the budget has room for', () =>
    inEvery(({ world, toy, looks }) => {
      for (const { fix, orders, events } of looks) {
        const decided = events.find((e) => e.type === 'Decided');
        if (!orders.some((o) => o.action === 'set') || !decided) continue;
        const { oneBox, rateAtMost, unknown } = decided.counts;
        const out = Object.values(fix.rollout!.targets).filter((t) =>
          /starting|patched|failed/.test(t.state),
        );
        const size = Math.max(world.limits.oneBox, new Set(toy.plan!.targets.map((t) => t.stratum)).size);
        if (oneBox) expect(out.length).toBeLessThanOrEqual(size);
        else expect(rateAtMost * unknown).toBeLessThanOrEqual(toy.plan!.pace.harmBudget);
      }
    }));

  test('the state is the one its last events explain', () =>
    inEvery(({ looks }) => {
      let before: Fix | undefined;
      for (const { fix, events } of looks) {
        if (before && before.state !== fix.state) expect(fix.version).toBeGreaterThan(before.version);
        if (events.some((e) => e.type === 'Covered')) expect(fix.state).toBe('covered');
        before = fix;
      }
    }));
});

test('left alone, a delivery ends: covered where the image is good, and with nothing of it left where it broke', () => {
  for (const world of WORLDS.slice(0, 40).map(({ world }) => ({
    ...world,
    limits: { ...world.limits, approval: false },
    happenings: [],
  }))) {
    const { toy } = play(world);
    const { fix, now } = toy.story;
    const blind = makeFixView(fix, toyFacts(toy), now).needs.some((n) =>
      n.what.startsWith('go on or roll back'),
    );
    expect([world, fix.rollout!.endedAt !== undefined || blind]).toEqual([world, true]);
    const bad = new Set(world.bad.map((i) => `uid-cp-${i}`));
    for (const { uid, components } of toy.truth.values())
      if (bad.has(uid)) expect(components.cpo?.override).toBeUndefined();
    if (bad.size === 0) expect(fix.state).toBe('covered');
  }
});
