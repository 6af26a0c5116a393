// Goal: the real hub keeps every invariant through seeded days of faults, and the same seed gives the same.
// A few short seeds here; `npm run sim` plays more and longer ones.
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSigner } from '../../adapters/signer/index.ts';
import type { Signer } from '../../ports/signer.ts';
import { added } from './campaign.ts';
import { FAULTS } from './faults.ts';
import { type Ground, startGround } from './ground.ts';
import { failureText } from './texts.ts';
import { type Outcome, runTrial } from './trial.ts';

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
const HOURS = 8;

let ground: Ground;
let signer: Signer;
beforeAll(async () => {
  ground = await startGround();
  signer = openSigner({ dir: fs.mkdtempSync(path.join(ground.address.dir, 'keys-')) });
});
afterAll(async () => await ground?.close());

const play = (seed: number, hours = HOURS): Promise<Outcome> => runTrial({ seed, hours, ground, signer });

test(`nothing that must never be is found in ${SEEDS.length} seeds of ${HOURS} simulated hours`, async () => {
  const outcomes: Outcome[] = [];
  for (const seed of SEEDS) outcomes.push(await play(seed));
  const broken = outcomes.filter((outcome) => outcome.failure !== undefined);
  expect(broken.map((outcome) => failureText(outcome, HOURS))).toEqual([]);
  // A trial in which nothing happens finds nothing.
  const faults = added(outcomes.map((outcome) => outcome.faults));
  const acts = added(outcomes.map((outcome) => outcome.acts));
  expect(Object.keys(FAULTS).filter((kind) => faults[kind] === undefined).length).toBeLessThan(6);
  expect(acts['start done']).toBeGreaterThan(5);
  expect(acts['two people at once']).toBeGreaterThan(5);
}, 900_000);

test('a seed that is played twice writes the same ledger, hash by hash', async () => {
  const first = await play(2);
  const again = await play(2);
  expect(first.events).toBeGreaterThan(20);
  expect(again).toEqual(first);
}, 300_000);

test('a trial that is ended early tells what was done so far', async () => {
  const stopping = new AbortController();
  stopping.abort();
  const outcome = await runTrial({ seed: 1, hours: 8, ground, signer, signal: stopping.signal });
  expect(outcome.failure).toBeUndefined();
  expect(outcome.simulatedMs).toBeLessThan(3_600_000);
});
