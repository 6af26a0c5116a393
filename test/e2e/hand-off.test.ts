import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MINUTE, plus } from '../../src/core/base/instant.ts';
import type { HandOff } from '../../src/core/hand-off/hand-off.ts';
import type { FixText } from '../../src/core/texts/text-kinds.ts';
import { type SimulatedHub, startSimulatedHub } from '../../src/simulator/simulated-hub.ts';
import { CALM } from '../../src/simulator/world-spec.ts';
import { handOffSchema } from '../../src/wire/hand-off.ts';
import { fleetfix } from './at-desk.ts';
import { layGround, quickConfig, readConfig } from './ground.ts';
import { type Cast, castAt, eventually } from './person.ts';

// Goal: what whoever tests a fix is given by a real hub over a real repository: the images that were built, the files
// that differ, and the tests that reach them.

const ground = await layGround();
let hub: SimulatedHub;
let cast: Cast;
let token: string;
let fix: string;

beforeAll(async () => {
  hub = await startSimulatedHub({
    config: readConfig(quickConfig(ground, { planes: 12, seed: 5, speed: 0, attested: ['qe-smoke'] })),
    dataDir: ground.dataDir,
    epoch: '2026-03-02T03:00:00.000Z',
    logLevel: 'error',
    nature: { ...CALM, stallShare: 0 },
  });
  cast = await castAt(() => hub.url, await hub.storage.people.issue('root', ['admin']));
  token = await hub.storage.people.issue('reader', ['viewer']);
  await hub.pump.runUntil({ at: plus(hub.clock.now(), MINUTE) });
  const commits = [ground.repository.firstTry, ground.repository.followUp];
  fix = (await cast.engineer.declare({ commits, title: 'keep <leases> alive' })).body.fix;
  await eventually('two images', async () => {
    const { lines } = await cast.engineer.view(fix as `FIX-${number}`);
    return lines.length === 2 && lines.every(({ digest }) => digest !== undefined);
  });
});
afterAll(async () => {
  await hub?.close();
  ground.clear();
});

const ask = (...argv: string[]) => fleetfix({ url: hub.url, token, home: ground.dataDir }, ...argv);

test('the hand-off is bound to the images, and names the files and the tests that reach them', async () => {
  const it: HandOff = JSON.parse((await ask('hand-off', fix, '-o', 'json')).text);
  expect(handOffSchema.safeParse(it).error).toBeUndefined();
  const view = await cast.engineer.view(fix as `FIX-${number}`);
  expect(it.images).toEqual(view.lines.map(({ line, digest }) => ({ line, digest })));
  for (const line of it.lines) {
    expect(line.image).toBe(`registry.example/lease-operator@${line.digest}`);
    expect(line.deployed?.to).toBe(line.candidate);
    expect(line.deployed?.files.map(({ path }) => path)).toContain('src/leases.mjs');
    const { tests } = line;
    if (!tests?.known) throw new Error(`tests of ${line.line}: ${tests?.because}`);
    expect(tests.range).toEqual({ from: line.deployed?.from, to: line.candidate });
    expect(tests.tests.map(({ path }) => path)).toContain('test/leases.test.mjs');
    expect(tests.map).toBeUndefined();
    const asked = line.gates.find(({ gate }) => gate === 'qe-smoke');
    expect(asked?.verdict?.command).toContain(`--digest ${line.digest}`);
  }
});

test('the page of one line is HTML that holds its digest, escaped; another line is refused', async () => {
  const { lines } = await cast.engineer.view(fix as `FIX-${number}`);
  const { line, digest } = lines[0]!;
  const page = (await ask('hand-off', fix, '--line', line, '--as', 'html')).text;
  expect(page).toMatch(/^<!doctype html>/);
  expect(page).toContain(digest);
  expect(page).not.toContain(lines[1]!.digest);
  expect(page).toContain('keep &lt;leases&gt; alive');
  expect((await ask('hand-off', fix, '--as', 'md')).text).toContain(lines[1]!.digest);
  expect((await ask('hand-off', fix, '--line', '9.9')).code).toBe(2);
});

test('texts come from the record, by the hub’s template or one that is given', async () => {
  const made: FixText = JSON.parse((await ask('text', fix, '--kind', 'release-note', '-o', 'json')).text);
  expect(made.template).toBe('shipped');
  expect(made.text).toContain('keep &lt;leases&gt; alive');
  const file = join(ground.dir, 'mine.md');
  writeFileSync(file, '{{fix}} for {{versions}}');
  const { text } = await ask('text', fix, '--kind', 'customer-notice', '--template', file);
  expect(text).toBe(`${fix} for 4.19.11, 4.20.3\n`);
  writeFileSync(file, '{{titel}}');
  expect((await ask('text', fix, '--kind', 'release-note', '--template', file)).code).toBe(2);
});
