// Goal: what an earlier plan of a fix put in place can be taken back as well, all of it or one, each by its own plan.
import { expect, test } from 'vitest';
import { planFor } from './plan-for.ts';
import { replay } from './replay.ts';
import { act, EVE, fixImage, lineReady, planeOf, releaseDigest, tell, wait } from './testing.ts';
import { delivering, last, launch, minutes, says, type Toy, toyFacts } from './testing-fleet.ts';

const HOUR_MS = 3_600_000;

/** a and b got the fix by a first plan, c, of a line that was ready later, by a second. */
function twice(): Toy & { readonly plans: Toy['plan'][] } {
  const toy = delivering([planeOf('a'), planeOf('b'), planeOf('c', { version: '4.20.1' })]);
  const first = toy.plan;
  expect(first!.targets.map((t) => t.name).sort()).toEqual(['a', 'b']);
  minutes(toy, 20);
  const images = [...toy.facts.images, fixImage('FIX-1', '4.20.1')];
  Object.assign(toy.facts, { images });
  tell(toy.story, 'fleetfix', ...lineReady('FIX-1', '4.20.1'), { type: 'Proven' });
  wait(toy.story, HOUR_MS);
  for (const [uid, plane] of toy.truth) toy.seen.set(uid, { ...plane, reportedAt: toy.story.now });
  launch(toy, planFor(toy.story.fix, toyFacts(toy), toy.story.now));
  const plans = [first, toy.plan];
  expect(toy.plan!.targets.map((t) => t.name)).toEqual(['c']);
  return Object.assign(toy, { plans });
}
/** As the hub does: the plan of the rollout there is. */
function on(toy: Toy & { readonly plans: Toy['plan'][] }, count: number): void {
  for (let i = 0; i < count; i += 1) {
    toy.plan = toy.plans.find((p) => p!.id === toy.story.fix.rollout!.plan);
    minutes(toy, 1);
  }
}
const runs = (toy: Toy) =>
  Object.fromEntries(
    [...toy.truth.values()].map((p) => [
      p.name,
      [releaseDigest('4.19.1'), releaseDigest('4.20.1')].includes(p.components.cpo!.digest!)
        ? 'release'
        : 'fix',
    ]),
  );

test('a whole rollback takes back what every plan put in place, the latest first', () => {
  const toy = twice();
  on(toy, 20);
  expect([toy.story.fix.state, runs(toy)]).toEqual(['covered', { a: 'fix', b: 'fix', c: 'fix' }]);
  says(toy, { do: 'rollback', reason: 'it leaks' });
  on(toy, 40);
  expect(runs(toy)).toEqual({ a: 'release', b: 'release', c: 'release' });
  const backAt = (name: string) => toy.acts.findLast((a) => a.uid === `uid-${name}`)!.at;
  expect(backAt('c') < backAt('a')).toBe(true);
  expect(toy.story.fix.rollout!.endedAt).toBeDefined();
  expect([toy.story.fix.state, last(toy, 'RolloutEnded')?.because]).toEqual([
    'proven',
    expect.stringMatching(/back/),
  ]);
  expect(toy.story.rows.filter((r) => r.event.type === 'RolloutTakenUp')).toHaveLength(1);
});

test('also while the later one is under way', () => {
  const toy = twice();
  on(toy, 2);
  says(toy, { do: 'rollback', reason: 'it leaks' });
  on(toy, 40);
  expect(runs(toy)).toEqual({ a: 'release', b: 'release', c: 'release' });
});

test('one that an earlier plan changed goes back alone, when the later rollout is over', () => {
  const toy = twice();
  const asked = { do: 'rollback', target: 'a', reason: 'its customer asks' } as const;
  on(toy, 1);
  const refused = act(toy.story, EVE, asked, toyFacts(toy));
  expect(refused).toMatchObject({
    error: { detail: `a was changed by an earlier plan, and the rollout of ${toy.plan!.id} is under way` },
  });
  on(toy, 20);
  says(toy, asked);
  on(toy, 20);
  expect(runs(toy)).toEqual({ a: 'release', b: 'fix', c: 'fix' });
  says(toy, { do: 'rollback', target: 'c', reason: 'so does its' });
  on(toy, 20);
  expect(runs(toy)).toEqual({ a: 'release', b: 'fix', c: 'release' });
});

test('what was not changed by any plan is refused, and a fix that is still in place by an earlier one is not closed', () => {
  const toy = twice();
  on(toy, 20);
  says(toy, { do: 'rollback', target: 'c', reason: 'r' });
  on(toy, 20);
  const none = act(toy.story, EVE, { do: 'rollback', target: 'nobody', reason: 'r' }, toyFacts(toy));
  expect(none).toMatchObject({ error: { detail: expect.stringMatching(/^nothing of nobody/) } });
  const close = act(toy.story, EVE, { do: 'close', as: 'done' }, toyFacts(toy));
  expect(close.ok).toBe(false);
});

test('a new start calls off what was still to go back by itself', () => {
  const toy = twice();
  on(toy, 20);
  says(toy, { do: 'rollback', reason: 'it leaks' });
  expect(toy.story.fix.takeBack).toBe('rolled back by eve: it leaks');
  on(toy, 40);
  wait(toy.story, HOUR_MS);
  for (const [uid, plane] of toy.truth) toy.seen.set(uid, { ...plane, reportedAt: toy.story.now });
  launch(toy, planFor(toy.story.fix, toyFacts(toy), toy.story.now), 'it was another cause');
  toy.plans.push(toy.plan);
  on(toy, 40);
  expect([toy.story.fix.takeBack, toy.story.fix.state]).toEqual([undefined, 'covered']);
});

test('every decision is the same when it is made again', () => {
  const toy = twice();
  on(toy, 20);
  says(toy, { do: 'rollback', reason: 'it leaks' });
  on(toy, 40);
  const run = replay(toy.story.rows, new Map(toy.plans.map((p) => [p!.id, p!])));
  let step = run.next();
  while (!step.done) step = run.next();
  expect(step.value).toMatchObject({ same: true });
});
