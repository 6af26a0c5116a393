import { expect, test } from 'vitest';
import type { CandidateImage, GuardSubject } from './guard-checks.ts';
import { GUARDS, heldBecause, whyNotNow } from './guards.ts';
import { markText } from './mark.ts';
import type { Memory } from './memory.ts';
import { nodePoolBaseline } from './node-pools.ts';
import { CPO_IMAGE, type Hosted, IMAGE_OVERRIDES, MARK } from './objects.ts';
import {
  ago,
  CNO,
  CPO,
  clusterWith,
  condition,
  hostedWith,
  look,
  NEW,
  NOW_MS,
  OLD,
  ownedBy,
  poolWith,
  REPOSITORY,
  withAnnotations,
  workloadOf,
  workloadsOf,
} from './testing.ts';

const fixed = `${REPOSITORY}@${NEW}`;
const mark = markText({
  key: 'k',
  fix: 'FIX-1',
  sequence: 1,
  component: CPO.name,
  image: fixed,
  before: OLD,
});
const ours = withAnnotations(
  { [CPO_IMAGE]: fixed, [MARK]: mark },
  { managedFields: ownedBy([['fleetfix', 'Apply', CPO_IMAGE, MARK]]) },
);
const of = (hosted: Partial<Hosted>, more: Partial<GuardSubject> = {}): GuardSubject => ({
  hosted: hostedWith(hosted),
  component: CPO,
  ...look,
  ...more,
});
const having = (...conditions: ReturnType<typeof condition>[]) =>
  of({ cluster: clusterWith({ status: { ...clusterWith().status, conditions } }) });
const spec = (parts: object) => of({ cluster: clusterWith({ spec: { ...clusterWith().spec, ...parts } }) });
const well = of({});

const labels = { 'io.openshift.hypershift.restricted-psa': 'true', 'io.openshift.release.operator': 'true' };
const candidate = (more: Partial<CandidateImage>) =>
  of({}, { candidate: { digest: NEW, version: '4.19', labels, runningLabels: labels, ...more } });
const pool = (status: 'True' | 'False') =>
  poolWith('np', { status: { conditions: [condition('UpdatingConfig', status)] } });
const moved = (minutesAgo: number): { readonly memory: Memory } => ({
  memory: {
    components: {},
    usual: [],
    nodePools: nodePoolBaseline([pool('False')]),
    movedAtMs: NOW_MS - minutesAgo * 60_000,
  },
});
const etcd = (readyReplicas: number, replicas = 3) => ({
  workloads: [
    ...workloadsOf().filter((w) => w.metadata.name !== 'etcd'),
    workloadOf(['StatefulSet', 'etcd'], {}, { replicas, status: { readyReplicas } }),
  ],
});
const proxied = (noProxy: string) =>
  spec({ configuration: { proxy: { httpsProxy: 'http://proxy:3128', noProxy } } });
const everywhere = { operator: fixed, apiserver: fixed, etcd: fixed };
const rolled = hostedWith({ workloads: workloadsOf(everywhere), cluster: ours });

/** A guard, who it holds back and with which words, and who it does not. */
const TABLE: Record<
  string,
  { readonly holds: readonly (readonly [GuardSubject, string])[]; readonly passes: readonly GuardSubject[] }
