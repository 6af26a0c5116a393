// Goal: the last wave is judged like every other. A break shows after its wave, so a rollout that is over goes on being
// looked at while some that run the image are still in their risk window; what breaks then goes back.
import { expect, test } from 'vitest';
import {
  fleet,
  last,
  minutes,
  set,
  states,
  type Toy,
  tend,
  delivering as toyDelivering,
} from './testing-fleet.ts';

const covered = (): Toy => {
  const toy = toyDelivering(fleet(20, 4));
  for (let i = 0; i < 200 && toy.story.fix.state !== 'covered'; i += 1) minutes(toy, 1);
  expect(toy.story.fix.state).toBe('covered');
  return toy;
};
const fallIll = (toy: Toy, count: number) => {
  for (let i = 0; i < count; i += 1) set(toy, i, { unhealthy: 'API server unavailable' });
};
const WINDOW_MIN = 46;

test('many that break after the last wave are seen, the rollout halts, and everything goes back', () => {
  const toy = covered();
  fallIll(toy, 16);
  minutes(toy, 2);
  expect(last(toy, 'Halted')?.because).toMatch(/^16 of 20 changed broke/);
  expect(toy.story.fix).toMatchObject({ state: 'delivering', rollout: { halts: 1 } });
  expect(toy.story.fix.coveredAt).toBeUndefined();
  minutes(toy, 60);
  expect(states(toy)).toEqual(Array(20).fill('rolled back'));
  expect(toy.story.fix.state).toBe('proven');
});

test('one that breaks after the last wave goes back; the others stay and nothing starts', () => {
  const toy = covered();
  fallIll(toy, 1);
  minutes(toy, 30);
  expect(states(toy)).toEqual([...Array(19).fill('patched'), 'rolled back']);
  expect(last(toy, 'Halted')).toBeUndefined();
  expect(last(toy, 'RolloutEnded')?.because).toBe('every stage has passed; 1 of 20 exposed are not covered');
});

test('after the risk window of the last one only the slow watch is left: an episode takes nothing back', () => {
  const toy = covered();
  minutes(toy, WINDOW_MIN);
  fallIll(toy, 16);
  minutes(toy, 10);
  expect(states(toy)).toEqual(Array(20).fill('patched'));
  expect(last(toy, 'SlowBurnSeen')?.because).toMatch(/^16 fell ill since the rollout ended/);
});

test('a good image is looked at without a word: nothing is written once it is covered', () => {
  const toy = covered();
  const rows = toy.story.rows.length;
  minutes(toy, 2 * WINDOW_MIN);
  expect(toy.story.rows.slice(rows).map((r) => r.event.type)).toEqual([]);
  expect(tend(toy).orders).toEqual([]);
});
