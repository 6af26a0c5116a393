import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TimedTestPage } from '../../src/core/select/test-times.ts';
import { fleetfix } from './at-desk.ts';
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

/** Runs the tests it is given: each says itself how long it takes, as no test here may. */
const RUNNER = `
const fs = require('node:fs');
const all = () => fs.readdirSync('test').filter((name) => name.endsWith('.test.mjs')).map((name) => 'test/' + name);
const given = process.env.FLEETFIX_TESTS;
const files = given ? fs.readFileSync(given, 'utf8').trim().split('\\n') : all();
console.log('ran ' + files.join(' '));
const cases = files.map((file) => {
  const time = /takes (\\d+) s/.exec(fs.readFileSync(file, 'utf8'))?.[1] ?? 1;
  return '<testcase name="' + file + ' works" file="' + process.cwd() + '/' + file + '" time="' + time + '"/>';
});
fs.writeFileSync('report.xml', '<testsuite name="all">' + cases.join('') + '</testsuite>');
`;
const testThat = (takes: number, imports: string) => `// takes ${takes} s\nimport '../src/${imports}';\n`;

/** Tests of what is deployed, and on main: of what a fix changes, one is an import away and the other two. */
function layTests() {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: repository.dir, stdio: 'ignore' });
  const lay = () =>
    commit('Say the time', {
      'src/times.mjs': 'export const times = 0;\n',
      'src/slow.mjs': "export * from './times.mjs';\n",
      'test/quick.test.mjs': testThat(90, 'times.mjs'),
      'test/slow.test.mjs': testThat(900, 'slow.mjs'),
    });
  git('checkout', '--quiet', '--detach', 'v4.20.3');
  lay();
  git('tag', '--force', 'v4.20.3');
  git('checkout', '--quiet', 'main');
  lay();
}

/** What the gate said of a fix, once it has judged it. */
const judged = (fix: string) =>
  eventually(`bvt of ${fix}`, async () => {
    const gate = (await cast.engineer.view(fix)).lines[0]?.gates.find((one) => one.gate === 'bvt');
    return gate !== undefined && gate.state !== 'missing' && gate;
  });
const printed = (fix: string) => cast.engineer.text(`/api/fixes/${fix}/logs?stage=proof&line=4.20.3`);

beforeAll(async () => {
  layTests();
  const raw = quickConfig(ground, { planes: 10, speed: 60, versions: ['4.20.3'] });
  const [component] = raw.components as { gates: object[] }[];
  const bvt = component!.gates.find((gate) => 'name' in gate && gate.name === 'bvt')!;
  const command = [process.execPath, '-e', RUNNER];
  Object.assign(bvt, { tests: 'selected', minutes: 5, junit: 'report.xml', command });
  hub = await startHubProcess({ config: ground.write(raw), dataDir: ground.dataDir });
  cast = await castAt(() => hub.url, adminToken(ground.dataDir));
});
afterAll(async () => {
  await leaveNothing(ground.dataDir);
  ground.clear();
});

test('the first fix counts a minute for each test, the second what the tests of the first took', async () => {
  const one = commit('fix: times', {
    'src/times.mjs': 'export const times = 1;\n',
  });
  const first = await declared(cast, [one]);
  expect(await judged(first)).toMatchObject({
    state: 'met',
    because: expect.stringMatching(
      /chosen: 2 of 3 test packages and files, 2 of 5 minutes \(no time is known of 2: a minute was taken for each\)$/,
    ),
  });

  const two = commit('fix: more times', { 'src/times.mjs': 'export const times = 2;\n' });
  const second = await declared(cast, [one, two]);
  expect(await judged(second)).toMatchObject({
    state: 'met',
    because: expect.stringMatching(
      /chosen: 1 of 3 test packages and files, 1\.5 of 5 minutes; 1 more can be affected and was given up, \d+ % of what all are expected to find$/,
    ),
    findings: [
      { text: expect.stringMatching(/^did not fit into the minutes: test\/slow\.test\.mjs, 15 minutes, /) },
    ],
  });
  const log = await printed(second);
  expect(log).toContain('ran test/quick.test.mjs\n');
  expect(log).not.toContain('warning');

  const { body } = await cast.engineer.get<TimedTestPage>('/api/test-times?component=lease-operator');
  expect(body).toMatchObject({
    total: 2,
    items: [
      { file: 'test/slow.test.mjs', seconds: 900, runs: 1, failed: 0 },
      { file: 'test/quick.test.mjs', seconds: 90, runs: 2, last: [{ seconds: 90 }, { seconds: 90 }] },
    ],
  });
  const page = await cast.qe.text(`/api/fixes/${second}/hand-off?as=md`);
  expect(page).toMatch(/slow\.test\.mjs.* · 15 min/);
  expect(page).toMatch(/quick\.test\.mjs.* · 1\.5 min/);
});

test('people ask for the times by component; another component has none', async () => {
  const who = { url: hub.url, token: adminToken(ground.dataDir), home: ground.dataDir };
  const desk = (...argv: string[]) => fleetfix(who, ...argv);
  const { text } = await desk('get', 'tests', 'lease-operator');
  expect(text).toMatch(/TIME +RUNS +FAILED +FLAKY +LAST +TEST +IN/);
  expect(text).toMatch(/15m0?s? +1 +0 +0 .*test\/slow\.test\.mjs works/);
  const json = JSON.parse((await desk('get', 'tests', 'lease-operator', '--limit', '1', '-o', 'json')).text);
  expect(json).toMatchObject({ total: 2, items: [{ file: 'test/slow.test.mjs' }] });
  const none = await cast.engineer.get<{ detail: string }>('/api/test-times?component=other');
  expect([none.status, none.body.detail]).toEqual([404, expect.stringContaining('there are lease-operator')]);
});