> = {
  'being deleted': {
    holds: [
      [
        of({ cluster: clusterWith({ metadata: { deletionTimestamp: ago(0) } }) }),
        `it is being deleted since ${ago(0)}`,
      ],
    ],
    passes: [well],
  },
  paused: {
    holds: [
      [spec({ pausedUntil: 'true' }), 'reconciling is paused until the field pausedUntil is removed'],
      [spec({ pausedUntil: ago(-1) }), `reconciling is paused until ${ago(-1)}`],
    ],
    passes: [well, spec({ pausedUntil: 'false' }), spec({ pausedUntil: ago(1) })],
  },
  upgrading: {
    holds: [[spec({ release: { image: 'r:4.19.12' } }), 'an upgrade is running']],
    passes: [well],
  },
  'size transition': {
    holds: ['Pending', 'Required'].map((how) => [
      having(condition(`ClusterSizeTransition${how}`, 'True')),
      `its control plane is about to move to another size (ClusterSizeTransition${how})`,
    ]),
    passes: [well, having(condition('ClusterSizeTransitionPending', 'False'))],
  },
  'etcd recovering': {
    holds: [[having(condition('EtcdRecoveryActive', 'True')), 'etcd is recovering']],
    passes: [well, having(condition('EtcdRecoveryActive', 'False'))],
  },
  're-encrypting': {
    holds: [
      [having(condition('EtcdDataEncryptionUpToDate', 'False')), 'the data in etcd is being encrypted again'],
    ],
    passes: [well, having(condition('EtcdDataEncryptionUpToDate', 'True'))],
  },
  'single replica': {
    holds: [
      [
        spec({ controllerAvailabilityPolicy: 'SingleReplica' }),
        'it has a single replica: its API server would be away while etcd and kube-apiserver restart',
      ],
    ],
    passes: [well],
  },
  'unhealthy before': {
    holds: [
      [
        having(condition('Degraded', 'True', { lastTransitionTime: ago(600_000) })),
        'unhealthy before the change: Degraded is True',
      ],
    ],
    passes: [well, having(condition('Degraded', 'True', { lastTransitionTime: ago(1) }))],
  },
  'foreign owner': {
    holds: [
      [
        of({
          cluster: withAnnotations(
            { [CPO_IMAGE]: fixed },
            {
              managedFields: ownedBy([
                ['work-agent', 'Update', CPO_IMAGE],
                ['sre-cron', 'Update', CPO_IMAGE],
              ]),
            },
          ),
        }),
        `${CPO_IMAGE} is owned by sre-cron and work-agent`,
      ],
      [
        of({ cluster: withAnnotations({ [CPO_IMAGE]: fixed }) }),
        `${CPO_IMAGE} is set already, and not by Fleetfix`,
      ],
      [
        of(
          {
            cluster: withAnnotations(
              { [IMAGE_OVERRIDES]: 'a=1' },
              { managedFields: ownedBy([['work-agent', 'Apply', IMAGE_OVERRIDES]]) },
            ),
          },
          { component: CNO },
        ),
        `${IMAGE_OVERRIDES} is applied by work-agent`,
      ],
      [
        of(
          { cluster: withAnnotations({ [IMAGE_OVERRIDES]: `cluster-network-operator=r/x@${OLD}` }) },
          { component: CNO },
        ),
        `${IMAGE_OVERRIDES} is set already, and not by Fleetfix`,
      ],
    ],
    passes: [
      well,
      of({ cluster: ours }),
      of(
        {
          cluster: withAnnotations(
            { [IMAGE_OVERRIDES]: 'a=1' },
            { managedFields: ownedBy([['kubectl-edit', 'Update', IMAGE_OVERRIDES]]) },
          ),
        },
        { component: CNO },
      ),
    ],
  },
  'unreadable lever': {
    holds: [
      [
        of({ cluster: withAnnotations({ [CPO_IMAGE]: '' }) }),
        `${CPO_IMAGE} is there and empty, which HyperShift takes for an image`,
      ],
    ],
    passes: [well, of({ cluster: ours })],
  },
  'proxy trap': {
    holds: [
      [
        proxied(''),
        'would roll its node pools: nodes reach the API server through the https proxy, and its no-proxy list does not exempt api.hc1.example.com and 172.20.0.1',
      ],
    ],
    passes: [well, proxied('.example.com'), of(proxied('').hosted, { component: CNO })],
  },
  'not pullable': {
    holds: [
      [
        candidate({ unreadable: 'registry.example says 404' }),
        'image b2b2b2b2b2b2 cannot be pulled: registry.example says 404',
      ],
    ],
    passes: [well, candidate({})],
  },
  'image labels missing': {
    holds: [
      [
        candidate({ labels: {} }),
        'image b2b2b2b2b2b2 lacks io.openshift.hypershift.restricted-psa, io.openshift.release.operator, which the running image has',
      ],
      [candidate({ runningLabels: undefined as never }), 'the labels of the running image could not be read'],
    ],
    passes: [
      well,
      candidate({}),
      candidate({ labels: { ...labels, more: '1' }, runningLabels: { ...labels, 'vcs-ref': 'other' } }),
    ],
  },
  'minor version differs': {
    holds: [[candidate({ version: '4.20.1' }), 'image b2b2b2b2b2b2 is for 4.20.1, and it is on 4.19.11']],
    passes: [well, candidate({ version: 'v4.19.99' })],
  },
  'node pool delta': {
    holds: [[of({ nodePools: [pool('True')] }, moved(5)), 'node pools begin to roll: np: UpdatingConfig']],
    passes: [
      well,
      of({ nodePools: [pool('False')] }, moved(5)),
      of({ nodePools: [pool('True')] }, moved(121)),
    ],
  },
  'lost availability': {
    holds: [
      [
        having(condition('Available', 'False'), condition('EtcdAvailable', 'False')),
        'Available is False, EtcdAvailable is False',
      ],
    ],
    passes: [well, having(condition('Available', 'Unknown'))],
  },
  'lost quorum': {
    holds: [[of(etcd(1)), 'etcd has 1 of 3 members ready and needs 2']],
    passes: [well, of(etcd(2)), of(etcd(0, 1))],
  },
  'persistent Degraded': {
    holds: [
      [
        having(condition('Degraded', 'True', { reason: 'Unavailable', lastTransitionTime: ago(900_000) })),
        'Degraded is True (Unavailable) for 15m',
      ],
    ],
    passes: [
      well,
      having(condition('Degraded', 'True', { lastTransitionTime: ago(599_000) })),
      having(condition('Degraded', 'False')),
    ],
  },
  'not converged': {
    holds: [
      [
        of({ cluster: ours }, { expected: { uid: 'uid-1', digest: NEW } }),
        'not converged: Deployment control-plane-operator (control-plane-operator) holds a1a1a1a1a1a1, not b2b2b2b2b2b2; Deployment kube-apiserver (bootstrap) holds a1a1a1a1a1a1, not b2b2b2b2b2b2; StatefulSet etcd (ensure-dns) holds a1a1a1a1a1a1, not b2b2b2b2b2b2 and 7 more',
      ],
      [
        of({}, { expected: { uid: 'uid-1', digest: null } }),
        'which image is to run without the lever is not known',
      ],
    ],
    passes: [well, of(rolled, { expected: { uid: 'uid-1', digest: NEW } })],
  },
  drift: {
    holds: [
      [
        of({}, { expected: { uid: 'uid-1', digest: NEW } }),
        `${CPO_IMAGE} no longer names b2b2b2b2b2b2: it was removed`,
      ],
      [
        of({ cluster: ours }, { expected: { uid: 'uid-1', digest: null } }),
        `${CPO_IMAGE} was taken away and is there again with b2b2b2b2b2b2`,
      ],
      [
        of(
          {
            cluster: withAnnotations(
              { [CPO_IMAGE]: `r.example/x@${OLD}` },
              { managedFields: ownedBy([['kubectl-annotate', 'Update', CPO_IMAGE]]) },
            ),
          },
          { expected: { uid: 'uid-1', digest: NEW } },
        ),
        `${CPO_IMAGE} was overwritten with a1a1a1a1a1a1, by kubectl-annotate`,
      ],
      [
        of({}, { expected: { uid: 'uid-0', digest: NEW } }),
        'hc1.ocm-prod-abc was created again and is another control plane now, uid-1',
      ],
    ],
    passes: [
      well,
      of({ cluster: ours }, { expected: { uid: 'uid-1', digest: NEW } }),
      of({}, { expected: { uid: 'uid-1', digest: null } }),
    ],
  },
};

