// Goal: what the hub finds out by itself about a candidate: is it a fix, and do its own tests show the fault. What it cannot
// tell is a person's to answer, and nobody answers for their own fix.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DAY, plus } from '../../src/core/base/instant.ts';
import type { TimedTestPage } from '../../src/core/select/test-times.ts';
import type { FixView } from '../../src/core/views/fix-view.ts';
import { commitTo } from './commit-to.ts';
import { layGround, quickConfig } from './ground.ts';
import { adminToken, type HubProcess, leaveNothing, startHubProcess } from './hub-process.ts';
import { type Cast, castAt, eventually } from './person.ts';
import { declared } from './steps.ts';

const ground = await layGround();
const { repository } = ground;
let hub: HubProcess;
let cast: Cast;

/** A commit on main that puts the files there. */
const commit = (subject: string, files: Readonly<Record<string, string>>) =>
  commitTo(repository.dir, subject, files);

/** One person, all day, every day. */
const CALENDAR = [
  'BEGIN:VCALENDAR',
  'VERSION:2.0',
  'PRODID:-//example//rota//EN',
  'BEGIN:VEVENT',
  'UID:1@example.com',
  'DTSTAMP:20260101T000000Z',
  'DTSTART:20260101T000000Z',
  'DTEND:20260102T000000Z',
  'RRULE:FREQ=DAILY',
  'SUMMARY:QE',
  'ATTENDEE;CN=Quinn:mailto:quinn@example.com',
  'END:VEVENT',
  'END:VCALENDAR',
  '',
].join('\r\n');

const gateOf = (view: FixView, name: string) => view.lines[0]?.gates.find(({ gate }) => gate === name);
const judged = (fix: string) =>
  eventually('every check has run', async () => {
    const view = await cast.engineer.view(fix);
    return (
      ['scope', 'own-test', 'bvt'].every((name) => (gateOf(view, name)?.state ?? 'missing') !== 'missing') &&
      view
    );
  });

beforeAll(async () => {
  const raw = quickConfig(ground, { planes: 10, speed: 60, versions: ['4.20.3'] });
  const [component] = raw.components as { gates: object[] }[];
  const bvt = component!.gates.find((gate) => 'name' in gate && gate.name === 'bvt')!;
  // What it was given is in its log.
  const given = `const f = process.env.FLEETFIX_TESTS; console.log('given', f && JSON.stringify(require('fs').readFileSync(f, 'utf8')))`;
  Object.assign(bvt, { tests: 'selected', command: [process.execPath, '-e', given] });
  const run = [process.execPath, '--test', '--test-reporter=junit', '--test-reporter-destination=own.xml'];
  component!.gates.push(
    { name: 'scope', check: 'scope' },
    {
      name: 'own-test',
      check: 'own-test',
      command: [...run, 'test/*.test.mjs'],
      junit: 'own.xml',
      attest: 'qe',
    },
  );
  component!.gates.push({ name: 'smoke', attest: 'qe' });
  writeFileSync(join(ground.dir, 'qe.ics'), CALENDAR);
  const roster = {
    people: [{ name: 'qe', also: ['quinn@example.com'] }],
    roles: { qe: { calendars: ['qe.ics'] } },
    escalation: { steps: [{ role: 'qe', wait: '10m' }] },
  };
  const [policy] = raw.policies as { severities: Record<string, { before: string[] }> }[];
  for (const lane of Object.values(policy!.severities)) lane.before = ['scope', 'own-test', 'bvt', 'smoke'];
  hub = await startHubProcess({ config: ground.write({ ...raw, roster }), dataDir: ground.dataDir });
  cast = await castAt(() => hub.url, adminToken(ground.dataDir));
});
afterAll(async () => {
  await leaveNothing(ground.dataDir);
  ground.clear();
});

test('a fix whose tests fail without it and pass with it needs nobody', async () => {
  const view = await judged(await declared(cast, [repository.firstTry]));
  expect([gateOf(view, 'scope'), gateOf(view, 'own-test')]).toMatchObject([
    { state: 'met', because: expect.stringContaining('fix (') },
    {
      state: 'met',
      because: expect.stringMatching(
        /without the fix \d+ of \d+ tests failed: .*; with it \d+ tests passed$/,
      ),
      findings: [{ path: 'test/leases.test.mjs' }],
    },
  ]);
  expect(gateOf(view, 'bvt')).toMatchObject({
    because: expect.stringContaining('chosen: 1 of 1 test packages and files'),
  });
  const log = await cast.engineer.text(`/api/fixes/${view.id}/logs?stage=proof&line=4.20.3`);
  expect(log).toContain('given "test/leases.test.mjs\\n"');
  // Of both runs of its tests only the one with the fix is kept, with paths as they are in the tree.
  const { body } = await cast.engineer.get<TimedTestPage>('/api/test-times?component=lease-operator');
  expect(body.total).toBeGreaterThan(0);
  expect(body.items).toEqual(
    body.items.map((one) => ({ ...one, file: 'test/leases.test.mjs', runs: 1, failed: 0 })),
  );
});

