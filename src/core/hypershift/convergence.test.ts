import fc from 'fast-check';
import { expect, test } from 'vitest';
import { convergence, runningImage } from './convergence.ts';
import type { Hosted } from './objects.ts';
import {
  CNO,
  CPO,
  clusterWith,
  condition,
  digestOf,
  hostedWith,
  LATER,
  look,
  NEW,
  NEW_AMD64,
  OLD,
  PAYLOAD,
  podOf,
  podsOf,
  REPOSITORY,
  workloadOf,
  workloadsOf,
} from './testing.ts';

const [fixed, old] = [`${REPOSITORY}@${NEW}`, `${PAYLOAD}@${OLD}`];
const everywhere = { operator: fixed, apiserver: fixed, etcd: fixed };
const ask = (hosted: Hosted, known = [OLD]) =>
  convergence(hosted, { component: CPO, digest: NEW, known, sameImage: look.sameImage });

test('a control plane whose templates, workloads and pods all hold the image has converged', () => {
  expect(ask(hostedWith({ images: everywhere }))).toEqual({ converged: true });
});

test('neither Progressing nor any version is read', () => {
  const moved = clusterWith({
    status: {
      conditions: [condition('Progressing', 'True'), condition('ClusterVersionProgressing', 'True')],
      version: { history: [{ state: 'Partial', version: '4.20.1', image: 'x' }] },
      controlPlaneVersion: { history: [{ state: 'Partial', version: '4.20.1', image: 'x' }] },
    },
  });
  expect(ask(hostedWith({ cluster: moved, images: everywhere }))).toEqual({ converged: true });
  const still = clusterWith({ status: { conditions: [condition('Progressing', 'False')] } });
  expect(ask(hostedWith({ cluster: still }))).toMatchObject({ converged: false });
});

test('pods may run the image of their platform, which is the same image', () => {
  const workloads = workloadsOf(everywhere);
  const id = `${REPOSITORY}@${NEW_AMD64}`;
  const pods = podsOf(workloads, { 'control-plane-operator': id, bootstrap: id, 'ensure-dns': id });
  expect(ask(hostedWith({ workloads, pods }))).toEqual({ converged: true });
});

const HELPER = 'quay.io/hypershift/hypershift-operator:latest';
const lender = workloadOf(['Deployment', 'control-plane-operator'], { 'control-plane-operator': fixed });
/** An image without the label control-plane-operator-subcommands: HyperShift's own is given to its helpers. */
const borrower = {
  ...lender,
  spec: {
    ...lender.spec,
    template: {
      spec: {
        containers: [
          {
            ...lender.spec!.template!.spec!.containers![0]!,
            env: [{ name: 'AVAILABILITY_PROBER_IMAGE', value: HELPER }],
          },
        ],
      },
    },
  },
};

test('helper containers hold what the operator is told to give them, which may be another image than its own', () => {
  const prober = (image: string) =>
    workloadOf(['Deployment', 'capi-provider'], { manager: 'x', 'availability-prober': image });
  const asked = (anchor: typeof lender, image: string) =>
    ask(hostedWith({ workloads: [anchor, prober(image)] }));
  expect(asked(borrower, HELPER)).toEqual({ converged: true });
  expect(asked(borrower, fixed)).toEqual({ converged: true });
  expect(asked(borrower, old)).toMatchObject({ converged: false });
  expect(asked(lender, old)).toMatchObject({ converged: false });
  expect(asked(lender, HELPER)).toMatchObject({ converged: false });
});

const [operator, apiserver, etcd, scheduler] = workloadsOf(everywhere);
const rolling = (status: object) =>
  workloadOf(['Deployment', 'kube-apiserver'], { bootstrap: fixed }, { replicas: 3, status });