test('every guard has a row', () => {
  expect(GUARDS.map((g) => g.name)).toEqual(Object.keys(TABLE));
  for (const { holds, passes } of Object.values(TABLE))
    expect(Math.min(holds.length, passes.length)).toBeGreaterThan(0);
});

test.each(GUARDS)('$when: $name', ({ name, check }) => {
  for (const [it, because] of TABLE[name]!.holds) expect(check(it)).toBe(because);
  for (const it of TABLE[name]!.passes) expect(check(it)).toBeUndefined();
});

test('what the report says in a field of its own is not said as held, so that the hub may still begin with those that burn', () => {
  expect(heldBecause(spec({ pausedUntil: 'true' }))).toBeUndefined();
  expect(heldBecause(having(condition('EtcdAvailable', 'False')))).toBeUndefined();
  expect(heldBecause(having(condition('EtcdRecoveryActive', 'True')))).toBe('etcd is recovering');
});

test('an order is refused by what came up since, but not for the health it may be there to restore', () => {
  expect(whyNotNow(spec({ pausedUntil: 'true' }), { action: 'set' })).toContain('paused');
  expect(whyNotNow(having(condition('EtcdAvailable', 'False')), { action: 'set' })).toBeUndefined();
});

test('the way back is open while anything but the object or the lever itself stands against it', () => {
  for (const it of [
    spec({ pausedUntil: 'true' }),
    having(condition('EtcdRecoveryActive', 'True')),
    proxied(''),
  ])
    expect(whyNotNow(it, { action: 'remove' })).toBeUndefined();
  expect(whyNotNow(of({ cluster: withAnnotations({ [CPO_IMAGE]: fixed }) }), { action: 'remove' })).toContain(
    'not by Fleetfix',
  );
});

test('people may accept what is theirs to accept, and nothing else', () => {
  const single = spec({ controllerAvailabilityPolicy: 'SingleReplica' });
  expect(heldBecause(single, ['single replica'])).toBeUndefined();
  expect(heldBecause(having(condition('EtcdRecoveryActive', 'True')), ['etcd recovering'])).toBe(
    'etcd is recovering',
  );
});
