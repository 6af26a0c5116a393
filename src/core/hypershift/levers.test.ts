import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Change, change, changeWorkload, type LeverOrder, says } from './levers.ts';
import { lastSequenceOf, markKeyOf, markOf, markText } from './mark.ts';
import { CPO_IMAGE, type HostedCluster, IMAGE_OVERRIDES, MARK, type Workload } from './objects.ts';
import type { ComponentSettings } from './settings.ts';
import {
  CNO,
  CPO,
  clusterWith,
  digestOf,
  LATER,
  NEW,
  OLD,
  ownedBy,
  REPOSITORY,
  withAnnotations,
  workloadOf,
} from './testing.ts';

const fixed = `${REPOSITORY}@${NEW}`;
const set: LeverOrder = {
  key: 'FIX-1/uid-1/3',
  fix: 'FIX-1',
  uid: 'uid-1',
  action: 'set',
  digest: NEW,
  sequence: 3,
};
const { digest: _, ...rest } = set;
const remove: LeverOrder = { ...rest, action: 'remove', key: 'FIX-1/uid-1/4', sequence: 4 };
const ask = (cluster: HostedCluster, order = set, component = CPO) =>
  change(component, order, { hosted: { cluster }, release: OLD });
const done = (cluster: HostedCluster, order = set, component = CPO): Change => {
  const made = ask(cluster, order, component);
  if ('refused' in made) throw new Error(made.refused);
  return made;
};
const refused = (made: ReturnType<typeof ask>) => ('refused' in made ? made.refused : undefined);
const RELEASE = clusterWith().spec!.release!.image!;
const mark = {
  ...{ key: set.key, fix: 'FIX-1', sequence: 3, component: CPO.name },
  ...{ image: fixed, before: OLD, release: RELEASE },
};
const ours = withAnnotations(
  { [CPO_IMAGE]: fixed, [MARK]: markText(mark), theirs: 'stays' },
  { managedFields: ownedBy([['fleetfix', 'Apply', CPO_IMAGE, MARK]]) },
);

test('the annotation is put in place by an apply of the uid and our two keys, and nothing else', () => {
  expect(done(withAnnotations({ theirs: 'stays' })).patch).toEqual({
    how: 'apply',
    apiVersion: 'hypershift.openshift.io/v1beta1',
    kind: 'HostedCluster',
    namespace: 'ocm-prod-abc',
    name: 'hc1',
    object: {
      apiVersion: 'hypershift.openshift.io/v1beta1',
      kind: 'HostedCluster',
      metadata: {
        name: 'hc1',
        namespace: 'ocm-prod-abc',
        uid: 'uid-1',
        annotations: { [CPO_IMAGE]: fixed, [MARK]: markText(mark) },
      },
    },
  });
});

test('it is taken away by applying without the key: it is never blanked', () => {
  const { patch } = done(ours, remove);
  const { annotations } = patch.object.metadata as { readonly annotations: Record<string, string> };
  expect(Object.keys(annotations)).toEqual([MARK]);
  expect(JSON.parse(annotations[MARK]!)).toEqual({ ...mark, key: remove.key, sequence: 4, image: null });
});

test('what ran before stays what it was before the first move, until the lever is taken away', () => {
  const again = (cluster: HostedCluster) => {
    const { annotations } = done(cluster, { ...set, digest: LATER, sequence: 9 }).patch.object
      .metadata as HostedCluster['metadata'];
    return markOf({ annotations: annotations! }, CPO)?.before;
  };
  const first = { ...mark, before: digestOf('77') };
  const held = { managedFields: ownedBy([['fleetfix', 'Apply', CPO_IMAGE, MARK]]) };
  expect(again(withAnnotations({ [CPO_IMAGE]: fixed, [MARK]: markText(first) }, held))).toBe(digestOf('77'));
  expect(again(withAnnotations({ [MARK]: markText({ ...first, image: null }) }, held))).toBe(OLD);
});

test('what ran before is looked at anew once somebody took the lever away, as an upgrade does', () => {
  const first = { ...mark, before: digestOf('77') };
  const before = (annotations: Readonly<Record<string, string>>) => {
    const { patch } = done(withAnnotations({ ...annotations, [MARK]: markText(first) }));
    return markOf(patch.object.metadata as HostedCluster['metadata'], CPO)?.before;
  };
  expect(before({})).toBe(OLD);
  expect(before({ [CPO_IMAGE]: `${REPOSITORY}@${LATER}` })).toBe(OLD);
  expect(before({ [CPO_IMAGE]: fixed })).toBe(digestOf('77'));
});

test.each([
  [{}, 'quay.io/openshift-release-dev/ocp-release:4.19.11-multi'],
  [{ controlPlaneRelease: { image: 'r.example/own:4.19.12' } }, 'r.example/own:4.19.12'],
  [{ controlPlaneRelease: {} }, 'quay.io/openshift-release-dev/ocp-release:4.19.11-multi'],
  [{ release: {} }, undefined],
])('the mark names the release that the control plane is to run: %j', (spec, release) => {
  const { patch } = done(clusterWith({ spec }));
  expect(markOf(patch.object.metadata as HostedCluster['metadata'], CPO)?.release).toBe(release);
});

