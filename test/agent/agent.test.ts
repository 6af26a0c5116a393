// Goal: an agent delivers to hosted clusters on a real API server, proves what runs, takes it back, and does no more and
// no less than it was told, whatever goes wrong on the way.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Between, between } from '../../src/adapters/kubernetes/testing.ts';
import type { Digest } from '../../src/core/base/ids.ts';
import { instantOf } from '../../src/core/base/instant.ts';
import type { ReportedPlane } from '../../src/core/hypershift/inventory.ts';
import { CPO_IMAGE, MARK } from '../../src/core/hypershift/objects.ts';
import type { Thing } from '../cluster/api.ts';
import { crdFolders, installCrds } from '../cluster/crds.ts';
import { type Operator, startOperator } from '../cluster/hypershift/operator.ts';
import { FEW_COMPONENTS } from '../cluster/hypershift/options.ts';
import { type Kubelet, startKubelet } from '../cluster/kubelet.ts';
import { withCluster } from '../cluster/testing.ts';
import { PATIENCE_MS } from '../patience.ts';
import {
  type OverShoulder,
  overShoulder,
  type RunningAgent,
  startAgent,
  strangersKey,
} from './over-shoulder.ts';

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const RELEASE = digest('e');
const FIX = digest('f');
const BAD = digest('b');
const REPOSITORY = 'quay.example/hotfix/cpo';
const CPO = 'control-plane-operator';
const SETTINGS = {
  managementCluster: 'mc-1',
  region: 'eu',
  sector: 'main',
  components: [{ name: CPO, lever: 'annotation', repository: REPOSITORY }],
  labels: {},
} as const;
const VERSION = '4.20.3';
const NAMESPACE = 'clusters';

