// Goal: the limits of the planner hold in any world, also in one that no sequence of events would lead to.
// Method: random plans and observations, and for each property the least that must be true of the step.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MINUTE } from '../base/instant.ts';
import { assess } from '../health/assess.ts';
import type { Verdict } from '../health/verdict.ts';
import { verdictOf } from '../life/deliver.ts';
import { digestOf, minute, T0 } from '../life/testing.ts';
import { next } from './next.ts';
import { type Observed, type ObservedTarget, TARGET_STATES } from './observed.ts';
import type { Limits, Plan } from './plan.ts';

const RUNS = { seed: 12, numRuns: 150 };

const anyLimit = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(1, 2, 5, 100) },
  fc.constantFrom(0, Number.NaN, -1, 0.5, Number.POSITIVE_INFINITY, undefined),
);
const limits = fc.record({
  inFlightPerManagementCluster: anyLimit,
  failedPerWaveMax: anyLimit,
  failedPerManagementClusterMax: anyLimit,
  unknownMax: anyLimit,
  convergeWithinMs: fc.constantFrom(20 * MINUTE, 0, Number.NaN, undefined),
  silentAfterMs: fc.constantFrom(10 * MINUTE, 0, Number.NaN, undefined),
}) as unknown as fc.Arbitrary<Limits>;

const seldom = <T>(value: T): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, fc.constant(value));

const seen = fc.record({
  // Most wait or run the image, or no world would ever start anything.
  state: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('waiting' as const, 'patched' as const) },
    fc.constantFrom(...TARGET_STATES),
  ),
  since: fc.integer({ min: 0, max: 120 }).map(minute),
  broke: seldom(true).map((broke) => broke ?? false),
  hold: seldom('an upgrade is running'),
  rollbackWanted: seldom('asked'),
});

type World = { readonly plan: Plan; readonly observed: Observed; readonly verdict: Verdict };

const world: fc.Arbitrary<World> = fc
  .record({
    cells: fc.array(fc.record({ wave: fc.integer({ min: 1, max: 4 }), cluster: fc.nat(2), seen }), {
      maxLength: 12,
    }),
    limits,
    passedUpTo: fc.integer({ min: 0, max: 3 }),
    advanced: fc.subarray([1, 2, 3]),
    paused: seldom(true),
    halted: seldom(true),
    unread: fc.boolean(),
  })
  .map(({ cells, limits, passedUpTo, advanced, paused, halted, unread }) => {
    const ordered = [...cells].sort((a, b) => a.wave - b.wave);
    const waves = Array.from({ length: ordered.at(-1)?.wave ?? 0 }, (_, i) => ({
      size: ordered.filter((c) => c.wave === i + 1).length,
      soakMs: 10 * MINUTE,
    }));
    const plan: Plan = {
      id: 'P-00000001',
      hash: '',
      fix: 'FIX-1',
      policy: 'p',
      at: T0,
      validUntil: minute(600),
      leftOut: [],
      targets: ordered.map(({ wave, cluster }, i) => ({
        uid: `u${i}`,
        name: `cp-${i}`,
        managementCluster: `mc-${cluster}`,
        component: 'cpo',
        line: '4.19.1',
        digest: digestOf('fix'),
        from: digestOf('release'),
        wave,
      })),
      waves,
      limits,
    };
    const targets = ordered.map(({ seen }, i) => ({ uid: `u${i}`, ...seen })) as ObservedTarget[];
    const observed: Observed = {
      targets: unread ? targets.slice(1) : targets,
      advanced,
      passed: Array.from({ length: Math.min(passedUpTo, waves.length) }, (_, i) => ({ wave: i + 1, at: T0 })),
      ...(paused && { paused: { by: 'kim', reason: 'r', at: T0 } }),
      ...(halted && { halted: { because: 'bad', at: T0 } }),
    };
    return { plan, observed, verdict: verdictOf(plan, observed.targets) };
  });

const NOW = minute(125);
const stepOf = ({ plan, observed, verdict }: World) => next(plan, observed, verdict, NOW);
const always = (claim: (it: World) => void) => fc.assert(fc.property(world, claim), RUNS);

