import { expect, test } from 'vitest';
import type { Hosted } from './objects.ts';
import { releaseStateOf } from './release-state.ts';
import { clusterWith, hostedWith, workloadsOf } from './testing.ts';

const RELEASE = 'quay.io/openshift-release-dev/ocp-release:4.19.11-multi';
const done = { state: 'Completed', version: '4.19.11', image: RELEASE };
const BY_DIGEST = `quay.io/openshift-release-dev/ocp-release@sha256:${'3'.repeat(64)}`;
const next = { state: 'Partial', version: '4.19.12', image: 'r:4.19.12' };
const templated = (image: string) =>
  workloadsOf().map((w) => ({
    ...w,
    spec: {
      ...w.spec,
      template: {
        ...w.spec?.template,
        metadata: { annotations: { 'hypershift.openshift.io/release-image': image } },
      },
    },
  }));

test.each<[what: string, hosted: Hosted, version: string, upgrading: boolean]>([
  ['completed', hostedWith(), '4.19.11', false],
  [
    'newest entry not completed',
    hostedWith({ cluster: clusterWith({ status: { version: { history: [next, done] } } }) }),
    '4.19.11',
    true,
  ],
  [
    'spec ahead',
    hostedWith({ cluster: clusterWith({ spec: { release: { image: 'r:4.19.12' } } }) }),
    '4.19.11',
    true,
  ],
  ['no history', hostedWith({ cluster: clusterWith({ status: { version: {} } }) }), '4.19.11', true],
  [
    'wanted by a tag, recorded by its digest',
    hostedWith({
      cluster: clusterWith({
        spec: { release: { image: RELEASE } },
        status: { version: { history: [{ ...done, image: BY_DIGEST }] } },
      }),
    }),
    '4.19.11',
    false,
  ],
  [
    'wanted by the tag of another version than what is recorded by its digest',
    hostedWith({
      cluster: clusterWith({
        spec: { release: { image: RELEASE.replace('4.19.11', '4.19.12') } },
        status: { version: { history: [{ ...done, image: BY_DIGEST }] } },
      }),
    }),
    '4.19.11',
    true,
  ],
  [
    'the first installation, of which HyperShift does not know the version yet',
    hostedWith({
      cluster: clusterWith({
        status: {
          version: {
            desired: { image: RELEASE, version: '' },
            history: [{ state: 'Partial', version: '', image: RELEASE }],
          },
        },
      }),
    }),
    '4.19.11',
    false,
  ],
  [
    'the first installation, by a digest',
    hostedWith({
      cluster: clusterWith({
        spec: { release: { image: BY_DIGEST } },
        status: {
          version: {
            desired: { image: BY_DIGEST, version: '' },
            history: [{ state: 'Partial', version: '', image: BY_DIGEST }],
          },
        },
      }),
    }),
    'unknown',
    false,
  ],
  [
    'an upgrade in the middle of the first installation',
    hostedWith({
      cluster: clusterWith({
        spec: { release: { image: 'r:4.19.12' } },
        status: { version: { history: [next, { ...done, state: 'Partial' }] } },
      }),
    }),
    '4.19.12',
    true,
  ],
  [
    'an upgrade to the first release that tells of the control plane by itself',
    hostedWith({
      cluster: clusterWith({
        spec: { release: { image: 'r:4.19.12' } },
        status: {
          version: { history: [{ ...next, state: 'Completed' }, done] },
          controlPlaneVersion: { history: [next] },
        },
      }),
    }),
    '4.19.12',
    true,
  ],
  [
    'control plane ahead of the nodes',
    hostedWith({
      cluster: clusterWith({
        spec: { release: { image: RELEASE }, controlPlaneRelease: { image: 'r:4.19.13' } },
        status: {
          version: { history: [done] },
          controlPlaneVersion: { history: [{ state: 'Completed', version: '4.19.13', image: 'r:4.19.13' }] },
        },
      }),
    }),
    '4.19.13',
    false,
  ],
  [
    'control plane on its way',
    hostedWith({
      cluster: clusterWith({
        spec: { release: { image: RELEASE }, controlPlaneRelease: { image: 'r:4.19.14' } },
        status: {
          version: { history: [done] },
          controlPlaneVersion: { history: [{ state: 'Completed', version: '4.19.13', image: 'r:4.19.13' }] },
        },
      }),
    }),
    '4.19.13',
    true,
  ],
  [
    'an older release, which only its templates tell',
    hostedWith({
      cluster: clusterWith({ spec: { release: { image: RELEASE }, controlPlaneRelease: { image: 'r:x' } } }),
      workloads: templated('r:x'),
    }),
    '4.19.11',
    false,
  ],
  [
    'an older release, whose templates do not follow yet',
    hostedWith({
      cluster: clusterWith({ spec: { release: { image: RELEASE }, controlPlaneRelease: { image: 'r:x' } } }),
      workloads: templated(RELEASE),
    }),
    '4.19.11',
    true,
  ],
])('version and upgrade: %s', (_, hosted, version, upgrading) => {
  expect(releaseStateOf(hosted)).toEqual({ version, upgrading });
});
