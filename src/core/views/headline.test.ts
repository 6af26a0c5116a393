// Goal: the first line says how it is, also where the stages do not tell: who waits for another fix, what is not known any more.
import { expect, test } from 'vitest';
import type { ControlPlane } from '../fleet/control-plane.ts';
import { planFor } from '../life/plan-for.ts';
import { fixImage, planeOf, proven, releaseDigest, releaseImage, tell } from '../life/testing.ts';
import { delivering, launch, minutes, set, type Toy, tend, toyFacts, toyOf } from '../life/testing-fleet.ts';
import { makeFixView } from './make-fix-view.ts';
import { makeTargetWhyView } from './make-why-view.ts';

/** FIX-2 on two control planes of mc-1, started before FIX-1 is on the operator there. */
function twoParts(...more: readonly ControlPlane[]): { readonly first: Toy; readonly second: Toy } {
  const first = delivering([planeOf('operator.mc-1', { managementCluster: 'mc-1' })]);
  const story = proven('FIX-2', ['4.19.1'], { after: 'FIX-1' });
  story.now = first.story.now;
  const { before: _, ...facts } = toyOf([], { story }).facts;
  const planes = ['a', 'b'].map((name) => planeOf(name, { managementCluster: 'mc-1' }));
  const second = toyOf([...planes, ...more], {
    story,
    facts: {
      ...facts,
      images: [releaseImage('4.19.1'), fixImage('FIX-2', '4.19.1')],
      get before() {
        const { policy, component, fleet, images } = toyFacts(first);
        return { fix: first.story.fix, facts: { policy, component, fleet, images } };
      },
    },
  });
  launch(second, planFor(story.fix, toyFacts(second), story.now));
  return { first, second };
}

const viewOf = (toy: Toy) => makeFixView(toy.story.fix, toyFacts(toy), toy.story.now);

test('a fix whose control planes all wait for the first says so, and needs nobody', () => {
  const { second } = twoParts();
  tend(second);
  const { headline, needs } = viewOf(second);
  expect(headline).toBe('Rolling out, 2 not started: FIX-1 comes first');
  expect(needs).toEqual([]);
});

test('once another one is left for a reason that people must end, they are asked', () => {
  const { second } = twoParts(planeOf('c', { managementCluster: 'mc-2' }));
  second.seen.set('uid-c', { ...second.seen.get('uid-c')!, paused: true });
  tend(second);
  const { headline, needs } = viewOf(second);
  expect(headline).toBe('Rolled out, not covered yet: every stage has passed');
  expect(needs.map(({ who }) => who)).toEqual(['operator']);
});

/** One control plane that got the fix. */
function coveredOne(): Toy {
  const toy = delivering([planeOf('a')]);
  minutes(toy, 10);
  expect(toy.story.fix.state).toBe('covered');
  return toy;
}

test('a covered fix of which nothing is heard any more is not called covered', () => {
  const toy = coveredOne();
  toy.silent.add('mc-1');
  minutes(toy, 30);
  expect(viewOf(toy).headline).toBe('Covered once; 1 control plane is unknown by now');
  toy.silent.delete('mc-1');
  minutes(toy, 1);
  expect(viewOf(toy).headline).toMatch(/^Covered: every/);
});

test('one that lost the fix after it was covered waits for no room but for a plan', () => {
  const toy = coveredOne();
  const release = releaseDigest('4.19.1');
  set(toy, 0, { components: { cpo: { release, digest: release } } });
  minutes(toy, 3);
  const { facts } = makeTargetWhyView(toy.story.fix, 'a', toyFacts(toy), toy.story.now)!;
  expect(facts.map(({ label, text }) => `${label}: ${text}`)).toEqual([
    expect.stringMatching(/^because: runs 4\.19\.1 without the fix/),
    'ends: with a new plan, or: fleetfix exclude FIX-1 --target a --until TIME --reason TEXT',
    'who: operator or on-call',
  ]);
});

test('one whose overrides all stay, since no release has the fix, is not said to be in the release', () => {
  const toy = coveredOne();
  tell(toy.story, 'eve', { type: 'RetirementStarted' });
  minutes(toy, 5);
  expect(toy.story.fix.state).toBe('retired');
  expect(viewOf(toy).headline).toBe('Retired, but for 1 override that stays: its release lacks the fix');
});
