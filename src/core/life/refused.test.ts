import { expect, test } from 'vitest';
import { epochMs } from '../base/instant.ts';
import type { Fix, ToldTarget } from './fix.ts';
import { refusals } from './refused.ts';

const AT = '2026-11-21T20:00:00.000Z';
const told = (state: ToldTarget['state']): ToldTarget => ({
  state,
  since: AT,
  toldAt: AT,
  startedAt: AT,
  wave: 1,
  broke: false,
});
const fixWith = (targets: Record<string, ToldTarget>) =>
  ({ id: 'FIX-1', rollout: { targets } }) as unknown as Fix;
const key = (fix: string, uid: string, atMs: number) => `${fix}/${uid}/${atMs * 1_000 + 1}`;

test('a refused start is none, with the reason of the agent', () => {
  const refused = { key: key('FIX-1', 'a', epochMs(AT)), uid: 'a', because: 'the override is not ours' };
  expect(refusals(fixWith({ a: told('starting') }), [refused])).toEqual([
    {
      type: 'TargetsObserved',
      changes: [{ uid: 'a', to: 'waiting', because: 'refused by its agent: the override is not ours' }],
    },
  ]);
});

test.each([
  ['of an earlier order', key('FIX-1', 'a', epochMs(AT) - 60_000), told('starting')],
  ['of another fix', key('FIX-2', 'a', epochMs(AT)), told('starting')],
  ['of a control plane that runs the image by now', key('FIX-1', 'a', epochMs(AT)), told('patched')],
  ['of another control plane’s order of that moment', key('FIX-1', 'b', epochMs(AT)), told('starting')],
  ['without a key that can be read', 'nonsense', told('starting')],
])('a refusal %s says nothing', (_, orderKey, target) => {
  expect(refusals(fixWith({ a: target }), [{ key: orderKey, uid: 'a', because: 'no' }])).toEqual([]);
});

test('a refusal that is repeated is noted once', () => {
  const refused = { key: key('FIX-1', 'a', epochMs(AT)), uid: 'a', because: 'no' };
  const events = refusals(fixWith({ a: told('starting') }), [refused, refused]);
  expect(events).toHaveLength(1);
  expect(events[0]).toMatchObject({ changes: [{ uid: 'a' }] });
});
