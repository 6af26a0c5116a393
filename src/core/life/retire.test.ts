// Goal: overrides go where the release has all they bring, a few at a time, and nowhere else.
import { describe, expect, test } from 'vitest';
import type { FixId } from '../base/ids.ts';
import { MINUTE } from '../base/instant.ts';
import type { ControlPlane } from '../fleet/control-plane.ts';
import { USUAL } from '../pace/pace.ts';
import { makeFixView } from '../views/make-fix-view.ts';
import type { Policy } from './policy.ts';
import { retire, retirePreview } from './retire.ts';
import {
  act,
  assemblyOf,
  EVE,
  fixImage,
  lineOf,
  minute,
  POLICY,
  planeOf,
  proven,
  releaseDigest,
  releaseImage,
  type Story,
  tell,
} from './testing.ts';
import { delivering, four, pass, says, type Toy, tend, toyFacts, toyOf } from './testing-fleet.ts';

const IMAGE = fixImage('FIX-1', '4.19.1');

/** A covered fix whose next release 4.20.1 has it, unless it was git-reverted there. */
function covered(
  id: FixId = 'FIX-1',
  has: 'contained' | 'git-reverted' | 'not looked at' = 'contained',
): Story {
  const story = proven(id);
  if (has !== 'not looked at') {
    const contained = { how: ['ancestry'], gitReverted: has === 'git-reverted' };
    tell(story, 'fleetfix', {
      type: 'LineAssembled',
      line: lineOf('4.20.1'),
      assembly: assemblyOf('contained', { contained }),
    });
  }
  return story;
}
/** A control plane that kept the override over its upgrade to 4.20.1. */
const upgraded = (name: string, over: Partial<ControlPlane> = {}, image = IMAGE.digest) =>
  planeOf(name, {
    version: '4.20.1',
    running: { digest: image, override: image, release: releaseDigest('4.20.1') },
    ...over,
  });

function retiring(planes: readonly ControlPlane[], story = covered(), over: Partial<Policy> = {}): Toy {
  const base = toyOf([], { story }).facts;
  const images = [
    releaseImage('4.19.1'),
    releaseImage('4.20.1'),
    IMAGE,
    fixImage('FIX-2', '4.19.1', ['FIX-1']),
  ];
  const toy = toyOf(planes, { story, facts: { ...base, images, policy: { ...POLICY, ...over } } });
  tell(story, 'eve', { type: 'RetirementStarted' });
  return toy;
}
function minutes(toy: Toy, count: number): void {
  for (let i = 0; i < count; i += 1) {
    tend(toy);
    pass(toy, MINUTE);
  }
}
/** For so long what happens to one is put down to its override being gone. */
const WINDOW_MINUTES = USUAL.windowMs / MINUTE + 5;
const many = (count: number, over: Partial<ControlPlane> = {}) =>
  Array.from({ length: count }, (_, i) => upgraded(`p-${i}`, { managementCluster: `mc-${i % 20}`, ...over }));
const set = (toy: Toy, name: string, over: Partial<ControlPlane>) =>
  toy.truth.set(`uid-${name}`, { ...toy.truth.get(`uid-${name}`)!, ...over });
const waves = (toy: Toy) =>
  toy.story.rows.flatMap(({ event }) => (event.type === 'OverridesDropped' ? [event.targets.length] : []));
const view = (toy: Toy) => makeFixView(toy.story.fix, toyFacts(toy), toy.story.now);
const forOnCall = (toy: Toy) => view(toy).needs.filter((need) => need.who === 'on-call');
const preview = (toy: Toy) => {
  const { drop, keep } = retirePreview(toy.story.fix, toyFacts(toy));
  return { drop: drop.map((d) => d.plane.name), keep: keep.map((k) => `${k.name}: ${k.because}`) };
};

test('is not begun where every override must stay, and says which release lacks the fix', () => {
  const toy = delivering(four());
  minutes(toy, 20);
  expect(toy.story.fix.state).toBe('covered');
  expect(() => says(toy, { do: 'retire' })).toThrow(
    'FIX-1 has no override that could go: 4 must stay, a since release 4.19.1 lacks FIX-1',
  );
});

