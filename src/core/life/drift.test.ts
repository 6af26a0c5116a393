// Goal: what becomes of a control plane whose override others take away, overwrite or lose in an upgrade: it never speaks
// against the image, it is put right once where the plan still fits, and else it is shown to people.
import { describe, expect, test } from 'vitest';
import { short } from '../base/ids.ts';
import { HOUR, MINUTE } from '../base/instant.ts';
import type { ControlPlane } from '../fleet/control-plane.ts';
import { makeFixView } from '../views/make-fix-view.ts';
import { controlPlaneView, targetViews } from '../views/targets.ts';
import { planFor } from './plan-for.ts';
import { assemblyOf, digestOf, lineOf, planeOf, releaseDigest, tell } from './testing.ts';
import {
  delivering,
  fleet,
  four,
  IMAGE,
  last,
  launch,
  minutes,
  nth,
  says,
  set,
  states,
  type Toy,
  tend,
  toyFacts,
  truth,
} from './testing-fleet.ts';

const BEFORE = releaseDigest('4.19.1');
const THEIRS = digestOf('of support');
const view = (toy: Toy) => makeFixView(toy.story.fix, toyFacts(toy), toy.story.now);
const targetOf = (toy: Toy, i: number) => toy.story.fix.rollout!.targets[nth(toy, i).uid];
const seenOf = (toy: Toy, i: number) => toy.story.fix.rollout!.others[nth(toy, i).uid];
const ordersTo = (toy: Toy, i: number) => toy.orders.filter((o) => o.uid === nth(toy, i).uid);

/** A rollout that is under way for long: two of four run the image, the others wait for a person. */
function underWay(): Toy {
  const toy = delivering(four(), {
    policy: { stages: [{ name: 'first', take: { count: 2 }, soakMs: 0, approval: true }] },
  });
  minutes(toy, 10);
  expect([targetOf(toy, 0)?.state, targetOf(toy, 1)?.state]).toEqual(['patched', 'patched']);
  return toy;
}
/** The lever goes and the pods roll; later they run what is asked for then. */
const loses = (toy: Toy, i: number) => set(toy, i, { components: { cpo: { release: BEFORE } } });
const rolls = (toy: Toy, i: number) =>
  set(toy, i, { components: { cpo: { release: BEFORE, digest: BEFORE } } });

describe('an override that was taken away during the rollout', () => {
  test('is seen at the next look, said with its reason, and put back by a new order when the control plane is at rest', () => {
    const toy = underWay();
    loses(toy, 0);
    minutes(toy, 2);
    expect(last(toy, 'TargetsObserved')?.changes).toEqual([
      { uid: nth(toy, 0).uid, to: 'waiting', because: 'its override was taken away by others' },
    ]);
    expect([targetOf(toy, 0), seenOf(toy, 0)?.hold]).toEqual([undefined, 'changing images already']);
    expect(ordersTo(toy, 0)).toHaveLength(1);
    rolls(toy, 0);
    minutes(toy, 10);
    expect(ordersTo(toy, 0).map((o) => [o.action, o.digest])).toEqual(Array(2).fill(['set', IMAGE]));
    expect(targetOf(toy, 0)).toMatchObject({ state: 'patched', broke: false });
    expect(truth(toy, 0).override).toBe(IMAGE);
  });

  test('is put back once: who takes it away again means it, and people are told', () => {
    const toy = underWay();
    for (let time = 0; time < 2; time += 1) {
      rolls(toy, 0);
      minutes(toy, 10);
    }
    expect(ordersTo(toy, 0)).toHaveLength(2);
    expect(seenOf(toy, 0)).toEqual({
      out: 'misfit',
      hold: 'its override was taken away by others, again, and is not put back a second time',
    });
    says(toy, { do: 'advance', stage: 'first', reason: 'go on' });
    minutes(toy, 20);
    expect(last(toy, 'RolloutEnded')?.because).toBe('every stage has passed; 1 of 4 exposed are not covered');
    expect(view(toy).needs).toMatchObject([
      { what: 'plan again or account by name for what is not covered' },
    ]);
    expect(ordersTo(toy, 0)).toHaveLength(2);
  });

  test('says nothing against the image, however many lose it', () => {
    const toy = delivering(fleet(30, 3));
    minutes(toy, 15);
    const before = states(toy).filter((s) => s === 'patched').length;
    expect(before).toBeGreaterThan(5);
    for (let i = 0; i < 30; i += 1) if (targetOf(toy, i)?.state === 'patched') rolls(toy, i);
    minutes(toy, 120);
    expect(last(toy, 'Halted')).toBeUndefined();
    expect(last(toy, 'TargetsRolledBack')).toBeUndefined();
    expect(toy.story.fix).toMatchObject({ state: 'covered', coverage: { patched: 30 } });
  });

  test('of one that is ill is no excuse: people take it away from what it broke', () => {
    const toy = underWay();
    set(toy, 0, { unhealthy: 'API server unavailable', components: { cpo: { release: BEFORE } } });
    minutes(toy, 30);
    expect(toy.story.fix.rollout!.targets[nth(toy, 0).uid]).toMatchObject({ broke: true });
  });

  test('from one that a person wants back has done what was wanted', () => {
    const toy = underWay();
    says(toy, { do: 'rollback', target: nth(toy, 0).uid, reason: 'a customer calls' });
    rolls(toy, 0);
    minutes(toy, 3);
    expect(targetOf(toy, 0)?.state).toMatch(/^roll(ing|ed) back$/);
    minutes(toy, 10);
    expect(targetOf(toy, 0)?.state).toBe('rolled back');
    expect(ordersTo(toy, 0).filter((o) => o.action === 'set')).toHaveLength(1);
  });
});

