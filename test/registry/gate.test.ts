// Goal: a gate of the hub says of the candidate's image what `fleetfix image verify` says, and a retry asks anew.
// Method: a hub in a process of its own, Debian's docker-registry behind a door that can be shut, and cosign.
import { readFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Digest } from '../../src/core/base/ids.ts';
import type { FixView } from '../../src/core/views/fix-view.ts';
import { layGround, quickConfig } from '../e2e/ground.ts';
import { adminToken, leaveNothing, startHubProcess, startsNot } from '../e2e/hub-process.ts';
import { type Cast, castAt, eventually } from '../e2e/person.ts';
import { declared } from '../e2e/steps.ts';
import { attest, BUILDER, key, lab, refOf, SOURCE, sign, stranger, v02, withLab } from './corpus.ts';
import type { Manifest } from './lab.ts';

const ground = await layGround();
const REPOSITORY = 'team/lease-operator';
const door = createServer();
const open = new Set<Socket>();
let isShut = false;

withLab();
beforeAll(async () => {
  if (lab === undefined) return;
  const [host, port] = lab.host.split(':');
  door.on('connection', (visitor) => {
    open.add(visitor);
    visitor.on('error', () => {}).on('close', () => open.delete(visitor));
    // Whoever comes while it is shut hears nothing, as behind a firewall.
    if (isShut) return;
    const inside = connect(Number(port), host!);
    inside.on('error', () => visitor.destroy());
    visitor.pipe(inside).pipe(visitor);
  });
  await new Promise<void>((listening) => door.listen(0, '127.0.0.1', listening));
});
afterAll(async () => {
  closeAll();
  door.close();
  await leaveNothing(ground.dataDir);
  ground.clear();
});

const closeAll = () => {
  for (const visitor of open) visitor.destroy();
};

/** A gate on the image of the demo's component, whose key file lies beside the configuration. */
function configFile(name: string, image: object): string {
  const raw = quickConfig(ground, { planes: 10, speed: 60, versions: ['4.20.3'] });
  const [component] = raw.components as { image: string; gates: object[] }[];
  component!.image = `127.0.0.1:${(door.address() as AddressInfo).port}/${REPOSITORY}`;
  component!.gates = [{ name: 'image', check: 'image', timeout: '8s', image }];
  const [policy] = raw.policies as { severities: Record<string, { before: string[] }> }[];
  for (const lane of Object.values(policy!.severities)) lane.before = ['image'];
  return ground.write(raw, name);
}

/** What a person does who pushes the hub's image: `skopeo copy oci:… docker://…`. */
async function push(digest: Digest): Promise<void> {
  const blob = (of: string) => readFile(join(ground.dataDir, 'images', 'blobs', 'sha256', of.slice(7)));
  const manifest = JSON.parse((await blob(digest)).toString('utf8')) as Manifest;
  for (const part of [manifest.config, ...manifest.layers])
    await lab.blob(REPOSITORY, await blob(part.digest));
  expect(await lab.put(REPOSITORY, digest, manifest)).toBe(digest);
}

const gateOf = (view: FixView) => view.lines[0]?.gates.find(({ gate }) => gate === 'image');
const judgedBy = (cast: Cast, fix: string) =>
  eventually('a verdict on the image', async () => {
    const view = await cast.engineer.view(fix);
    return (gateOf(view)?.state ?? 'missing') !== 'missing' && view;
  });

it('a key that is not there refuses the start, and says which gate asks for it', async () => {
  const config = configFile('no-key.yaml', { keys: [{ file: 'none.pub' }] });
  const { code, said } = await startsNot({ config, dataDir: ground.dataDir });
  expect(code).toBe(1);
  expect(said).toContain('gate image of component lease-operator: ');
  expect(said).toContain(`${join(ground.dir, 'none.pub')} is not there; put the cosign.pub of the builder`);
});

it('the gate refuses the image until it is there, signed with the key and attested for the commit, looks again by itself, and waits for nobody else', async () => {
  ground.write(await readFile(key.public, 'utf8'), 'build.pub');
  const image = { keys: [{ file: 'build.pub' }], builders: [BUILDER], sources: [SOURCE] };
  const hub = await startHubProcess({ config: configFile('fleetfix.yaml', image), dataDir: ground.dataDir });
  const cast = await castAt(() => hub.url, adminToken(ground.dataDir));
  const fix = await declared(cast, [ground.repository.firstTry]);
  const again = async () => {
    expect((await cast.engineer.act(fix, { do: 'retry', stage: 'proof' })).status).toBe(202);
    return await judgedBy(cast, fix);
  };

  const first = await judgedBy(cast, fix);
  const { commit } = first.lines[0]!;
  const digest = first.lines[0]!.digest as Digest;
  expect(gateOf(first)).toMatchObject({
    state: 'failed',
    because: expect.stringMatching(
      new RegExp(`^registry: 127\\.0\\.0\\.1:\\d+/${REPOSITORY} has no ${digest}`),
    ),
  });

  /** What the hub finds when it looks again, unasked. */
  const seenNow = (because: RegExp) =>
    eventually(`${because}`, async () => {
      const gate = gateOf(await cast.engineer.view(fix));
      return because.test(gate?.because ?? '') && gate;
    });
  await push(digest);
  const ref = refOf(REPOSITORY, digest);
  expect(
    await seenNow(
      /^signature: .* nothing of that kind is in the repository; looked for again at 20..-..-.. ..:..Z$/,
    ),
  ).toMatchObject({
    state: 'failed',
    findings: [
      { text: expect.stringMatching(/^signature: .*; allowed: .*; next: /) },
      { text: expect.stringMatching(/^provenance: /) },
    ],
  });

  await sign(ref, stranger);
  await attest(ref, v02({ commit: commit! }), { by: stranger });
  const foreign = await seenNow(/not signed with build\.pub/);
  expect(foreign.findings).toHaveLength(2);

  await sign(ref);
  await attest(ref, v02());
  expect(gateOf(await again())).toMatchObject({
    state: 'failed',
    because: expect.stringMatching(/^commit: /),
    findings: [{ text: expect.stringContaining(`allowed: ${commit}`) }],
  });

  await attest(ref, v02({ commit: commit! }));
  isShut = true;
  closeAll();
  expect(gateOf(await again())).toMatchObject({
    state: 'failed',
    because: expect.stringMatching(
      new RegExp(
        `^could not be asked: .* does not answer: .*; retry with fleetfix retry ${fix} --stage proof; looked for again at`,
      ),
    ),
  });

  isShut = false;
  closeAll();
  expect(await seenNow(/signed by build\.pub/)).toMatchObject({ state: 'met' });
  await eventually('proof', async () => (await cast.engineer.view(fix)).state === 'proven');
  const log = await cast.engineer.text(`/api/fixes/${fix}/logs?stage=proof&line=4.20.3`);
  expect(log).toContain(`looks at 127.0.0.1:`);
  expect(log).toMatch(/^pass: /m);
});