test('new API is blocked by name, with its place, and tests that pass without it show nothing', async () => {
  const field = {
    name: 'v1',
    schema: { openAPIV3Schema: { type: 'object', properties: { sweep: { type: 'string' } } } },
  };
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'leases.example.com' },
    spec: { group: 'example.com', versions: [field] },
  };
  const id = await declared(cast, [
    commit('fix: let people set the sweep', {
      'config/crd/leases.yaml': JSON.stringify(crd, null, 2),
      'test/sweep.test.mjs': `import test from 'node:test';\ntest('one is one', () => {});\n`,
    }),
  ]);
  const view = await judged(id);
  expect([gateOf(view, 'scope'), gateOf(view, 'own-test')]).toMatchObject([
    {
      state: 'failed',
      because: expect.stringContaining('lets no schema-field pass without an exception'),
      findings: expect.arrayContaining([
        {
          path: 'config/crd/leases.yaml',
          line: expect.any(Number),
          text: expect.stringContaining('schema-field: '),
        },
      ]),
    },
    { state: 'failed', because: expect.stringContaining('pass without the fix too') },
  ]);
  const answer = { do: 'attest', gate: 'scope', result: 'pass', note: 'needed' };
  expect((await cast.approver.act(id, answer)).body).toMatchObject({ code: 'invalid' });
  const { at } = (await cast.engineer.record(id)).findLast((line) => line.kind === 'event')!;
  const waived = {
    do: 'waive',
    gate: 'scope',
    reason: 'agreed with the API owners',
    expiresAt: plus(at, 30 * DAY),
  };
  expect((await cast.approver.act(id, waived)).status).toBe(202);
  expect(gateOf(await cast.engineer.view(id), 'scope')).toMatchObject({ state: 'waived' });
});

test('tests that never ran without it, or do not with it, are a question, and so is code that nobody can read', async () => {
  const about = async (subject: string, files: Readonly<Record<string, string>>) => {
    const view = await judged(await declared(cast, [commit(subject, files)]));
    return { own: gateOf(view, 'own-test'), scope: gateOf(view, 'scope'), bvt: gateOf(view, 'bvt') };
  };
  const unseen = expect.stringContaining(
    'none of the tests that failed without the fix is seen to pass with it',
  );
  const loads = await about('fix: a module of its own', {
    'src/brandnew.mjs': 'export const x = 1;\n',
    'test/brandnew.test.mjs': `import test from 'node:test';\nimport '../src/brandnew.mjs';\ntest('one is one', () => {});\n`,
  });
  expect(loads.own).toMatchObject({ state: 'unclear', because: unseen });
  const skipped = await about('fix: another', {
    'src/other.mjs': 'export const y = 1;\n',
    'test/other.test.mjs': [
      `import test from 'node:test';`,
      `import { existsSync } from 'node:fs';`,
      `const skip = existsSync('src/other.mjs');`,
      `test('shows nothing', { skip }, () => { throw new Error('without it'); });\n`,
    ].join('\n'),
  });
  expect(skipped.own).toMatchObject({ state: 'unclear', because: unseen });
  const large = await about('fix: a longer description', {
    'config/crd/large.yaml': `${'#'.repeat(1_100_000)}\n`,
  });
  expect(large.scope).toMatchObject({
    state: 'unclear',
    because: expect.stringContaining('config/crd/large.yaml (too large) may hold what speaks for a feature'),
    findings: [
      { text: expect.stringContaining('too large to be judged') },
      { path: 'config/crd/large.yaml', text: 'not judged: too large' },
    ],
  });
  expect(large.bvt).toMatchObject({ because: expect.stringContaining('all were run: no test is known') });
});

test('what looks like a feature, without a test, is two questions; others than its author answer them, with a reason', async () => {
  const many = Array.from({ length: 40 }, (_, i) => `export function way${i}(x) {\n  return x + ${i};\n}\n`);
  const id = await declared(cast, [commit('feat: forty more ways', { 'src/ways.mjs': many.join('\n') })]);
  const view = await judged(id);
  expect([gateOf(view, 'scope'), gateOf(view, 'own-test')]).toMatchObject([
    { state: 'unclear', because: expect.stringContaining('a person decides') },
    { state: 'unclear', because: 'the fix brings no automated test' },
  ]);
  expect(view.needs).toMatchObject([
    { who: 'approver', what: expect.stringMatching(/^answer scope on 4\.20\.3: /) },
    { who: 'qe', command: `fleetfix attest ${id} --check own-test --result pass --note TEXT` },
    { who: 'qe', what: expect.stringMatching(/^attest smoke on 4\.20\.3; qe told at /) },
  ]);
  const answer = (gate: string, note?: string) => ({
    do: 'attest',
    gate,
    result: 'pass',
    ...(note && { note }),
  });
  expect((await cast.approver.act(id, answer('scope'))).body).toMatchObject({ code: 'invalid' });
  expect((await cast.engineer.act(id, answer('scope', 'mine'))).status).toBe(403);
  expect((await cast.approver.act(id, answer('scope', 'the incident needs all of them'))).status).toBe(202);
  expect((await cast.qe.act(id, answer('own-test', 'tried by hand on a lab cluster'))).status).toBe(202);
  expect((await cast.qe.act(id, { do: 'attest', gate: 'smoke', result: 'pass' })).status).toBe(202);
  const proven = await eventually('proof', async () => {
    const now = await cast.engineer.view(id);
    return now.state === 'proven' && now;
  });
  expect(gateOf(proven, 'scope')).toMatchObject({
    state: 'met',
    because: expect.stringMatching(/^passed by .*: the incident needs all of them$/),
    findings: expect.any(Array),
  });
});

test('what waits for people reaches who is on duty, and is told to nobody else once it has somebody', async () => {
  const id = await declared(cast, [repository.firstTry, repository.followUp]);
  const handed = await eventually('the hand-off', async () => (await cast.engineer.view(id)).handOff);
  expect(handed).toMatchObject({ told: [{ role: 'qe', people: ['qe'] }], digests: [expect.any(String)] });
  expect(handed.text).toMatch(/^qe told at .*, not acknowledged yet/);
  expect((await cast.qe.act(id, { do: 'acknowledge', note: 'two hours' })).status).toBe(202);
  expect((await cast.engineer.view(id)).handOff?.text).toMatch(/^.* has it since /);
  expect((await cast.engineer.act(id, { do: 'acknowledge' })).body).toMatchObject({ code: 'wrong-state' });
});
