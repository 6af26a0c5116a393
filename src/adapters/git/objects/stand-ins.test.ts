import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Git, gitAt, MissingObject } from './git.ts';
import type { MergePrint } from './merger.ts';
import { openStandIns } from './stand-ins.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fleetfix-stand-ins-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const lacks = (n: number) => new MissingObject(String(n).repeat(40));
const clean = (tree: string): MergePrint => ({ clean: true, tree, rest: [] });
/** Stand-ins over a merge that answers as told; `which` is the folder of stand-ins it sees. */
const over = (answer: (which: string) => MergePrint) =>
  openStandIns(gitAt(dir), (git: Git) => ({
    merge: async () => answer(git.env.GIT_ALTERNATE_OBJECT_DIRECTORIES!.slice(-1)),
    close: () => {},
  }));

test('many merges at once may lack the same blob', async () => {
  const standIns = over(() => clean('t'));
  const all = Array.from({ length: 50 }, () => standIns.merge(lacks(1), 'o', 't'));
  for (const one of await Promise.all(all)) expect(one.print).toEqual(clean('t'));
});

test('a blob whose content shows in the result is missing', async () => {
  await expect(over((which) => clean(which)).merge(lacks(2), 'o', 't')).rejects.toThrow(lacks(2).id);
});

test('one blob after the other may turn out to be missing, and one that stays missing ends it', async () => {
  let asked = 0;
  const standIns = over(() => {
    asked += 1;
    if (asked < 3) throw lacks(4);
    return clean('t');
  });
  const { missing } = await standIns.merge(lacks(3), 'o', 't');
  expect([...missing]).toEqual([lacks(3).id, lacks(4).id]);
  const damaged = over(() => {
    throw lacks(5);
  });
  await expect(damaged.merge(lacks(5), 'o', 't')).rejects.toThrow(lacks(5).id);
});
