import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { mayMount, mountDisk } from '../../src/adapters/postgres/small-disk.ts';
import { layGround, quickConfig } from './ground.ts';
import { databasePid, leaveNothing, startHubProcess, startsNot } from './hub-process.ts';

const ground = await layGround();
afterAll(async () => {
  await leaveNothing(ground.dataDir);
  ground.clear();
});

const good = quickConfig(ground, { speed: 0, planes: 10 });
const start = (config: string, more: { readonly dataDir?: string; readonly listen?: string } = {}) =>
  startsNot({ config, dataDir: ground.dataDir, ...more });

/** Every refusal: an exit code, one message for people and no stack, and nothing left running. */
function expectRefused(
  ended: { readonly code: number | null; readonly said: string },
  says: readonly (string | RegExp)[],
) {
  expect(ended.code, ended.said).not.toBe(0);
  expect(ended.code).not.toBeNull();
  for (const what of says) expect(ended.said).toMatch(what);
  expect(ended.said).not.toMatch(/\n {4}at /);
  expect(databasePid(ground.dataDir)).toBeUndefined();
}

test('malformed YAML is refused with file, line and column', async () => {
  const config = ground.write('listen: 127.0.0.1:0\ncomponents:\n  - name: [kas\n', 'malformed.yaml');
  expectRefused(await start(config), [/malformed\.yaml:\d+:\d+/]);
});

test('a wrong value is refused with its place and what is allowed', async () => {
  const policy = { ...quickConfig(ground, { speed: 0, policy: { silentAfter: 'soon' } }) };
  const ended = await start(ground.write(policy, 'wrong.yaml'));
  expectRefused(ended, [/wrong\.yaml:\d+:\d+/, /silentAfter/, /expected a duration such as 30m/]);
});

test('a configuration that is not there is refused by name', async () => {
  expectRefused(await start(join(ground.dir, 'nowhere.yaml')), [/nowhere\.yaml/]);
});

test('a repository that is not one is refused by its path', async () => {
  const text = JSON.stringify(good).replaceAll(ground.repository.dir, join(ground.dir, 'data'));
  expectRefused(await start(ground.write(text, 'no-repository.yaml')), [join(ground.dir, 'data')]);
});

test('a release whose commit does not exist is refused by name and repository', async () => {
  const config = ground.write(quickConfig(ground, { speed: 0, versions: ['4.99.0'] }), 'no-commit.yaml');
  expectRefused(await start(config), [/v4\.99\.0 is no commit, branch or tag of/, ground.repository.dir]);
});

test('a port that is taken is refused, and the database that was started for it is stopped', async () => {
  const taken = createServer();
  await new Promise<void>((listening) => taken.listen(0, '127.0.0.1', listening));
  const address = taken.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const ended = await start(ground.write(good), { listen: `127.0.0.1:${port}` });
  expectRefused(ended, [new RegExp(`127\\.0\\.0\\.1:${port}`), /in use/]);
  taken.close();
  const hub = await startHubProcess({ config: ground.write(good), dataDir: ground.dataDir });
  expect(await hub.stop()).toBe(0);
});

test('a data directory that cannot be made is refused by its path', async () => {
  const file = ground.write('a file', 'in-the-way');
  expectRefused(await start(ground.write(good), { dataDir: join(file, 'data') }), [join(file, 'data')]);
});

test.skipIf(!mayMount())(
  'a data directory on a disk that is full is refused by its path, and nothing is left running',
  async () => {
    const disk = join(ground.dir, 'disk');
    const { unmount } = mountDisk(disk, '8m');
    try {
      const ended = await start(ground.write(good), { dataDir: join(disk, 'data') });
      expectRefused(ended, [/full|space/i, disk]);
      const busy = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && cwdOf(name).startsWith(disk));
      expect(busy).toEqual([]);
    } finally {
      unmount();
    }
  },
);

const cwdOf = (pid: string): string => {
  try {
    return execFileSync('readlink', [`/proc/${pid}/cwd`], { encoding: 'utf8' });
  } catch {
    return '';
  }
};
