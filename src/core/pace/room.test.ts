// Goal: what is counted, and how much more may be out for it. Pictures: see testing.ts.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MINUTE } from '../base/instant.ts';
import { emptySight, FAILED, fieldOf, RUNNING, type Sight, STARTING, WAITING } from '../health/field.ts';
import { rateAtMost } from '../health/rate-at-most.ts';
import { guardsOf } from './guards.ts';
import { SLOW, shownBy } from './latency-law.ts';
import { NOW_MS, paced, sceneOf } from './testing.ts';

const shown = (minute: number) => shownBy(SLOW, minute * MINUTE);
const times = (count: number, cell: string) => Array(count).fill(cell).join(' ');

describe('what is counted', () => {
  test.each<[string, string, { seen: number; failed: number; unknown: number }]>([
    ['nothing that waits or is held', '· · h h x', { seen: 0, failed: 0, unknown: 0 }],
    ['one on its way as wholly unknown', '▸', { seen: 0, failed: 0, unknown: 1 }],
    ['one that runs it for half an hour as half seen', '✓30', { seen: 0.5, failed: 0, unknown: 0.5 }],
    [
      'one that is not heard as wholly unknown, however long it ran',
      '?600',
      { seen: 0, failed: 0, unknown: 1 },
    ],
    [
      'one that broke as failed, and as seen as any other of its age',
      '✗30',
      { seen: 0.5, failed: 1, unknown: 0.5 },
    ],
    ['one that broke and went back as broken still', '○!30', { seen: 0.5, failed: 1, unknown: 0.5 }],
    ['one that a person took back as nothing', '○30 ◂30', { seen: 0, failed: 0, unknown: 0 }],
    ['one that burned by a quarter, and as no evidence', '✓*30', { seen: 0, failed: 0, unknown: 0.125 }],
    [
      'one that burned and broke as no failure of a healthy one',
      '✗*30',
      { seen: 0, failed: 0, unknown: 0.125 },
    ],
  ])('%s', (_what, picture, expected) => {
    const { seen, failed, unknown } = sceneOf(picture).count;
    expect(failed).toBe(expected.failed);
    expect(seen).toBeCloseTo(expected.seen, 2);
    expect(unknown).toBeCloseTo(expected.unknown, 2);
  });

  test('one that never ran the image proves nothing and frees nothing, however long ago it was told', () => {
    const scene = sceneOf('✗600');
    scene.sight.ranAtMs[0] = 0;
    const { count } = paced(scene.field, scene.sight, {}, scene);
    expect([count.seen, count.failed, count.unknown]).toEqual([0, 1, 1]);
  });

  test('heavier ones count for more', () => {
    expect(sceneOf('▸ ▸', { weight: '10 1' }).count.unknown).toBe(11);
    // A weight that would make harm smaller than it is counts as 1.
    expect(sceneOf('▸ ▸', { weight: '0.1 NaN' }).count.unknown).toBe(2);
  });
});

describe('room', () => {
  test('before anything is seen is the budget, since all of them could break', () => {
    expect(sceneOf(times(500, '·')).room.left()).toBe(100);
  });

  test('is H over the bound on the failure rate, less what is out', () => {
    const { room } = sceneOf(`${times(40, '✓60')} ${times(10, '▸')} ${times(400, '·')}`);
    const rate = rateAtMost(0, 40 * shown(60), 0.05);
    expect(room.rateAtMost).toBeCloseTo(rate, 3);
    expect(room.left()).toBeCloseTo(100 / rate - 10 - 40 * (1 - shown(60)), 0);
  });

  test('grows with healthy time, and shrinks with silence', () => {
    const left = (cell: string) => sceneOf(`${times(30, cell)} ${times(300, '·')}`).room.left();
    expect(left('✓40')).toBeGreaterThan(left('✓20'));
    expect(left('✓20')).toBeGreaterThan(left('▸'));
    expect(left('?600')).toBe(left('▸'));
  });

  test('is taken by weight and never below nothing', () => {
    const { room } = sceneOf(times(50, '·'), { pace: { harmBudget: 10 } });
    expect(Array.from({ length: 50 }, (_, i) => room.take(i, 1)).filter(Boolean)).toHaveLength(10);
    expect(room.left()).toBe(0);
    expect(room.take(49, 0.5)).toBe(false);
  });

  test('does not put down to the image what would have happened anyway', () => {
    const picture = `${times(3, '✓!60')} ${times(997, '✓60')}`;
    const rate = (background: number) => sceneOf(picture, { background }).room.rateAtMost;
    expect(rate(0.002)).toBeLessThan(rate(0));
    // But never less than if none had failed.
    expect(rate(0.5)).toBe(sceneOf(times(1_000, '✓60')).room.rateAtMost);
  });
});

