import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MINUTE } from '../base/instant.ts';
import { digestOf, fixImage, minute, planeOf, releaseDigest, releaseImage, T0 } from '../life/testing.ts';
import { type Candidate, identified, isIntact, makePlan, type WaveSize, waveSizes } from './make-plan.ts';
import type { LeftOut, Limits, Plan } from './plan.ts';

const LIMITS: Limits = {
  inFlightPerManagementCluster: 2,
  failedPerWaveMax: 0,
  failedPerManagementClusterMax: 0,
  unknownMax: 0,
  convergeWithinMs: 20 * MINUTE,
  silentAfterMs: 10 * MINUTE,
};
const FIRST = fixImage('FIX-1', '4.19.1');
const SECOND = fixImage('FIX-2', '4.19.1', ['FIX-1']);
const IMAGES = [
  releaseImage('4.19.1'),
  FIRST,
  SECOND,
  { ...releaseImage('4.19.1'), digest: digestOf('foreign') },
];
const images = new Map(IMAGES.map((i) => [i.digest, i]));

function planOf(
  candidates: readonly Candidate[],
  over: { fixes?: 'FIX-1'[]; sizes?: WaveSize[]; leftOut?: LeftOut[] } = {},
): Plan {
  return makePlan({
    fix: 'FIX-2',
    component: 'cpo',
    policy: 'standard',
    candidates,
    leftOut: over.leftOut ?? [],
    lineImages: [
      { line: '4.19.1', digest: SECOND.digest, fixes: [...(over.fixes ?? ['FIX-1']), 'FIX-2'] },
      { line: '4.20.1', missing: 'gate bvt missing' },
    ],
    images,
    waves: { sizes: over.sizes ?? [{ count: 1 }], soakMs: 10 * MINUTE },
    limits: LIMITS,
    at: T0,
    validUntil: minute(60),
  });
}
const on = (name: string, over: Parameters<typeof planeOf>[1] = {}, line = '4.19.1'): Candidate => ({
  plane: planeOf(name, over),
  line,
});
const fleet = (n: number) => Array.from({ length: n }, (_, i) => on(`cp-${i}`));

describe('a control plane is left out of the plan when', () => {
  const FIRST_RUNS = { running: { digest: FIRST.digest, override: FIRST.digest } };
  test.each([
    ['its line was not assembled', on('a', {}, '4.21.1'), 'line 4.21.1 is not assembled'],
    ['its line has no image that may be given', on('a', {}, '4.20.1'), 'line 4.20.1: gate bvt missing'],
    ['a freeze covers it', { ...on('a'), frozen: { name: 'sale', until: minute(90) } }, 'frozen (sale)'],
    ['reconciling is paused', on('a', { paused: true }), 'reconciling is paused at the source'],
    ['it is upgrading', on('a', { upgrading: true }), 'an upgrade is running'],
    ['it is unhealthy before', on('a', { unhealthy: 'etcd' }), 'unhealthy before the change'],
    [
      'it changes images',
      on('a', { components: { cpo: { release: releaseDigest('4.19.1') } } }),
      'changing images already',
    ],
    ['it does not run the component', on('a', { components: {} }), 'changing images already'],
    [
      'somebody else set its override',
      on('a', { running: { override: digestOf('foreign') } }),
      'its override is not ours',
    ],
    [
      'nobody knows its override',
      on('a', { running: { override: digestOf('unheard of') } }),
      'its override is not ours',
    ],
  ] as [string, Candidate, string][])('%s', (_why, candidate, because) => {
    const plan = planOf([candidate]);
    expect(plan.targets).toEqual([]);
    expect(plan.leftOut).toEqual([
      { uid: 'uid-a', name: 'a', because, ...(candidate.frozen && { until: candidate.frozen.until }) },
    ]);
  });

  test('it would lose a fix that it runs, or that its lever asks for already', () => {
    const asks = on('b', { running: { override: FIRST.digest } });
    const plan = planOf([on('a', FIRST_RUNS), asks], { fixes: [] });
    expect(plan.leftOut.map((l) => l.because)).toEqual(['would lose FIX-1', 'would lose FIX-1']);
    expect(planOf([on('a', FIRST_RUNS)]).targets).toMatchObject([
      { uid: 'uid-a', digest: SECOND.digest, from: FIRST.digest, fromOverride: FIRST.digest, wave: 1 },
    ]);
  });
});