test.each<[what: string, hosted: Hosted, waitingFor: string]>([
  [
    'no operator',
    hostedWith({ workloads: [apiserver!, etcd!] }),
    'Deployment control-plane-operator is not there',
  ],
  [
    'a template still holds the old image',
    hostedWith({ images: { ...everywhere, etcd: old } }),
    'StatefulSet etcd (ensure-dns) holds a1a1a1a1a1a1, not b2b2b2b2b2b2',
  ],
  [
    'a pod still runs the old image though its template is new',
    hostedWith({
      workloads: [operator!, etcd!],
      pods: [podOf(operator!), podOf(etcd!, { 'ensure-dns': old })],
    }),
    'pod etcd-0 (ensure-dns) holds a1a1a1a1a1a1, not b2b2b2b2b2b2',
  ],
  [
    'a controller that has not looked',
    hostedWith({ workloads: [operator!, rolling({ observedGeneration: 1 })] }),
    'Deployment kube-apiserver: its controller has not seen the change yet',
  ],
  [
    'pods of before',
    hostedWith({ workloads: [operator!, rolling({ replicas: 4 })] }),
    'Deployment kube-apiserver: 1 earlier pods are still there',
  ],
  [
    'pods that are not ready',
    hostedWith({ workloads: [operator!, rolling({ readyReplicas: 2, unavailableReplicas: 1 })] }),
    'Deployment kube-apiserver: 2 of 3 pods are ready',
  ],
  [
    'a pod that has not started',
    hostedWith({ workloads: [operator!], pods: [podOf(operator!, { 'control-plane-operator': undefined })] }),
    'pod control-plane-operator-0 (control-plane-operator) does not say which image it runs',
  ],
  [
    'pods that are not seen, whatever the workload says of them',
    hostedWith({
      workloads: [operator!, etcd!],
      pods: [podOf(operator!), podOf(etcd!), podOf(etcd!, {}, 1)],
    }),
    'StatefulSet etcd: 2 of 3 pods are seen',
  ],
  [
    'pods of another, whose name begins alike',
    hostedWith({
      workloads: [operator!],
      pods: [podOf(workloadOf(['Deployment', 'control-plane-operator-x'], {}))],
    }),
    'Deployment control-plane-operator: 0 of 1 pods are seen',
  ],
  [
    'a component that says it rolls',
    hostedWith({
      images: everywhere,
      components: [
        {
          metadata: { name: 'etcd', namespace: 'n', uid: 'u' },
          status: { conditions: [condition('Available', 'True'), condition('RolloutComplete', 'False')] },
        },
      ],
    }),
    'ControlPlaneComponent etcd is not RolloutComplete',
  ],
])('it waits for %s', (_, hosted, waitingFor) => {
  expect(ask(hosted)).toEqual({ converged: false, waitingFor: expect.arrayContaining([waitingFor]) });
});

test('who lags behind with an image nobody remembers is recognised by its container', () => {
  const forgotten = hostedWith({ images: { ...everywhere, etcd: `${PAYLOAD}@${LATER}` } });
  expect(ask(forgotten, [])).toMatchObject({ converged: false });
});

test('a workload, a pod or a component that is not of the family is not waited for', () => {
  const foreign = workloadOf(
    ['Deployment', 'kube-scheduler'],
    { 'kube-scheduler': `${PAYLOAD}@${digestOf('9')}` },
    { status: { readyReplicas: 0 } },
  );
  const workloads = [operator!, apiserver!, etcd!, foreign];
  const job = {
    ...podOf(etcd!, { 'ensure-dns': old }, 9),
    metadata: { ...podOf(etcd!).metadata, ownerReferences: [{ kind: 'Job', name: 'etcd-backup', uid: 'j' }] },
  };
  const over = { ...podOf(etcd!, { 'ensure-dns': old }, 8), status: { phase: 'Failed' } };
  const pods = [...podsOf(workloads), job, over];
  const components = [
    { metadata: { name: 'kube-scheduler', namespace: 'n', uid: 'u' }, status: { conditions: [] } },
  ];
  expect(ask(hostedWith({ workloads, pods, components }))).toEqual({ converged: true });
  expect(scheduler!.metadata.name).toBe('kube-scheduler');
});