describe('a guard set', () => {
  const strata = (picture: Record<string, number>) =>
    Object.entries(picture)
      .flatMap(([stratum, count]) => Array<string>(count).fill(stratum))
      .join(' ');

  test('has its own budget: a small stratum takes few however much room there is', () => {
    const rows = { stratum: strata({ small: 50, large: 950 }) };
    const { room } = sceneOf(times(1_000, '·'), rows);
    const taken = (from: number, to: number) => {
      let count = 0;
      for (let i = from; i < to; i += 1) count += room.take(i, 1) ? 1 : 0;
      return count;
    };
    expect(taken(0, 50)).toBe(Math.floor(100 * Math.sqrt(0.05)));
    expect(taken(50, 1_000)).toBe(100 - 22);
  });

  test.each(['stratum', 'region', 'cluster', 'customer'] as const)('may be a %s', (kind) => {
    const rows = { [kind]: strata({ a: 400, b: 400 }) };
    const { room } = sceneOf(times(800, '·'), { ...rows, pace: { harmBudget: 20 } });
    let inA = 0;
    for (let i = 0; i < 400; i += 1) inA += room.take(i, 1) ? 1 : 0;
    expect(inA).toBe(14);
  });

  test('borrows a tenth of what the others show', () => {
    const rows = { stratum: strata({ a: 300, b: 300 }), pace: { harmBudget: 50 } };
    const taken = (seenElsewhere: string) => {
      const { room } = sceneOf(`${times(300, '·')} ${times(300, seenElsewhere)}`, rows);
      let count = 0;
      for (let i = 0; i < 300; i += 1) count += room.take(i, 1) ? 1 : 0;
      return count;
    };
    const budget = 50 * Math.sqrt(0.5);
    expect(taken('·')).toBe(Math.floor(budget));
    expect(taken('✓600')).toBe(Math.floor(budget / rateAtMost(0, 30, 0.05)));
  });

  const cell = fc.constantFrom('·', '·', '▸', '✓5', '✓40', '✓90', '?40', '✗20', '○!30', '✓*20', '·*');
  const place = fc.record({
    stratum: fc.constantFrom('s1', 's2'),
    region: fc.constantFrom('r1', 'r2', 'r3'),
    cluster: fc.integer({ min: 1, max: 8 }).map(String),
    customer: fc.integer({ min: 1, max: 30 }).map(String),
  });
  const world = fc.array(fc.tuple(cell, place), { minLength: 20, maxLength: 120 }).map((all) => ({
    picture: all.map(([glyph]) => glyph).join(' '),
    rows: Object.fromEntries(
      (['stratum', 'region', 'cluster', 'customer'] as const).map((kind) => [
        kind,
        all.map(([, at]) => at[kind]).join(' '),
      ]),
    ),
  }));

  test('that is small is counted when it is asked about as it would be from the start', () => {
    fc.assert(
      fc.property(world, fc.constantFrom(1, 3, 8, 30), ({ picture, rows }, harmBudget) => {
        const scene = sceneOf(picture, { ...rows, pace: { harmBudget } });
        const { guards } = scene.counted;
        expect(guards.large).toHaveLength(0);
        // The same sets as if every one of them were large, and each control plane a cell of its own.
        const large = guards.small.map((kind) => kind.of);
        const cells = {
          of: scene.field.stage.map((_, i) => i),
          sets: [...scene.field.stage.keys()].map((i) => large.map((of) => of[i]!)),
          stratum: [...scene.field.sets.stratum.of],
        };
        const eager = { ...guards, small: [], large, cells };
        const again = paced(scene.field, scene.sight, { harmBudget }, scene, eager);
        for (let i = 0; i < scene.field.targets; i += 1) {
          if (scene.sight.state[i] !== WAITING) continue;
          expect(again.room.take(i, 1), `${i} of ${picture}`).toBe(scene.room.take(i, 1));
        }
      }),
      { seed: 4, numRuns: 150 },
    );
  });

  test('is not looked at where it could not be full, and that changes nobody who is let in', () => {
    const size = 1_200;
    const rolled = fc.record({
      ran: fc.integer({ min: 0, max: size }),
      broke: fc.array(fc.nat({ max: size - 1 }), { maxLength: 40 }),
      perSet: fc.integer({ min: 7, max: 60 }),
      harmBudget: fc.constantFrom(12, 25, 100),
    });
    const safe = { some: 0, none: 0 };
    fc.assert(
      fc.property(rolled, ({ ran, broke, perSet, harmBudget }) => {
        const members = Array.from({ length: size }, (_, i) => ({
          stratum: 's',
          region: 'r',
          managementCluster: `m${Math.floor(i / perSet)}`,
          customer: `c${i}`,
          weight: i % 11 === 0 ? 2 : 1,
        }));
        const field = fieldOf(members);
        const sight = emptySight(field);
        for (let i = 0; i < ran; i += 1) {
          // Spread over all sets.
          const which = (i * 7) % size;
          sight.state[which] = RUNNING;
          sight.ranAtMs[which] = NOW_MS - (i % 200) * MINUTE;
        }
        for (const i of broke) {
          sight.broke[i] = 1;
          sight.state[i] = FAILED;
        }
        const guards = guardsOf(field, harmBudget);
        const looked = { ...guards, safeRates: new Float64Array(guards.safeRates.length) };
        const at = { nowMs: NOW_MS, background: 0 };
        const [one, other] = [guards, looked].map((g) => paced(field, sight, { harmBudget }, at, g).room);
        const taken = (room: typeof one) =>
          members.map((m, i) => sight.state[i] === WAITING && room!.take(i, m.weight));
        expect(taken(one)).toEqual(taken(other));
        safe[guards.safeRates.some((rate) => one!.rateAtMost * 10 < rate) ? 'some' : 'none'] += 1;
      }),
      { seed: 4, numRuns: 60 },
    );
    expect(Math.min(safe.some, safe.none)).toBeGreaterThan(0);
  });

  test('of a kind of which none could use up its budget is not counted at all', () => {
    const small = fieldOf(
      Array.from({ length: 1_000 }, (_, i) => ({
        stratum: 's',
        region: 'r',
        managementCluster: `m${i % 10}`,
        customer: `c${i}`,
      })),
    );
    const { large, small: kinds, budgets } = guardsOf(small, 100);
    expect([large.length, kinds.length, budgets.length]).toEqual([2, 1, 12]);
  });

  /** How many would be taken of those that wait, in order. */
  function takenOf(
    picture: string,
    rows: Record<string, string>,
    harmBudget: number,
    change?: (sight: Sight) => void,
  ) {
    const scene = sceneOf(picture, { ...rows, pace: { harmBudget } });
    change?.(scene.sight);
    const { room, sight, field } = change ? paced(scene.field, scene.sight, { harmBudget }, scene) : scene;
    const left = room.left();
    let taken = 0;
    for (let i = 0; i < field.targets; i += 1) if (sight.state[i] === WAITING && room.take(i, 1)) taken += 1;
    return { left, taken };
  }

  test('and the whole never have more room for one failure more', () => {
    fc.assert(
      fc.property(world, fc.constantFrom(3, 12, 100), fc.nat(), ({ picture, rows }, harmBudget, which) => {
        const before = takenOf(picture, rows, harmBudget);
        const after = takenOf(picture, rows, harmBudget, (sight) => {
          const out = [...sight.state.keys()].filter(
            (i) => (sight.state[i] === RUNNING || sight.state[i] === STARTING) && sight.broke[i] === 0,
          );
          const struck = out[which % Math.max(1, out.length)];
          if (struck === undefined) return;
          sight.broke[struck] = 1;
          sight.state[struck] = FAILED;
        });
        expect(after.left).toBeLessThanOrEqual(before.left + 1e-9);
        expect(after.taken).toBeLessThanOrEqual(before.taken);
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  test('and all other counts are the same in any order', () => {
    fc.assert(
      fc.property(world, fc.infiniteStream(fc.nat()), ({ picture, rows }, keys) => {
        const cells = picture.split(' ');
        const order = cells.map((_, i) => ({ i, key: keys.next().value as number }));
        order.sort((a, b) => a.key - b.key);
        const shuffle = (row: string) => order.map(({ i }) => row.split(' ')[i]).join(' ');
        const moved = Object.fromEntries(Object.entries(rows).map(([kind, row]) => [kind, shuffle(row)]));
        const [one, other] = [sceneOf(picture, rows), sceneOf(shuffle(picture), moved)];
        for (const figure of [
          'failed',
          'waiting',
          'waitingBurning',
          'moving',
          'healthyOut',
          'healthySilent',
        ] as const)
          expect(other.count[figure]).toBe(one.count[figure]);
        expect(other.count.seen).toBeCloseTo(one.count.seen, 9);
        expect(other.room.left()).toBeCloseTo(one.room.left(), 6);
      }),
      { seed: 4, numRuns: 100 },
    );
  });
});

test('pictures are drawn at one moment', () => {
  expect(sceneOf('✓30').sight.ranAtMs[0]).toBe(NOW_MS - 30 * MINUTE);
});