describe('a plan', () => {
  test('names for every target what it is to run and what to go back to', () => {
    const [target] = planOf([on('a')]).targets;
    expect(target).toEqual({
      uid: 'uid-a',
      name: 'a',
      managementCluster: 'mc-1',
      component: 'cpo',
      line: '4.19.1',
      digest: SECOND.digest,
      from: releaseDigest('4.19.1'),
      wave: 1,
    });
  });

  test('names everybody once, as a target or left out, and its waves add up', () => {
    const candidate = fc
      .record({ i: fc.nat(99), paused: fc.boolean() })
      .map(({ i, paused }) => on(`cp-${i}`, { paused }));
    const some = fc.uniqueArray(candidate, { selector: (c) => c.plane.uid, maxLength: 20 });
    fc.assert(
      fc.property(some, (candidates) => {
        const plan = planOf(candidates, { sizes: [{ count: 2 }, { percent: 30 }] });
        const named = [...plan.targets, ...plan.leftOut].map((t) => t.uid);
        expect(named.sort()).toEqual(candidates.map((c) => c.plane.uid).sort());
        plan.waves.forEach((wave, i) => {
          expect(plan.targets.filter((t) => t.wave === i + 1).length).toBe(wave.size);
        });
        expect(plan.leftOut.every((l) => l.because !== '')).toBe(true);
      }),
      { seed: 8, numRuns: 60 },
    );
  });

  test('is the same plan whatever the order of what it was made from', () => {
    const candidates = [...fleet(12), on('p', { paused: true }), on('q', { upgrading: true })];
    expect(planOf([...candidates].reverse())).toEqual(planOf(candidates));
  });

  test('lets neither names nor ages choose who goes first, and another fix has another order', () => {
    const order = planOf(fleet(12)).targets.map((t) => t.name);
    expect(order).not.toEqual([...order].sort());
    expect(order).toEqual(planOf(fleet(12)).targets.map((t) => t.name));
  });

  test('with nobody to change has no wave', () => {
    expect(planOf([])).toMatchObject({ targets: [], waves: [] });
  });
});

describe('wave sizes', () => {
  test.each([
    [[{ count: 5 }, { percent: 10 }, { percent: 30 }], 100, [5, 10, 30, 55]],
    [[{ count: 5 }], 5, [5]],
    [[{ count: 5 }, { count: 5 }], 7, [5, 2]],
    [[{ percent: 10 }], 3, [1, 2]],
    [[{ percent: 100 }], 3, [3]],
    [[{ count: 1 }], 0, []],
    [[], 200, [1, 199]],
    [[{ count: 0 }], 200, [1, 199]],
    [[{ count: -5 }, { count: Number.NaN }], 200, [1, 1, 198]],
    [[{ percent: 0 }, { percent: Number.POSITIVE_INFINITY }], 200, [1, 1, 198]],
    [[{ count: 1.5 }], 200, [1, 199]],
    [[{} as WaveSize], 200, [1, 199]],
  ] as [WaveSize[], number, number[]][])('%j of %d are %j', (sizes, total, waves) => {
    expect(waveSizes(sizes, total)).toEqual(waves);
  });

  test('add up, and none is empty', () => {
    const size = fc.oneof(
      fc.record({ count: fc.oneof(fc.integer(), fc.double()) }),
      fc.record({ percent: fc.oneof(fc.integer({ min: -5, max: 200 }), fc.double()) }),
    );
    fc.assert(
      fc.property(fc.array(size, { maxLength: 5 }), fc.nat(500), (sizes, total) => {
        const waves = waveSizes(sizes, total);
        expect(waves.reduce((a, b) => a + b, 0)).toBe(total);
        expect(waves.every((w) => Number.isSafeInteger(w) && w > 0)).toBe(true);
      }),
      { seed: 9, numRuns: 200 },
    );
  });
});

describe('the hash of a plan', () => {
  const plan = planOf([...fleet(3), on('p', { paused: true })], { sizes: [{ count: 1 }, { count: 1 }] });
  const { id: _, hash: __, ...body } = plan;

  /** Every path to a value inside the plan. */
  const paths = (value: unknown, path: string[] = []): string[][] =>
    value !== null && typeof value === 'object'
      ? Object.entries(value).flatMap(([key, member]) => paths(member, [...path, key]))
      : [path];
  const changed = (value: unknown, [key, ...rest]: readonly string[]): unknown => {
    if (key === undefined) return typeof value === 'number' ? value + 1 : `${value}x`;
    const copy = Array.isArray(value) ? [...value] : { ...(value as object) };
    (copy as Record<string, unknown>)[key] = changed((value as Record<string, unknown>)[key], rest);
    return copy;
  };

  test('is the same whatever order its members were written in', () => {
    const again = Object.fromEntries(Object.entries(body).reverse()) as typeof body;
    expect(identified(again)).toEqual(plan);
    expect(isIntact(JSON.parse(JSON.stringify(plan)))).toBe(true);
  });

  test('is another one as soon as anything in the plan is another', () => {
    const all = paths(plan);
    expect(all.length).toBeGreaterThan(40);
    for (const path of all) expect([path, isIntact(changed(plan, path) as Plan)]).toEqual([path, false]);
  });

  test('is another one when a target is added, dropped or moved', () => {
    const { targets } = plan;
    for (const others of [targets.slice(1), [...targets, targets[0]!], [...targets].reverse()])
      expect(isIntact({ ...plan, targets: others })).toBe(false);
  });
});
