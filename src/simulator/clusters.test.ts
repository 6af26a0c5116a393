// Goal: the simulated world keeps the contract of the port that real agents keep, signatures included.
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonical } from '../core/base/hash.ts';
import { plus } from '../core/base/instant.ts';
import { type ClustersBench, clustersContract } from '../ports/clusters.contract.ts';
import { pinnedKeys } from './pinned-keys.ts';
import { COMPONENT, FIXED, registerFixes, sampleOptions } from './sample-world.ts';
import { openWorld } from './world.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const verify = pinnedKeys([
  { keyId: 'hub', publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() },
]);

clustersContract('the simulated world', async (): Promise<ClustersBench> => {
  const dir = await mkdtemp(join(tmpdir(), 'fleetfix-world-'));
  const options = sampleOptions({ verify, trouble: () => {} });
  let world = openWorld(dir, options);
  registerFixes(world);
  return {
    clusters: world,
    component: COMPONENT,
    digest: FIXED,
    now: () => world.now(),
    elapse: (ms) => world.advanceTo(plus(world.now(), ms)),
    sign: (order) => ({
      ...order,
      keyId: 'hub',
      signature: sign(null, Buffer.from(canonical(order)), privateKey).toString('base64'),
    }),
    async restart() {
      world.close();
      world = openWorld(dir, options);
      return world;
    },
    async close() {
      world.close();
      await rm(dir, { recursive: true });
    },
  };
});
