// Goal: who starts next. Each picture: what is seen of every target in the plan's random order, where each is, and who
// starts. testing.ts says how pictures are drawn.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE } from '../base/instant.ts';
import { choose, oneBoxSize } from './choose.ts';
import type { Pace } from './pace.ts';
import { fieldFrom, paced, type Rows, sceneOf } from './testing.ts';

type Scene = Rows & {
  readonly pace?: Partial<Pace>;
  readonly openStage?: number;
  readonly background?: number;
};

/** The targets that start, in the order they were chosen, by their place in the picture. */
const startOf = (picture: string, { openStage = 0, ...scene }: Scene = {}): number[] =>
  choose({ ...sceneOf(picture, scene), openStage });

const times = (count: number, cell: string) => Array<string>(count).fill(cell).join(' ');
const each = (count: number, cell: (i: number) => string | number) =>
  Array.from({ length: count }, (_, i) => String(cell(i))).join(' ');
const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i);

describe('the one-box', () => {
  test('starts with twelve, and no other healthy one until half their evidence is there', () => {
    const clusters = { cluster: each(40, (i) => i) };
    expect(startOf(times(40, '·'), clusters)).toEqual(upTo(12));
    expect(startOf(`${times(12, '▸')} ${times(28, '·')}`, clusters)).toEqual([]);
    expect(startOf(`${times(12, '✓29')} ${times(28, '·')}`, clusters)).toEqual([]);
    expect(startOf(`${times(12, '✓31')} ${times(28, '·')}`, clusters)).not.toEqual([]);
  });

  test('takes one of every stratum first, then goes round', () => {
    const rows = { stratum: 'a a a a a a b b b c', cluster: each(10, (i) => i), pace: { oneBox: 5 } };
    expect(startOf(times(10, '·'), rows)).toEqual([0, 6, 9, 1, 7]);
  });

  test('is as large as there are strata, but never more than the harm budget for that', () => {
    const twenty = fieldFrom(20, { stratum: each(20, (i) => `s${i}`) });
    const size = (harmBudget: number) => {
      const { pace } = sceneOf('·', { pace: { harmBudget } });
      return oneBoxSize(pace, twenty);
    };
    expect([size(100), size(15), size(3)]).toEqual([20, 15, 12]);
  });

  test.each([
    ['one that is not heard is replaced', `?40 ${times(3, '✓10')} · ·`, [4]],
    ['one that broke is not', `✗10 ${times(3, '✓10')} · ·`, []],
    ['one that a person took back is', `○10 ${times(3, '✓10')} · ·`, [4]],
    ['one that broke and is back is not', `○!10 ${times(3, '✓10')} · ·`, []],
  ])('%s', (_what, picture, started) => {
    expect(startOf(picture, { cluster: each(6, (i) => i), pace: { oneBox: 4 } })).toEqual(started);
  });

  test('is replaced at most once over: where nothing is heard, nothing more starts', () => {
    const picture = (silent: number) => `${times(silent, '?40')} ${times(20 - silent, '·')}`;
    const rows = { cluster: each(20, (i) => i), pace: { oneBox: 4 } };
    expect(startOf(picture(4), rows)).toEqual([4, 5, 6, 7]);
    expect(startOf(picture(7), rows)).toEqual([7]);
    expect(startOf(picture(8), rows)).toEqual([]);
  });

  test('keeps to what may be on its way in a management cluster', () => {
    expect(startOf(times(20, '·'))).toEqual(upTo(6));
    expect(startOf(`▸ ▸ ✗10 ◂ ${times(10, '·')}`)).toEqual([4, 5]);
  });
});

describe('those that burn', () => {
  test('come first, before any one-box, by a quarter of their number', () => {
    const picture = `· · ${times(30, '·*')}`;
    const rows = { cluster: each(32, (i) => i), pace: { harmBudget: 5, oneBox: 1 } };
    expect(startOf(picture, rows)).toEqual([...upTo(20, 2), 0]);
  });

  test('do not wait for the one-box, and do not stand in for it', () => {
    const picture = `${times(12, '▸')} ·* · ✓*90 ✓*90`;
    expect(startOf(picture, { cluster: each(16, (i) => i) })).toEqual([12]);
  });

  test('keep to the limits of a management cluster and of the hour', () => {
    expect(startOf(times(20, '·*'))).toEqual(upTo(6));
    expect(startOf(times(20, '·*'), { pace: { maxPerHour: 2 } })).toEqual([0, 1]);
  });
});

