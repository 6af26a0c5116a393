import type { FixId } from '../../core/base/ids.ts';
import { HOUR, type Instant, MINUTE, plus } from '../../core/base/instant.ts';
import { targetViews } from '../../core/views/targets.ts';
import type { SimulatedHub } from '../simulated-hub.ts';
import type { DemoRepository } from './repository.ts';
import { RELEASES } from './repository.ts';
import type { Stage } from './stage.ts';

/** A fix that was played, and whom nobody had heard of when its rollout ended. */
export type PlayedFix = { readonly id: FixId; readonly unknown: readonly string[] };
export type Played = { readonly fixes: readonly PlayedFix[] };

type Play = { readonly stage: Stage; readonly simulated: SimulatedHub; readonly repository: DemoRepository };

/**
 * The whole route, twice: a first fix that passes every test and is stopped by what it does to the
 * fleet, and the good one, from declaration to retirement.
 */
export async function play(it: Play): Promise<Played> {
  const { stage, repository } = it;
  await breakBefore(it);
  const first = await prepare(it, {
    at: stage.now(),
    commits: [repository.firstTry],
    title: 'leases: give back those of watchers that went away',
  });
  await breakOnPurpose(it, first);
  await approveAndStart(it, first);
  await haltByItself(it, first);
  const silentThen = await unknownNames(it, first);

  const second = await prepare(it, {
    at: nextMark(stage.now()),
    commits: [repository.firstTry, repository.followUp],
    title: 'leases: give back those of watchers that went away, not of slow ones',
  });
  await stage.act('engineer', ['close', first, '--as', `superseded-by=${second}`, '--yes']);
  await approveAndStart(it, second);
  await pauseAndResume(it, second);
  await toCoverage(it, second);
  const silentNow = await unknownNames(it, second);
  await retireIt(it, second);
  return {
    fixes: [
      { id: first, unknown: silentThen },
      { id: second, unknown: silentNow },
    ],
  };
}

/** People's acts fall on whole ten minutes after what went before, so that real work does not shift them. */
const nextMark = (after: Instant): Instant => `${plus(after, 10 * MINUTE).slice(0, 15)}0:00.000Z`;

/** What control planes that the incident has broken are reported with. */
const SYMPTOM = 'out of memory';
/**
 * The share of the exposed that the incident breaks. About eight in a small fleet, so that some always burn, and never
 * more than a tenth: burning ones start at once, and some must be left to wait for the one-box.
 */
const burningShare = (planes: number): number => Math.max(0.02, Math.min(8 / planes, 0.1));

/** The incident: the releases without the fix break some of the control planes that run them, until they run another image. */
async function breakBefore({ stage, simulated, repository }: Play): Promise<void> {
  const { world } = simulated;
  for (const release of RELEASES) {
    if (!('next' in release)) continue;
    world.registerFault({
      name: `leases of ${release.version}`,
      commit: await simulated.commitOf(`v${release.version}`, repository.dir),
      rate: burningShare(world.founding.fleet.planes),
      delay: { medianMs: 8 * MINUTE, sigma: 0.3 },
      because: `API server restarts: ${SYMPTOM}`,
    });
  }
  await stage.until(plus(stage.now(), 30 * MINUTE));
}

/** From the incident to proven images on every line. */
async function prepare(
  { stage, repository }: Play,
  what: { readonly at: Instant; readonly commits: readonly string[]; readonly title: string },
): Promise<FixId> {
  await stage.until(what.at);
  const declared = await stage.act('engineer', [
    'declare',
    '--component',
    'lease-operator',
    '--severity',
    'critical',
    '--title',
    what.title,
    '--reason',
    'control planes run out of memory: leases are never given back',
    '--incident',
    'INC-4471',
    '--symptom',
    SYMPTOM,
    '--commit',
    what.commits.map((c) => c.slice(0, 12)).join(','),
  ]);
  const fix = /FIX-\d+/.exec(declared)![0] as FixId;
  await stage.works('assembly', async () => {
    const { lines } = await stage.view(fix);
    return lines.length === RELEASES.length && lines.every((l) => l.outcome !== 'waiting');
  });
  stage.say('Four lines at once: one has the fix already, one conflicts and names what would make it clean.');
  await stage.act('engineer', ['describe', fix]);
  const chosen = repository.prerequisite.slice(0, 12);
  await stage.act('engineer', ['backport', fix, '--to', '4.18.22', '--with', chosen]);
  await stage.works('build and proof', async () => {
    const { lines } = await stage.view(fix);
    const wanted = lines.filter((l) => l.outcome === 'clean');
    const tested = (l: (typeof wanted)[number]) => l.gates.find((g) => g.gate === 'bvt')?.state !== 'missing';
    return wanted.length === 3 && wanted.every((l) => l.build === 'done' && tested(l));
  });
  const ready = nextMark(stage.now());
  await stage.until(ready);
  await stage.act('qe', [
    'attest',
    fix,
    '--check',
    'qe-smoke',
    '--result',
    'pass',
    '--note',
    'leases fall after a sweep',
  ]);
  await stage.until(plus(ready, 2 * MINUTE));
  const why = 'a full run takes 9 h; the change touches one function';
  await stage.act('approver', [
    'waive',
    fix,
    '--gate',
    'perf-suite',
    '--reason',
    why,
    '--expires',
    '24h',
    '--yes',
  ]);
  await stage.works('proof', async () => (await stage.view(fix)).state === 'proven');
  return fix;
}