describe('an override', () => {
  test.each([
    ['goes where the release has the fix', upgraded('a'), covered(), { drop: ['a'], keep: [] }],
    [
      'stays where the release lacks it',
      planeOf('a', { running: { digest: IMAGE.digest, override: IMAGE.digest } }),
      covered(),
      { drop: [], keep: ['a: release 4.19.1 lacks FIX-1'] },
    ],
    [
      'stays where the change was git-reverted on the release',
      upgraded('a'),
      covered('FIX-1', 'git-reverted'),
      { drop: [], keep: ['a: release 4.20.1 lacks FIX-1'] },
    ],
    [
      'stays where nobody looked at the release',
      upgraded('a'),
      covered('FIX-1', 'not looked at'),
      { drop: [], keep: ['a: release 4.20.1 lacks FIX-1'] },
    ],
    [
      'stays where it brings another fix that the release lacks',
      upgraded('a', {}, fixImage('FIX-2', '4.19.1', ['FIX-1']).digest),
      covered(),
      { drop: [], keep: ['a: release 4.20.1 lacks FIX-2'] },
    ],
    [
      'of somebody else is not touched',
      upgraded('a', {}, releaseDigest('9.9.9')),
      covered(),
      { drop: [], keep: [] },
    ],
    [
      'that is not there is not dropped',
      planeOf('a', { version: '4.20.1' }),
      covered(),
      { drop: [], keep: [] },
    ],
  ] as const)('%s', (_what, plane, story, expected) => {
    expect(preview(retiring([plane], { ...story, rows: [...story.rows] }))).toEqual(expected);
  });

  test('that brings two fixes goes when the release has both', () => {
    const toy = retiring([upgraded('a', {}, fixImage('FIX-2', '4.19.1', ['FIX-1']).digest)]);
    const facts = { ...toyFacts(toy), others: [covered('FIX-2').fix] };
    expect(retirePreview(toy.story.fix, facts).drop.map((d) => d.plane.name)).toEqual(['a']);
  });
});