test('an override that others overwrote is left to them, and shown', () => {
  const toy = underWay();
  set(toy, 0, { components: { cpo: { release: BEFORE, override: THEIRS, digest: THEIRS } } });
  minutes(toy, 30);
  expect(seenOf(toy, 0)).toMatchObject({
    out: 'misfit',
    hold: 'runs another image than when the plan was made',
  });
  expect(ordersTo(toy, 0)).toHaveLength(1);
  expect(truth(toy, 0).override).toBe(THEIRS);
  expect(last(toy, 'Halted')).toBeUndefined();
});

test('one that was re-created is gone, and its successor is exposed and shown, not told under the old name', () => {
  const toy = underWay();
  const { uid, name } = nth(toy, 0);
  toy.truth.delete(uid);
  const anew = planeOf(name, { uid: 'uid-anew' });
  toy.truth.set(anew.uid, anew);
  says(toy, { do: 'advance', stage: 'first', reason: 'go on' });
  minutes(toy, 20);
  expect(targetOf(toy, 0)?.state).toBe('gone');
  expect(toy.orders.filter((o) => o.uid === 'uid-anew')).toEqual([]);
  expect(toy.story.fix.rollout?.endedAt).toBeDefined();
  expect(view(toy).needs).toMatchObject([{ what: expect.stringMatching(/^plan again/) }]);
});

describe('an upgrade that takes the override away in the same write', () => {
  const upgrade = (toy: Toy, i: number) =>
    set(toy, i, { version: '4.20.1', components: { cpo: { release: BEFORE } }, upgrading: true });
  const upgraded = (toy: Toy, i: number) => {
    const { upgrading: _, ...plane } = toy.truth.get(nth(toy, i).uid)!;
    const release = releaseDigest('4.20.1');
    toy.truth.set(plane.uid, { ...plane, components: { cpo: { release, digest: release } } });
  };

  test('is no failure of the image; the plan is not fit for the new release, so nothing is ordered', () => {
    const toy = underWay();
    upgrade(toy, 0);
    minutes(toy, 2);
    expect(last(toy, 'TargetsObserved')?.changes[0]?.because).toBe(
      'its override was taken away with an upgrade',
    );
    expect(seenOf(toy, 0)).toEqual({ hold: 'an upgrade is running' });
    minutes(toy, 60);
    upgraded(toy, 0);
    minutes(toy, 30);
    expect(seenOf(toy, 0)).toMatchObject({ out: 'misfit' });
    expect(ordersTo(toy, 0)).toHaveLength(1);
    expect(last(toy, 'Halted')).toBeUndefined();
  });

  test('leaves it covered where the new release contains the fix', () => {
    const toy = underWay();
    tell(toy.story, 'fleetfix', {
      type: 'LineAssembled',
      line: lineOf('4.20.1'),
      assembly: assemblyOf('contained', { contained: { how: ['ancestry'], gitReverted: false } }),
    });
    upgrade(toy, 0);
    minutes(toy, 5);
    upgraded(toy, 0);
    says(toy, { do: 'advance', stage: 'first', reason: 'go on' });
    minutes(toy, 30);
    expect(toy.story.fix).toMatchObject({
      state: 'covered',
      coverage: { exposed: 3, patched: 3, native: 1 },
    });
  });
});

