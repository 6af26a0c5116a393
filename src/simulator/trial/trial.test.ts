// Goal: the real hub keeps every invariant through seeded days of faults, and the same seed gives the same, on any
// database. Some short seeds here; `npm run sim` plays more and longer ones.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSigner } from '../../adapters/signer/index.ts';
import type { Signer } from '../../ports/signer.ts';
import { playOnBoth, whyDiffering } from './both.ts';
import { added } from './campaign.ts';
import { FAULTS } from './faults.ts';
import { memoryGround, startGround } from './ground.ts';
import { failureText } from './texts.ts';
import { type Outcome, runTrial } from './trial.ts';

const SEEDS = Array.from({ length: 40 }, (_, i) => i + 1);
const HOURS = 8;

const keys = fs.mkdtempSync(path.join(os.tmpdir(), 'fleetfix-sim-keys-'));
let signer: Signer;
beforeAll(() => {
  signer = openSigner({ dir: keys });
});
afterAll(() => fs.rmSync(keys, { recursive: true, force: true }));

const play = (seed: number): Promise<Outcome> =>
  runTrial({ seed, hours: HOURS, ground: memoryGround, signer });

test(`nothing that must never be is found in ${SEEDS.length} seeds of ${HOURS} simulated hours`, async () => {
  const outcomes: Outcome[] = [];
  for (const seed of SEEDS) outcomes.push(await play(seed));
  const broken = outcomes.filter((outcome) => outcome.failure !== undefined);
  expect(broken.map((outcome) => failureText(outcome, HOURS))).toEqual([]);
  // A trial in which nothing happens finds nothing.
  const faults = added(outcomes.map((outcome) => outcome.faults));
  const acts = added(outcomes.map((outcome) => outcome.acts));
  expect(Object.keys(FAULTS).filter((kind) => faults[kind] === undefined)).toEqual([]);
  expect(acts['start done']).toBeGreaterThan(40);
  expect(acts['two people at once']).toBeGreaterThan(40);
});

test('a seed comes to the same ledger, hash by hash, when it is played again and on PostgreSQL', async () => {
  const first = await play(4);
  expect(first.events).toBeGreaterThan(100);
  const server = await startGround();
  try {
    const [again, onServer] = await playOnBoth({ seed: 4, hours: HOURS, signer }, server);
    expect(again).toEqual(first);
    expect(onServer).toEqual({ ...first, on: 'PostgreSQL' });
  } finally {
    await server.close();
  }
});

test('a database that comes to another ledger is found', async () => {
  const memory = { on: 'memory', events: 9, calls: 20, fingerprint: 'aa', endedAt: 'x' } as Outcome;
  const other: Outcome = { ...memory, on: 'PostgreSQL' };
  expect(whyDiffering(memory, other)).toBeUndefined();
  expect(whyDiffering(memory, { ...other, fingerprint: 'bb' })?.finding).toBe(
    '9 events (aa) after 20 calls on memory, 9 events (bb) after 20 calls on PostgreSQL',
  );
  expect(whyDiffering(memory, { ...other, calls: 21 })).toBeDefined();
});

test('a trial that is ended early tells what was done so far', async () => {
  const stopping = new AbortController();
  stopping.abort();
  const outcome = await runTrial({
    seed: 1,
    hours: 8,
    ground: memoryGround,
    signer,
    signal: stopping.signal,
  });
  expect(outcome.failure).toBeUndefined();
  expect(outcome.simulatedMs).toBeLessThan(3_600_000);
});