describe('in any world the planner', () => {
  test('is asked about worlds in which there is something to start, to take back and to pass', () => {
    const steps = fc.sample(world, RUNS).map(stepOf);
    expect(steps.filter((s) => s.start.length > 0).length).toBeGreaterThan(20);
    expect(steps.filter((s) => s.rollback.length > 0).length).toBeGreaterThan(20);
    expect(steps.filter((s) => s.pass.length > 0).length).toBeGreaterThan(5);
  });

  // The trap of a planner that returns as soon as it has enough to start: a failure later in the list
  // goes uncounted, and the answer hangs on names.
  test('counts a failure that sorts late in the list before it chooses anything', () => {
    const plan = fc.sample(world, { seed: 1, numRuns: 1 })[0]!.plan;
    const two: Plan = {
      ...plan,
      targets: ['a', 'b'].map((uid) => ({
        uid,
        name: uid,
        managementCluster: uid,
        component: 'cpo',
        line: 'l',
        digest: digestOf('fix'),
        from: digestOf('release'),
        wave: 1,
      })),
      waves: [{ size: 2, soakMs: 0 }],
      limits: { ...plan.limits, inFlightPerManagementCluster: 1, failedPerWaveMax: 0 },
    };
    for (const [first, second] of [
      ['waiting', 'failed'],
      ['failed', 'waiting'],
    ] as const) {
      const targets: ObservedTarget[] = [
        { uid: 'a', state: first, since: T0, broke: false },
        { uid: 'b', state: second, since: T0, broke: false },
      ];
      const step = next(two, { targets, advanced: [], passed: [] }, verdictOf(two, targets), NOW);
      expect(step.start).toEqual([]);
      expect(step.halt).toMatch(/^1 failed in wave 1 \(limit 0\)/);
    }
  });

  test('starts only what the plan names, is waiting and is not held', () =>
    always((it) => {
      const ready = it.observed.targets.filter((t) => t.state === 'waiting' && t.hold === undefined);
      const { start } = stepOf(it);
      expect(ready.map((t) => t.uid)).toEqual(expect.arrayContaining([...start]));
      expect(it.plan.targets.map((t) => t.uid)).toEqual(expect.arrayContaining([...start]));
      expect(new Set(start).size).toBe(start.length);
    }));

  test('starts nothing while paused, halted or judged worse', () =>
    always((it) => {
      const stopped = it.observed.paused || it.observed.halted || it.verdict.kind === 'worse';
      if (stopped) expect(stepOf(it).start).toEqual([]);
    }));

  test('never has more on their way on a management cluster than the limit, and 1 where it cannot be read', () =>
    always((it) => {
      const step = stepOf(it);
      const limit = it.plan.limits.inFlightPerManagementCluster;
      const max = Number.isSafeInteger(limit) && limit >= 1 ? limit : 1;
      const moving = new Set([
        ...it.observed.targets.filter((t) => /starting|rolling/.test(t.state)).map((t) => t.uid),
        ...step.rollback,
        ...step.start,
      ]);
      for (const cluster of new Set(it.plan.targets.map((t) => t.managementCluster))) {
        const here = it.plan.targets.filter((t) => t.managementCluster === cluster);
        if (here.some((t) => step.start.includes(t.uid)))
          expect(here.filter((t) => moving.has(t.uid)).length).toBeLessThanOrEqual(max);
      }
    }));

  test('opens no wave before the one before it has passed, and passes none that is still to start', () =>
    always((it) => {
      const step = stepOf(it);
      const passed = new Set([...it.observed.passed.map((p) => p.wave), ...step.pass]);
      const stateOf = new Map(it.observed.targets.map((t) => [t.uid, t]));
      for (const target of it.plan.targets.filter((t) => step.start.includes(t.uid))) {
        for (let wave = 1; wave < target.wave; wave += 1) expect(passed.has(wave)).toBe(true);
      }
      for (const target of it.plan.targets.filter((t) => step.pass.includes(t.wave))) {
        const seen = stateOf.get(target.uid);
        expect(['patched', 'failed', 'silent', 'excluded', 'gone', 'rolled back', 'held']).toContain(
          seen?.hold !== undefined && seen.state === 'waiting' ? 'held' : seen?.state,
        );
      }
    }));

  test('passes a wave with no more unknown than the limit, and none where it cannot be read', () =>
    always((it) => {
      const limit = it.plan.limits.unknownMax;
      const max = Number.isSafeInteger(limit) && limit >= 0 ? limit : 0;
      for (const wave of stepOf(it).pass) {
        const mine = it.plan.targets.filter((t) => t.wave === wave).map((t) => t.uid);
        const silent = it.observed.targets.filter((t) => mine.includes(t.uid) && t.state === 'silent');
        expect(silent.length).toBeLessThanOrEqual(max);
      }
    }));

  test('takes back only what was told, and at most a third of a management cluster anew', () =>
    always((it) => {
      const { rollback } = stepOf(it);
      const byUid = new Map(it.observed.targets.map((t) => [t.uid, t]));
      for (const uid of rollback)
        expect(['starting', 'patched', 'failed', 'silent', 'rolling back']).toContain(byUid.get(uid)?.state);
      for (const cluster of new Set(it.plan.targets.map((t) => t.managementCluster))) {
        const here = it.plan.targets.filter((t) => t.managementCluster === cluster);
        const fresh = here.filter(
          (t) => rollback.includes(t.uid) && byUid.get(t.uid)?.state !== 'rolling back',
        );
        expect(fresh.length).toBeLessThanOrEqual(Math.max(1, Math.floor(here.length / 3)));
      }
    }));

  test('says why, and waits for a name unless it acts or is done', () =>
    always((it) => {
      const step = stepOf(it);
      expect(step.because.trim()).not.toBe('');
      const acts = step.start.length + step.rollback.length + step.pass.length > 0;
      if (!acts && !step.done) expect(step.wait.length).toBeGreaterThan(0);
      for (const wait of step.wait) expect(wait.for.trim()).not.toBe('');
    }));

  test('asks again only in the future', () =>
    always((it) => {
      const { askAgainAt } = stepOf(it);
      if (askAgainAt !== undefined)
        expect(askAgainAt > NOW || it.observed.halted !== undefined || it.verdict.kind === 'worse').toBe(
          true,
        );
    }));

  test('gives the same answer whatever the order of what was seen', () =>
    fc.assert(
      fc.property(world, fc.infiniteStream(fc.nat()), (it, dice) => {
        const keyed = it.observed.targets.map((t) => ({ t, key: dice.next().value as number }));
        const shuffled = keyed.sort((a, b) => a.key - b.key).map(({ t }) => t);
        const other = { ...it, observed: { ...it.observed, targets: shuffled } };
        expect(verdictOf(it.plan, shuffled)).toEqual(it.verdict);
        expect(stepOf(other)).toEqual(stepOf(it));
      }),
      RUNS,
    ));

  test('gives the same answer whatever the targets and clusters are called', () =>
    fc.assert(
      fc.property(world, fc.constantFrom('a', 'm', 'z'), (it, letter) => {
        const rename = (uid: string) => `${letter}${1000 - Number(uid.slice(1))}`;
        const cluster = (name: string) => `${letter}${9 - Number(name.slice(3))}`;
        const plan: Plan = {
          ...it.plan,
          targets: it.plan.targets.map((t) => ({
            ...t,
            uid: rename(t.uid),
            name: rename(t.uid),
            managementCluster: cluster(t.managementCluster),
          })),
        };
        const targets = it.observed.targets.map((t) => ({ ...t, uid: rename(t.uid) }));
        const verdict = verdictOf(plan, targets);
        const step = next(plan, { ...it.observed, targets }, verdict, NOW);
        const known = stepOf(it);
        expect(verdict.kind).toBe(it.verdict.kind);
        expect({ ...step, halt: step.halt !== undefined }).toEqual({
          ...known,
          halt: known.halt !== undefined,
          start: known.start.map(rename),
          rollback: known.rollback.map(rename),
          because: expect.any(String),
        });
      }),
      RUNS,
    ));
});

describe('limits on failures', () => {
  test('that cannot be read stop at the first failure', () => {
    for (const limit of [0, Number.NaN, -3, 0.5, Number.POSITIVE_INFINITY, undefined] as number[]) {
      const outcomes = [{ wave: 1, managementCluster: 'x', broke: true, patched: false }];
      const inWave = { failedPerWaveMax: limit, failedPerManagementClusterMax: 9 };
      const inCluster = { failedPerWaveMax: 9, failedPerManagementClusterMax: limit };
      expect(assess(outcomes, inWave).kind).toBe('worse');
      expect(assess(outcomes, inCluster).kind).toBe('worse');
    }
  });
});
