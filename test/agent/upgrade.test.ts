// Goal: an override does not outlive the release it was made for, whoever changes the release and however, on a real API server
// with the policies that are deployed; what others put there is left alone, and the agent can go on afterwards.

import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Digest } from '../../src/core/base/ids.ts';
import { change, type LeverOrder } from '../../src/core/hypershift/levers.ts';
import { markOf } from '../../src/core/hypershift/mark.ts';
import { CPO_IMAGE, type HostedCluster, IMAGE_OVERRIDES, MARK } from '../../src/core/hypershift/objects.ts';
import { ownersOf } from '../../src/core/hypershift/owners.ts';
import type { ComponentSettings } from '../../src/core/hypershift/settings.ts';
import type { Answer, Api, Question, Thing } from '../cluster/api.ts';
import { crdFolders, installCrds } from '../cluster/crds.ts';
import { withCluster } from '../cluster/testing.ts';
import { PATIENCE_MS } from '../patience.ts';

const AGENT = 'system:serviceaccount:fleetfix:fleetfix-agent';
const CLUSTERS = '/apis/hypershift.openshift.io/v1beta1/namespaces/default/hostedclusters';
const ALLOWED = 'fleetfix.dev/upgrade-allowed';
const [R1, R2, R3] = ['4.19.1', '4.19.2', '4.20.0'].map((v) => `quay.example/release:${v}`) as [
  string,
  string,
  string,
];
const digestOf = (hex: string): Digest => `sha256:${hex.repeat(64)}`;
const FOREIGN = `quay.example/support@${digestOf('f')}`;
const CPO: ComponentSettings = {
  ...{ name: 'control-plane-operator', lever: 'annotation', repository: 'quay.example/hotfix' },
};
const CNO: ComponentSettings = {
  ...{ name: 'network-operator', lever: 'image-overrides', repository: 'quay.example/cno' },
  payloadName: 'cluster-network-operator',
};

const COLLECTIONS: Readonly<Record<string, string>> = {
  Namespace: '/api/v1/namespaces',
  ServiceAccount: '/api/v1/namespaces/fleetfix/serviceaccounts',
  ClusterRole: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  ClusterRoleBinding: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
  ...Object.fromEntries(
    ['Mutating', 'Validating'].flatMap((how) =>
      ['Policy', 'PolicyBinding'].map((kind) => [
        `${how}Admission${kind}`,
        `/apis/admissionregistration.k8s.io/v1/${how.toLowerCase()}admission${kind === 'Policy' ? 'policies' : 'policybindings'}`,
      ]),
    ),
  ),
};

const documentsOf = (file: string): Thing[] =>
  parseAllDocuments(readFileSync(new URL(`../../deploy/agent/${file}`, import.meta.url), 'utf8')).map(
    (document) => document.toJS() as Thing,
  );

async function install(admin: Api, file: string) {
  for (const it of documentsOf(file)) await admin.create(COLLECTIONS[it.kind]!, it);
}