describe('after the one-box', () => {
  const seen = (more: string) => `${times(12, '✓90')} ${more}`;
  const apart = (count: number) => each(count, (i) => i);

  test('as many start as the bound on the failure rate leaves room for', () => {
    const { room } = sceneOf(seen(times(400, '·')));
    const started = startOf(seen(times(400, '·')), { cluster: apart(412) });
    expect(started).toEqual(upTo(Math.floor(room.left()), 12));
    expect(started.length).toBeGreaterThan(100);
  });

  test('a management cluster keeps half of its own while others have room', () => {
    const rows = { cluster: `${times(12, 'old')} x x x x y y y y`, pace: { harmBudget: 1_000 } };
    expect(startOf(seen(times(8, '·')), rows)).toEqual([12, 13, 16, 17, 14, 15, 18, 19]);
    const tight = { ...rows, pace: { maxPerHour: 4 } };
    expect(startOf(seen(times(8, '·')), tight)).toEqual([12, 13, 16, 17]);
  });

  test('six are on their way in a management cluster, with those on their way back and those still to go', () => {
    expect(startOf(`${times(12, '✓90')} ▸ ◂ ✗1 ${times(9, '·')}`, { background: 0.5 })).toEqual([15, 16, 17]);
  });

  test.each([
    [undefined, 30],
    [0, 1],
    [-3, 1],
    [7, 7],
    [Number.NaN, 1],
    [Number.POSITIVE_INFINITY, 1],
  ])('with at most %o an hour %i start', (maxPerHour, count) => {
    const rows = { cluster: apart(42), pace: { ...(maxPerHour !== undefined && { maxPerHour }) } };
    expect(startOf(seen(times(30, '·')), rows)).toHaveLength(count);
  });

  test('the hour counts what was started in it, whatever became of it', () => {
    const rows = { cluster: apart(32), pace: { maxPerHour: 10 } };
    const picture = `${times(12, '✓90')} ✓5 ✓50 ✗1 ${times(17, '·')}`;
    expect(startOf(picture, rows)).toHaveLength(7);
  });

  test('a least soak that people ask for holds all of it back', () => {
    const picture = seen(times(30, '·'));
    const soak = (hours: number) =>
      startOf(picture, { cluster: apart(42), pace: { minSoakMs: hours * HOUR } });
    expect(soak(1)).toHaveLength(30);
    expect(soak(2)).toEqual([]);
  });

  test('no stage starts before it is open', () => {
    const rows = { cluster: apart(16), stage: `${times(12, '1')} 1 2 2 3` };
    expect(startOf(seen('· · · ·'), rows)).toEqual([12]);
    expect(startOf(seen('· · · ·'), { ...rows, openStage: 1 })).toEqual([12, 13, 14]);
  });

  test('what is held, out or back does not start', () => {
    expect(startOf(seen('h x ○30 ·'), { cluster: apart(16) })).toEqual([15]);
  });
});

