// Goal: the limits of the planner hold in any world, also in one that no sequence of events would lead to.
// Method: random fleets, paces and sights, and for each property the least that must be true of the step.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE } from '../base/instant.ts';
import {
  BACK,
  CONTROL,
  emptySight,
  FAILED,
  fieldOf,
  GOING_BACK,
  HELD,
  type Member,
  OUT,
  RUNNING,
  SILENT,
  type Sight,
  STARTING,
  WAITING,
} from '../health/field.ts';
import { notJudged } from '../health/judge.ts';
import { choose, oneBoxSize } from '../pace/choose.ts';
import { creditOf } from '../pace/credit.ts';
import { guardsOf } from '../pace/guards.ts';
import { type Pace, paceOf, USUAL } from '../pace/pace.ts';
import { roomOf } from '../pace/room.ts';
import { tally } from '../pace/tally.ts';
import { type Move, next, type Rolling } from './next.ts';

const RUNS = { seed: 12, numRuns: 160 };
const START_MS = Date.parse('2026-11-21T20:00:00.000Z');
const NOW_MS = START_MS + 125 * MINUTE;

const anyLimit = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(1, 2, 5, 100) },
  fc.constantFrom(0, Number.NaN, -1, 0.5, Number.POSITIVE_INFINITY),
);
const seldom = (weight = 5): fc.Arbitrary<boolean> =>
  fc.oneof({ weight, arbitrary: fc.constant(false) }, fc.constant(true));

/** One control plane: where it is, and what is seen of it. */
const cell = fc.record({
  stage: fc.integer({ min: 1, max: 3 }),
  cluster: fc.nat(3),
  region: fc.nat(1),
  stratum: fc.nat(2),
  customer: fc.nat(9),
  // Most wait or run the image, or no world would ever start anything.
  state: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(WAITING, RUNNING) },
    fc.constantFrom(WAITING, HELD, STARTING, RUNNING, SILENT, FAILED, GOING_BACK, BACK, OUT),
  ),
  since: fc.nat(120),
  broke: seldom(),
  burning: seldom(),
  wanted: seldom(9),
  struck: seldom(),
});
type Cell = typeof cell extends fc.Arbitrary<infer C> ? C : never;

const pace = fc.record({
  harmBudget: fc.oneof(anyLimit, fc.constantFrom(6, 12, 30)),
  oneBox: fc.constantFrom(1, 2, 4, 12),
  inFlightPerManagementCluster: anyLimit,
  burningWeight: fc.constantFrom(0.25, 1, Number.NaN),
  minSoakMs: fc.constantFrom(0, HOUR, Number.NaN),
  maxPerHour: fc.oneof(fc.constant(undefined), anyLimit),
});

const shape = fc.record({
  cells: fc.oneof(fc.array(cell, { maxLength: 6 }), {
    weight: 3,
    arbitrary: fc.array(cell, { maxLength: 40, size: 'max' }),
  }),
  controls: fc.nat(20),
  pace,
  passedUpTo: fc.nat(3),
  advanced: fc.subarray([0, 1, 2]),
  approval: fc.boolean(),
  paused: seldom(),
  halted: seldom(),
  haltedStrata: fc.oneof({ weight: 4, arbitrary: fc.constant<number[]>([]) }, fc.subarray([0, 1, 2])),
  unknownMax: fc.constantFrom(0, 1, 5),
  /** All that run the image fall ill together. */
  outbreak: seldom(4),
});
type World = typeof shape extends fc.Arbitrary<infer W> ? W : never;

const memberOf = (c: Pick<Cell, 'stage' | 'cluster' | 'region' | 'stratum' | 'customer'>): Member => ({
  stratum: `s${c.stratum}`,
  region: `r${c.region}`,
  managementCluster: `mc-${c.cluster}`,
  customer: `c${c.customer}`,
  stage: c.stage,
});

