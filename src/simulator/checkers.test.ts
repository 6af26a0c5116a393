// Goal: each checker finds the one thing it is for. A checker that finds nothing proves nothing.
import { expect, test } from 'vitest';
import type { SignedOrder } from '../core/rollout/order.ts';
import { type Facts, findBroken } from './checkers.ts';
import { EPOCH, FIXED, orderTo, SECOND_FIX, sampleOptions, somePlane } from './sample-world.ts';
import { createWorld } from './world.ts';

const world = createWorld(sampleOptions());
const plane = somePlane(world);
const set = orderTo(world, plane);
const { uid } = plane;
const { key } = set;
const release = plane.components['control-plane-operator']!.release;

const facts = (over: {
  acts?: Facts['record']['acts'];
  ran?: Facts['record']['ran'];
  order?: SignedOrder;
  refused?: string;
  differing?: number;
}): Facts => ({
  record: {
    acts: over.acts ?? [{ key, uid, at: EPOCH, digest: FIXED }],
    ran: over.ran ?? [
      { uid, digest: release, at: EPOCH },
      { uid, digest: FIXED, at: EPOCH },
    ],
    released: new Set([release]),
  },
  deliveries: [
    {
      order: over.order ?? set,
      differing: over.differing ?? 0,
      ...(over.refused === undefined ? {} : { refused: over.refused }),
    },
  ],
});

test('a world in order has nothing to be found', () => {
  expect(findBroken(facts({}))).toEqual([]);
});

test.each([
  {
    what: 'a key acted on twice',
    broken: facts({
      acts: [
        { key, uid, at: EPOCH, digest: FIXED },
        { key, uid, at: EPOCH, digest: FIXED },
      ],
    }),
    found: `${key} was acted on 2 times`,
  },
  {
    what: 'a lever moved by nobody',
    broken: facts({ acts: [{ key: 'FIX-9/x/1', uid, at: EPOCH, digest: FIXED }] }),
    found: `${uid} was changed by FIX-9/x/1, which nobody handed over`,
  },
  {
    what: 'a refused order that was carried out',
    broken: facts({ refused: 'it expired' }),
    found: `${key} was refused (it expired) and acted on`,
  },
  {
    what: 'a lever set to something else than was asked',
    broken: facts({ order: { ...set, digest: SECOND_FIX } }),
    found: `${key} asked ${uid} for ${SECOND_FIX}, and ${uid} was set to ${FIXED}`,
  },
  {
    what: 'a key used for two orders',
    broken: facts({ differing: 1 }),
    found: `${key} came again as another order 1 times, which nobody carried out`,
  },
  {
    what: 'an image run that was neither released nor ordered',
    broken: facts({ ran: [{ uid, digest: SECOND_FIX, at: EPOCH }] }),
    found: `${uid} ran ${SECOND_FIX} from ${EPOCH}, which was neither released nor ordered`,
  },
])('$what is found', ({ broken, found }) => {
  expect(findBroken(broken)).toContain(found);
});

test('an image run before it was ordered is found', () => {
  const early = facts({ acts: [{ key, uid, at: '2026-11-21T20:00:01.000Z', digest: FIXED }] });
  expect(findBroken(early)).toEqual([
    `${uid} ran ${FIXED} from ${EPOCH}, which was neither released nor ordered`,
  ]);
});