describe('once a fix is covered', () => {
  const covered = (): Toy => {
    const toy = delivering(four());
    minutes(toy, 20);
    expect([toy.story.fix.state, view(toy).needs]).toEqual(['covered', []]);
    return toy;
  };

  test.each([
    ['soon', 5 * MINUTE],
    ['a day later', 24 * HOUR],
  ])(
    'an override that is taken away %s is shown to people, who plan again, and nothing goes back for it',
    (_, ms) => {
      const toy = covered();
      const { uid } = nth(toy, 0);
      minutes(toy, ms / (5 * MINUTE));
      toy.story.now = new Date(Date.parse(toy.story.now) + ms).toISOString();
      minutes(toy, 2);
      rolls(toy, 0);
      minutes(toy, 60);
      expect(last(toy, 'TargetsRolledBack')).toBeUndefined();
      expect(last(toy, 'Halted')).toBeUndefined();
      const { headline, needs, coverage } = view(toy);
      expect(headline).toBe('Covered once; 1 control plane runs without it by now');
      expect(needs).toMatchObject([
        {
          who: 'operator',
          what: 'plan again or account by name: 1 control plane runs without it since it was covered',
          command: 'fleetfix get targets --for FIX-1 --standing exposed',
        },
      ]);
      expect(coverage).toMatchObject({ patched: 3, waiting: 1 });
      launch(toy, planFor(toy.story.fix, toyFacts(toy), toy.story.now));
      expect(toy.plan!.targets.map((t) => t.uid)).toEqual([uid]);
      minutes(toy, 20);
      expect([toy.story.fix.state, view(toy).needs]).toEqual(['covered', []]);
    },
  );

  test('asked twice, nothing new is said of it', () => {
    const toy = covered();
    rolls(toy, 0);
    minutes(toy, 3);
    tend(toy);
    expect(tend(toy).events).toEqual([]);
  });

  test.each<[string, Partial<ControlPlane>, string, string]>([
    [
      'overwritten',
      { components: { cpo: { release: BEFORE, override: THEIRS, digest: THEIRS } } },
      `nobody knows what is in the image it runs; its override was overwritten with ${short(THEIRS)}`,
      'Covered once; 1 control plane runs an image that nobody knows by now',
    ],
    [
      'removed',
      { components: { cpo: { release: BEFORE, digest: BEFORE } } },
      'runs 4.19.1 without the fix; its override was taken away by others',
      'Covered once; 1 control plane runs without it by now',
    ],
  ])(
    'an override that was %s is told as what it is, in the list and for support',
    (_, over, because, headline) => {
      const toy = covered();
      toy.story.now = new Date(Date.parse(toy.story.now) + 24 * HOUR).toISOString();
      set(toy, 0, over);
      minutes(toy, 3);
      const { uid } = nth(toy, 0);
      const facts = toyFacts(toy);
      expect(targetViews(toy.story.fix, facts, toy.story.now).find((t) => t.uid === uid)?.because).toBe(
        because,
      );
      const plane = facts.fleet.find((p) => p.uid === uid)!;
      const fixes = [{ fix: toy.story.fix, facts }];
      const { sentence } = controlPlaneView({ plane, fixes, silentAfterMs: HOUR, now: toy.story.now });
      expect(sentence).toContain(`FIX-1`);
      expect(sentence).toContain(`: ${because}.`);
      expect([view(toy).headline, view(toy).needs.length]).toEqual([headline, 1]);
    },
  );

  test('one that was created again under its name is told as another', () => {
    const toy = covered();
    const { uid, name } = nth(toy, 0);
    toy.truth.delete(uid);
    toy.truth.set('uid-anew', planeOf(name, { uid: 'uid-anew' }));
    minutes(toy, 3);
    expect(
      targetViews(toy.story.fix, toyFacts(toy), toy.story.now).find((t) => t.name === name)?.because,
    ).toBe(
      'runs 4.19.1 without the fix; it was created again and is another control plane than the one that was changed',
    );
  });
});
