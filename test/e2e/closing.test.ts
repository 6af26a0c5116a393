// Goal: a fix that was delivered is closed only when its checklist is shown. A real hub over a simulated fleet looks at links on a
// server of this machine, which answers for GitHub as its documentation says: the real one cannot be reached from here.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loopbackWeb, pullAnswer } from '../../src/adapters/links/testing.ts';
import { HOUR, MINUTE, plus } from '../../src/core/base/instant.ts';
import type { FixView } from '../../src/core/views/fix-view.ts';
import { RELEASES } from '../../src/simulator/demo/repository.ts';
import { type SimulatedHub, startSimulatedHub } from '../../src/simulator/simulated-hub.ts';
import { CALM } from '../../src/simulator/world-spec.ts';
import { fleetfix } from './at-desk.ts';
import { layGround, quickConfig, readConfig } from './ground.ts';
import { type Cast, castAt, eventually } from './person.ts';
import { approved, declared, inState, started } from './steps.ts';

const ground = await layGround();
const { repository } = ground;
const git = (...args: string[]) =>
  execFileSync('git', args, { cwd: repository.dir, encoding: 'utf8' }).trim();
const since = (commit: string) => Number(git('rev-list', '--count', `${commit}..${repository.followUp}`));
git(
  '-c',
  'user.name=authors',
  '-c',
  'user.email=a@example.com',
  'commit',
  '--quiet',
  '--allow-empty',
  '-m',
  'Later',
);
const later = git('rev-parse', 'HEAD');
const pull = (number: number, merged: boolean, commit: string, commits: number) =>
  pullAnswer({ repository: 'example/lease', number, merged, commit, commits });

let erratum = 'nothing yet';
const web = await loopbackWeb({
  '/api/v3/repos/example/lease/pulls/7': pull(7, true, repository.followUp, since(`${repository.firstTry}^`)),
  '/api/v3/repos/example/lease/pulls/8': pull(8, false, repository.followUp, 1),
  '/api/v3/repos/example/lease/pulls/9': pull(9, true, later, 1),
  '/erratum': (_, response) => void response.end(erratum),
  '/docs': 'how to tell that it is fixed',
  '/login': (_, response) => void response.writeHead(302, { location: 'https://sso.example.com/' }).end(),
});
const token = join(ground.dir, 'token');
writeFileSync(token, 's3cret\n');

const closing = [
  { name: 'ci', kind: 'gates' },
  { name: 'upstream-code', kind: 'pull-request', repository: 'example/lease', contains: 'change' },
  { name: 'advisory', kind: 'advisory' },
  { name: 'docs', kind: 'link' },
  { name: 'automated-tests', kind: 'tests' },
  { name: 'qe-plan', kind: 'word', role: 'qe' },
];
let hub: SimulatedHub;
let cast: Cast;
let desk: { url: string; token: string; home: string };

beforeAll(async () => {
  const versions = ['4.19.11', '4.20.3'];
  const raw = quickConfig(ground, { planes: 30, seed: 5, speed: 0, versions, policy: { closing } });
  const links = { ...web.config, tokens: { [web.host]: token } };
  hub = await startSimulatedHub({
    config: readConfig({ ...raw, links }),
    dataDir: ground.dataDir,
    epoch: '2026-03-02T03:00:00.000Z',
    logLevel: 'error',
    nature: { ...CALM, stallShare: 0 },
  });
  cast = await castAt(() => hub.url, await hub.storage.people.issue('root', ['admin']));
  desk = {
    url: hub.url,
    token: await hub.storage.people.issue('kim', ['engineer', 'on-call']),
    home: ground.dir,
  };
});
afterAll(async () => {
  await hub.close();
  await web.close();
  ground.clear();
});

const pass = async (ms: number) => void (await hub.pump.runUntil({ at: plus(hub.clock.now(), ms) }));
const passUntilIs = async (fix: string, state: FixView['state']) =>
  expect(
    (
      await hub.pump.runUntil({
        condition: async () => (await hub.hub.cases.load(fix as 'FIX-1'))!.state === state,
        atMost: plus(hub.clock.now(), 24 * HOUR),
      })
    ).end,
  ).toBe('reached');

const itemOf = (view: FixView, name: string) => view.checklist?.find((item) => item.name === name);
/** Shows a link; gives the item once the hub has looked at it. */
async function shown(fix: string, item: string, path: string) {
  const { status, body } = await cast.engineer.act(fix, { do: 'show', item, link: web.url(path) });
  expect([status, body.detail]).toEqual([202, undefined]);
  return await eventually(`${item} looked at`, async () => {
    const found = itemOf(await cast.engineer.view(fix), item);
    return found?.state !== 'checking' && found;
  });
}

