import { expect, test } from 'vitest';
import { nodePoolBaseline, nodePoolDelta } from './node-pools.ts';
import type { NodePool } from './objects.ts';
import { condition, poolWith } from './testing.ts';

const CONFIG = 'hypershift.openshift.io/nodePoolCurrentConfig';
const updating = (type: string, generation = 1): NodePool =>
  poolWith('np', { metadata: { generation }, status: { conditions: [condition(type, 'True')] } });
const configured = (hash: string, version = 'v1'): NodePool =>
  poolWith('np', { metadata: { annotations: { [CONFIG]: hash, [`${CONFIG}Version`]: version } } });
const released = (tag: string, generation = 1): NodePool =>
  poolWith('np', {
    metadata: { generation },
    spec: { release: { image: `r/ocp:${tag}` } },
    status: { version: '4.19.11' },
  });
const none = poolWith('np');
const other = poolWith('other');

test.each<[what: string, before: NodePool[], after: NodePool[], delta: string | undefined]>([
  ['nothing moved', [configured('aa')], [configured('aa')], undefined],
  ['a new configuration is wanted', [none], [updating('UpdatingConfig')], 'np: UpdatingConfig'],
  ['it was wanted before', [updating('UpdatingConfig')], [updating('UpdatingConfig')], undefined],
  [
    'a new machine template',
    [none],
    [updating('UpdatingPlatformMachineTemplate')],
    'np: UpdatingPlatformMachineTemplate',
  ],
  [
    'a roll is over already',
    [configured('aa')],
    [configured('bb', 'v2')],
    'np: its configuration is bb and was aa',
  ],
  [
    'only its version moved',
    [configured('aa')],
    [configured('aa', 'v2')],
    "np: its configuration's version is v2 and was v1",
  ],
  [
    'it waits for a release',
    [released('4.19.11-multi')],
    [released('4.19.12-multi')],
    'np: it waits for another release',
  ],
  ['somebody upgrades it', [released('4.19.11')], [released('4.19.12', 2)], undefined],
  ['somebody upgrades it, and it goes on', [none], [updating('UpdatingVersion', 2)], undefined],
  [
    'edited, and a configuration is wanted',
    [none],
    [updating('UpdatingConfig', 2)],
    'np: UpdatingConfig (it was edited meanwhile, generation 1 to 2)',
  ],
  ['a pool that came', [], [updating('UpdatingConfig')], undefined],
  ['a pool that went', [none, other], [other], undefined],
  ['another pool stands still', [none, other], [other, updating('UpdatingConfig')], 'np: UpdatingConfig'],
])('node pools: %s', (_, before, after, delta) => {
  const says = nodePoolDelta(nodePoolBaseline(before), nodePoolBaseline(after));
  expect(says).toBe(delta && `node pools begin to roll: ${delta}`);
});

test('a secret of a new hash is the earliest sign, for the pool that it belongs to', () => {
  const before = nodePoolBaseline(
    [none, poolWith('np-2')],
    ['user-data-np-1a2b', 'token-np-2-77', 'unrelated'],
  );
  const after = nodePoolBaseline(
    [none, poolWith('np-2')],
    ['user-data-np-1a2b', 'token-np-2-77', 'user-data-np-2-ffee', 'new'],
  );
  expect(nodePoolDelta(before, after)).toBe('node pools begin to roll: np-2: new secret user-data-np-2-ffee');
  expect(
    nodePoolDelta(nodePoolBaseline([none]), nodePoolBaseline([none], ['user-data-np-1a2b'])),
  ).toBeUndefined();
});
