// Goal: before an image reaches the control planes of a stratum, one of them tells with paused node pools whether workers would be
// replaced; if so none is, and whatever happens on the way, no pool stays paused and no image stays in place. On a real API
// server, with the rights that are deployed.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Digest } from '../../src/core/base/ids.ts';
import type { ReportedPlane } from '../../src/core/hypershift/inventory.ts';
import { CPO_IMAGE } from '../../src/core/hypershift/objects.ts';
import type { Question, Thing } from '../cluster/api.ts';
import { crdFolders, installCrds } from '../cluster/crds.ts';
import { type Operator, startOperator } from '../cluster/hypershift/operator.ts';
import { FEW_COMPONENTS } from '../cluster/hypershift/options.ts';
import { type Kubelet, startKubelet } from '../cluster/kubelet.ts';
import { withCluster } from '../cluster/testing.ts';
import { PATIENCE_MS } from '../patience.ts';
import { type OverShoulder, overShoulder, type RunningAgent, startAgent } from './over-shoulder.ts';
import { AGENT, applyRights } from './rights.ts';

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const RELEASE = digest('e');
const FIX = digest('f');
/** Another candidate that is as harmless, for a stratum of its own. */
const LATER = digest('d');
const ROLLS = digest('b');
const CPO = 'control-plane-operator';
const VERSION = '4.20.3';
const FOR_EVER_MS = 600_000;
const NAMESPACE = 'clusters';
const MANIFESTS = new URL('../../deploy/agent/probe-rights.yaml', import.meta.url);
const HYPERSHIFT = '/apis/hypershift.openshift.io/v1beta1';
const POOLS = `${HYPERSHIFT}/namespaces/${NAMESPACE}/nodepools`;
const REPOSITORY = 'quay.example/hotfix/cpo';
const SETTINGS = {
  managementCluster: 'mc-1',
  region: 'eu',
  sector: 'main',
  components: [{ name: CPO, lever: 'annotation', repository: REPOSITORY }],
  labels: {},
} as const;

const COLLECTIONS: Readonly<Record<string, string>> = {
  ClusterRole: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  ClusterRoleBinding: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
  ValidatingAdmissionPolicy: '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies',
  ValidatingAdmissionPolicyBinding: '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings',
};

const isCalm = (plane: ReportedPlane, which: Digest): boolean =>
  plane.components[CPO]?.digest === which &&
  plane.held === undefined &&
  plane.unhealthy === undefined &&
  !plane.upgrading;

