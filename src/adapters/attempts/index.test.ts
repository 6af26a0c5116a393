import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openAttempts } from './index.ts';

const dir = mkdtempSync(join(tmpdir(), 'attempts-'));
afterAll(() => rmSync(dir, { recursive: true }));

test('work that never ended is counted, also by who opens the folder later', async () => {
  const work = 'FIX-1/gate/4.20/../../x\n';
  // Each is a hub that was ended by the work.
  expect(await openAttempts(dir).begin(work)).toBe(0);
  expect(await openAttempts(dir).begin(work)).toBe(1);
  const later = openAttempts(dir);
  expect(await later.begin(work)).toBe(2);
  expect(await later.begin('another')).toBe(0);
  await later.end(work);
  expect(await later.begin(work)).toBe(0);
  await Promise.all([later.end(work), later.end('another'), later.end('never begun')]);
  expect(readdirSync(dir)).toEqual([]);
});

test('a file that was torn counts nothing, and a folder that cannot be made hinders nothing', async () => {
  const attempts = openAttempts(dir);
  await attempts.begin('torn');
  writeFileSync(join(dir, readdirSync(dir)[0]!), '');
  expect(await attempts.begin('torn')).toBe(0);
  await attempts.end('torn');
  const nowhere = openAttempts(join('/dev/null', 'attempts'));
  expect(await nowhere.begin('work')).toBe(0);
  await nowhere.end('work');
});

test('work that twice never ended runs one at a time from then on: none is counted for what another did', async () => {
  for (const before of [0, 1]) {
    // Hubs that were ended; one end alone makes nobody wait.
    const ended = openAttempts(dir);
    expect(await ended.begin('gate')).toBe(before);
    expect(await ended.begin('build')).toBe(before);
  }
  const hub = openAttempts(dir);
  expect(await hub.begin('gate')).toBe(2);
  const order: string[] = [];
  const build = hub.begin('build').then((before) => order.push(`build, begun ${before} times before`));
  // Work that nobody suspects does not wait.
  expect(await hub.begin('fresh')).toBe(0);
  order.push('gate ends');
  await hub.end('gate');
  await build;
  expect(order).toEqual(['gate ends', 'build, begun 2 times before']);
  await hub.end('build');
  await hub.end('fresh');
});

test('work that waited for its turn is not counted when the hub ends meanwhile', async () => {
  for (const _ of ['a first end', 'a second']) {
    const ended = openAttempts(dir);
    await ended.begin('deadly');
    await ended.begin('innocent');
  }
  for (let hub = 2; hub < 5; hub += 1) {
    const attempts = openAttempts(dir);
    expect(await attempts.begin('deadly')).toBe(hub);
    void attempts.begin('innocent');
  }
  const last = openAttempts(dir);
  expect(await last.begin('deadly')).toBe(5);
  await last.end('deadly');
  expect(await last.begin('innocent')).toBe(2);
  await last.end('innocent');
});
