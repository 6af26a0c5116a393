import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { gitAt, MissingObject } from './git.ts';
import { withStandIns } from './stand-ins.ts';

test('several assemblies at once can do without the same missing file', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'fleetfix-stand-ins-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const missing = new MissingObject('ab'.repeat(20));
  const all = Array.from({ length: 50 }, () => withStandIns(gitAt(dir), missing, async () => 'same'));
  expect(new Set((await Promise.all(all)).map(({ result }) => result))).toEqual(new Set(['same']));
});
