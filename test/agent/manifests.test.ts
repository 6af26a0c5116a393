// Goal: what is deployed is what the API server takes and what the agent can start with. The manifests are read as
// kustomize reads them (which is not needed for it), and created on a real API server.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { loadAgentConfig } from '../../src/adapters/config/load.ts';
import type { Thing } from '../cluster/api.ts';
import { withCluster } from '../cluster/testing.ts';
import { AGENT, applyRights } from './rights.ts';

const DIR = resolve(import.meta.dirname, '../../deploy/agent');
const textOf = (file: string) => readFileSync(join(DIR, file), 'utf8');
const kustomization: Thing = parse(textOf('kustomization.yaml'));
const documents = (kustomization.resources as string[]).flatMap((file) =>
  parseAllDocuments(textOf(file)).map((document) => {
    expect([file, document.errors]).toEqual([file, []]);
    return document.toJS() as Thing;
  }),
);
const one = (kind: string): Thing => documents.filter((it) => it.kind === kind)[0]!;
const deployment = one('Deployment');
const template: Thing = deployment.spec.template;
const [agent, enrol]: Thing[] = [template.spec.containers[0], template.spec.initContainers[0]];

describe('what is deployed holds together', () => {
  test('every manifest of the folder is deployed, or named as a choice', () => {
    const others = ['agent.yaml', 'kustomization.yaml'];
    const manifests = readdirSync(DIR).filter((file) => file.endsWith('.yaml') && !others.includes(file));
    const named = [...textOf('kustomization.yaml').matchAll(/^ {2}(?:# )?- (\S+\.yaml)$/gm)].map(
      (m) => m[1]!,
    );
    expect(named).toEqual(expect.arrayContaining(manifests));
    expect(kustomization.resources).toEqual(
      expect.arrayContaining(['rights.yaml', 'state.yaml', 'deployment.yaml']),
    );
  });

  test('the example is a configuration the agent takes, and its state is kept on the volume', async () => {
    const config = await loadAgentConfig(join(DIR, 'agent.yaml'));
    const state = agent!.volumeMounts.find((m: Thing) => m.name === 'state');
    expect(state.mountPath).toBe(config.stateDir);
    expect(config.components.length).toBeGreaterThan(0);
  });

  test('the volumes are of things that are deployed', () => {
    const [config, state] = template.spec.volumes;
    const [generated] = kustomization.configMapGenerator;
    expect([config.configMap.name, generated.files]).toEqual([
      generated.name,
      expect.arrayContaining(['agent.yaml']),
    ]);
    expect(state.persistentVolumeClaim.claimName).toBe(one('PersistentVolumeClaim').metadata.name);
    for (const container of [agent!, enrol!])
      for (const mount of container.volumeMounts)
        expect(template.spec.volumes.map((v: Thing) => v.name)).toContain(mount.name);
  });

  test('it runs as the service account that has the rights, one at a time', () => {
    const { namespace } = deployment.metadata;
    expect(`system:serviceaccount:${namespace}:${template.spec.serviceAccountName}`).toBe(AGENT);
    expect([deployment.spec.replicas, deployment.spec.strategy.type]).toEqual([1, 'Recreate']);
  });

  test('image and unit run the Node that the packages are tried with, and the files they name are there', () => {
    const { dependencies } = JSON.parse(readFileSync(resolve(DIR, '../../package.json'), 'utf8'));
    const containerfile = textOf('Containerfile');
    expect(/^ARG NODE=.*\/node:([\d.]+)-/m.exec(containerfile)?.[1]).toBe(dependencies.node);
    const unit = textOf('fleetfix-agent.service');
    const named = [...`${containerfile}\n${unit}`.matchAll(/\/opt\/fleetfix\/((?:bin|docs)\/\S+)/g)];
    expect(named.length).toBeGreaterThan(2);
    for (const [, file] of named)
      expect([file, existsSync(resolve(DIR, '../..', file!))]).toEqual([file, true]);
  });

  test('the pod enrols when it is not enrolled, and not again', () => {
    const dir = mkdtempSync(join(tmpdir(), 'agent-enrol-'));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    writeFileSync(join(dir, 'fleetfix'), `#!/bin/sh\necho "$@" >> "${dir}/asked"\n`);
    chmodSync(join(dir, 'fleetfix'), 0o755);
    const [shell, ...args]: string[] = enrol!.command;
    const start = () =>
      execFileSync(
        shell!,
        args.map((arg) => arg.replaceAll('/var/lib/fleetfix-agent', dir)),
        { env: { PATH: `${dir}:${process.env.PATH}` } },
      );
    start();
    const asked = readFileSync(join(dir, 'asked'), 'utf8');
    expect(asked).toMatch(/^agent enrol --config \S+agent\.yaml --invitation \S+\n$/);
    writeFileSync(join(dir, 'identity.json'), '{}');
    start();
    expect(readFileSync(join(dir, 'asked'), 'utf8')).toBe(asked);
  });
});

describe('on a real API server', () => {
  const cluster = withCluster();
  const PODS = '/api/v1/namespaces/fleetfix/pods';
  /** Judged whole, an unknown field among it, and not kept. */
  const rehearse = (collection: string, body: Thing) =>
    cluster().admin.ask({
      method: 'POST',
      path: `${collection}?dryRun=All&fieldValidation=Strict`,
      body,
    });

  beforeAll(async () => {
    if (cluster() !== undefined) await applyRights(cluster().admin);
  });

  test.each([
    ['/apis/apps/v1/namespaces/fleetfix/deployments', deployment],
    ['/api/v1/namespaces/fleetfix/persistentvolumeclaims', one('PersistentVolumeClaim')],
    ['/api/v1/namespaces/fleetfix/pods', podOf(template)],
  ])('%s takes what is deployed', async (collection, object) => {
    const { status, body } = await rehearse(collection, object);
    expect([status, body.message]).toEqual([201, undefined]);
  });

  test.each<[string, (pod: Thing) => void]>([
    ['may be root', (pod) => void delete pod.spec.securityContext.runAsNonRoot],
    ['keeps capabilities', (pod) => void delete pod.spec.containers[0].securityContext.capabilities],
    ['may gain privileges', (pod) => void delete pod.spec.initContainers[0].securityContext],
    ['has no seccomp profile', (pod) => void delete pod.spec.securityContext.seccompProfile],
  ])('the namespace takes no agent that %s', async (_, weaken) => {
    const pod = podOf(template);
    weaken(pod);
    const { status, body } = await rehearse(PODS, pod);
    expect([status, body.message]).toEqual([403, expect.stringContaining('PodSecurity "restricted')]);
  });

  test('a field that there is not is seen', async () => {
    const { status } = await rehearse('/apis/apps/v1/namespaces/fleetfix/deployments', {
      ...deployment,
      spec: { ...deployment.spec, replica: 1 },
    });
    expect(status).toBe(400);
  });
});

function podOf({ metadata, spec }: Thing): Thing {
  return structuredClone({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, name: 'fleetfix-agent-0' },
    spec,
  });
}
