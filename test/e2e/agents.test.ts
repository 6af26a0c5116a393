// Goal: `hub serve` without a simulated fleet works with agents: they are invited from the command line, enrol, report, wait
// for orders, outlive a killed hub, and are sent away. Method: a hub process, the command line, and the agent's own link.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AgentIdentity, enrol, openLink } from '../../src/adapters/hub-link/index.ts';
import { plane } from '../../src/ports/fleet.contract.ts';
import type { WireReport } from '../../src/wire/agent.ts';
import { layGround, quickConfig } from './ground.ts';
import { adminToken, type HubProcess, leaveNothing, startHubProcess } from './hub-process.ts';

const ground = await layGround();
const config = ground.write(quickConfig(ground));
const BIN = resolve(import.meta.dirname, '../../bin/fleetfix.mjs');
const SIGNAL = new AbortController().signal;

let hub: HubProcess;
beforeAll(async () => {
  hub = await startHubProcess({ config, dataDir: ground.dataDir });
}, 120_000);
afterAll(async () => {
  await leaveNothing(ground.dataDir);
  ground.clear();
});

const cli = async (...argv: string[]): Promise<string> => {
  const file = join(ground.dir, 'admin.token');
  writeFileSync(file, adminToken(ground.dataDir), { mode: 0o600 });
  const args = [BIN, '--hub', hub.url, '--token-file', file, ...argv];
  return (await promisify(execFile)(process.execPath, args)).stdout;
};

const report = (number: number, changes: Partial<WireReport> = {}): WireReport => ({
  managementCluster: 'mc-1',
  run: 'run-1',
  number,
  planes: [],
  gone: [],
  lost: [],
  images: [],
  refused: [],
  settled: [],
  ...changes,
});

type Row = { readonly agent?: string; readonly planes: number; readonly reportedAt?: string };
const rows = async (): Promise<readonly Row[]> => JSON.parse(await cli('get', 'agents', '-o', 'json')).items;

const enrolHere = async (): Promise<AgentIdentity> => {
  const token = (await cli('agent', 'invite', 'mc-1', '--expires', '10m')).trim();
  return enrol({ dir: join(ground.dir, 'agent'), hub: { url: hub.url }, managementCluster: 'mc-1', token });
};

test('an agent enrols, reports, waits across a hub that was killed, and is refused once it is revoked', async () => {
  const identity = await enrolHere();
  expect(await rows()).toMatchObject([{ agent: identity.agent, managementCluster: 'mc-1', planes: 0 }]);
  expect((await rows())[0]).not.toHaveProperty('reportedAt');

  const link = openLink(identity, { url: hub.url });
  const full = report(1, {
    full: true,
    planes: [plane('a'), plane('b', { held: 'its NodePools would roll' })],
  });
  expect(await link.report(full, SIGNAL)).toMatchObject({ taken: true, resync: false });
  expect(await rows()).toMatchObject([{ agent: identity.agent, planes: 2 }]);
  expect((await link.orders(0, SIGNAL)).orders).toEqual([]);

  await hub.kill();
  const listen = new URL(hub.url).host;
  hub = await startHubProcess({ config, dataDir: ground.dataDir, listen });
  expect(await link.report(full, SIGNAL)).toMatchObject({ taken: false, resync: false });
  expect(await link.report(report(2, { gone: ['a'] }), SIGNAL)).toMatchObject({ taken: true, resync: false });
  expect(await link.report(report(4), SIGNAL)).toMatchObject({ taken: false, resync: true });
  expect(await rows()).toMatchObject([{ planes: 1 }]);

  await cli('agent', 'revoke', identity.agent);
  await expect(link.report(report(5, { full: true }), SIGNAL)).rejects.toMatchObject({ status: 401 });
  await expect(link.orders(0, SIGNAL)).rejects.toMatchObject({ status: 401 });
  const [row] = await rows();
  expect(row).toMatchObject({ planes: 1 });
  expect(row).not.toHaveProperty('agent');
  link.close();
}, 180_000);

test('a hub that is stopped lets those who wait for orders go, and ends well', async () => {
  const identity = await enrolHere();
  const link = openLink(identity, { url: hub.url });
  await link.report({ ...report(1, { full: true }), run: 'run-2' }, SIGNAL);
  const waits = link.orders(60_000, SIGNAL);
  // Its own connection: the answer shows that the hub took the one before.
  await link.report({ ...report(2), run: 'run-2' }, SIGNAL);
  const [code, answer] = await Promise.all([hub.stop(), waits]);
  expect(code).toBe(0);
  expect(answer.orders).toEqual([]);
  link.close();
}, 120_000);