describe.each(crdFolders())('with $name', ({ dir }) => {
  const cluster = withCluster({ identities: [{ user: AGENT }] });
  const admin = () => cluster().admin;
  let kubelet: Kubelet;
  let operator: Operator;
  let hub: OverShoulder;
  let agent: RunningAgent | undefined;
  let state: string;
  let count = 0;
  /** What the image would do does not show yet. */
  let isHidden = false;
  const show = () => {
    isHidden = false;
    operator.lookAgain();
  };

  beforeAll(async () => {
    // Where there is no cluster every test is skipped with the reason.
    if (cluster() === undefined) return;
    await installCrds(admin(), dir);
    await applyRights(admin());
    for (const document of parseAllDocuments(readFileSync(MANIFESTS, 'utf8'))) {
      const it = document.toJS() as Thing;
      await admin().create(COLLECTIONS[it.kind]!, it);
    }
    kubelet = await startKubelet(admin());
    operator = startOperator(admin(), {
      components: FEW_COMPONENTS,
      releases: { [VERSION]: `quay.example/release/cpo@${RELEASE}` },
      changesIgnition: (ref) => ref.includes(ROLLS) && !isHidden,
    });
    await operator.makeCluster({ namespace: NAMESPACE, name: 'rights', version: VERSION });
    // A policy counts a moment after it was written.
    await vi.waitFor(
      async () => {
        const question = apply('rights-1', { spec: { replicas: 3 } }, true);
        const path = `${question.path}&dryRun=All`;
        const { status } = await cluster()
          .as(AGENT)
          .ask({ ...question, path });
        if (status !== 422) throw new Error(`the policy does not count yet: ${status}`);
      },
      { timeout: PATIENCE_MS },
    );
  });
  afterAll(async () => {
    await operator?.stop();
    await kubelet?.stop();
  });
  beforeEach(() => {
    isHidden = false;
    hub = overShoulder('mc-1');
    state = mkdtempSync(join(tmpdir(), 'agent-state-'));
  });
  afterEach(async () => {
    await agent?.stop();
    agent = undefined;
    hub?.close();
    if (state) rmSync(state, { recursive: true, force: true });
  });

  /** `settleMs`: with a long one a probe of a harmless image does not end by itself. */
  const start = async (settleMs = 1_000) => {
    const { url: server, ca } = cluster();
    agent = await startAgent({
      hub,
      server,
      ca,
      token: cluster().tokenOf(AGENT),
      settings: { ...SETTINGS, probe: { nodePools: true, settleMs } },
      dir: state,
    });
  };
  const stop = async () => {
    await agent!.stop();
    agent = undefined;
  };
  const shortName = (plane: ReportedPlane) => plane.name.split('.')[0]!;
  const reported = (name: string, holds: (plane: ReportedPlane) => boolean) =>
    vi.waitFor(
      () => {
        const plane = hub.planes.get(`${name}.${NAMESPACE}`);
        if (plane === undefined || !holds(plane)) throw new Error(`${name}: ${JSON.stringify(plane)}`);
        return plane;
      },
      { timeout: PATIENCE_MS, interval: 50 },
    );
  const runs = (plane: ReportedPlane, which: Digest) => reported(shortName(plane), (p) => isCalm(p, which));
  const hosted = async (wish: object = {}): Promise<ReportedPlane> => {
    count += 1;
    const name = `np-${count}`;
    await operator.makeCluster({ namespace: NAMESPACE, name, version: VERSION, nodePools: 2, ...wish });
    return await reported(name, (p) => isCalm(p, RELEASE));
  };
  const settled = async (key: string) =>
    await vi.waitFor(
      () => {
        if (!hub.settled.has(key)) throw new Error(`${key} is not settled: ${[...hub.refused]}`);
        return hub.refused.get(key);
      },
      { timeout: PATIENCE_MS, interval: 25 },
    );
  const lever = async (plane: ReportedPlane): Promise<string | undefined> =>
    (await admin().get(`${HYPERSHIFT}/namespaces/${NAMESPACE}/hostedclusters/${shortName(plane)}`)).metadata
      .annotations?.[CPO_IMAGE];
  const poolsOf = async (plane: ReportedPlane): Promise<Thing[]> =>
    (await admin().get(POOLS)).items.filter((it: Thing) => it.spec.clusterName === shortName(plane));
  const pauses = async (plane: ReportedPlane) => (await poolsOf(plane)).map((it) => it.spec.pausedUntil);
  /** Names of the secrets that nodes start with, which a roll makes anew; and what the pools say they have. */
  const workers = async (plane: ReportedPlane) => {
    const { items } = await admin().get(`/api/v1/namespaces/${NAMESPACE}-${shortName(plane)}/secrets`);
    const secrets = items.map((it: Thing) => it.metadata.name).filter((it: string) => /^user-data-/.test(it));
    const pools = await poolsOf(plane);
    return { secrets: secrets.sort(), annotations: pools.map((it) => it.metadata.annotations) };
  };
  const untilPaused = (plane: ReportedPlane) =>
    vi.waitFor(
      async () => {
        const found = await pauses(plane);
        expect(found.every((it) => it !== undefined)).toBe(true);
        return found as string[];
      },
      { timeout: PATIENCE_MS, interval: 50 },
    );
  const untilReleased = (plane: ReportedPlane) =>
    vi.waitFor(async () => expect(await pauses(plane)).toEqual([undefined, undefined]), {
      timeout: PATIENCE_MS,
      interval: 100,
    });
  const untilLever = (plane: ReportedPlane, ref: string | undefined) =>
    vi.waitFor(async () => expect(await lever(plane)).toBe(ref), { timeout: PATIENCE_MS, interval: 25 });
  /** Every state of the pools from now on; ends with the function that gives them. */
  const watchPools = async () => {
    const over = new AbortController();
    const seen: Thing[] = [];
    const { metadata } = await admin().get(POOLS);
    const watching = (async () => {
      const from = `${POOLS}?resourceVersion=${metadata.resourceVersion}`;
      for await (const { object } of admin().watch(from, over.signal)) seen.push(object);
    })().catch(() => {});
    return async () => {
      over.abort();
      await watching;
      return seen;
    };
  };
  const saysUpdating = (pool: Thing) =>
    pool.status?.conditions?.some((c: Thing) => c.type === 'UpdatingConfig' && c.status === 'True') ?? false;

  test('an image that would roll the node pools touches no worker, and nobody else gets it', async () => {
    await start();
    const [canary, other] = [await hosted(), await hosted()];
    const before = [await workers(canary), await workers(other)];
    const seen = await watchPools();
    const orders = [canary, other].map((plane) => hub.order(plane, { digest: ROLLS }));
    const because = await Promise.all(orders.map(({ key }) => settled(key)));
    const pools = await seen();
    for (const [at, text] of because.entries())
      expect([at, text]).toEqual([
        at,
        expect.stringMatching(
          /^node pools would roll: np-\d+-\d: UpdatingConfig.* \(tried on np-\d+\.clusters\)/,
        ),
      ]);
    expect(pools.some(saysUpdating)).toBe(true);
    expect(pools.filter(saysUpdating).filter((pool) => pool.spec.pausedUntil === undefined)).toEqual([]);
    // One was enough to know.
    expect(new Set(pools.filter((it) => it.spec.pausedUntil).map((it) => it.spec.clusterName)).size).toBe(1);
    for (const plane of [canary, other]) {
      await untilReleased(plane);
      expect(await lever(plane)).toBeUndefined();
      await runs(plane, RELEASE);
    }
    expect([await workers(canary), await workers(other)]).toEqual(before);
    expect((await poolsOf(canary)).filter(saysUpdating)).toEqual([]);

    // Told once more, it is refused at once, and a later one as well.
    const again = hub.order(await runs(canary, RELEASE), { digest: ROLLS });
    expect(await settled(again.key)).toMatch(/^node pools would roll/);
    expect(await pauses(canary)).toEqual([undefined, undefined]);
  });

  test('an image that would not goes on, after one probe for all of its stratum', async () => {
    await start();
    const planes = [await hosted(), await hosted()];
    const before = await Promise.all(planes.map(workers));
    const seen = await watchPools();
    const orders = planes.map((plane) => hub.order(plane, { digest: FIX }));
    for (const { key } of orders) expect(await settled(key)).toBeUndefined();
    for (const plane of planes) {
      const there = await runs(plane, FIX);
      expect(there.components[CPO]).toEqual({ digest: FIX, release: RELEASE, override: FIX });
      expect(await pauses(plane)).toEqual([undefined, undefined]);
    }
    const paused = (await seen()).filter((it) => it.spec.pausedUntil);
    expect(new Set(paused.map((it) => it.spec.clusterName)).size).toBe(1);
    expect(await Promise.all(planes.map(workers))).toEqual(before);
    // The way back is the usual one.
    const [patched] = [await runs(planes[0]!, FIX)];
    const back = hub.order(patched, { action: 'remove', digest: undefined as never });
    expect(await settled(back.key)).toBeUndefined();
    await runs(planes[0]!, RELEASE);
  });

  test('an agent that ends in the middle leaves a pause that ends by itself; the next puts back what it left, and tries anew', async () => {
    await start(FOR_EVER_MS);
    const plane = await hosted({ nodePools: 2 });
    const before = await workers(plane);
    const order = hub.order(plane, { digest: LATER });
    const until = await untilPaused(plane);
    for (const text of until) {
      expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(Date.parse(text) - Date.now()).toBeLessThanOrEqual(3_600_000);
    }
    await untilLever(plane, `${REPOSITORY}@${LATER}`);
    await stop();
    expect(await lever(plane)).toBe(`${REPOSITORY}@${LATER}`);
    // The hub is away: what was left is put back without it.
    hub.mood = 'down';
    await start();
    await untilLever(plane, undefined);
    await untilReleased(plane);
    expect(hub.settled.has(order.key)).toBe(false);
    hub.mood = 'up';
    expect(await settled(order.key)).toBeUndefined();
    await runs(plane, LATER);
    await untilReleased(plane);
    expect(await workers(plane)).toEqual(before);
  });

  test('an agent that ends while an image that would roll is in place puts it back, and no worker is touched', async () => {
    isHidden = true;
    await start(FOR_EVER_MS);
    const plane = await hosted({ platform: 'Azure' });
    const before = await workers(plane);
    const seen = await watchPools();
    const order = hub.order(plane, { digest: ROLLS });
    await untilLever(plane, `${REPOSITORY}@${ROLLS}`);
    await stop();
    show();
    await vi.waitFor(async () => expect((await poolsOf(plane)).some(saysUpdating)).toBe(true), {
      timeout: PATIENCE_MS,
    });
    await start();
    expect(await settled(order.key)).toMatch(/^node pools would roll/);
    await untilReleased(plane);
    expect(await lever(plane)).toBeUndefined();
    expect((await seen()).filter((it) => saysUpdating(it) && it.spec.pausedUntil === undefined)).toEqual([]);
    expect(await workers(plane)).toEqual(before);
  });

  test('a later order ends the probe: what was tried is put back first, and the pools are released', async () => {
    isHidden = true;
    await start(FOR_EVER_MS);
    const plane = await hosted({ platform: 'KubeVirt' });
    const tried = hub.order(plane, { digest: ROLLS });
    await untilLever(plane, `${REPOSITORY}@${ROLLS}`);
    const before = await workers(plane);
    const back = hub.order(plane, { action: 'remove', digest: undefined as never, ifOverride: ROLLS });
    await untilLever(plane, undefined);
    // Already back, which is all that was asked for: whether it is told so depends on whether that was seen yet.
    expect((await settled(back.key)) ?? 'done').toMatch(/^done$|found no override/);
    // The operator that was tried is still there and shows what it would do: the pools wait until it is gone.
    show();
    await stop();
    await start();
    await untilReleased(plane);
    expect(await settled(tried.key)).toBeDefined();
    await runs(plane, RELEASE);
    expect(await workers(plane)).toEqual(before);
  });

  test('a node pool that somebody else paused is left alone, and the order refused', async () => {
    await start();
    const plane = await hosted({ platform: 'Agent' });
    const [first] = await poolsOf(plane);
    await admin().merge(`${POOLS}/${first!.metadata.name}`, { spec: { pausedUntil: 'true' } });
    const order = hub.order(plane, { digest: FIX });
    expect(await settled(order.key)).toMatch(/could not be found out: node pool \S+ .*not ours/);
    expect(await lever(plane)).toBeUndefined();
    expect((await pauses(plane)).sort()).toEqual(['true', undefined]);
  });

  test('a cluster without node pools has nothing to ask', async () => {
    await start();
    const plane = await hosted({ nodePools: 0 });
    const order = hub.order(plane, { digest: ROLLS });
    expect(await settled(order.key)).toBeUndefined();
    expect(await lever(plane)).toBe(`${REPOSITORY}@${ROLLS}`);
  });

  describe('its rights', () => {
    const ONE = 'rights-1';
    const WHOLE = {
      clusterName: 'rights',
      replicas: 1,
      release: { image: `quay.example/release:${VERSION}` },
      management: { upgradeType: 'Replace' },
      platform: { type: 'None' },
    };
    const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z');
    const asAgent = (question: Question) => cluster().as(AGENT).ask(question);
    const merge = (body: Thing, path = `${POOLS}/${ONE}`): Question => ({
      method: 'PATCH',
      path: `${path}?fieldManager=fleetfix-probe`,
      contentType: 'application/merge-patch+json',
      body,
    });

    test('it may pause a node pool until a time, set another, and end its own pause', async () => {
      for (const spec of [{ pausedUntil: inAnHour() }, { pausedUntil: inAnHour().replace(/..Z$/, '00Z') }]) {
        const { status, body } = await asAgent(apply(ONE, { spec }));
        expect([status, body.message, body.spec?.pausedUntil]).toEqual([200, undefined, spec.pausedUntil]);
      }
      const { status, body } = await asAgent(apply(ONE));
      expect([status, body.message, body.spec?.pausedUntil]).toEqual([200, undefined, undefined]);
    });

    test.each<[string, () => Question, RegExp]>([
      [
        'change how many nodes there are',
        () => apply(ONE, { spec: { replicas: 7 } }, true),
        /pausedUntil alone/,
      ],
      [
        'ask for another release',
        () => merge({ spec: { release: { image: 'quay.example/x:4.20.4' } } }),
        /pausedUntil alone/,
      ],
      ['take a field away', () => merge({ spec: { replicas: null } }), /pausedUntil alone/],
      ['add a field', () => merge({ spec: { nodeDrainTimeout: '5m' } }), /pausedUntil alone/],
      [
        'pause and change',
        () => merge({ spec: { pausedUntil: inAnHour(), replicas: 1 } }),
        /pausedUntil alone/,
      ],
      ['pause without an end', () => apply(ONE, { spec: { pausedUntil: 'true' } }), /within two hours/],
      [
        'pause for a day',
        () =>
          apply(ONE, {
            spec: { pausedUntil: new Date(Date.now() + 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z') },
          }),
        /within two hours/,
      ],
      [
        'pause by a merge, which leaves no owner that could let it go',
        () => merge({ spec: { pausedUntil: inAnHour() } }),
        /within two hours/,
      ],
      [
        'pause as another field manager',
        () => ({
          ...apply(ONE, { spec: { pausedUntil: inAnHour() } }),
          path: `${POOLS}/${ONE}?fieldManager=fleetfix`,
        }),
        /as field manager fleetfix-probe/,
      ],
      ['set a label', () => merge({ metadata: { labels: { a: 'b' } } }), /no metadata/],
      ['set an annotation', () => merge({ metadata: { annotations: { a: 'b' } } }), /no metadata/],
      ['set a finalizer', () => merge({ metadata: { finalizers: ['a.b/c'] } }), /no metadata/],
    ])('the admission policy refuses it to %s', async (_, question, because) => {
      const { status, body } = await asAgent(question());
      expect([status, body.message]).toEqual([422, expect.stringMatching(because)]);
    });

    test('the pause of somebody else it may neither end nor change', async () => {
      const until = inAnHour().replace(/..Z$/, '03Z');
      await admin().merge(`${POOLS}/${ONE}`, { spec: { pausedUntil: until } });
      const other = { pausedUntil: inAnHour().replace(/..Z$/, '01Z') };
      for (const question of [
        merge({ spec: { pausedUntil: null } }),
        merge({ spec: other }),
        apply(ONE, { spec: other }, true),
      ]) {
        const { status, body } = await asAgent(question);
        expect([status, body.message]).toEqual([422, expect.stringMatching(/no pause of somebody else/)]);
      }
      expect((await asAgent(apply(ONE, { spec: other }))).status).toBe(409);
      // A merge may rewrite who owns what: theirs as ours, or nobody as anybody's.
      const { managedFields } = (await admin().get(`${POOLS}/${ONE}`)).metadata;
      const stolen = managedFields.map((m: Thing) =>
        m.fieldsV1['f:spec']?.['f:pausedUntil'] ? { ...m, manager: 'fleetfix-probe', operation: 'Apply' } : m,
      );
      for (const forged of [stolen, [{}]]) {
        const { status, body } = await asAgent(merge({ metadata: { managedFields: forged } }));
        expect([status, body.message]).toEqual([422, expect.stringMatching(/rewrite what others own/)]);
      }
      expect((await admin().get(`${POOLS}/${ONE}`)).spec.pausedUntil).toBe(until);
      await admin().merge(`${POOLS}/${ONE}`, { spec: { pausedUntil: null } });
    });

    test.each<[string, () => Question]>([
      ['make a node pool', () => ({ method: 'POST', path: POOLS, body: { metadata: { name: 'x' } } })],
      ['make one by an apply', () => apply('gone', { spec: WHOLE })],
      ['delete one', () => ({ method: 'DELETE', path: `${POOLS}/${ONE}` })],
      ['write its status', () => merge({ status: { replicas: 1 } }, `${POOLS}/${ONE}/status`)],
      ['scale one', () => merge({ spec: { replicas: 1 } }, `${POOLS}/${ONE}/scale`)],
    ])('RBAC refuses it to %s', async (_, question) => {
      const { status, body } = await asAgent(question());
      expect([status, body.reason]).toEqual([403, 'Forbidden']);
    });

    test('others are not held by the policy', async () => {
      const { status } = await admin().ask(merge({ spec: { replicas: 3 } }));
      expect(status).toBe(200);
    });
  });
});

const apply = (name: string, more: Thing = {}, force = false): Question => ({
  method: 'PATCH',
  path: `${POOLS}/${name}?fieldManager=fleetfix-probe${force ? '&force=true' : ''}`,
  contentType: 'application/apply-patch+yaml',
  body: {
    apiVersion: 'hypershift.openshift.io/v1beta1',
    kind: 'NodePool',
    metadata: { name, namespace: NAMESPACE },
    ...more,
  },
});