test('what a family runs is told while it is settled, and not while two images run', () => {
  const running = (hosted: Hosted) => runningImage(hosted, CPO, { known: [], sameImage: look.sameImage });
  expect(running(hostedWith())).toEqual({ digest: OLD, waitingFor: [], held: [OLD] });
  expect(running(hostedWith({ images: everywhere }))).toEqual({ digest: NEW, waitingFor: [], held: [NEW] });
  const mixed = running(hostedWith({ images: { operator: fixed, etcd: old } }));
  expect(mixed.digest).toBeUndefined();
  expect(mixed.waitingFor).toContain('2 images run: a1a1a1a1a1a1, b2b2b2b2b2b2');
  expect(running(hostedWith({ workloads: [] })).waitingFor).toContain('nothing runs it');
});

test('a template that names its image by a tag is told by its pods', () => {
  const tagged = workloadOf(['Deployment', 'control-plane-operator'], {
    'control-plane-operator': 'r.example/cpo:v1',
  });
  const pods = [podOf(tagged, { 'control-plane-operator': `r.example/cpo@${OLD}` })];
  expect(runningImage(hostedWith({ workloads: [tagged], pods }), CPO, { known: [], ...look })).toMatchObject({
    digest: OLD,
  });
});

test('a component of the release is seen at the workload of its name', () => {
  const network = workloadOf(['Deployment', 'cluster-network-operator'], {
    'cluster-network-operator': `${PAYLOAD}@${LATER}`,
  });
  expect(
    runningImage(hostedWith({ workloads: [...workloadsOf(), network] }), CNO, { known: [], ...look }),
  ).toEqual({
    digest: LATER,
    waitingFor: [],
    held: [LATER],
  });
});

test('in a repository that is shared only digests tell what an image is of', () => {
  const shared = { ...CPO, repository: PAYLOAD };
  const run = (sharedRepository: boolean) =>
    runningImage(hostedWith(), { ...shared, sharedRepository }, { known: [], ...look }).digest;
  expect([run(true), run(false)]).toEqual([OLD, undefined]);
});

test('whatever is where, converged means that every template and pod of the family holds the image, and all are seen', () => {
  const holds = fc.constantFrom(fixed, old, `${PAYLOAD}@${LATER}`);
  const roll = fc.record({
    template: holds,
    ids: fc.array(fc.option(holds, { nil: undefined }), { maxLength: 4 }),
    ready: fc.integer({ min: 0, max: 3 }),
  });
  const names = ['control-plane-operator', 'hosted-cluster-config-operator', 'token-minter'];
  let converged = 0;
  const property = fc.property(fc.tuple(roll, roll, roll), fc.boolean(), (rolls, good) => {
    const parts = good
      ? rolls.map((r) => ({ ...r, template: fixed, ids: [fixed, fixed, fixed], ready: 3 }))
      : rolls;
    const workloads = parts.map((r, at) =>
      workloadOf(
        ['Deployment', names[at]!],
        { [names[at]!]: r.template },
        { replicas: 3, status: { readyReplicas: r.ready } },
      ),
    );
    const pods = workloads.flatMap((w, at) =>
      parts[at]!.ids.map((id, n) => podOf(w, { [names[at]!]: id }, n)),
    );
    const hosted = hostedWith({ workloads, pods });
    const right = parts.every(
      (r) => r.template === fixed && r.ready === 3 && r.ids.length >= 3 && r.ids.every((id) => id === fixed),
    );
    const answer = ask(hosted);
    expect(answer.converged).toBe(right);
    if (!answer.converged) expect(answer.waitingFor.length).toBeGreaterThan(0);
    expect(runningImage(hosted, CPO, { known: [OLD], ...look }).digest === NEW).toBe(right);
    if (right) converged += 1;
  });
  fc.assert(property, { numRuns: 300, seed: 5 });
  expect(converged).toBeGreaterThan(50);
});
