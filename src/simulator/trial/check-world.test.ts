// Goal: what agents do is looked at again whenever any of it has changed, and what is wrong is found in that step.
import { expect, test } from 'vitest';
import type { Digest } from '../../core/base/ids.ts';
import type { Delivery, WorldRecord } from '../world-state.ts';
import { createWorldCheck } from './check-world.ts';
import { NEW, NOW, OLD, order } from './test-story.ts';

function worldOf() {
  const record: WorldRecord = { acts: [], ran: [], released: new Set<Digest>([OLD]) };
  const deliveries: Delivery[] = [];
  const check = createWorldCheck({ record: () => record, deliveries: () => [...deliveries] });
  const deliver = (uid: string): Delivery => {
    const delivery: Delivery = { order: order(uid), received: 1, differing: 0, acted: 0 };
    deliveries.push(delivery);
    return delivery;
  };
  const act = ({ key, uid }: { readonly key: string; readonly uid: string }) =>
    record.acts.push({ key, uid, at: NOW, digest: NEW });
  return { record, check, deliver, act };
}

test('a world in order is found in order, step after step', () => {
  const { record, check, deliver, act } = worldOf();
  expect(check()).toEqual([]);
  act(deliver('one').order);
  record.ran.push({ uid: 'one', digest: NEW, at: NOW });
  expect(check()).toEqual([]);
  expect(check()).toEqual([]);
});

test('an act that comes twice is found in the step in which it does', () => {
  const { check, deliver, act } = worldOf();
  const { order: told } = deliver('one');
  act(told);
  expect(check()).toEqual([]);
  act(told);
  expect(check().join()).toMatch('was acted on 2 times');
  expect(check().join()).toMatch('was acted on 2 times');
});

test('an image that nobody ordered is found, and an act that nobody asked for', () => {
  const unordered = worldOf();
  expect(unordered.check()).toEqual([]);
  unordered.record.ran.push({ uid: 'one', digest: NEW, at: NOW });
  expect(unordered.check().join()).toMatch('neither released nor ordered');
  const unasked = worldOf();
  expect(unasked.check()).toEqual([]);
  unasked.act(order('one'));
  expect(unasked.check().join()).toMatch('which nobody handed over');
});

test('a delivery that is refused after it was acted on, or comes as another order, is found', () => {
  const { check, deliver, act } = worldOf();
  const one = deliver('one');
  act(one.order);
  expect(check()).toEqual([]);
  one.refused = 'it expired';
  expect(check().join()).toMatch('was refused (it expired) and acted on');
  const other = worldOf();
  const two = other.deliver('two');
  expect(other.check()).toEqual([]);
  two.differing += 1;
  expect(other.check().join()).toMatch('came again as another order 1 times');
});