describe.each(crdFolders())('with $name', ({ dir }) => {
  const cluster = withCluster();
  let kubelet: Kubelet;
  let operator: Operator;
  let way: Between;
  let hub: OverShoulder;
  let agent: RunningAgent | undefined;
  let state: string;
  let count = 0;

  beforeAll(async () => {
    if (cluster() === undefined) return;
    const { admin } = cluster();
    await installCrds(admin, dir);
    kubelet = await startKubelet(admin, {
      fateOf: (image) => (image.includes(BAD) ? 'cannot be pulled' : 'runs'),
    });
    operator = startOperator(admin, {
      components: FEW_COMPONENTS,
      releases: { [VERSION]: `quay.example/release/cpo@${RELEASE}` },
      resolvable: (ref) => ref.includes('@sha256:'),
    });
  });
  afterAll(async () => {
    await operator?.stop();
    await kubelet?.stop();
  });
  beforeEach(async () => {
    way = await between({ url: cluster().url, ca: cluster().ca, token: cluster().tokenOf('admin') });
    hub = overShoulder('mc-1');
    state = mkdtempSync(join(tmpdir(), 'agent-state-'));
  });
  afterEach(async () => {
    await agent?.stop();
    agent = undefined;
    await way?.close();
    hub?.close();
    if (state) rmSync(state, { recursive: true, force: true });
  });

  const start = async (over: Partial<Parameters<typeof startAgent>[0]> = {}) => {
    agent = await startAgent({ hub, server: way.url, settings: SETTINGS, dir: state, ...over });
  };
  /** A hosted cluster that runs its release and is known to the hub. */
  const hosted = async (wish: object = {}): Promise<ReportedPlane> => {
    count += 1;
    const name = `cp-${count}`;
    await operator.makeCluster({ namespace: NAMESPACE, name, version: VERSION, ...wish });
    return await reported(
      name,
      (p) => p.components[CPO]?.digest === RELEASE && !p.unhealthy && !p.upgrading && p.held === undefined,
    );
  };
  const reported = async (name: string, holds: (plane: ReportedPlane) => boolean) =>
    await vi.waitFor(
      () => {
        const plane = hub.planes.get(`${name}.${NAMESPACE}`);
        if (plane === undefined || !holds(plane)) throw new Error(`${name}: ${JSON.stringify(plane)}`);
        return plane;
      },
      { timeout: PATIENCE_MS, interval: 50 },
    );
  const shortName = (plane: ReportedPlane) => plane.name.split('.')[0]!;
  const pathOf = (plane: ReportedPlane) =>
    `/apis/hypershift.openshift.io/v1beta1/namespaces/${NAMESPACE}/hostedclusters/${shortName(plane)}`;
  const annotations = async (plane: ReportedPlane): Promise<Thing> =>
    (await cluster().admin.get(pathOf(plane))).metadata.annotations ?? {};
  const until = (what: () => boolean | Promise<boolean>, says: () => string) =>
    vi.waitFor(
      async () => {
        if (!(await what())) throw new Error(says());
      },
      { timeout: PATIENCE_MS, interval: 25 },
    );
  /** Settled, and not refused. */
  const doneOf = async (key: string) => {
    await settledOf(key);
    expect(hub.refused.get(key)).toBeUndefined();
  };
  const settledOf = (key: string) =>
    until(
      () => hub.settled.has(key),
      () => `${key} is not settled; refused: ${JSON.stringify([...hub.refused])}`,
    );
  const patches = (plane: ReportedPlane) =>
    way.asked.filter((r) => r.method === 'PATCH' && r.path.startsWith(pathOf(plane)));
  const runs = (plane: ReportedPlane, which: Digest) =>
    reported(shortName(plane), (p) => p.components[CPO]?.digest === which);

  test('an order is carried out, proven by what runs, and taken back to what ran before', async () => {
    await start();
    const plane = await hosted();
    expect(plane).toMatchObject({
      managementCluster: 'mc-1',
      region: 'eu',
      version: VERSION,
      availability: 'HighlyAvailable',
      components: { [CPO]: { digest: RELEASE, release: RELEASE } },
    });
    expect(plane.held).toBeUndefined();
    const order = hub.order(plane, { digest: FIX });
    await doneOf(order.key);
    expect((await annotations(plane))[CPO_IMAGE]).toBe(`${REPOSITORY}@${FIX}`);
    const patched = await runs(plane, FIX);
    expect(patched.components[CPO]).toEqual({ digest: FIX, release: RELEASE, override: FIX });
    expect(patches(plane).length).toBe(2);

    const back = hub.order(patched, { action: 'remove', digest: undefined as never });
    await doneOf(back.key);
    const restored = await runs(plane, RELEASE);
    expect(restored.components[CPO]).toEqual({ digest: RELEASE, release: RELEASE });
    const left = await annotations(plane);
    expect([CPO_IMAGE in left, JSON.parse(left[MARK]).image]).toEqual([false, null]);
    expect([...hub.refused]).toEqual([]);
  });

  test('one order of many is rehearsed; every other is one call', async () => {
    await start();
    const planes = await Promise.all([hosted(), hosted(), hosted()]);
    const orders = planes.map((plane) => hub.order(plane, { digest: FIX }));
    for (const { key } of orders) await doneOf(key);
    const all = planes.flatMap(patches);
    expect(all.length).toBe(planes.length + 1);
    expect(all.filter((r) => r.path.includes('dryRun=All'))).toHaveLength(1);
    for (const plane of planes) await runs(plane, FIX);
    const late = await hosted();
    await doneOf(hub.order(late, { digest: FIX }).key);
    expect(patches(late)).toHaveLength(1);
  });

  describe('what it refuses, with the reason, and touches nothing', () => {
    const over = (plane: ReportedPlane) => ({ digest: FIX, name: plane.name });
    test.each<[string, RegExp, (plane: ReportedPlane) => void]>([
      [
        'a forged order',
        /signature does not verify/,
        (p) => {
          const { key, ...real } = hub.order(p, over(p));
          hub.settled.add(key);
          hub.handOut(strangersKey({ ...real, key }));
        },
      ],
      [
        'an altered order',
        /signature does not verify/,
        (p) => hub.handOut({ ...hub.order(p, over(p)), digest: BAD }),
      ],
      [
        'one that expired by the hub’s clock',
        /expired/,
        (p) => hub.order(p, { ...over(p), expiresAt: instantOf(Date.now() - 1_000) }),
      ],
      [
        'one for another cluster',
        /on management cluster mc-1/,
        (p) => hub.order(p, { ...over(p), managementCluster: 'mc-2' }),
      ],
      ['one for another uid', /created again/, (p) => hub.order(p, { ...over(p), uid: 'another-uid' })],
      [
        'one for another name',
        /not other\.clusters/,
        (p) => hub.order(p, { ...over(p), name: 'other.clusters' }),
      ],
      [
        'one that expects another override',
        /found no override/,
        (p) => hub.order(p, { ...over(p), ifOverride: BAD }),
      ],
      [
        'a component it does not know',
        /does not run etcd/,
        (p) => hub.order(p, { ...over(p), component: 'etcd' }),
      ],
    ])('%s', async (_, because, ask) => {
      await start();
      const plane = await hosted();
      ask(plane);
      await until(
        () => hub.refused.size > 0,
        () => 'nothing was refused',
      );
      expect([...hub.refused.values()][0]).toMatch(because);
      expect(patches(plane)).toEqual([]);
      expect(Object.keys(await annotations(plane))).not.toContain(CPO_IMAGE);
    });

    test('one that was given before, handed out again much later', async () => {
      await start();
      const plane = await hosted();
      const first = hub.order(plane, { digest: FIX });
      await doneOf(first.key);
      const patched = await runs(plane, FIX);
      const back = hub.order(patched, { action: 'remove', digest: undefined as never });
      await doneOf(back.key);
      hub.settled.clear();
      hub.handOut(first);
      await until(
        () => hub.settled.has(first.key),
        () => 'the replay was not answered',
      );
      expect(hub.refused.get(first.key)).toMatch(/stale/);
      expect(CPO_IMAGE in (await annotations(plane))).toBe(false);
    });

    test('a key that somebody else owns', async () => {
      await start();
      const plane = await hosted();
      await cluster().admin.apply(
        pathOf(plane),
        {
          apiVersion: 'hypershift.openshift.io/v1beta1',
          kind: 'HostedCluster',
          metadata: {
            name: shortName(plane),
            namespace: NAMESPACE,
            annotations: { [CPO_IMAGE]: `quay.io/theirs@${BAD.replace(/b/g, 'd')}` },
          },
        },
        { manager: 'work-agent' },
      );
      const theirs = await reported(shortName(plane), (p) => p.held !== undefined);
      expect(theirs.held).toMatch(/owned by work-agent/);
      const order = hub.order(theirs, { digest: FIX });
      await settledOf(order.key);
      expect(hub.refused.get(order.key)).toMatch(/owned by work-agent/);
      expect((await annotations(plane))[CPO_IMAGE]).toContain('quay.io/theirs');
    });

    test('a paused one, and a deleted one', async () => {
      await start();
      const [paused, gone] = await Promise.all([hosted(), hosted()]);
      await cluster().admin.merge(pathOf(paused), { spec: { pausedUntil: 'true' } });
      expect((await reported(shortName(paused), (p) => p.paused === true)).paused).toBe(true);
      const first = hub.order(paused, { digest: FIX });
      await settledOf(first.key);
      expect(hub.refused.get(first.key)).toMatch(/paused/);
      await cluster().admin.remove(pathOf(gone));
      await until(
        () => !hub.planes.has(gone.name),
        () => 'it is still there',
      );
      const second = hub.order(gone, { digest: FIX });
      await settledOf(second.key);
      expect(hub.refused.get(second.key)).toMatch(/was deleted/);
      expect((await cluster().admin.ask({ path: pathOf(gone) })).status).toBe(404);
    });
  });

  describe('nothing is lost and nothing is done twice', () => {
    test('when the answer to the write is lost', async () => {
      await start();
      const plane = await hosted();
      let lost = 0;
      way.mood = ({ method, path }) =>
        method === 'PATCH' && !path.includes('dryRun') && lost++ === 0
          ? { do: 'lose the answer' }
          : undefined;
      const order = hub.order(plane, { digest: FIX });
      await settledOf(order.key);
      expect([hub.refused.size, (await annotations(plane))[CPO_IMAGE]]).toEqual([0, `${REPOSITORY}@${FIX}`]);
      expect(patches(plane).filter((r) => !r.path.includes('dryRun')).length).toBe(1);
    });

    test('when the API server says 429, 500 and hangs up', async () => {
      await start();
      const plane = await hosted();
      const moods = [
        { do: 'answer', status: 429, retryAfter: 0 },
        { do: 'answer', status: 500 },
        { do: 'hang up' },
      ] as const;
      let n = 0;
      way.mood = ({ method }) => (method === 'PATCH' ? moods[n++] : undefined);
      const order = hub.order(plane, { digest: FIX });
      await settledOf(order.key);
      expect(hub.refused.size).toBe(0);
      await runs(plane, FIX);
    });

    test('when the hub does not answer, or its answers are lost', async () => {
      await start();
      const plane = await hosted();
      hub.mood = 'lost';
      const order = hub.order(plane, { digest: FIX });
      await until(
        () => hub.settled.has(order.key),
        () => 'not heard',
      );
      hub.mood = 'down';
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      hub.mood = 'up';
      await runs(plane, FIX);
      expect(patches(plane).filter((r) => !r.path.includes('dryRun')).length).toBe(1);
    });

    test('when the agent ends between the write and its report, and is started anew', async () => {
      await start();
      const plane = await hosted();
      hub.mood = 'up';
      const order = hub.order(plane, { digest: FIX });
      let wrote = false;
      way.mood = ({ method, path }) => {
        if (method === 'PATCH' && !path.includes('dryRun')) {
          wrote = true;
          hub.mood = 'down';
          return { do: 'lose the answer' };
        }
        return undefined;
      };
      // On its way is not carried out: an agent that ended before it was would have to write it again.
      await until(
        async () => wrote && (await annotations(plane))[CPO_IMAGE] === `${REPOSITORY}@${FIX}`,
        () => 'nothing was written',
      );
      await agent!.stop();
      way.mood = () => undefined;
      hub.mood = 'up';
      hub.planes.clear();
      await start();
      await settledOf(order.key);
      await runs(plane, FIX);
      expect(patches(plane).filter((r) => !r.path.includes('dryRun')).length).toBe(1);
      expect(hub.reports.findLast((r) => r.number === 1)?.full).toBe(true);
    });

    test('when the agent has lost everything it wrote down', async () => {
      await start();
      const plane = await hosted();
      const order = hub.order(plane, { digest: FIX });
      await settledOf(order.key);
      await runs(plane, FIX);
      await agent!.stop();
      rmSync(state, { recursive: true });
      hub.settled.clear();
      hub.planes.clear();
      hub.handOut(order);
      const before = patches(plane).length;
      await start();
      await settledOf(order.key);
      expect([patches(plane).length, hub.refused.size]).toEqual([before, 0]);
      expect((await runs(plane, FIX)).components[CPO]).toMatchObject({ release: RELEASE });
    });
  });

  test('an image that cannot be pulled is seen as such, and going back is not hindered', async () => {
    await start();
    const plane = await hosted();
    const order = hub.order(plane, { digest: BAD });
    await settledOf(order.key);
    const stuck = await reported(shortName(plane), (p) => p.components[CPO]?.override === BAD);
    expect(stuck.components[CPO]?.digest).toBeUndefined();
    const back = hub.order(stuck, { action: 'remove', digest: undefined as never });
    await doneOf(back.key);
    await runs(plane, RELEASE);
  });

  test('with a machine whose clock is five minutes off, the hub’s clock counts', async () => {
    hub.aheadMs = 5 * 60_000;
    await start();
    const plane = await hosted();
    const over = { digest: FIX, expiresAt: instantOf(Date.now() + 60_000) };
    const late = hub.order(plane, over);
    await settledOf(late.key);
    expect(hub.refused.get(late.key)).toMatch(/expired/);
    const order = hub.order(plane, { digest: FIX });
    await settledOf(order.key);
    expect(hub.refused.has(order.key)).toBe(false);
  });
});
