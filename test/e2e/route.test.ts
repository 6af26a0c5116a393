import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOUR, MINUTE, plus } from '../../src/core/base/instant.ts';
import { RELEASES } from '../../src/simulator/demo/repository.ts';
import { type SimulatedHub, startSimulatedHub } from '../../src/simulator/simulated-hub.ts';
import { CALM } from '../../src/simulator/world-spec.ts';
import { fleetfix } from './at-desk.ts';
import { layGround, quickConfig, readConfig } from './ground.ts';
import { type Cast, castAt, eventually } from './person.ts';
import { approved, declared, inState, started } from './steps.ts';

const EPOCH = '2026-03-02T03:00:00.000Z';
const ground = await layGround();
const change = [ground.repository.firstTry, ground.repository.followUp];
let hub: SimulatedHub;
let cast: Cast;
let tokenOf: Record<string, string>;

beforeAll(async () => {
  const config = readConfig(
    quickConfig(ground, {
      planes: 60,
      seed: 5,
      speed: 0,
      versions: RELEASES.map((r) => r.version),
      attested: ['qe-smoke'],
    }),
  );
  // Nothing happens by itself here, so that everything that happens is the route.
  const still = { ...CALM, stallShare: 0 };
  hub = await startSimulatedHub({
    config,
    dataDir: ground.dataDir,
    epoch: EPOCH,
    logLevel: 'error',
    nature: still,
  });
  const admin = await hub.storage.people.issue('root', ['admin']);
  cast = await castAt(() => hub.url, admin);
  tokenOf = { engineer: await hub.storage.people.issue('on-call', ['engineer', 'on-call']) };
});
afterAll(async () => {
  await hub.close();
  ground.clear();
});

/** Simulated time stands still until somebody lets it pass; the work of machines goes on meanwhile. */
const pass = async (ms: number) => void (await hub.pump.runUntil({ at: plus(hub.clock.now(), ms) }));
const passUntil = async (condition: () => Promise<boolean>) =>
  expect((await hub.pump.runUntil({ condition, atMost: plus(hub.clock.now(), 24 * HOUR) })).end).toBe(
    'reached',
  );

test('the whole route, from declared to closed, with every hand it takes', async () => {
  await pass(MINUTE);
  // An admin may do everything, and is still one person.
  const fix = (await cast.admin.declare({ commits: change })).body.fix;
  await eventually('four lines', async () => {
    const { lines } = await cast.engineer.view(fix);
    return lines.length === 4 && lines.every((l) => l.outcome !== 'waiting');
  });
  const outcomes = (await cast.engineer.view(fix)).lines.map((l) => `${l.line} ${l.outcome}`).sort();
  expect(outcomes).toEqual(['4.17.40 contained', '4.18.22 conflict', '4.19.11 clean', '4.20.3 clean']);
  const chosen = { do: 'backport', to: ['4.18.22'], with: [ground.repository.prerequisite] };
  expect((await cast.engineer.act(fix, chosen)).status).toBe(202);
  await eventually('three images that pass', async () => {
    await pass(1_000);
    const { lines } = await cast.engineer.view(fix);
    return lines.filter((l) => l.gates.some((g) => g.gate === 'bvt' && g.state === 'met')).length === 3;
  });
  expect((await cast.engineer.view(fix)).needs.map((n) => n.who)).toEqual(['qe']);
  const early = await cast.engineer.act(fix, { do: 'attest', gate: 'qe-smoke', result: 'pass' });
  expect([early.status, early.body.code, early.body.whoCan]).toEqual([403, 'not-allowed', ['qe']]);
  expect((await cast.qe.act(fix, { do: 'attest', gate: 'qe-smoke', result: 'pass' })).status).toBe(202);
  await inState(cast, fix, 'proven');

  const plan = await cast.engineer.plan(fix);
  const unapproved = await cast.operator.act(fix, { do: 'start', plan: plan.id });
  expect([unapproved.status, unapproved.body.code]).toEqual([409, 'approval-missing']);
  const own = await cast.admin.act(fix, { do: 'approve', plan: plan.id });
  expect([own.status, own.body.code, own.body.whoCan]).toEqual([403, 'two-person-rule', ['approver']]);
  expect(await approved(cast, fix)).toBe(plan.id);
  await started(cast, fix, plan.id);
  await passUntil(async () => (await hub.hub.cases.load(fix as 'FIX-1'))!.rollout!.waves === 2);

  expect((await cast.operator.act(fix, { do: 'pause', reason: 'is it us?' })).status).toBe(202);
  const told = async () => Object.keys((await hub.hub.cases.load(fix as 'FIX-1'))!.rollout!.targets).length;
  const before = await told();
  expect(before).toBeLessThan(plan.inPlan);
  await pass(2 * HOUR);
  expect(await told()).toBe(before);
  expect((await cast.engineer.view(fix)).paused).toBe(true);
  expect((await cast.operator.act(fix, { do: 'resume', reason: 'it was not' })).status).toBe(202);
  await passUntil(async () => (await hub.hub.cases.load(fix as 'FIX-1'))!.state === 'covered');

  const { coverage } = await cast.engineer.view(fix);
  expect(coverage.patched).toBe(coverage.exposed);
  expect(coverage.patched + coverage.native).toBeGreaterThan(55);
  expect(coverage.unknown).toBe(0);

  for (const release of RELEASES) {
    if (!('next' in release)) continue;
    const commit = await hub.commitOf(`v${release.next}`, ground.repository.dir);
    hub.world.upgrade({
      from: release.version,
      to: { version: release.next, commit },
      share: 1,
      overMs: HOUR,
    });
  }
  await pass(3 * HOUR);
  expect((await cast.operator.act(fix, { do: 'retire' })).status).toBe(202);
  await passUntil(async () => (await hub.hub.cases.load(fix as 'FIX-1'))!.state === 'retired');
  expect((await cast.engineer.act(fix, { do: 'close', as: 'done' })).status).toBe(202);
  expect((await cast.engineer.view(fix)).state).toBe('closed');

  const verified = await cast.engineer.verify();
  expect(verified.verified).toBe(true);
  const record = await cast.engineer.record(fix);
  const events = record.flatMap((l) => (l.kind === 'event' ? [l] : []));
  expect(events.map((e) => e.version)).toEqual(events.map((_, i) => i + 1));
  expect(verified.events).toBe(events.length);
  const plans = record.flatMap((l) => (l.kind === 'plan' ? [l.plan.id] : []));
  expect(plans).toEqual([plan.id]);
  const order = [
    'Declared',
    'PrerequisitesChosen',
    'Attested',
    'Proven',
    'Approved',
    'RolloutStarted',
    'Paused',
    'Resumed',
    'Covered',
    'RetirementStarted',
    'Retired',
    'Closed',
  ];
  const firsts = order.map((type) => events.findIndex((e) => e.event.type === type));
  expect(firsts).not.toContain(-1);
  expect(firsts).toEqual([...firsts].sort((a, b) => a - b));
});

