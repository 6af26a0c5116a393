import { afterAll, beforeAll, expect, test } from 'vitest';
import { layGround, quickConfig } from './ground.ts';
import { adminToken, type HubProcess, leaveNothing, startHubProcess } from './hub-process.ts';
import { moodyBuilder } from './moody-builder.ts';
import { type Cast, castAt, eventually } from './person.ts';
import { declared } from './steps.ts';

const ground = await layGround();
const builder = moodyBuilder(ground);
let hub: HubProcess;
let cast: Cast;

beforeAll(async () => {
  const config = ground.write(
    quickConfig(ground, {
      planes: 10,
      speed: 60,
      versions: ['4.20.3'],
      builder: { command: builder.command, timeout: '10s' },
    }),
  );
  hub = await startHubProcess({ config, dataDir: ground.dataDir });
  cast = await castAt(() => hub.url, adminToken(ground.dataDir));
});
afterAll(async () => {
  await leaveNothing(ground.dataDir);
  ground.clear();
});

const faults = [
  [
    'hang',
    /^build of 4\.20\.3 failed: timed out after 10s \(limit 10s; raise builder\.timeout/,
    /told to hang/,
  ],
  ['fail', /ended with exit code 3: undefined: leases\.Drop/, /undefined: leases\.Drop/],
  ['garbage', /out/, /told to garbage/],
  ['nothing', /out/, /told to nothing/],
] as const;

test.for(faults)(
  'a builder that does "%s" fails the build with its reason and log, and a retry goes on once the cause is mended',
  async ([what, because, log]) => {
    builder.will(what);
    const fix = await declared(cast, [ground.repository.firstTry]);
    const failed = await eventually('a failed build', async () => {
      const view = await cast.engineer.view(fix);
      return view.needs.length > 0 && view;
    });
    expect(failed.state).toBe('assembled');
    expect(failed.lines.map((l) => l.build)).toEqual(['failed']);
    expect(failed.needs).toHaveLength(1);
    expect(failed.needs[0]).toMatchObject({
      who: 'engineer',
      command: `fleetfix retry ${fix} --stage build`,
    });
    expect(failed.needs[0]!.what).toMatch(because);
    expect(await cast.engineer.text(`/api/fixes/${fix}/logs?stage=build&line=4.20.3`)).toMatch(log);

    builder.will('build');
    expect((await cast.engineer.act(fix, { do: 'retry', stage: 'build' })).status).toBe(202);
    await eventually('proof', async () => (await cast.engineer.view(fix)).state === 'proven');
    expect((await cast.engineer.view(fix)).needs.map((n) => n.who)).toEqual(['approver']);
    expect((await cast.engineer.act(fix, { do: 'withdraw', reason: 'it was a test' })).status).toBe(202);
  },
);