const isTold = (state: number): boolean => state !== WAITING && state !== HELD && state !== OUT;
const hasRun = (c: Cell): boolean => c.state === RUNNING || c.broke;

function see(sight: Sight, i: number, c: Cell): void {
  const at = START_MS + c.since * MINUTE;
  sight.state[i] = c.state;
  sight.sinceMs[i] = at;
  sight.toldAtMs[i] = isTold(c.state) ? at : 0;
  sight.ranAtMs[i] = isTold(c.state) && hasRun(c) ? at : 0;
  sight.burning[i] = c.burning ? 1 : 0;
  sight.broke[i] = isTold(c.state) && (c.broke || c.state === FAILED) ? 1 : 0;
  sight.wanted[i] = isTold(c.state) && c.wanted ? 1 : 0;
}

function rollingOf(world: World): Rolling {
  const { controls } = world;
  const cells = world.cells.map(
    (c): Cell =>
      world.outbreak && c.state === RUNNING ? { ...c, state: FAILED, broke: true, struck: true } : c,
  );
  const others = Array.from({ length: controls }, (_, i) =>
    memberOf({ stage: 1, cluster: 9, region: i % 2, stratum: 0, customer: 99 }),
  );
  const field = fieldOf(cells.map(memberOf), others);
  const pace = paceOf({ ...USUAL, ...world.pace } as Partial<Pace>);
  const sight = emptySight(field);
  for (const [i, c] of cells.entries()) see(sight, i, c);
  const treated = cells.flatMap((c, i) => (c.struck && sight.broke[i] === 1 ? [i] : []));
  const stages = Math.max(1, ...cells.map((c) => c.stage));
  return {
    field,
    pace,
    credit: creditOf(pace),
    guards: guardsOf(field, pace.harmBudget),
    sight,
    judged: notJudged(field, NOW_MS - MINUTE),
    episodes: { treated, control: [] },
    stages: Array.from({ length: stages }, (_, s) => ({
      soakMs: 10 * MINUTE,
      approval: world.approval && s === 0,
      passed: s < world.passedUpTo,
      advanced: world.advanced.includes(s),
    })),
    paused: world.paused,
    halted: world.halted,
    haltedStrata: world.haltedStrata.filter((s) => s < field.sets.stratum.sizes.length),
    unknownMax: world.unknownMax,
    orderValidMs: HOUR,
    convergeWithinMs: 20 * MINUTE,
  };
}

type Played = { readonly it: Rolling; readonly move: Move };
const play = (world: World, nowMs = NOW_MS): Played => {
  const it = rollingOf(world);
  return { it, move: next(it, nowMs) };
};
const always = (claim: (played: Played, world: World) => void) =>
  fc.assert(
    fc.property(shape, (world) => claim(play(world), world)),
    RUNS,
  );
const indexes = ({ field }: Rolling): number[] => Array.from({ length: field.targets }, (_, i) => i);
const clusterOf = ({ field }: Rolling, i: number) => field.sets['management cluster'].of[i]!;
const perCluster = (it: Rolling, of: readonly number[]): Map<number, number[]> =>
  Map.groupBy(of, (i) => clusterOf(it, i));
/** What is seen once the orders of a move are given. */
function ordered({ it, move }: Played): Rolling {
  const sight = { ...it.sight, state: it.sight.state.slice(), toldAtMs: it.sight.toldAtMs.slice() };
  for (const i of move.start) {
    sight.state[i] = STARTING;
    sight.toldAtMs[i] = NOW_MS;
  }
  for (const i of move.rollback) sight.state[i] = GOING_BACK;
  return { ...it, sight };
}
const countOf = (it: Rolling) => tally({ ...it, burningWeight: it.pace.burningWeight, nowMs: NOW_MS });

