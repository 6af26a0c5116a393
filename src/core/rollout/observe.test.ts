// Goal: what is seen of a target, told or not. A row says what the control plane is like, and what follows.
import { describe, expect, test } from 'vitest';
import type { Digest } from '../base/ids.ts';
import { MINUTE } from '../base/instant.ts';
import type { ControlPlane } from '../fleet/control-plane.ts';
import { LASTS_MS } from '../health/field.ts';
import { digestOf, fixImage, minute, planeOf, releaseDigest, T0 } from '../life/testing.ts';
import { paceOf, USUAL } from '../pace/pace.ts';
import { convergeBy, observe, type Told } from './observe.ts';
import type { Plan, Target } from './plan.ts';

const IMAGE = fixImage('FIX-1', '4.19.1').digest;
const LATER = fixImage('FIX-2', '4.19.1', ['FIX-1']).digest;
const BEFORE = releaseDigest('4.19.1');
const OTHER = digestOf('something else');

const TARGET: Target = {
  uid: 'uid-a',
  name: 'a',
  managementCluster: 'mc-1',
  region: 'eu',
  customer: 'acme',
  stratum: 'aws 4.19',
  component: 'cpo',
  line: '4.19.1',
  digest: IMAGE,
  from: BEFORE,
  stage: 1,
};
const planWith = (limits: Partial<Plan['limits']> = {}): Plan => ({
  id: 'P-00000001',
  hash: '',
  fix: 'FIX-1',
  policy: 'p',
  at: T0,
  validUntil: minute(600),
  targets: [TARGET],
  leftOut: [],
  controls: [],
  stages: [{ name: 'all', size: 1, soakMs: 0, approval: false }],
  pace: paceOf({ ...USUAL, harmBudget: 12 }),
  urgency: { burning: 0, hazardPerHour: 0, computedBudget: 12, because: 'none burn' },
  limits: {
    unknownMax: 0,
    convergeWithinMs: 20 * MINUTE,
    silentAfterMs: 10 * MINUTE,
    ...limits,
  },
});

type Scene = {
  readonly plane?: ControlPlane | undefined;
  readonly told?: Partial<Told>;
  readonly at?: number;
  readonly frozen?: string;
  readonly excluded?: boolean;
  /** What the incident does to control planes. */
  readonly symptom?: string;
  readonly limits?: Partial<Plan['limits']>;
};

function see({ plane, told, at = 5, frozen, excluded, symptom, limits }: Scene) {
  const since = { state: 'starting', since: minute(0), toldAt: minute(0), broke: false } as const;
  const [seen] = observe({
    plan: planWith(limits),
    told: told ? { 'uid-a': { ...since, ...told } } : {},
    planes: new Map(plane ? [[plane.uid, plane]] : []),
    excluded: new Set(excluded ? ['uid-a'] : []),
    holdOf: () => frozen,
    isBurning: (p) => symptom !== undefined && p.unhealthy === symptom,
    carriesFix: (digest) => digest === IMAGE || digest === LATER,
    now: minute(at),
  });
  return seen!;
}

/** Heard a minute before `at`, running `digest`, which our lever asks for unless told otherwise. */
const heard = (
  at: number,
  digest: Digest | undefined,
  over: Partial<ControlPlane> & { override?: Digest | undefined } = {},
) => {
  const { override = digest === BEFORE ? undefined : digest, ...rest } = over;
  const cpo = { release: BEFORE, ...(digest && { digest }), ...(override && { override }) };
  return planeOf('a', { reportedAt: minute(at - 1), components: { cpo }, ...rest });
};

describe('before it is told, a target', () => {
  test.each([
    ['waits', { plane: heard(5, BEFORE) }, { state: 'waiting' }],
    ['was deleted', {}, { state: 'gone' }],
    ['is left out by name', { plane: heard(5, BEFORE), excluded: true }, { state: 'excluded' }],
    [
      'is held while its agent is silent',
      { plane: heard(-20, BEFORE) },
      { hold: /^its agent is silent since/ },
    ],
    [
      'is held by an upgrade',
      { plane: heard(5, BEFORE, { upgrading: true }) },
      { hold: /^an upgrade is running/ },
    ],
    [
      'is held by a pause at the source',
      { plane: heard(5, BEFORE, { paused: true }) },
      { hold: /^reconciling is paused/ },
    ],
    [
      'is held by a guard of its agent',
      { plane: heard(5, BEFORE, { held: 'a foreign owner' }) },
      { hold: /^a foreign owner$/ },
    ],
    [
      'is held while it is unhealthy',
      { plane: heard(5, BEFORE, { unhealthy: 'etcd' }) },
      { hold: /^unhealthy before the change: etcd/ },
    ],
    ['is held while it changes images', { plane: heard(5, undefined) }, { hold: /^changing images/ }],
    [
      'is held by a freeze',
      { plane: heard(5, BEFORE), frozen: 'frozen (sale)' },
      { hold: /^frozen \(sale\)/ },
    ],
    [
      'does not fit the plan any more when it runs another image',
      { plane: heard(5, OTHER) },
      { hold: /^runs another image/, misfit: true },
    ],
    [
      'does not fit the plan any more when its override changed',
      { plane: heard(5, BEFORE, { override: OTHER }) },
      { hold: /^its override changed/, misfit: true },
    ],
  ] as [string, Scene, { state?: string; hold?: RegExp; misfit?: true }][])(
    '%s',
    (_what, scene, expected) => {
      const { hold, misfit, state = 'waiting' } = expected;
      const seen = see(scene);
      expect(seen).toMatchObject({ uid: 'uid-a', state, since: T0, broke: false });
      expect(seen.hold ?? '').toMatch(hold ?? /^$/);
      expect(seen.misfit).toBe(misfit);
    },
  );
});