test('each change says what it changes, what restarts, and how to undo it', () => {
  const text = says(done(clusterWith()));
  expect(text).toContain(`annotation ${CPO_IMAGE} of hc1.ocm-prod-abc from nothing to ${fixed}`);
  expect(text).toContain(
    'Restarts: control-plane-operator, then etcd, kube-apiserver and most other workloads',
  );
  expect(text).toContain('To undo: apply without the annotation');
  expect(text).toContain('a1a1a1a1a1a1 when it was changed');
  expect(says(done(ours, remove))).toContain(`from ${fixed} to nothing`);
});

test.each<[why: string, made: ReturnType<typeof ask>, says: string]>([
  [
    'another uid',
    ask(clusterWith({ metadata: { uid: 'uid-2' } })),
    'hc1.ocm-prod-abc has uid uid-2, not uid-1',
  ],
  [
    'an order without a uid',
    ask(clusterWith({ metadata: { uid: '' } }), { ...set, uid: '' }),
    'hc1.ocm-prod-abc has uid (none), not (none)',
  ],
  [
    'an image by tag',
    ask(clusterWith(), { ...set, digest: 'sha256:1' }),
    'its image "sha256:1" is not a digest',
  ],
  ['no image', ask(clusterWith(), { ...remove, action: 'set' }), 'its image null is not a digest'],
  [
    'a repository that would end the reference',
    ask(clusterWith(), set, { ...CPO, repository: 'r.example/a,b=c' }),
    'repository "r.example/a,b=c" of control-plane-operator is none: expected host/path',
  ],
  [
    'a blank value',
    ask(withAnnotations({ [CPO_IMAGE]: '' }), remove),
    `${CPO_IMAGE} is there and empty, which HyperShift takes for an image`,
  ],
  [
    'somebody else owns it',
    ask(
      withAnnotations(
        { [CPO_IMAGE]: fixed },
        { managedFields: ownedBy([['work-agent', 'Apply', CPO_IMAGE]]) },
      ),
    ),
    `${CPO_IMAGE} is owned by work-agent, and is not taken from them`,
  ],
  [
    'a workload',
    ask(clusterWith(), set, { ...CPO, lever: 'workload-image' }),
    'control-plane-operator is a workload of its own: see changeWorkload',
  ],
])('the annotation is not touched: %s', (_, made, says) => expect(refused(made)).toBe(says));

const network = `registry.example/fixes/network-operator@${NEW}`;
const value = (text: string | undefined, order = set) => {
  const cluster = withAnnotations(text === undefined ? {} : { [IMAGE_OVERRIDES]: text });
  const { patch } = done(cluster, order, CNO);
  return (patch.object.metadata as HostedCluster['metadata']).annotations?.[IMAGE_OVERRIDES];
};

test.each<[was: string | undefined, order: LeverOrder, is: string | null]>([
  [undefined, set, `cluster-network-operator=${network}`],
  ['', set, `cluster-network-operator=${network}`],
  ['a=r/a:1, b=r/b@x=y', set, `a=r/a:1, b=r/b@x=y,cluster-network-operator=${network}`],
  [`a=1,cluster-network-operator=r/n@${OLD},z=2`, set, `a=1,cluster-network-operator=${network},z=2`],
  [`a=1,cluster-network-operator=${network},z=2`, remove, 'a=1,z=2'],
  [`cluster-network-operator=${network}`, remove, null],
  ['a=1', remove, 'a=1'],
])('image-overrides %j: only our entry changes, the others keep order and text', (was, order, is) => {
  expect(value(was, order)).toBe(is);
});

test('putting our entry in and taking it out again leaves the others as they were, in order and text', () => {
  const other = fc.record({
    name: fc.stringMatching(/^[a-z][a-z0-9-]{0,9}$/),
    ref: fc.stringMatching(/^[a-z0-9./:@=-]{1,20}$/),
  });
  const others = fc.uniqueArray(other, { selector: (o) => o.name, minLength: 1, maxLength: 6 });
  const property = fc.property(others, (entries) => {
    const text = entries.map((o) => `${o.name}=${o.ref}`).join(',');
    const put = value(text);
    expect(put).toBe(`${text},cluster-network-operator=${network}`);
    expect(value(put, remove)).toBe(text);
  });
  fc.assert(property, { numRuns: 200 });
});

