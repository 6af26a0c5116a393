import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Assembly } from '../../src/core/assembly/assembly.ts';
import type { FixId } from '../../src/core/base/ids.ts';
import { MINUTE, plus } from '../../src/core/base/instant.ts';
import type { Event } from '../../src/core/life/event.ts';
import { fold } from '../../src/core/life/evolve.ts';
import type { DiffView } from '../../src/core/views/diff-view.ts';
import { after } from '../../src/hub/record.ts';
import { RELEASES } from '../../src/simulator/demo/repository.ts';
import { type SimulatedHub, startSimulatedHub } from '../../src/simulator/simulated-hub.ts';
import { CALM } from '../../src/simulator/world-spec.ts';
import { fleetfix } from './at-desk.ts';
import { layGround, quickConfig, readConfig } from './ground.ts';
import { type Cast, castAt, eventually } from './person.ts';

// Goal: what a fix is made of, as a person at a terminal reads it from a real hub over a real repository.

const ground = await layGround();
let hub: SimulatedHub;
let cast: Cast;
let token: string;

beforeAll(async () => {
  const versions = RELEASES.map((r) => r.version);
  hub = await startSimulatedHub({
    config: readConfig(quickConfig(ground, { planes: 12, seed: 5, speed: 0, versions })),
    dataDir: ground.dataDir,
    epoch: '2026-03-02T03:00:00.000Z',
    logLevel: 'error',
    nature: { ...CALM, stallShare: 0 },
  });
  cast = await castAt(() => hub.url, await hub.storage.people.issue('root', ['admin']));
  token = await hub.storage.people.issue('reader', ['viewer']);
});
afterAll(async () => {
  await hub.close();
  ground.clear();
});

const ask = (...argv: string[]) => fleetfix({ url: hub.url, token, home: ground.dataDir }, ...argv);
const diffOf = async (fix: string, ...flags: string[]): Promise<DiffView> =>
  JSON.parse((await ask('diff', fix, '-o', 'json', ...flags)).text);

test('diff tells what each line is made of, and of a line in conflict what stands in the way', async () => {
  await hub.pump.runUntil({ at: plus(hub.clock.now(), MINUTE) });
  const change = [ground.repository.firstTry, ground.repository.followUp];
  const { fix } = (await cast.engineer.declare({ commits: change })).body;
  const assembled = () =>
    eventually('four lines', async () => {
      const { lines } = await cast.engineer.view(fix);
      return lines.length === 4 && lines.every((l) => l.outcome !== 'waiting');
    });
  await assembled();
  const all = await diffOf(fix);
  expect(all.lines.map((l) => [l.line, l.outcome, l.picks.map((row) => row.mark).join('')])).toEqual([
    ['4.17.40', 'contained', ''],
    ['4.18.22', 'conflict', ''],
    ['4.19.11', 'clean', '=='],
    ['4.20.3', 'clean', '=='],
  ]);
  const stuck = all.lines[1]!;
  expect(stuck.conflicts.flatMap((one) => one.hunks).length).toBeGreaterThan(0);
  expect(stuck.conflicting).toMatch(/^product code conflicts in 1 file/);
  const clean = await ask('diff', fix, '--line', '4.19.11');
  expect(clean.code).toBe(0);
  expect(clean.text).toMatch(/rides along {3}nothing/);
  expect(clean.text).toContain('Drop leases of watchers that went away');
  expect(clean.text).toMatch(/^modified {2}code .* src\/leases\.mjs$/m);
  expect(await ask('diff', fix, '--line', '9.9')).toMatchObject({ code: 2 });

  const screen = (await ask('describe', fix)).text;
  const take = /take it: fleetfix (backport FIX-\d+ --to 4\.18\.22 --with \S+)/.exec(screen)![1]!;
  const engineer = await hub.storage.people.issue('eng', ['engineer']);
  const acted = await fleetfix({ url: hub.url, token: engineer, home: ground.dataDir }, ...take.split(' '));
  expect(acted.code).toBe(0);
  await assembled();
  const [line] = (await diffOf(fix, '--line', '4.18.22')).lines;
  expect(line!.picks.map((row) => row.role)).toEqual(['prerequisite', 'change', 'change']);
  expect(line!.passengers.map((one) => one.subject)).toEqual(['Keep leases by node, not in one list']);
});

/** Writes an event as a hub did once, whatever this hub would write today. */
async function wrote(id: FixId, event: Event): Promise<void> {
  const { ledger } = hub.storage;
  await eventually('the event is written', async () => {
    const fix = fold(await ledger.events(id))!;
    const { title, severity, component, author, declaredAt } = fix;
    const entry = {
      id,
      fix,
      events: [event],
      at: hub.clock.now(),
      author: 'fleetfix',
      surface: 'hub',
      seen: 0,
    };
    const { outcome } = await ledger.append({
      fix: id,
      expectedVersion: fix.version,
      events: entry.events,
      at: entry.at,
      author: entry.author,
      surface: entry.surface,
      seen: 0,
      orders: [],
      images: [],
      summary: { id, title, severity, state: after(entry).state, component, author, declaredAt },
    });
    return outcome === 'appended';
  });
}

test('a candidate that is lost is said with what to do, and a conflict of an older hub is still read', async () => {
  const fix = (await cast.engineer.declare({ commits: [ground.repository.firstTry] })).body.fix as FixId;
  await eventually('four lines', async () => {
    const { lines } = await cast.engineer.view(fix);
    return lines.length === 4 && lines.every((l) => l.outcome !== 'waiting');
  });
  const of = (name: string) => hub.hub.cases.load(fix).then((loaded) => loaded!.lines[name]!);
  const clean = await of('4.19.11');
  const gone = { ...clean.assembly!, commit: 'e'.repeat(40) };
  await wrote(fix, { type: 'LineAssembled', line: clean.line, assembly: gone });
  const lost = await ask('diff', fix, '--line', '4.19.11');
  expect(lost.code).toBe(2);
  expect(lost.text).toContain("candidate eeeeeeeeeeee of line 4.19.11 is not in this hub's copy");
  expect(lost.text).toContain(`next: fleetfix backport ${fix} --to 4.19.11`);

  const stuck = await of('4.18.22');
  const { conflicts, proposals } = stuck.assembly!;
  const old = {
    ...stuck.assembly!,
    conflicts: conflicts.map(({ path, kind, picking }) => ({ path, kind, picking })),
    proposals: proposals.map(({ kind, commits, subjects, tree }) => ({
      kind,
      commits,
      subjects,
      tree,
      files: 1,
      lines: 9,
    })),
  } as unknown as Assembly;
  await wrote(fix, { type: 'LineAssembled', line: stuck.line, assembly: old });
  const screen = await ask('describe', fix);
  expect(screen.code).toBe(0);
  expect(screen.text).toMatch(/code +content +0 +src\/leases\.mjs/);
  expect((await diffOf(fix, '--line', '4.18.22')).lines[0]).toMatchObject({ outcome: 'conflict' });
});