describe('in any world', () => {
  const cell = fc.constantFrom(
    '·',
    '·',
    '·',
    '·*',
    'h',
    '▸',
    '✓5',
    '✓40',
    '✓90',
    '✓!9',
    '?40',
    '✗20',
    '◂',
    '○!30',
    'x',
  );
  const place = fc.record({
    stratum: fc.constantFrom('s1', 's2', 's3'),
    region: fc.constantFrom('r1', 'r2'),
    cluster: fc.integer({ min: 1, max: 6 }).map(String),
    customer: fc.integer({ min: 1, max: 20 }).map(String),
  });
  const pace = fc.record({
    harmBudget: fc.constantFrom(1, 3, 12, 100, 0, Number.NaN),
    oneBox: fc.constantFrom(1, 4, 12),
    inFlightPerManagementCluster: fc.constantFrom(1, 3, 6, 0, -1),
    maxPerHour: fc.constantFrom(1, 5, 1_000),
  });
  const world = fc
    .tuple(fc.array(fc.tuple(cell, place), { minLength: 1, maxLength: 80 }), pace)
    .map(([all, pace]) => {
      const row = (kind: 'stratum' | 'region' | 'cluster' | 'customer') =>
        all.map(([, at]) => at[kind]).join(' ');
      const rows = {
        stratum: row('stratum'),
        region: row('region'),
        cluster: row('cluster'),
        customer: row('customer'),
      };
      return { picture: all.map(([glyph]) => glyph).join(' '), rows, pace };
    });

  test('no limit is ever passed', () => {
    fc.assert(
      fc.property(world, ({ picture, rows, pace }) => {
        const scene = sceneOf(picture, { ...rows, pace });
        const { field, sight, count, room } = scene;
        const before = room.left();
        const started = choose(scene);
        expect(new Set(started).size).toBe(started.length);
        const cluster = field.sets['management cluster'].of;
        const perCluster = new Map<number, number>();
        for (const i of started) {
          expect(picture.split(' ')[i]).toMatch(/^·/u);
          perCluster.set(cluster[i]!, (perCluster.get(cluster[i]!) ?? 0) + 1);
        }
        for (const more of perCluster.values())
          expect(more).toBeLessThanOrEqual(scene.pace.inFlightPerManagementCluster);
        const lastHour = sight.toldAtMs.reduce((n, at) => n + (at > scene.nowMs - HOUR ? 1 : 0), 0);
        expect(started.length).toBeLessThanOrEqual(Math.max(0, pace.maxPerHour - lastHour));
        const isOneBox = count.seen < oneBoxSize(scene.pace, field) / 2;
        const healthy = started.filter((i) => sight.burning[i] === 0).length;
        if (isOneBox) expect(healthy).toBeLessThanOrEqual(oneBoxSize(scene.pace, field));
        else expect(started.length).toBeLessThanOrEqual(Math.max(0, before) * 4);
      }),
      { seed: 4, numRuns: 400 },
    );
  });

  test('as many start of every kind in whatever order alike ones are listed', () => {
    fc.assert(
      fc.property(world, ({ picture, rows, pace }) => {
        // Renaming every set to other words changes nothing at all.
        const renamed = Object.fromEntries(
          Object.entries(rows).map(([kind, row]) => [
            kind,
            row
              .split(' ')
              .map((word) => `~${word}`)
              .join(' '),
          ]),
        );
        expect(startOf(picture, { ...renamed, pace })).toEqual(startOf(picture, { ...rows, pace }));
      }),
      { seed: 4, numRuns: 100 },
    );
  });

  test('one failure more never lets more start', () => {
    fc.assert(
      fc.property(world, fc.nat(), ({ picture, rows, pace }, which) => {
        const scene = sceneOf(picture, { ...rows, pace });
        const out = upTo(scene.field.targets).filter((i) => /^✓\d/u.test(picture.split(' ')[i]!));
        const struck = out[which % Math.max(1, out.length)];
        if (struck === undefined) return;
        const before = choose(scene).length;
        scene.sight.broke[struck] = 1;
        const after = choose({ ...paced(scene.field, scene.sight, pace, scene), openStage: 0 }).length;
        expect(after).toBeLessThanOrEqual(before);
      }),
      { seed: 4, numRuns: 300 },
    );
  });
});

test('a start counts in the hour by when it was told', () => {
  const scene = sceneOf(`${times(12, '✓90')} ✓59 ·`, {
    cluster: each(14, (i) => i),
    pace: { maxPerHour: 1 },
  });
  scene.sight.toldAtMs[12] = scene.nowMs - HOUR + MINUTE;
  expect(choose(scene)).toEqual([]);
  scene.sight.toldAtMs[12] = scene.nowMs - HOUR;
  expect(choose(scene)).toEqual([13]);
});