test('from covered to closed: what is shown is looked at, what is not is named, and only then it is over', async () => {
  await pass(MINUTE);
  const fix = await declared(cast, [repository.firstTry, repository.followUp]);
  await inState(cast, fix, 'proven');
  expect(itemOf(await cast.engineer.view(fix), 'ci')).toMatchObject({
    state: 'open',
    because: 'nothing was delivered yet',
  });
  await started(cast, fix, await approved(cast, fix));
  await passUntilIs(fix, 'covered');
  for (const release of RELEASES) {
    if (!('next' in release)) continue;
    const commit = await hub.commitOf(`v${release.next}`, repository.dir);
    hub.world.upgrade({
      from: release.version,
      to: { version: release.next, commit },
      share: 1,
      overMs: HOUR,
    });
  }
  await pass(3 * HOUR);
  expect((await cast.operator.act(fix, { do: 'retire' })).status).toBe(202);
  await passUntilIs(fix, 'retired');

  const view = await cast.engineer.view(fix);
  expect(view.needs.map(({ who, what }) => `${who}: ${what}`)).toEqual([
    'engineer: show before it is closed: upstream-code, advisory, docs',
    'qe: show before it is closed: automated-tests, qe-plan',
  ]);
  const early = await fleetfix(desk, 'close', fix, '--as', 'done', '--yes');
  expect(early.code).toBe(4);
  expect(early.text).toContain('5 of 6 items of its checklist are open');
  expect(early.text).toContain(`fleetfix show ${fix} --item advisory --link https://…`);

  // Links that show nothing, each with its reason.
  expect((await shown(fix, 'upstream-code', '/example/lease/pull/8')).because).toContain(
    'is open, not merged',
  );
  expect((await shown(fix, 'upstream-code', '/example/lease/pull/9')).because).toContain(
    'another one brought it',
  );
  expect((await shown(fix, 'docs', '/nothing')).because).toContain('answers 404');
  expect((await shown(fix, 'docs', '/login')).because).toContain('sends on to https://sso.example.com');
  const hostile = await cast.engineer.act(fix, {
    do: 'show',
    item: 'docs',
    link: 'http://169.254.169.254/latest/',
  });
  expect(hostile.status).toBe(202);
  const refused = await eventually('the hub refuses it', async () => {
    const found = itemOf(await cast.engineer.view(fix), 'docs');
    return found?.because.includes('may not be asked') && found;
  });
  expect(refused).toMatchObject({ state: 'failed', by: 'engineer' });
  for (const link of ['file:///etc/passwd', 'https://user:pass@docs.example.com/', 'docs'])
    expect((await cast.engineer.act(fix, { do: 'show', item: 'docs', link })).body).toMatchObject({
      code: 'invalid',
    });

  // Links that do.
  const code = await shown(fix, 'upstream-code', '/example/lease/pull/7');
  expect(code).toMatchObject({ state: 'shown', because: expect.stringContaining('is merged into main') });
  expect(code.because).toContain('with the change');
  const digests = view.lines.flatMap(({ digest }) => digest ?? []);
  expect(digests.length).toBeGreaterThan(1);
  erratum = `<td>${digests[0]}</td>`;
  expect(await shown(fix, 'advisory', '/erratum')).toMatchObject({
    state: 'failed',
    because: expect.stringContaining(
      `holds the digests of 1 of ${digests.length} delivered images; missing is that of `,
    ),
  });
  erratum = digests.join(' ');
  expect((await fleetfix(desk, 'retry', fix, '--stage', 'closing')).code).toBe(0);
  await eventually(
    'the advisory holds them all',
    async () => itemOf(await cast.engineer.view(fix), 'advisory')?.state === 'shown',
  );
  expect((await shown(fix, 'docs', '/docs')).state).toBe('shown');

  // Words, and a waiver.
  const word = { do: 'show', item: 'qe-plan', note: 'TP-7, reviewed' };
  expect((await cast.engineer.act(fix, word)).body).toMatchObject({ code: 'not-allowed', whoCan: ['qe'] });
  expect((await cast.qe.act(fix, word)).status).toBe(202);
  const waiver = { do: 'waive-item', item: 'automated-tests', reason: 'the lab cannot break a watch' };
  expect((await cast.qe.act(fix, waiver)).status).toBe(403);
  expect((await cast.operator.act(fix, { do: 'close', as: 'done' })).body).toMatchObject({
    code: 'checklist-open',
  });
  expect((await cast.approver.act(fix, waiver)).status).toBe(202);

  const screen = await fleetfix(desk, 'checklist', fix);
  expect(screen.text).toContain('6 of 6 items');
  expect(screen.text).toContain('waived by approver: the lab cannot break a watch');
  expect((await fleetfix(desk, 'close', fix, '--as', 'done', '--yes')).code).toBe(0);
  expect((await cast.engineer.view(fix)).state).toBe('closed');
  expect((await cast.engineer.verify()).verified).toBe(true);
  const record = JSON.stringify(await cast.engineer.record(fix));
  expect(record).not.toContain('s3cret');
  expect(web.asked.every(({ headers }) => headers.authorization === 'Bearer s3cret')).toBe(true);
});