async function approveAndStart({ stage }: Play, fix: FixId): Promise<void> {
  await stage.until(nextMark(stage.now()));
  const planned = await stage.act('engineer', ['plan', fix]);
  const plan = /P-[0-9a-f]{8}/.exec(planned)![0];
  await stage.until(plus(stage.now(), 6 * MINUTE));
  stage.say('A second person reads the plan and approves exactly that plan.');
  await stage.act('approver', ['approve', fix, '--plan', plan, '--yes']);
  await stage.until(plus(stage.now(), 2 * MINUTE));
  await stage.act('on-call', ['start', fix, '--plan', plan, '--yes']);
}

/** Tells the world what no test found: the first images break half of the control planes that run them, in a small fleet most. */
async function breakOnPurpose({ stage, simulated }: Play, fix: FixId): Promise<void> {
  for (const line of (await stage.view(fix)).lines) {
    if (line.digest === undefined) continue;
    simulated.world.registerFault({
      name: `${fix} ${line.line}`,
      digest: line.digest as `sha256:${string}`,
      rate: simulated.world.founding.fleet.planes < 100 ? 0.9 : 0.5,
      delay: { medianMs: 6 * MINUTE, sigma: 0.4 },
      because: 'API server unavailable: slow watchers lost their leases',
    });
  }
}

async function haltByItself({ stage }: Play, fix: FixId): Promise<void> {
  stage.say('Those that burn and a one-box start; the rest waits for what these show.');
  await stage.passes('a halt', async () => (await stage.fix(fix)).rollout?.halted !== undefined, 12 * HOUR);
  stage.say(
    'Nobody pressed anything: the control planes that run the image are worse, so it stopped and goes back.',
  );
  await stage.act('on-call', ['status', fix]);
  await stage.passes('the rollback', async () => (await stage.fix(fix)).state !== 'delivering', 12 * HOUR);
  await stage.act('on-call', ['why', fix]);
}

async function pauseAndResume({ stage }: Play, fix: FixId): Promise<void> {
  await stage.until(plus(stage.now(), 10 * MINUTE));
  stage.say('The rest waits for evidence, not for a clock; `why` says how much is missing.');
  await stage.act('on-call', ['why', fix]);
  const pastOneBox = async () => {
    const { decided } = (await stage.fix(fix)).rollout!;
    return decided !== undefined && !decided.counts.oneBox;
  };
  await stage.passes('the end of the one-box', pastOneBox, 6 * HOUR);
  await stage.until(plus(stage.now(), 2 * MINUTE));
  await stage.act('on-call', ['pause', fix, '--reason', 'a customer calls: is it us?']);
  await stage.until(plus(stage.now(), 10 * MINUTE));
  await stage.act('on-call', ['status', fix]);
  await stage.act('on-call', ['resume', fix, '--reason', 'it was their network', '--yes']);
}

/** To the finish line; what cannot be patched now is accounted for by name, each with its reason. */
async function toCoverage({ stage, simulated }: Play, fix: FixId): Promise<void> {
  const isOver = async () => {
    const { state, rollout } = await stage.fix(fix);
    return state === 'covered' || rollout!.passed.length > 0 || rollout!.halted !== undefined;
  };
  await stage.passes('the end of the only stage', isOver, 24 * HOUR);
  for (let round = 0; round < 6 && (await stage.fix(fix)).state !== 'covered'; round += 1) {
    // The silent and the held often come back by themselves.
    await stage.until(plus(stage.now(), 20 * MINUTE));
    if (round > 0) await excludeOpen(stage, simulated, fix);
    await simulated.hub.settled();
  }
  await stage.passes('coverage', async () => (await stage.fix(fix)).state === 'covered', HOUR);
  await stage.act('on-call', ['status', fix]);
}

async function excludeOpen(stage: Stage, simulated: SimulatedHub, fix: FixId): Promise<void> {
  const it = (await simulated.hub.cases.open(fix))!;
  const open = targetViews(it.fix, it.facts, stage.now()).filter(
    (t) => t.standing === 'exposed' || t.standing === 'unknown',
  );
  for (const { name, because } of open) {
    const reason = `followed up one by one: ${because}`;
    await stage.act('on-call', ['exclude', fix, '--target', name, '--until', '7d', '--reason', reason]);
  }
}

async function unknownNames({ stage, simulated }: Play, fix: FixId): Promise<string[]> {
  const it = (await simulated.hub.cases.open(fix))!;
  const views = targetViews(it.fix, it.facts, stage.now());
  return views.filter((t) => t.standing === 'unknown').map((t) => t.name);
}

/** The next releases contain the fix: control planes move to them, and the overrides go. */
async function retireIt({ stage, simulated, repository }: Play, fix: FixId): Promise<void> {
  stage.say('Days later: the next releases contain the fix, and the fleet moves to them.');
  for (const release of RELEASES) {
    if (!('next' in release)) continue;
    const commit = await simulated.commitOf(`v${release.next}`, repository.dir);
    simulated.world.upgrade({
      from: release.version,
      to: { version: release.next, commit },
      share: 1,
      overMs: HOUR / 2,
    });
  }
  await stage.until(plus(stage.now(), 1.5 * HOUR));
  await stage.act('on-call', ['retire', fix, '--dry-run']);
  await stage.act('on-call', ['retire', fix, '--yes']);
  await stage.passes('retirement', async () => (await stage.fix(fix)).state === 'retired', 24 * HOUR);
  await stage.act('engineer', ['close', fix, '--as', 'the releases contain it', '--yes']);
  await stage.act('engineer', ['verify']);
}