describe('one that shows the symptom of the incident', () => {
  const burns = (at: number, digest: Digest) => heard(at, digest, { unhealthy: 'etcd is full' });
  const symptom = 'etcd is full';

  test('is not held for it: it burns, and waits to be first', () => {
    expect(see({ plane: burns(5, BEFORE), symptom })).toMatchObject({
      state: 'waiting',
      burning: true,
      unwell: 'etcd is full',
    });
    expect(see({ plane: burns(5, BEFORE), symptom }).hold).toBeUndefined();
    expect(see({ plane: burns(5, BEFORE), symptom: 'api down' })).toMatchObject({
      hold: 'unhealthy before the change: etcd is full',
    });
  });

  test.each([
    ['still shows it', burns(5, IMAGE), 'patched', undefined, 'still etcd is full'],
    ['is well', heard(5, IMAGE), 'patched', true, undefined],
    ['has something else', heard(5, IMAGE, { unhealthy: 'api down' }), 'failed', undefined, 'api down'],
    ['is not heard', burns(-20, IMAGE), 'silent', undefined, /^nothing heard/],
  ] as [string, ControlPlane, string, true | undefined, string | RegExp | undefined][])(
    'when it was told, and runs the image and %s',
    (_what, plane, state, recovered, because) => {
      const seen = see({ plane, symptom, told: { burned: true } });
      expect([seen.state, seen.recovered]).toEqual([state, recovered]);
      if (because === undefined) expect(seen.because).toBeUndefined();
      else expect(seen.because).toMatch(because);
    },
  );

  test('after it was told well has failed, and did not recover', () => {
    const seen = see({ plane: burns(5, IMAGE), symptom, told: {} });
    expect([seen.state, seen.recovered]).toEqual(['failed', undefined]);
  });
});

describe('one that waits', () => {
  test('is said to be unwell or unheard, so that it is compared with nothing', () => {
    expect(see({ plane: heard(5, BEFORE, { unhealthy: 'etcd' }) })).toMatchObject({ unwell: 'etcd' });
    expect(see({ plane: heard(-20, BEFORE) })).toMatchObject({ unheard: true });
    const well = see({ plane: heard(5, BEFORE) });
    expect([well.unwell, well.unheard, well.burning]).toEqual([undefined, undefined, undefined]);
  });
});

describe('one that ran the image well for longer than its risk window and falls ill', () => {
  const told = { state: 'patched', since: minute(4), ranAt: minute(4) } as const;
  const ill = (at: number, over: Partial<Told> = {}) =>
    see({ plane: heard(at, IMAGE, { unhealthy: 'api down' }), told: { ...told, ...over }, at });

  test('has failed inside the window, to its last moment, and is only ill after it', () => {
    expect(ill(49).state).toBe('failed');
    expect(ill(50)).toMatchObject({
      state: 'patched',
      ill: true,
      because: expect.stringMatching(/api down$/),
    });
  });

  test('has failed all the same when it lasts', () => {
    const minutes = LASTS_MS / MINUTE;
    expect(ill(100, { illAt: minute(100 - minutes + 1) }).state).toBe('patched');
    expect(ill(100, { illAt: minute(100 - minutes) }).state).toBe('failed');
  });

  test('failed when it is ill at the first look after a silence, since nobody knows when that began', () => {
    expect(ill(200, { state: 'silent' }).state).toBe('failed');
  });
});

