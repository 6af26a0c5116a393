// Goal: what `npm run cluster:up -- --hypershift N` makes is enough to begin: hosted clusters, rights, and files that are read.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { agentConfigSchema } from '../../src/wire/agent-config.ts';
import { configSchema } from '../../src/wire/config.ts';
import { apiOf } from './api.ts';
import { down, up } from './kept.ts';
import { withBinaries } from './testing.ts';
import { pretendHyperShift } from './to-try.ts';

const binaries = withBinaries();
const HOSTED = '/apis/hypershift.openshift.io/v1beta1/namespaces/clusters/hostedclusters';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'to-try-test-'));
});
afterEach(async () => {
  await down(dir);
  rmSync(dir, { recursive: true, force: true });
});

/** Until it has said what to do next. */
async function pretendOnce(planes: number): Promise<string> {
  const over = new AbortController();
  let said = '';
  const say = (text: string) => {
    said = text;
    over.abort();
  };
  await pretendHyperShift(dir, { planes, signal: over.signal, say });
  return said;
}

const textOf = (name: string) => readFileSync(path.join(dir, 'try', name), 'utf8');

test('hosted clusters, the rights of the agent and its configurations are made, and what is there stays', async () => {
  await up(dir, binaries());
  expect(await pretendOnce(2)).toContain('declare --component hypershift-operator');
  expect(configSchema.safeParse(parse(textOf('fleetfix.yaml'))).error).toBeUndefined();
  expect(agentConfigSchema.safeParse(parse(textOf('agent.yaml'))).error).toBeUndefined();

  const { clusters, users } = JSON.parse(textOf('agent.kubeconfig'));
  const { server, 'certificate-authority-data': ca } = clusters[0].cluster;
  const agent = apiOf({
    url: server,
    ca: Buffer.from(ca, 'base64').toString(),
    token: users[0].user.token,
  });
  const names = async () =>
    (await agent.get(HOSTED)).items.map((one: { metadata: { name: string } }) => one.metadata.name);
  expect(await names()).toEqual(['cp-1', 'cp-2']);
  expect((await agent.ask({ path: '/api/v1/secrets' })).status).toBe(403);

  writeFileSync(path.join(dir, 'try', 'agent.yaml'), '# edited\n');
  await pretendOnce(3);
  expect(textOf('agent.yaml')).toBe('# edited\n');
  expect(await names()).toEqual(['cp-1', 'cp-2', 'cp-3']);
  agent.close();
});