describe('retirement', () => {
  test('takes a few at a time on a management cluster, waits for them, and names at the end who keeps theirs', () => {
    const keeps = planeOf('k', { running: { digest: IMAGE.digest, override: IMAGE.digest } });
    const toy = retiring([
      ...['a', 'b', 'c'].map((n) => upgraded(n)),
      upgraded('d', { managementCluster: 'mc-2' }),
      keeps,
    ]);
    tend(toy);
    expect(toy.orders.map((o) => [o.managementCluster, o.action, o.ifOverride]).sort()).toEqual(
      ['mc-1', 'mc-1', 'mc-2'].map((mc) => [mc, 'remove', IMAGE.digest]),
    );
    minutes(toy, 20);
    expect(toy.orders.length).toBe(4);
    expect(toy.story.fix.state).not.toBe('retired');
    minutes(toy, WINDOW_MINUTES);
    expect(toy.story.fix).toMatchObject({
      state: 'retired',
      retirement: { kept: [{ name: 'k', because: 'release 4.19.1 lacks FIX-1' }] },
    });
    expect([...toy.story.fix.retirement!.removed].sort()).toEqual(['uid-a', 'uid-b', 'uid-c', 'uid-d']);
    expect(toy.truth.get('uid-a')!.components.cpo).toEqual({
      release: releaseDigest('4.20.1'),
      digest: releaseDigest('4.20.1'),
    });
  });

  test.each([0, Number.NaN, -1, undefined as unknown as number])(
    'takes one at a time where the limit is %s',
    (limit) => {
      const toy = retiring(
        ['a', 'b', 'c'].map((n) => upgraded(n)),
        covered(),
        { pace: { inFlightPerManagementCluster: limit } },
      );
      tend(toy);
      expect(toy.orders.length).toBe(1);
    },
  );

  test('asked twice says nothing new', () => {
    const toy = retiring(['a', 'b', 'c'].map((n) => upgraded(n)));
    for (let i = 0; i < 20 + WINDOW_MINUTES; i += 1) {
      tend(toy);
      const again = retire(toy.story.fix, toyFacts(toy), toy.story.now);
      expect([again.events, again.orders]).toEqual([[], []]);
      pass(toy, MINUTE);
    }
    expect(toy.story.fix.state).toBe('retired');
  });

  test('waits for a cluster that fell silent, tells it again when it is heard and its order ran out, and then ends', () => {
    const toy = retiring([upgraded('a')]);
    toy.silent.add('mc-1');
    minutes(toy, 90);
    expect(toy.story.fix.state).not.toBe('retired');
    expect(toy.orders.length).toBe(1);
    toy.silent.delete('mc-1');
    minutes(toy, 10 + WINDOW_MINUTES);
    expect(toy.orders.length).toBe(2);
    expect(toy.refused.map((r) => r.because)).toEqual(['expired']);
    expect(toy.story.fix.state).toBe('retired');
  });

  test('does not wait for one that was deleted', () => {
    const toy = retiring([upgraded('a')]);
    tend(toy);
    toy.truth.delete('uid-a');
    minutes(toy, 3);
    expect(toy.story.fix).toMatchObject({ state: 'retired', retirement: { removed: ['uid-a'] } });
  });

  test('does nothing before it is asked for, and nothing after', () => {
    const story = covered();
    const toy = toyOf([upgraded('a')], { story });
    expect(retire(story.fix, toyFacts(toy), minute(0))).toMatchObject({
      events: [],
      orders: [],
      because: 'FIX-1 is not being retired',
    });
    const done = retiring([]);
    minutes(done, 1);
    expect(retire(done.story.fix, toyFacts(done), minute(0)).events).toEqual([]);
  });

  test.each<[string, Partial<ControlPlane>, string]>([
    ['reconciling is paused', { paused: true }, 'reconciling is paused at the source'],
    ['it is being upgraded', { upgrading: true }, 'an upgrade is running'],
    ['it is ill', { unhealthy: 'etcd has no leader' }, 'unhealthy before the change: etcd has no leader'],
    ['a guard of its agent holds', { held: 'single replica' }, 'single replica'],
    [
      'it is changing images',
      { components: { cpo: { override: IMAGE.digest, release: releaseDigest('4.20.1') } } },
      'changing images already',
    ],
  ])('leaves an override where it is while %s, and comes back when that is over', (_what, over, because) => {
    const toy = retiring([upgraded('a', over)]);
    expect(tend(toy).orders).toEqual([]);
    const { story } = toy;
    expect(retire(story.fix, toyFacts(toy), story.now).because).toBe(
      `1 overrides to drop, 0 on their way; 1 held: ${because}`,
    );
    toy.truth.set('uid-a', upgraded('a'));
    pass(toy, MINUTE);
    expect(tend(toy).orders.map((o) => o.action)).toEqual(['remove']);
  });

  test('keeps to people’s calendar and to whom they left out by name', () => {
    const freeze = { name: 'year end', from: minute(-10), to: minute(30), selector: {}, reason: 'r' };
    const toy = retiring(
      ['a', 'b'].map((n) => upgraded(n)),
      covered(),
      { freezes: [freeze] },
    );
    tell(toy.story, 'eve', {
      type: 'Excluded',
      ...{ uid: 'uid-b', name: 'b', until: minute(600), reason: 'a customer asks' },
    });
    minutes(toy, 25);
    expect(toy.orders).toEqual([]);
    minutes(toy, 20);
    expect(toy.orders.map((o) => o.name)).toEqual(['a']);
  });

  test('begins with the one-box, waits until that has shown it is well, and then tells at most twice as many each time', () => {
    const toy = retiring(many(120), covered(), { pace: { oneBox: 6, inFlightPerManagementCluster: 50 } });
    minutes(toy, 10);
    expect(waves(toy)).toEqual([6]);
    minutes(toy, 12 * 60);
    expect(toy.story.fix).toMatchObject({ state: 'retired' });
    expect(toy.orders).toHaveLength(120);
    let told = 0;
    for (const size of waves(toy)) {
      expect(size).toBeLessThanOrEqual(Math.max(6, told));
      told += size;
    }
  });

  test('stops when one of the first breaks, says so, and goes on when a person says so', () => {
    const toy: Toy = { ...retiring(many(40), covered(), { pace: { oneBox: 6 } }) };
    const bad = new Set<string>();
    Object.assign(toy, { breaks: (uid: string) => bad.has(uid) });
    tend(toy);
    const first = toy.orders[0]!;
    bad.add(first.uid);
    minutes(toy, 180);
    expect(toy.orders).toHaveLength(6);
    const reason = '1 of 6 broke after their override went (API server unavailable): one of the first';
    expect(toy.story.fix.retirement?.paused).toMatchObject({ by: 'fleetfix', reason });
    expect(view(toy)).toMatchObject({
      paused: true,
      headline: `Retirement paused by fleetfix: ${reason}`,
      needs: expect.arrayContaining([
        expect.objectContaining({ who: 'on-call', command: 'fleetfix resume FIX-1 --reason TEXT' }),
      ]),
    });
    expect(toy.orders.every((o) => o.action === 'remove')).toBe(true);
    expect(act(toy.story, EVE, { do: 'resume', reason: 'another cause' }, toyFacts(toy)).ok).toBe(true);
    minutes(toy, 12 * 60);
    expect(toy.story.fix.state).toBe('retired');
    expect(toy.orders).toHaveLength(40);
    expect(waves(toy).length).toBeGreaterThan(2);
  });

  test('stops when more break later than their past explains, and not for one that would have anyway', () => {
    const toy = retiring(many(200), covered(), { pace: { oneBox: 6, inFlightPerManagementCluster: 50 } });
    for (let i = 0; i < 600 && toy.orders.length < 60; i += 1) minutes(toy, 1);
    const late = toy.orders.slice(-4).map((o) => o.name);
    minutes(toy, 5);
    set(toy, late[0]!, { unhealthy: 'API server unavailable' });
    minutes(toy, 2);
    expect(Object.keys(toy.story.fix.retirement!.broke ?? {})).toHaveLength(1);
    expect(toy.story.fix.retirement?.paused).toBeUndefined();
    for (const name of late.slice(1)) set(toy, name, { unhealthy: 'API server unavailable' });
    minutes(toy, 2);
    expect(toy.story.fix.retirement?.paused?.reason).toMatch(
      /^4 of \d+ broke after their override went \(API server unavailable\): evidence \S+ \(limit 100\)$/,
    );
    const before = toy.orders.length;
    minutes(toy, 120);
    expect(toy.orders.length).toBe(before);
  });

  test('ends all the same when one stays broken that is no sign against it: it is shown, and blocks nobody', () => {
    const planes = many(200);
    const toy = retiring(planes, covered(), { pace: { oneBox: 6, inFlightPerManagementCluster: 1 } });
    for (let i = 0; i < 600 && toy.orders.length < 60; i += 1) minutes(toy, 1);
    const { name, managementCluster } = toy.orders.at(-1)!;
    const isBeside = (o: { readonly managementCluster: string }) => o.managementCluster === managementCluster;
    minutes(toy, 2);
    Object.assign(toy, { breaks: (uid: string) => uid === `uid-${name}` });
    minutes(toy, 5);
    expect(view(toy).headline).toMatch(/^Covered, retiring: \d+ overrides gone, .*1 broke$/);
    expect(forOnCall(toy)).toMatchObject([
      {
        what: `heal ${name}, ill since the override went: API server unavailable`,
        command: `fleetfix describe target/${name}`,
      },
    ]);
    const beside = toy.orders.filter(isBeside).length;
    minutes(toy, 12 * 60);
    expect(toy.orders.filter(isBeside).length).toBeGreaterThan(beside);
    expect([toy.story.fix.state, toy.orders.length]).toEqual(['retired', 200]);
    expect(forOnCall(toy)).toHaveLength(1);
    set(toy, name, { unhealthy: undefined as never });
    pass(toy, MINUTE);
    expect(forOnCall(toy)).toEqual([]);
  });

  test('does not count one that falls ill long after, nor one that did not follow because it is upgraded again', () => {
    const toy = retiring(many(2));
    minutes(toy, 10);
    set(toy, 'p-0', { upgrading: true, unhealthy: 'API server unavailable' });
    minutes(toy, 5);
    expect(toy.story.fix.retirement?.broke).toBeUndefined();
  });

  test('counts one that does not come to run its release’s image in time', () => {
    const toy = retiring([upgraded('a')]);
    Object.assign(toy, { rollMs: () => 600 * MINUTE });
    minutes(toy, 30);
    expect(toy.story.fix.retirement?.broke).toMatchObject({
      'uid-a': { because: 'did not run its release’s image in time' },
    });
    expect(toy.story.fix.retirement?.paused).toBeDefined();
  });

  test('people may stop it at any time, and nothing more goes until they go on', () => {
    const toy = retiring(many(10), covered(), { pace: { oneBox: 2 } });
    tend(toy);
    expect(view(toy).brake).toBe('fleetfix pause FIX-1');
    expect(act(toy.story, EVE, { do: 'pause', reason: 'a holiday' }, toyFacts(toy)).ok).toBe(true);
    expect(act(toy.story, EVE, { do: 'pause' }, toyFacts(toy)).ok).toBe(false);
    minutes(toy, 200);
    expect(toy.orders).toHaveLength(2);
    expect(act(toy.story, EVE, { do: 'resume' }, toyFacts(toy)).ok).toBe(true);
    expect(act(toy.story, EVE, { do: 'resume' }, toyFacts(toy)).ok).toBe(false);
    minutes(toy, 600);
    expect(toy.story.fix.state).toBe('retired');
  });
});
