import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MINUTE } from '../base/instant.ts';
import type { ControlPlane } from '../fleet/control-plane.ts';
import { digestOf, fixImage, minute, planeOf, releaseDigest, releaseImage, T0 } from '../life/testing.ts';
import { USUAL } from '../pace/pace.ts';
import { type Candidate, identified, isIntact, makePlan } from './make-plan.ts';
import type { LeftOut, Limits, Plan } from './plan.ts';
import type { StageSpec } from './stages.ts';

const LIMITS: Limits = {
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
  over: { fixes?: 'FIX-1'[]; stages?: StageSpec[]; leftOut?: LeftOut[]; controls?: ControlPlane[] } = {},
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
    controls: over.controls ?? [],
    stages: over.stages ?? [],
    pace: USUAL,
    urgency: { burning: 0, hazardPerHour: 0, computedBudget: 12, because: 'none burn' },
    limits: LIMITS,
    at: T0,
    validUntil: minute(60),
  });
}
const on = (name: string, over: Parameters<typeof planeOf>[1] = {}, line = '4.19.1'): Candidate => ({
  plane: planeOf(name, over),
  line,
});
const take = (name: string, what: StageSpec['take']): StageSpec => ({
  name,
  soakMs: 10 * MINUTE,
  approval: false,
  take: what,
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
    ['a guard of its agent holds', on('a', { held: 'single replica' }), 'single replica'],
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
      { uid: 'uid-a', digest: SECOND.digest, from: FIRST.digest, fromOverride: FIRST.digest, stage: 1 },
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
      region: 'eu',
      customer: 'acme',
      stratum: 'aws 4.19',
      component: 'cpo',
      line: '4.19.1',
      digest: SECOND.digest,
      from: releaseDigest('4.19.1'),
      stage: 1,
    });
  });

  test('names everybody once, as a target or left out, and its stages add up', () => {
    const candidate = fc
      .record({ i: fc.nat(99), paused: fc.boolean() })
      .map(({ i, paused }) => on(`cp-${i}`, { paused }));
    const some = fc.uniqueArray(candidate, { selector: (c) => c.plane.uid, maxLength: 20 });
    fc.assert(
      fc.property(some, (candidates) => {
        const plan = planOf(candidates, {
          stages: [take('two', { count: 2 }), take('third', { percent: 30 })],
        });
        const named = [...plan.targets, ...plan.leftOut].map((t) => t.uid);
        expect(named.sort()).toEqual(candidates.map((c) => c.plane.uid).sort());
        plan.stages.forEach((stage, i) => {
          expect(plan.targets.filter((t) => t.stage === i + 1).length).toBe(stage.size);
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

  test('with nobody to change has one stage of nobody', () => {
    expect(planOf([])).toMatchObject({ targets: [], stages: [{ name: 'all', size: 0 }] });
  });
});

describe('stages', () => {
  const sizes = (stages: StageSpec[], candidates: Candidate[]) =>
    planOf(candidates, { stages })
      .stages.map((s) => `${s.name} ${s.size}`)
      .join(', ');
  const n = (...counts: number[]) => counts.map((count, i) => take(`s${i + 1}`, { count }));
  const share = (...percents: number[]) => percents.map((percent, i) => take(`s${i + 1}`, { percent }));

  test.each([
    [[], 3, 'all 3'],
    [n(5), 5, 's1 5'],
    [n(5), 3, 's1 3'],
    [n(5, 5), 7, 's1 5, s2 2'],
    [n(5, 5, 5), 7, 's1 5, s2 2'],
    [n(1), 0, 'all 0'],
    [share(10, 30), 100, 's1 10, s2 30, rest 60'],
    [share(10), 3, 's1 1, rest 2'],
    [share(100), 3, 's1 3'],
    [n(0), 20, 's1 1, rest 19'],
    [n(-5, Number.NaN), 20, 's1 1, s2 1, rest 18'],
    [n(1.5, Number.POSITIVE_INFINITY), 20, 's1 1, s2 1, rest 18'],
    [share(0, Number.POSITIVE_INFINITY), 20, 's1 1, s2 1, rest 18'],
    [share(Number.NaN, -20), 20, 's1 1, s2 1, rest 18'],
    [[take('s1', {} as StageSpec['take'])], 20, 's1 1, rest 19'],
  ])('%j of %d are %s', (stages, count, text) => {
    expect(sizes(stages, fleet(count))).toBe(text);
  });

  test('that a selector picks hold those it picks, wherever the random order has them', () => {
    const candidates = [...fleet(6), on('x', { region: 'us' }), on('y', { region: 'us' })];
    const us = take('us', { selector: { region: 'us' } });
    expect(sizes([us], candidates)).toBe('us 2, rest 6');
    const plan = planOf(candidates, { stages: [us, take('some', { count: 2 })] });
    expect(
      plan.targets
        .filter((t) => t.stage === 1)
        .map((t) => t.name)
        .sort(),
    ).toEqual(['x', 'y']);
    expect(sizes([take('nobody', { selector: { region: 'mars' } }), us], candidates)).toBe('us 2, rest 6');
  });

  test('give a control plane to the first stage that asks for it', () => {
    const all = take('all of eu', { selector: { region: 'eu' } });
    expect(sizes([take('two', { count: 2 }), all], fleet(5))).toBe('two 2, all of eu 3');
  });

  test('keep their soak and their approval; what none takes needs neither', () => {
    const asked: StageSpec = { name: 'first', soakMs: 7, approval: true, take: { count: 1 } };
    expect(planOf(fleet(3), { stages: [asked] }).stages).toEqual([
      { name: 'first', size: 1, soakMs: 7, approval: true },
      { name: 'rest', size: 2, soakMs: 0, approval: false },
    ]);
  });

  test('add up, and none but the only one is empty', () => {
    const amount = fc.oneof(
      fc.record({ count: fc.oneof(fc.integer(), fc.double()) }),
      fc.record({ percent: fc.oneof(fc.integer({ min: -5, max: 200 }), fc.double()) }),
    );
    fc.assert(
      fc.property(fc.array(amount, { maxLength: 4 }), fc.nat(30), (amounts, count) => {
        const { stages } = planOf(fleet(count), { stages: amounts.map((a, i) => take(`s${i}`, a)) });
        expect(stages.reduce((sum, s) => sum + s.size, 0)).toBe(count);
        expect(stages.length === 1 || stages.every((s) => s.size > 0)).toBe(true);
      }),
      { seed: 9, numRuns: 100 },
    );
  });
});

describe('those that a plan compares with', () => {
  test('are of the regions of its targets, healthy, as many as say something, drawn at random', () => {
    const many = Array.from({ length: 230 }, (_, i) => planeOf(`c-${i}`));
    const controls = [...many, planeOf('far', { region: 'us' }), planeOf('ill', { unhealthy: 'etcd' })];
    const plan = planOf(fleet(3), { controls });
    expect(plan.controls.length).toBe(200);
    expect(plan.controls.map((c) => c.uid)).toEqual(
      planOf(fleet(3), { controls: [...controls].reverse() }).controls.map((c) => c.uid),
    );
    const names = plan.controls.map((c) => Number(c.uid.slice('uid-c-'.length)));
    expect(names).not.toEqual([...names].sort((a, b) => a - b));
    expect(plan.controls.every((c) => c.region === 'eu' && c.stratum === 'aws 4.19')).toBe(true);
  });

  test('carry their own past, where it is known', () => {
    const [known, unknown] = ['k', 'u'].map((name) => on(name));
    const plan = planOf([
      { ...known!, plane: { ...known!.plane, past: { episodes: 3, hours: 720 } } },
      unknown!,
    ]);
    const rate = (name: string) => plan.targets.find((t) => t.name === name)?.rate;
    expect(rate('u')).toBeUndefined();
    expect(rate('k')).toBeGreaterThan(0);
  });
});

describe('the hash of a plan', () => {
  const plan = planOf([...fleet(3), on('p', { paused: true })], {
    stages: [take('one', { count: 1 }), take('two', { count: 1 })],
    controls: [planeOf('c')],
  });
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