describe('in any world the planner', () => {
  test('is asked about worlds in which there is something to start, to take back, to pass and to halt', () => {
    const moves = fc.sample(shape, RUNS).map((world) => play(world).move);
    expect(moves.filter((m) => m.start.length > 0).length).toBeGreaterThan(20);
    expect(moves.filter((m) => m.start.length > 0 && !m.counts.oneBox).length).toBeGreaterThan(10);
    expect(moves.filter((m) => m.rollback.length > 0).length).toBeGreaterThan(20);
    expect(moves.filter((m) => m.pass.length > 0).length).toBeGreaterThan(5);
    expect(moves.filter((m) => m.halt !== undefined).length).toBeGreaterThan(5);
  });

  // The trap of a planner that returns as soon as it has enough to start: a failure later in the list goes
  // uncounted, and the answer hangs on names.
  test('counts a failure that sorts late in the list before it chooses anything', () => {
    const shared = {
      stage: 1,
      region: 0,
      stratum: 0,
      since: 120,
      broke: false,
      burning: false,
      wanted: false,
    };
    const failed: Cell = { ...shared, customer: 0, cluster: 0, state: FAILED, broke: true, struck: true };
    const waits: Cell = { ...shared, customer: 1, cluster: 1, state: WAITING, struck: false };
    const [world] = fc.sample(shape, { seed: 1, numRuns: 1 });
    for (const cells of [
      [waits, failed, failed],
      [failed, failed, waits],
    ]) {
      const calm = { ...world!, cells, controls: 0, halted: false, paused: false, haltedStrata: [] };
      const { move } = play(calm, START_MS + 121 * MINUTE);
      expect(move.counts.failed).toBe(2);
      expect(move.rollback.length).toBeGreaterThan(0);
    }
  });

  test('starts only what waits in an open stage, each once, and nothing of a stratum that is halted', () =>
    always(({ it, move }) => {
      const passed = new Set(move.pass);
      const bad = new Set([
        ...it.haltedStrata,
        ...(move.halt?.stratum === undefined ? [] : [move.halt.stratum]),
      ]);
      expect(new Set(move.start).size).toBe(move.start.length);
      for (const i of move.start) {
        expect(it.sight.state[i]).toBe(WAITING);
        expect(bad.has(it.field.sets.stratum.of[i]!)).toBe(false);
        for (let s = 0; s < it.field.stage[i]!; s += 1)
          expect(it.stages[s]!.passed || passed.has(s)).toBe(true);
      }
    }));

  test('starts nothing and passes nothing while paused, halted or judged bad', () =>
    always(({ it, move }) => {
      const bad = move.halt !== undefined && move.halt.stratum === undefined;
      if (it.paused || it.halted || bad) expect([move.start, move.pass]).toEqual([[], []]);
    }));

  test('never has more on their way on a management cluster than the limit, and 1 where it cannot be read', () =>
    always(({ it, move }, { pace: { inFlightPerManagementCluster: limit } }) => {
      const max = Number.isSafeInteger(limit) && limit >= 1 ? limit : 1;
      const { sight } = ordered({ it, move });
      const moving = indexes(it).filter((i) => [STARTING, GOING_BACK, FAILED].includes(sight.state[i]!));
      const started = new Set(move.start.map((i) => clusterOf(it, i)));
      for (const [cluster, there] of perCluster(it, moving))
        if (started.has(cluster)) expect(there.length).toBeLessThanOrEqual(max);
    }));

  test('passes no stage of which some are still to start or on their way, and none with too many unknown', () =>
    always(({ it, move }) => {
      const bad = new Set([
        ...it.haltedStrata,
        ...(move.halt?.stratum === undefined ? [] : [move.halt.stratum]),
      ]);
      for (const stage of move.pass) {
        const mine = indexes(it).filter((i) => it.field.stage[i] === stage);
        const open = mine.filter((i) => {
          const waits = it.sight.state[i] === WAITING && !bad.has(it.field.sets.stratum.of[i]!);
          return waits || [STARTING, GOING_BACK].includes(it.sight.state[i]!);
        });
        expect(open).toEqual([]);
        const silent = mine.filter((i) => it.sight.state[i] === SILENT);
        expect(silent.length - move.rollback.length).toBeLessThanOrEqual(it.unknownMax);
      }
    }));

  test('takes back only what was told, and at most a third of a management cluster anew', () =>
    always(({ it, move }) => {
      const told = [STARTING, RUNNING, SILENT, FAILED, GOING_BACK];
      for (const i of move.rollback) expect(told).toContain(it.sight.state[i]);
      const fresh = move.rollback.filter((i) => it.sight.state[i] !== GOING_BACK);
      for (const [cluster, there] of perCluster(it, fresh)) {
        const size = it.field.sets['management cluster'].sizes[cluster]!;
        expect(there.length).toBeLessThanOrEqual(Math.max(1, Math.floor(size / 3)));
      }
    }));

  test('takes back what failed and what a person wants back, unless a third is on its way already', () =>
    always(({ it, move }) => {
      const out = [STARTING, RUNNING, SILENT, FAILED];
      const mine = indexes(it).filter((i) => {
        const state = it.sight.state[i]!;
        return state === FAILED || (it.sight.wanted[i] === 1 && out.includes(state));
      });
      const fresh = perCluster(
        it,
        move.rollback.filter((i) => it.sight.state[i] !== GOING_BACK),
      );
      for (const [cluster, there] of perCluster(it, mine)) {
        const size = it.field.sets['management cluster'].sizes[cluster]!;
        const busy = indexes(it).filter(
          (i) => clusterOf(it, i) === cluster && it.sight.state[i] === GOING_BACK,
        );
        const room = Math.max(1, Math.floor(size / 3)) - busy.length;
        const back = fresh.get(cluster)?.length ?? 0;
        expect(back).toBeGreaterThanOrEqual(Math.min(there.length, room));
      }
    }));

  test('leaves, after what it starts, an expected harm within the budget, or starts only the one-box', () =>
    always(({ it, move }) => {
      const then = ordered({ it, move });
      const healthy = move.start.filter((i) => it.sight.burning[i] === 0);
      const { rateAtMost: rate } = move.counts;
      if (healthy.length === 0) return;
      const count = countOf(then);
      if (count.seen < oneBoxSize(it.pace, it.field) / 2)
        expect(count.healthyOut).toBeLessThanOrEqual(oneBoxSize(it.pace, it.field));
      else expect(rate * count.unknown).toBeLessThanOrEqual(it.pace.harmBudget + 1e-9);
    }));

  test('starts no healthy one once its one-box, and as many again in its place, are silent', () =>
    always(({ it }) => {
      const state = it.sight.state.map((s) => (s === RUNNING || s === STARTING || s === FAILED ? SILENT : s));
      const broke = it.sight.broke.slice().fill(0);
      const wanted = broke.slice();
      const deaf = { ...it, haltedStrata: [], sight: { ...it.sight, state, broke, wanted } };
      const silent = indexes(it).filter((i) => state[i] === SILENT && it.sight.burning[i] === 0).length;
      const healthy = next(deaf, NOW_MS).start.filter((i) => it.sight.burning[i] === 0);
      expect(silent + healthy.length).toBeLessThanOrEqual(
        Math.max(silent, 2 * oneBoxSize(it.pace, it.field)),
      );
    }));

  test('gives no more room, and starts no more, when one more has failed', () =>
    always(({ it, move }, world) => {
      for (const i of indexes(it)
        .filter((i) => it.sight.state[i] === RUNNING)
        .slice(0, 3)) {
        if (it.sight.broke[i] === 1) continue;
        const cells = world.cells.map((c, k): Cell => (k === i ? { ...c, state: FAILED, broke: true } : c));
        const worse = play({ ...world, cells }).move;
        expect(worse.counts.room).toBeLessThanOrEqual(move.counts.room + 1e-9);
        expect(worse.counts.rateAtMost).toBeGreaterThanOrEqual(move.counts.rateAtMost - 1e-12);
        if (it.haltedStrata.length === 0 && it.sight.wanted[i] === 0)
          expect([worse.start.length <= move.start.length || worse.pass.length > move.pass.length]).toEqual([
            true,
          ]);
      }
    }));

  test('says nothing new when it is asked again at once', () =>
    always((played) => {
      const then = ordered(played);
      const { it, move } = played;
      const stages = it.stages.map((s, i) => ({ ...s, passed: s.passed || move.pass.includes(i) }));
      const halted = it.halted || (move.halt !== undefined && move.halt.stratum === undefined);
      const stratum = move.halt?.stratum;
      const haltedStrata = stratum === undefined ? it.haltedStrata : [...it.haltedStrata, stratum];
      const sinceMs = it.sight.sinceMs.slice();
      for (const i of move.rollback) sinceMs[i] = NOW_MS;
      const again = next(
        {
          ...then,
          sight: { ...then.sight, sinceMs },
          judged: move.judged,
          episodes: { treated: [], control: [] },
          stages,
          halted,
          haltedStrata,
        },
        NOW_MS,
      );
      expect([again.rollback, again.pass, again.halt]).toEqual([[], [], undefined]);
      expect(again.start).toEqual([]);
    }));

  test('finds the same figures, and halts, passes and takes back as many, in whatever order the targets are', () =>
    fc.assert(
      fc.property(shape, fc.infiniteStream(fc.nat()), (world, dice) => {
        const keyed = world.cells.map((c) => ({ c, key: dice.next().value as number }));
        const cells = keyed.sort((a, b) => a.key - b.key).map(({ c }) => c);
        // Strata are numbered as they come: which one a number means is another matter in another order.
        const plain = { ...world, haltedStrata: [] };
        const [a, b] = [play(plain).move, play({ ...plain, cells }).move];
        for (const key of Object.keys(a.counts) as (keyof Move['counts'])[]) {
          const [x, y] = [Number(a.counts[key]), Number(b.counts[key])];
          expect([key, Math.abs(x - y) <= 1e-9 * Math.max(1, Math.abs(x))]).toEqual([key, true]);
        }
        expect([b.pass, b.rollback.length, b.halt !== undefined, b.done]).toEqual([
          a.pass,
          a.rollback.length,
          a.halt !== undefined,
          a.done,
        ]);
      }),
      RUNS,
    ));

  test('is not changed by what regions, clusters, strata and customers are called', () =>
    always((played, world) => {
      const it = rollingOf(world);
      const field = fieldOf(
        world.cells.map((c) => {
          const { stratum, region, managementCluster, customer, stage } = memberOf(c);
          const z = (name: string) => `${name.split('').reverse().join('')}z`;
          return {
            stratum: z(stratum),
            region: z(region),
            managementCluster: z(managementCluster),
            customer: z(customer),
            stage: stage!,
          };
        }),
        Array.from({ length: world.controls }, (_, i) => ({
          stratum: '0sz',
          region: i % 2 ? '1rz' : '0rz',
          managementCluster: '9-cmz',
          customer: '99cz',
          stage: 1,
        })),
      );
      expect(next({ ...it, field }, NOW_MS)).toEqual(played.move);
    }));
});

test('the choice is made from the counts alone: the room that is left is what they leave', () =>
  always(({ it, move }) => {
    const counted = { ...it, burningWeight: it.pace.burningWeight, nowMs: NOW_MS };
    const count = tally(counted);
    const room = roomOf(counted, count, it.pace, move.counts.background);
    expect([room.rateAtMost, room.left()]).toEqual([move.counts.rateAtMost, move.counts.room]);
    const none = choose({ ...it, count: { ...count, waiting: 0 }, room, openStage: 9, nowMs: NOW_MS });
    expect(none).toEqual([]);
    expect(it.sight.state.slice(it.field.targets).every((s) => s === CONTROL)).toBe(true);
  }));
