// Goal: whatever runs keeps the scratch it reads; what ran before goes on with the next one. Method: the real store,
// watched: whoever touches it outside a work is found out.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commitsChange, lines, workOf } from '../../ports/repository.contract.ts';
import type { Repository } from '../../ports/repository.ts';
import { refreshCopy } from './copy/copy.ts';
import { locate } from './copy/location.ts';
import { createStore, type Store } from './objects/store.ts';
import { gitVersion } from './objects/version.ts';
import { repositoryOf } from './repository.ts';
import { createTestSource } from './test-source.ts';

let dir: string;
let source: Awaited<ReturnType<typeof createTestSource>>;
let store: Store;
let repository: Repository;
let base: string;
let line: string;
let fix: string;
let outside: string[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fleetfix-repository-'));
  source = await createTestSource();
  base = await source.commit({ on: 'main', message: 'Begin', files: { 'a.txt': lines(), 'b.txt': 'b\n' } });
  fix = await source.commit({ on: 'main', message: 'Fix', files: { 'a.txt': lines({ 3: 'fixed' }) } });
  const onLine = { 'a.txt': lines({ 18: 'line' }) };
  line = await source.commit({ on: 'line', from: base, message: 'Line', files: onLine });
  const copy = await refreshCopy(join(dir, 'copies'), locate(source.location));
  // After the first merge the scratch is emptied whenever nothing runs.
  store = createStore(copy.git, 'sha1', await gitVersion(), 0);
  repository = repositoryOf(watched(store), copy, { trees: join(dir, 'trees'), searchMs: 1_000 });
});
afterAll(async () => {
  store.close();
  await source.dispose();
  await rm(dir, { recursive: true, force: true });
});

/** The same store, which notes what is asked of it while no work holds it. */
function watched(real: Store): Store {
  let works = 0;
  const during: Store['during'] = async (work) => {
    works += 1;
    try {
      return await real.during(work);
    } finally {
      works -= 1;
    }
  };
  return new Proxy(real, {
    get(target, name) {
      if (name === 'during') return during;
      if (works === 0) outside.push(String(name));
      return target[name as keyof Store];
    },
  });
}

const picked = async () => (await repository.assemble(workOf(line, commitsChange(fix)))).commit!;
const branch = 'main';

// A new operation does not compile until it is here.
const operations: { readonly [Name in keyof Repository]: () => Promise<unknown> } = {
  resolve: () => repository.resolve('main'),
  commitsOf: () => repository.commitsOf(commitsChange(fix), branch),
  assemble: picked,
  contains: () => repository.contains(line, commitsChange(fix), { branch }),
  publish: async () => repository.publish('FIX-1', 'line', await picked()),
  keep: async () => repository.keep(await picked()),
  checkout: async () => (await repository.checkout(await picked())).dispose(),
  describe: () => repository.describe(fix),
  explain: async () =>
    repository.explain({
      fix: 'FIX-1',
      release: line,
      candidate: await picked(),
      picked: [fix],
      passengers: [],
      change: commitsChange(fix),
      carried: [],
      branch,
      isReused: false,
      patches: true,
      patchBytesMax: 10_000,
    }),
  survey: async () => (await repository.survey({ commits: [base, fix], paths: ['a.txt'] })).weigh([fix], 0),
  change: () => repository.change(base, fix),
};

test.each(Object.entries(operations))('%s reads nothing that may be emptied meanwhile', async (_, run) => {
  outside = [];
  await run();
  expect(outside).toEqual([]);
});

test('what was surveyed is weighed after the scratch it was read from is gone', async () => {
  const surveyed = await repository.survey({ commits: [base, fix], paths: ['a.txt'] });
  const before = store.git;
  await picked();
  expect(store.git).not.toBe(before);
  expect(await surveyed.weigh([fix], 0)).toEqual({ files: 1, lines: 2 });
});
