// Goal: overrides go where the release has all they bring, a few at a time, and nowhere else.
import { describe, expect, test } from 'vitest';
import type { FixId } from '../base/ids.ts';
import { MINUTE } from '../base/instant.ts';
import type { ControlPlane } from '../fleet/control-plane.ts';
import type { Policy } from './policy.ts';
import { retire, retirePreview } from './retire.ts';
import {
  assemblyOf,
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
import { pass, type Toy, tend, toyFacts, toyOf } from './testing-fleet.ts';

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
const preview = (toy: Toy) => {
  const { drop, keep } = retirePreview(toy.story.fix, toyFacts(toy));
  return { drop: drop.map((d) => d.plane.name), keep: keep.map((k) => `${k.name}: ${k.because}`) };
};

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
    expect(toy.orders.map((o) => [o.name, o.action, o.ifOverride])).toEqual(
      ['a', 'b', 'd'].map((n) => [n, 'remove', IMAGE.digest]),
    );
    minutes(toy, 20);
    expect(toy.orders.length).toBe(4);
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
    for (let i = 0; i < 20; i += 1) {
      tend(toy);
      const again = retire(toy.story.fix, toyFacts(toy), toy.story.now);
      expect([again.events, again.orders]).toEqual([[], []]);
      pass(toy, MINUTE);
    }
    expect(toy.story.fix.state).toBe('retired');
  });

  test('waits for a silent cluster, tells it again when its order ran out, and then ends', () => {
    const toy = retiring([upgraded('a')]);
    toy.silent.add('mc-1');
    minutes(toy, 90);
    expect(toy.story.fix.state).not.toBe('retired');
    expect(toy.orders.length).toBe(2);
    toy.silent.delete('mc-1');
    minutes(toy, 10);
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
});
