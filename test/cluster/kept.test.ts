// The cluster of `npm run cluster:up`, and what becomes of one whose process was killed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startCluster } from './cluster.ts';
import { down, up } from './kept.ts';
import { isRunning, signalTo } from './program.ts';
import { readState } from './state.ts';
import { withBinaries } from './testing.ts';

const binaries = withBinaries();

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'kept-test-'));
});
afterEach(async () => {
  await down(dir);
  rmSync(dir, { recursive: true, force: true });
});

const running = (of: string) => (readState(of)?.programs ?? []).filter(({ mark }) => isRunning(mark));

test('up starts it once, says so when asked again, and down stops it and keeps the data', async () => {
  const said = await up(dir, binaries());
  const url = /https:\/\/127\.0\.0\.1:\d+/.exec(said)![0];
  const kubeconfig = /kubeconfig: (.*)/.exec(said)![1]!;
  expect(statSync(kubeconfig).mode & 0o077).toBe(0);
  expect(JSON.parse(readFileSync(kubeconfig, 'utf8')).clusters[0].cluster.server).toBe(url);
  const before = running(dir);
  expect(await up(dir, binaries())).toBe(said.replace('It runs.', 'It runs already.'));
  expect(running(dir)).toEqual(before);

  expect(await down(dir)).toContain('Stopped');
  expect(before.filter(({ mark }) => isRunning(mark))).toEqual([]);
  expect(await down(dir)).toBe('No cluster runs here.');
  expect(await up(dir, binaries())).toBe(said);
});

test('up brings a cluster back whole that lost a program, at the same address', async () => {
  const said = await up(dir, binaries());
  const server = readState(dir)!.programs.find(({ name }) => name === 'kube-apiserver')!;
  signalTo(server.mark, 'SIGKILL');
  await expect.poll(() => isRunning(server.mark)).toBe(false);
  expect(await up(dir, binaries())).toBe(said);
  expect(running(dir)).toHaveLength(3);
});

test('two that start it at once start one', async () => {
  const both = await Promise.allSettled([up(dir, binaries()), up(dir, binaries())]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(both.find((one) => one.status === 'rejected')!.reason.message).toContain('at work in');
  expect(running(dir)).toHaveLength(3);
});

test('a cluster whose process was killed is stopped and removed by the next start', async () => {
  const at = JSON.stringify(new URL('cluster.ts', import.meta.url).href);
  const script = `import { startCluster } from ${at};
    const { dir } = await startCluster({ binaries: ${JSON.stringify(binaries())} });
    console.log(dir); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  const left = String(line).trim();
  expect(running(left)).toHaveLength(3);
  const { programs } = readState(left)!;
  child.kill('SIGKILL');
  await once(child, 'exit');

  const next = await startCluster({ binaries: binaries() });
  expect(programs.filter(({ mark }) => isRunning(mark))).toEqual([]);
  expect(existsSync(left)).toBe(false);
  await next.stop();
});