describe('once it is told, a target', () => {
  test.each([
    ['is starting while it runs what it ran', { plane: heard(5, BEFORE) }, 'starting', undefined],
    ['is starting while it changes images', { plane: heard(5, undefined) }, 'starting', undefined],
    ['is patched when it runs the image', { plane: heard(5, IMAGE) }, 'patched', undefined],
    [
      'is patched when it runs a later image that contains the fix',
      { plane: heard(5, LATER) },
      'patched',
      'runs a later image that contains the fix',
    ],
    [
      'failed when it runs the image and is unhealthy',
      { plane: heard(5, IMAGE, { unhealthy: 'api down' }) },
      'failed',
      'api down',
    ],
    [
      'is starting while another image makes it unhealthy',
      { plane: heard(5, BEFORE, { unhealthy: 'api down' }) },
      'starting',
      'api down',
    ],
    [
      'failed when it had long enough',
      { plane: heard(21, BEFORE), at: 21 },
      'failed',
      'did not run the image in time',
    ],
    ['has the last moment still', { plane: heard(20, BEFORE), at: 20 }, 'starting', undefined],
    [
      'is silent when nothing is heard, also with the image seen before',
      { plane: heard(-20, IMAGE) },
      'silent',
      /^nothing heard since/,
    ],
    ['is gone when it was deleted', {}, 'gone', 'deleted'],
  ] as [string, Scene, string, string | RegExp | undefined][])('%s', (_what, scene, state, because) => {
    const seen = see({ told: {}, ...scene });
    expect(seen.state).toBe(state);
    if (because === undefined) expect(seen.because).toBeUndefined();
    else expect(seen.because).toMatch(because);
    expect(seen.since).toBe(state === 'starting' ? T0 : minute(scene.at ?? 5));
  });

  test('that failed while it ran the image did run it, and one that had long enough did not', () => {
    expect(see({ plane: heard(5, IMAGE, { unhealthy: 'api down' }), told: {} }).ran).toBe(true);
    const late = see({ plane: heard(21, BEFORE), told: {}, at: 21 });
    expect([late.state, late.ran]).toEqual(['failed', undefined]);
  });

  test('that failed once has failed, also when it looks well again', () => {
    const told = { state: 'failed', broke: true, because: 'api down' } as const;
    expect(see({ plane: heard(5, IMAGE), told })).toMatchObject({
      state: 'failed',
      broke: true,
      because: 'api down',
    });
  });

  test('that was silent and is heard too late without the image failed', () => {
    const told = { state: 'silent', since: minute(12) } as const;
    expect(see({ plane: heard(40, BEFORE), told, at: 40 }).state).toBe('failed');
    expect(see({ plane: heard(40, IMAGE), told, at: 40 }).state).toBe('patched');
  });

  test('that ran the image and does not any more has time to come back before it counts as failed', () => {
    const patched = { state: 'patched', since: minute(5) } as const;
    const drifted = see({ plane: heard(60, OTHER), told: patched, at: 60 });
    expect(drifted).toMatchObject({
      state: 'starting',
      because: 'no longer runs the image',
      since: minute(60),
    });
    const anew = { state: 'starting', since: minute(60) } as const;
    expect(see({ plane: heard(80, OTHER), told: anew, at: 80 }).state).toBe('starting');
    expect(see({ plane: heard(81, OTHER), told: anew, at: 81 }).state).toBe('failed');
  });

  test('keeps that it is wanted back', () => {
    expect(see({ plane: heard(5, IMAGE), told: { rollbackWanted: 'a customer calls' } })).toMatchObject({
      state: 'patched',
      rollbackWanted: 'a customer calls',
    });
  });
});

describe('on its way back, a target', () => {
  const back = (scene: Scene) =>
    see({
      told: { state: 'rolling back', since: minute(10), toldAt: minute(10), because: 'api down' },
      at: 15,
      ...scene,
    });

  test.each([
    ['is back when it runs again what it ran', heard(15, BEFORE), 'rolled back', 'api down'],
    ['is not back while the image still runs', heard(15, IMAGE), 'rolling back', 'api down'],
    [
      'is not back while our override still asks for the image',
      heard(15, BEFORE, { override: IMAGE }),
      'rolling back',
      'api down',
    ],
    ['is not back while it changes images', heard(15, undefined), 'rolling back', 'api down'],
    ['is not back by what was heard before it was told', heard(10, BEFORE), 'rolling back', 'api down'],
    ['is not back in silence', heard(-30, BEFORE), 'rolling back', 'api down'],
    [
      'is back, and says so, when somebody else set its override',
      heard(15, OTHER),
      'rolled back',
      'api down; something else put another image in place',
    ],
    [
      'is back when an upgrade took the image away',
      heard(15, OTHER, { override: undefined }),
      'rolled back',
      'api down; something else put another image in place',
    ],
    [
      'is back when it does not run the component any more',
      planeOf('a', { components: {}, reportedAt: minute(14) }),
      'rolled back',
      'api down; does not run cpo any more',
    ],
    ['is gone when it was deleted', undefined, 'gone', 'deleted'],
  ] as [string, ControlPlane | undefined, string, string][])('%s', (_what, plane, state, because) => {
    expect(back({ plane })).toMatchObject({ state, because });
  });

  test('stays back once it is', () => {
    const told = { state: 'rolled back', since: minute(12) } as const;
    expect(see({ plane: heard(15, IMAGE), told, at: 15 })).toMatchObject({
      state: 'rolled back',
      since: minute(12),
    });
  });
});

test('a time limit that cannot be read leaves no time', () => {
  for (const limit of [Number.NaN, -1, undefined as unknown as number]) {
    expect(see({ plane: heard(5, BEFORE), told: {}, limits: { convergeWithinMs: limit } }).state).toBe(
      'failed',
    );
    expect(see({ plane: heard(5, IMAGE), told: {}, limits: { silentAfterMs: limit } }).state).toBe('silent');
    expect(convergeBy(T0, planWith({ convergeWithinMs: limit }))).toBe(T0);
  }
});
