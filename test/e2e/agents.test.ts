// Goal: `hub serve` without a simulated fleet works with agents: they are invited from the command line, enrol, report, wait
// for orders, outlive a killed hub, and are sent away. Method: a hub process, the command line, and the agent's own link.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AgentIdentity, enrol, openLink } from '../../src/adapters/hub-link/index.ts';
import { verifyOrder } from '../../src/adapters/signer/verify.ts';
import { plane } from '../../src/ports/fleet.contract.ts';
import type { WireReport } from '../../src/wire/agent.ts';
import { layGround, quickConfig } from './ground.ts';
import { adminToken, type HubProcess, leaveNothing, startHubProcess } from './hub-process.ts';
import { castAt, eventually } from './person.ts';
import { deliveredFrom } from './steps.ts';

const ground = await layGround();
const config = ground.write(quickConfig(ground));
const BIN = resolve(import.meta.dirname, '../../bin/fleetfix.mjs');
const SIGNAL = new AbortController().signal;

let hub: HubProcess;
beforeAll(async () => {
  hub = await startHubProcess({ config, dataDir: ground.dataDir });
});
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

const enrolHere = async (managementCluster = 'mc-1'): Promise<AgentIdentity> => {
  const token = (await cli('agent', 'invite', managementCluster, '--expires', '10m')).trim();
  const dir = join(ground.dir, `agent of ${managementCluster}`);
  return enrol({ dir, hub: { url: hub.url }, managementCluster, token });
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
});

test('an order reaches its agent, again from a hub that was killed before it was settled, and what comes of it is told', async () => {
  const identity = await enrolHere();
  let link = openLink(identity, { url: hub.url });
  const { stdout } = await promisify(execFile)('git', ['rev-parse', 'v4.20.3'], {
    cwd: ground.repository.dir,
  });
  const release = `sha256:${'1'.repeat(64)}` as const;
  const planes = Array.from({ length: 8 }, (_, n) =>
    plane(`u-${n}`, { version: '4.20.3', components: { 'lease-operator': { digest: release, release } } }),
  );
  const images = [{ digest: release, component: 'lease-operator', commit: stdout.trim() }];
  const say = (number: number, changes: Partial<WireReport>) =>
    link.report({ ...report(number, changes), run: 'run-orders' }, SIGNAL);
  await say(1, { full: true, planes, images });

  const cast = await castAt(() => hub.url, adminToken(ground.dataDir));
  const fix = await deliveredFrom(cast, [ground.repository.firstTry]);
  const { orders } = await link.orders(60_000, SIGNAL);
  expect(orders.length).toBeGreaterThan(0);
  const { publicKey } = identity.hubKeys[0]!;
  expect(orders.every((order) => verifyOrder(publicKey, order))).toBe(true);
  expect(orders.every((order) => order.fix === fix && order.managementCluster === 'mc-1')).toBe(true);

  await hub.kill();
  hub = await startHubProcess({ config, dataDir: ground.dataDir, listen: new URL(hub.url).host });
  link.close();
  link = openLink(identity, { url: hub.url });
  const again = (await link.orders(60_000, SIGNAL)).orders;
  expect(again.map((order) => order.key)).toEqual(expect.arrayContaining(orders.map((order) => order.key)));

  const { uid, key } = again[0]!;
  const because = 'its NodePools would roll';
  const settled = again.map((order) => order.key);
  await say(2, { settled, refused: [{ key, uid, because }] });
  // Nothing was changed there: it is told once more, and shown when it is refused again.
  const second = await eventually('the second order', async () =>
    (await link.orders(0, SIGNAL)).orders.find((order) => order.uid === uid && order.key !== key),
  );
  await say(3, { settled: [second.key], refused: [{ key: second.key, uid, because }] });
  await eventually('the refusal is shown', async () =>
    (await cast.engineer.text(`/api/fixes/${fix}/targets`)).includes(
      `refused by its agent: ${because}, again`,
    ),
  );
  const later = (await link.orders(0, SIGNAL)).orders.map((order) => order.key);
  expect(later.filter((one) => settled.includes(one))).toEqual([]);
  link.close();
});

test('a hub that is stopped lets those who wait for orders go, and ends well', async () => {
  const identity = await enrolHere('mc-2');
  const link = openLink(identity, { url: hub.url });
  const mine = (number: number, changes: Partial<WireReport> = {}) =>
    report(number, { managementCluster: 'mc-2', ...changes });
  await link.report(mine(1, { full: true }), SIGNAL);
  const waits = link.orders(60_000, SIGNAL);
  // Its own connection: the answer shows that the hub took the one before.
  await link.report(mine(2), SIGNAL);
  const [code, answer] = await Promise.all([hub.stop(), waits]);
  expect(code).toBe(0);
  expect(answer.orders).toEqual([]);
  link.close();
});