test('image-overrides are written back under the version that was read, with a mark of their own', () => {
  const { patch, changes } = done(withAnnotations({ [IMAGE_OVERRIDES]: 'a=1' }), set, CNO);
  expect(patch).toMatchObject({
    how: 'merge',
    object: {
      metadata: {
        uid: 'uid-1',
        resourceVersion: '7001',
        annotations: { [`network-operator.${MARK}`]: expect.any(String) },
      },
    },
  });
  expect(changes).toContain('its 1 other entry stays as they are');
  expect(patch.object).not.toHaveProperty('spec');
});

test.each([
  ['nonsense', `${IMAGE_OVERRIDES} is malformed: "nonsense" is not of the form name=reference`],
  ['=r/x', `${IMAGE_OVERRIDES} is malformed: "=r/x" is not of the form name=reference`],
  ['a=1,a=2', `${IMAGE_OVERRIDES} is malformed: a is named twice`],
  [
    'cluster-network-operator=r/n:v1',
    `${IMAGE_OVERRIDES} for cluster-network-operator names "r/n:v1" without a digest`,
  ],
])('malformed image-overrides %j are left as they are', (text, says) => {
  expect(refused(ask(withAnnotations({ [IMAGE_OVERRIDES]: text }), set, CNO))).toBe(says);
  expect(refused(ask(withAnnotations({ [IMAGE_OVERRIDES]: text }), remove, CNO))).toBe(says);
});

test('image-overrides are not written without the version that was read', () => {
  const { resourceVersion: _, ...metadata } = clusterWith().metadata;
  expect(refused(ask({ metadata }, set, CNO))).toBe('hc1.ocm-prod-abc was read without its resourceVersion');
});

const HO: ComponentSettings = {
  name: 'hypershift-operator',
  lever: 'workload-image',
  repository: 'registry.example/fixes/hypershift-operator',
  workload: { kind: 'Deployment', namespace: 'hypershift', name: 'operator', container: 'operator' },
};
const operator = (image: string, metadata: Partial<Workload['metadata']> = {}): Workload => {
  const workload = workloadOf(['Deployment', 'operator'], { operator: image, sidecar: 'r/s:1' });
  return {
    ...workload,
    metadata: { ...workload.metadata, uid: 'uid-1', namespace: 'hypershift', ...metadata },
  };
};
const onWorkload = (workload: Workload, order = set) => changeWorkload(HO, order, { workload, release: OLD });

test('the image of a workload is merged into its container, and what was there before is noted to go back to', () => {
  const there = onWorkload(operator('quay.io/ho/ho:v1'));
  if ('refused' in there) throw new Error(there.refused);
  const { metadata, spec } = there.patch.object as Pick<Workload, 'metadata' | 'spec'>;
  expect(there.patch).toMatchObject({
    how: 'strategic',
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    namespace: 'hypershift',
    name: 'operator',
  });
  expect(spec).toEqual({
    template: {
      spec: {
        containers: [{ name: 'operator', image: `registry.example/fixes/hypershift-operator@${NEW}` }],
      },
    },
  });
  expect(metadata).toMatchObject({ uid: 'uid-1', resourceVersion: '8001' });
  expect(markOf(metadata, HO)?.before).toBe(`quay.io/ho/ho@${OLD}`);
  const back = onWorkload(
    operator(`${HO.repository}@${NEW}`, { annotations: metadata.annotations! }),
    remove,
  );
  expect(back).toMatchObject({
    patch: {
      object: {
        spec: { template: { spec: { containers: [{ name: 'operator', image: `quay.io/ho/ho@${OLD}` }] } } },
      },
    },
  });
});

test('who applies the image of a workload himself would put it back, and is not fought', () => {
  const fieldsV1 = {
    'f:spec': {
      'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"operator"}': { 'f:image': {} } } } },
    },
  };
  const by = (operation: string) =>
    onWorkload(operator('r/x:1', { managedFields: [{ manager: 'argocd', operation, fieldsV1 }] }));
  expect(refused(by('Apply'))).toBe(
    'the image of Deployment operator.hypershift is applied by argocd, who would put it back',
  );
  expect(refused(by('Update'))).toBeUndefined();
});

test('a workload without the container is refused', () => {
  const other = workloadOf(['Deployment', 'operator'], { main: 'r/x:1' });
  const made = onWorkload({ ...other, metadata: { ...other.metadata, uid: 'uid-1' } });
  expect(refused(made)).toBe('Deployment operator.ocm-prod-abc-hc1 has no container "operator"');
});

test('a mark that anybody could have written is read with care, and the highest sequence counts', () => {
  const annotations = {
    [MARK]: markText(mark),
    [markKeyOf(CNO)]: markText({ ...mark, component: CNO.name, sequence: 8 }),
    [`x.${MARK}`]: '{"sequence":99}',
    other: markText({ ...mark, sequence: 100 }),
  };
  expect(lastSequenceOf({ annotations })).toBe(8);
  expect(markOf({ annotations }, CPO)?.sequence).toBe(3);
  expect(markOf({ annotations: { [MARK]: '{' } }, CPO)).toBeUndefined();
  expect(lastSequenceOf({})).toBeUndefined();
});
