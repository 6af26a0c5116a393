import { execFileSync } from 'node:child_process';
import { afterAll, expect, test } from 'vitest';
import { startEmbedded } from '../../src/adapters/postgres/embedded.ts';
import { openStorage } from '../../src/adapters/postgres/index.ts';
import { instantOf } from '../../src/core/base/instant.ts';
import { layGround, quickConfig } from './ground.ts';
import { leaveNothing, startHubProcess } from './hub-process.ts';
import { castAt, eventually, type Line } from './person.ts';
import { declared } from './steps.ts';

const ground = await layGround();
const ends: (() => Promise<void>)[] = [];
afterAll(async () => {
  await leaveNothing();
  for (const end of ends.reverse()) await end();
  ground.clear();
});

const digest = (digit: string) => `sha256:${digit.repeat(64)}` as const;
const VERSIONS = ['4.19.11', '4.20.3'];

/** What the agents of a small real fleet would report: two control planes on each release. */
function report() {
  const commitOf = (version: string) =>
    execFileSync('git', ['-C', ground.repository.dir, 'rev-parse', `v${version}^{commit}`], {
      encoding: 'utf8',
    }).trim();
  const images = VERSIONS.map((version, i) => ({
    digest: digest(String(i + 1)),
    component: 'lease-operator',
    commit: commitOf(version),
  }));
  const planes = [0, 1, 2, 3].map((n) => ({
    uid: `00000000-0000-4000-8000-00000000000${n}`,
    name: `cp-${n}`,
    managementCluster: 'mc-1',
    region: 'eu-1',
    sector: 'main',
    customer: 'acme',
    platform: 'AWS',
    version: VERSIONS[n % 2]!,
    availability: 'HighlyAvailable' as const,
    components: {
      'lease-operator': { digest: digest(String((n % 2) + 1)), release: digest(String((n % 2) + 1)) },
    },
  }));
  return { managementCluster: 'mc-1', full: true, planes, gone: [], lost: [], images, refused: [] };
}

const types = (record: readonly Line[]) => record.flatMap((l) => (l.kind === 'event' ? [l.event.type] : []));

test('two hubs start at once on an empty database, share the work without doing any twice, and one takes over from the other when it is killed', async () => {
  const server = await startEmbedded({ dataDir: `${ground.dir}/server`, settings: { fsync: 'off' } });
  ends.push(() => server.stop());
  const { host, port, user, database } = server.connection;
  const env = {
    DATABASE_URL: `postgresql://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`,
  };
  const script = ['-e', `setTimeout(() => import(process.cwd() + '/build.mjs'), 700)`];
  const config = ground.write(quickConfig(ground, { builder: { command: [process.execPath, ...script] } }));
  // Candidates, images and keys are in the data directory, so two hubs have one between them.
  const start = () => startHubProcess({ config, dataDir: ground.dataDir, env });
  const [one, two] = await Promise.all([start(), start()]);
  const storage = await openStorage({ connection: server.connection });
  ends.push(() => storage.close());
  await storage.fleet.report(report(), instantOf(Date.now()));

  expect((await storage.people.list()).map((p) => p.name)).toEqual(['admin']);
  const token = await storage.people.issue('root', ['admin']);
  let url = one!.url;
  const cast = await castAt(() => url, token);
  expect((await fetch(`${two!.url}/readyz`)).status).toBe(200);

  const { firstTry, followUp } = ground.repository;
  const fixes = [
    await declared(cast, [firstTry]),
    await declared(cast, [firstTry, followUp]),
    await declared(cast, [firstTry], 'moderate'),
  ];
  await eventually('the first builds', async () =>
    types(await cast.engineer.record(fixes[0]!)).includes('BuildStarted'),
  );
  await one!.kill();
  url = two!.url;

  for (const fix of fixes) {
    await eventually(`${fix} proven`, async () => (await cast.engineer.view(fix)).state === 'proven');
    const seen = types(await cast.engineer.record(fix));
    for (const type of ['LineAssembled', 'Built', 'GateRan'])
      expect(seen.filter((t) => t === type)).toHaveLength(2);
    expect(seen).not.toContain('BuildFailed');
  }
  expect((await cast.engineer.verify()).verified).toBe(true);
  expect(await two!.stop()).toBe(0);
});