test('an act that is sent twice with one key is done once; the key serves no other act', async () => {
  const key = randomUUID();
  const declare = { commits: [ground.repository.followUp], title: 'told twice' };
  const first = await cast.engineer.declare(declare, key);
  const again = await cast.engineer.declare(declare, key);
  expect([first.status, again.status]).toEqual([201, 200]);
  expect(again.body).toEqual({ ...first.body, alreadyDoneAt: expect.stringMatching(/^2026-03-0/) });
  const other = await cast.engineer.declare({ ...declare, title: 'another' }, key);
  expect([other.status, other.body.code]).toEqual([422, 'key-reused']);
  expect((await cast.engineer.act(first.body.fix, { do: 'withdraw', reason: 'a test' })).status).toBe(202);
});

test('an act on an old view is refused with what moved, unless it is the safe direction', async () => {
  const fix = await declared(cast, [ground.repository.followUp], 'moderate');
  const { version } = await cast.engineer.view(fix);
  await cast.engineer.act(fix, {
    do: 'waive',
    gate: 'qe-smoke',
    reason: 'x',
    expiresAt: plus(hub.clock.now(), HOUR),
  });
  const admin = cast.admin;
  await admin.act(fix, {
    do: 'waive',
    gate: 'qe-smoke',
    reason: 'the lab is down',
    expiresAt: plus(hub.clock.now(), HOUR),
  });
  const stale = await cast.engineer.act(fix, { do: 'retry', stage: 'build' }, { seen: version });
  expect([stale.status, stale.body.code]).toEqual([412, 'stale-version']);
  expect(stale.body.detail).toContain(`${fix} moved from version ${version} to`);
  expect((await cast.engineer.act(fix, { do: 'withdraw', reason: 'safe' }, { seen: version })).status).toBe(
    202,
  );
});

test('the command line ends with the exit code of what was refused, and says what to do', async () => {
  const who = { url: hub.url, token: tokenOf.engineer!, home: ground.dir };
  const unknown = await fleetfix(who, 'status', 'FIX-99');
  expect([unknown.code, unknown.text]).toEqual([
    2,
    expect.stringMatching(/there is no fix FIX-99\n.*next: fleetfix status/s),
  ]);
  const declare = ['declare', '--title', 't', '--reason', 'r', '--severity', 'high', '--commit'];
  const noCommit = await fleetfix(who, ...declare, 'feedfacefeed', '--component', 'lease-operator');
  expect([noCommit.code, noCommit.text]).toEqual([
    2,
    expect.stringContaining('commit feedfacefeed does not exist in the repository'),
  ]);
  const noComponent = await fleetfix(who, ...declare, 'main', '--component', 'kas');
  expect([noComponent.code, noComponent.text]).toEqual([
    2,
    expect.stringContaining('components: lease-operator; policies: default'),
  ]);
  const early = await fleetfix(who, 'resume', 'FIX-1', '--yes', '--reason', 'now');
  expect([early.code, early.text]).toEqual([5, expect.stringContaining('FIX-1 is closed: done')]);
});