describe.each(crdFolders())('with $name', ({ dir }) => {
  describe.each(['strip', 'block'] as const)('and upgrade-%s.yaml,', (how) => {
    const cluster = withCluster({ identities: [{ user: AGENT }] });
    let made = 0;
    let sequence = 0;

    /** A hosted cluster on the first release, with nothing of ours on it. */
    const fresh = async (annotations: Thing = {}): Promise<string> => {
      made += 1;
      const metadata = { name: `hc-${made}`, namespace: 'default', annotations };
      await cluster().admin.create(CLUSTERS, { ...HOSTED, metadata });
      return `${CLUSTERS}/hc-${made}`;
    };
    const get = (path: string) => cluster().admin.get(path) as Promise<Thing & HostedCluster>;
    const lever = async (path: string) => (await get(path)).metadata.annotations?.[CPO_IMAGE];
    const overrides = async (path: string) => (await get(path)).metadata.annotations?.[IMAGE_OVERRIDES];

    /** What the agent writes for an order, as it saw the object. */
    const byAgent = async (
      path: string,
      order: Pick<LeverOrder, 'action' | 'digest'>,
      {
        component = CPO,
        seen,
      }: { readonly component?: ComponentSettings; readonly seen?: HostedCluster } = {},
    ): Promise<Answer> => {
      const at = seen ?? (await get(path));
      sequence += 1;
      const wanted = change(
        component,
        { key: `FIX-7/x/${sequence}`, fix: 'FIX-7', sequence, uid: at.metadata.uid, ...order },
        { hosted: { cluster: at }, release: digestOf('0') },
      );
      if ('refused' in wanted) throw new Error(wanted.refused);
      const { how: patch, object } = wanted.patch;
      return cluster()
        .as(AGENT)
        .ask({
          method: 'PATCH',
          path: `${path}?fieldManager=fleetfix`,
          contentType: patch === 'apply' ? 'application/apply-patch+yaml' : 'application/merge-patch+json',
          body: object,
        });
    };
    const patched = async (component = CPO, annotations: Thing = {}): Promise<string> => {
      const path = await fresh(annotations);
      const { status, body } = await byAgent(path, { action: 'set', digest: digestOf('a') }, { component });
      expect([status, body.message]).toEqual([200, undefined]);
      return path;
    };

    const merge = (path: string, body: Thing): Promise<Answer> =>
      cluster().admin.ask({
        method: 'PATCH',
        path: `${path}?fieldManager=work-agent`,
        contentType: 'application/merge-patch+json',
        body,
      });
    const toRelease = (path: string, image: string, more: Thing = {}) =>
      merge(path, { ...more, spec: { release: { image } } });

    beforeAll(async () => {
      const { admin } = cluster() ?? {};
      // Where there is no cluster every test is skipped with the reason.
      if (admin === undefined) return;
      await installCrds(admin, dir);
      await install(admin, 'rights.yaml');
      await install(admin, `upgrade-${how}.yaml`);
      const path = await fresh({ [CPO_IMAGE]: FOREIGN, [MARK]: JSON.stringify({ image: FOREIGN }) });
      // A policy counts a moment after it was written.
      await vi.waitFor(
        async () => {
          const question: Question = {
            ...{ method: 'PATCH', path: `${path}?dryRun=All`, contentType: 'application/merge-patch+json' },
            body: { spec: { release: { image: R2 } } },
          };
          const { status, body } = await admin.ask(question);
          const counts = how === 'block' ? status === 422 : !(CPO_IMAGE in body.metadata.annotations);
          const own = await cluster().as(AGENT).ask(question);
          if (!counts || own.status !== 422) throw new Error('the policies do not count yet');
        },
        { timeout: PATIENCE_MS },
      );
    });

    /** How those who own the spec change a release. */
    const WAYS: readonly (readonly [way: string, change: (path: string) => Promise<Answer>])[] = [
      ['a merge patch', (path) => toRelease(path, R2)],
      [
        'an update of the whole object',
        async (path) => {
          const { metadata, ...rest } = await get(path);
          const body = { ...rest, metadata, spec: { ...rest.spec, release: { image: R2 } } };
          return cluster().admin.ask({ method: 'PUT', path: `${path}?fieldManager=work-agent`, body });
        },
      ],
      [
        'a server-side apply',
        async (path) => {
          const { metadata } = await get(path);
          const body = {
            ...HOSTED,
            metadata: { name: metadata.name },
            spec: { ...HOSTED.spec, release: { image: R2 } },
          };
          return cluster().admin.ask({
            ...{ method: 'PATCH', path: `${path}?fieldManager=work-agent&force=true` },
            ...{ contentType: 'application/apply-patch+yaml', body },
          });
        },
      ],
      [
        'a release of the control plane’s own',
        (path) => merge(path, { spec: { controlPlaneRelease: { image: R2 } } }),
      ],
      [
        'an update that drops our mark',
        (path) => toRelease(path, R2, { metadata: { annotations: { [MARK]: null } } }),
      ],
    ];

    if (how === 'strip') {
      test.each(WAYS)('our override goes in the very write that changes the release: %s', async (_, way) => {
        const path = await patched(CPO, { theirs: 'x' });
        const { status, body } = await way(path);
        expect([status, body.message]).toEqual([200, undefined]);
        expect(body.metadata.annotations).not.toHaveProperty([CPO_IMAGE]);
        expect(body.metadata.annotations).toHaveProperty('theirs', 'x');
        expect(await lever(path)).toBeUndefined();
      });

      test('our entry of image-overrides goes, and the others stay as they are', async () => {
        const shared = await patched(CNO, { [IMAGE_OVERRIDES]: 'a=r/a:1, b=r/b:2' });
        const alone = await patched(CNO);
        expect((await toRelease(shared, R2)).status).toBe(200);
        expect((await toRelease(alone, R2)).status).toBe(200);
        expect(await overrides(shared)).toBe('a=r/a:1, b=r/b:2');
        expect(await overrides(alone)).toBeUndefined();
      });

      test('a fix for the new release is delivered afterwards, and taken back, without a conflict', async () => {
        const path = await patched();
        await toRelease(path, R2);
        const set = await byAgent(path, { action: 'set', digest: digestOf('b') });
        expect([set.status, set.body.message]).toEqual([200, undefined]);
        expect(await lever(path)).toBe(`quay.example/hotfix@${digestOf('b')}`);
        expect(markOf((await get(path)).metadata, CPO)).toMatchObject({ release: R2, before: digestOf('0') });
        const owners = ownersOf((await get(path)).metadata, ['metadata', 'annotations', CPO_IMAGE]);
        expect(owners).toEqual([{ manager: 'fleetfix', applies: true }]);
        expect((await byAgent(path, { action: 'remove' })).status).toBe(200);
        expect(await lever(path)).toBeUndefined();
      });

      test('retiring what an upgrade took away already changes nothing else', async () => {
        const path = await patched();
        await toRelease(path, R2);
        const { status, body } = await byAgent(path, { action: 'remove' });
        expect([status, body.metadata.annotations[CPO_IMAGE]]).toEqual([200, undefined]);
        expect(markOf((await get(path)).metadata, CPO)?.image).toBeNull();
      });

      test('others may put their own there: by a merge at once, by an apply once forced or our write has followed', async () => {
        const path = await patched();
        await toRelease(path, R2);
        const name = path.slice(CLUSTERS.length + 1);
        const applied = async (more = '') => {
          const { status } = await cluster().admin.ask({
            ...{ method: 'PATCH', path: `${path}?dryRun=All&fieldManager=support${more}` },
            contentType: 'application/apply-patch+yaml',
            body: {
              ...{ apiVersion: HOSTED.apiVersion, kind: HOSTED.kind },
              metadata: { name, annotations: { [CPO_IMAGE]: FOREIGN } },
            },
          });
          return status;
        };
        // What an admission policy takes away stays ours in managedFields until we write again.
        expect([await applied(), await applied('&force=true')]).toEqual([409, 200]);
        expect((await byAgent(path, { action: 'remove' })).status).toBe(200);
        expect(await applied()).toBe(200);
        const other = await patched();
        await toRelease(other, R2);
        expect((await merge(other, { metadata: { annotations: { [CPO_IMAGE]: FOREIGN } } })).status).toBe(
          200,
        );
      });

      test('every upgrade after an upgrade takes its override away', async () => {
        const path = await patched();
        await toRelease(path, R2);
        await byAgent(path, { action: 'set', digest: digestOf('b') });
        await toRelease(path, R3);
        expect(await lever(path)).toBeUndefined();
      });
    } else {
      test.each(WAYS)(
        'a change of the release under our override is denied, and says what to do: %s',
        async (_, way) => {
          const path = await patched();
          const { status, body } = await way(path);
          expect([status, body.message]).toEqual([
            422,
            expect.stringContaining(
              `the override of FIX-7 (quay.example/hotfix@${digestOf('a')}) was made for another release than ${R2}: take it away in the same write`,
            ),
          ]);
          expect((await get(path)).spec?.release?.image).toBe(R1);
        },
      );

      test('it passes when the same write takes the override away', async () => {
        const path = await patched();
        const gone = { metadata: { annotations: { [CPO_IMAGE]: null } } };
        expect((await toRelease(path, R2, gone)).status).toBe(200);
        expect(await lever(path)).toBeUndefined();
      });

      test('our entry of image-overrides holds it as well', async () => {
        const path = await patched(CNO, { [IMAGE_OVERRIDES]: 'a=r/a:1' });
        expect((await toRelease(path, R2)).status).toBe(422);
        const without = { metadata: { annotations: { [IMAGE_OVERRIDES]: 'a=r/a:1' } } };
        expect((await toRelease(path, R2, without)).status).toBe(200);
      });

      test('it passes once the override was retired', async () => {
        const path = await patched();
        await byAgent(path, { action: 'remove' });
        expect((await toRelease(path, R2)).status).toBe(200);
      });
    }

    test.each<[string, Thing]>([
      ['the release it has', { spec: { release: { image: R1 } } }],
      ['another field of the spec', { spec: { pausedUntil: '2030-01-01T00:00:00Z' } }],
      ['a label', { metadata: { labels: { a: 'b' } } }],
      ['the release it has, as the control plane’s own', { spec: { controlPlaneRelease: { image: R1 } } }],
    ])('our override stays when somebody writes %s', async (_, body) => {
      const path = await patched();
      const { status, body: answer } = await merge(path, body);
      expect([status, answer.message]).toEqual([200, undefined]);
      expect(await lever(path)).toBe(`quay.example/hotfix@${digestOf('a')}`);
    });

    test('our override stays while only the nodes’ side goes to another release', async () => {
      const path = await fresh();
      await merge(path, { spec: { controlPlaneRelease: { image: R2 } } });
      await byAgent(path, { action: 'set', digest: digestOf('a') });
      expect((await toRelease(path, R3)).status).toBe(200);
      expect(await lever(path)).toBeDefined();
    });

    test.each<[string, Thing]>([
      ['without our mark', {}],
      [
        'beside our mark of another image',
        { [MARK]: JSON.stringify({ image: `quay.example/hotfix@${digestOf('a')}`, release: R1 }) },
      ],
      ['beside a mark that cannot be read', { [MARK]: '{"image":' }],
    ])('what others put there is never touched and holds nobody: %s', async (_, marks) => {
      const path = await fresh({ [CPO_IMAGE]: FOREIGN, [IMAGE_OVERRIDES]: 'a=r/a:1,odd', ...marks });
      const { status, body } = await toRelease(path, R2);
      expect([status, body.message]).toEqual([200, undefined]);
      expect(body.metadata.annotations).toMatchObject({
        [CPO_IMAGE]: FOREIGN,
        [IMAGE_OVERRIDES]: 'a=r/a:1,odd',
      });
    });

    test('an override that was named as fit for the new release stays, for that one only', async () => {
      const path = await patched(CPO, { [ALLOWED]: R2 });
      expect((await toRelease(path, R2)).status).toBe(200);
      expect(await lever(path)).toBeDefined();
      const { status, body } = await toRelease(path, R3);
      expect([status, CPO_IMAGE in (body.metadata?.annotations ?? {})]).toEqual([
        how === 'strip' ? 200 : 422,
        false,
      ]);
    });

    test('a release and the override that was made for it may come in one write', async () => {
      const path = await patched();
      const image = `quay.example/hotfix@${digestOf('b')}`;
      const mark = {
        key: 'k',
        fix: 'FIX-7',
        sequence: 99,
        component: CPO.name,
        image,
        before: digestOf('0'),
        release: R2,
      };
      const annotations = { [CPO_IMAGE]: image, [MARK]: JSON.stringify(mark) };
      const { status, body } = await toRelease(path, R2, { metadata: { annotations } });
      expect([status, body.message]).toEqual([200, undefined]);
      expect(await lever(path)).toBe(image);
    });

    test('an override of before marks named releases does not outlive its release either', async () => {
      const path = await fresh({
        [CPO_IMAGE]: FOREIGN,
        [MARK]: JSON.stringify({ fix: 'FIX-1', image: FOREIGN }),
      });
      const { status, body } = await toRelease(path, R2);
      expect([status, CPO_IMAGE in (body.metadata?.annotations ?? {})]).toEqual([
        how === 'strip' ? 200 : 422,
        false,
      ]);
    });

    test('an agent that looked before the release was changed is denied, and may still take its override away', async () => {
      const path = await fresh();
      const seen = await get(path);
      await toRelease(path, R2);
      const late = await byAgent(path, { action: 'set', digest: digestOf('a') }, { seen });
      expect([late.status, late.body.message]).toEqual([
        422,
        expect.stringMatching(/changed since the agent looked/),
      ]);
      expect(await lever(path)).toBeUndefined();
      expect((await byAgent(path, { action: 'remove' }, { seen })).status).toBe(200);
    });

    test('an object with hardly anything in it can be written', async () => {
      const path = await fresh();
      expect((await merge(path, { metadata: { annotations: null } })).status).toBe(200);
      expect((await toRelease(path, R2)).status).toBe(200);
    });
  });
});

const HOSTED: Thing = {
  apiVersion: 'hypershift.openshift.io/v1beta1',
  kind: 'HostedCluster',
  spec: {
    release: { image: R1 },
    pullSecret: { name: 'pull' },
    dns: { baseDomain: 'example.com' },
    platform: { type: 'None' },
    services: ['APIServer', 'OAuthServer', 'Konnectivity', 'Ignition'].map((service) => ({
      service,
      servicePublishingStrategy: { type: 'Route' },
    })),
  },
};
