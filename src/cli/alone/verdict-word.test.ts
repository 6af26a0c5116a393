// Goal: reports become a word on an image as they are, and nobody attests as passed what failed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readReports } from '../../adapters/junit/files.ts';
import { instantOf } from '../../core/base/instant.ts';
import { run } from '../run.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'fleetfix-word-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const PASS = '<testcase classname="K" name="a"/>';
const FLAKY = '<testcase classname="K" name="f"><flakyFailure message="first time"/></testcase>';
const FAIL = '<testcase classname="K" name="b"><failure message="want 1"/></testcase>';
const SKIP = '<testcase classname="K" name="s"><skipped/></testcase>';

/** Attests with reports of these cases, and gives what the hub is told. */
async function attest(reports: readonly string[], ...flags: readonly string[]) {
  const files = reports.map((cases, i) => {
    const file = join(dir, `${i}.xml`);
    writeFileSync(file, `<testsuite name="S${i}">${cases}</testsuite>`);
    return file;
  });
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  let told: unknown;
  const exit = await run(['attest', 'FIX-1', '--check', 'smoke', ...flags, '--junit', ...files], {
    stdout,
    stderr,
    stdin: Readable.from([]),
    env: { HOME: dir, FLEETFIX_HUB: 'http://127.0.0.1:1', FLEETFIX_TOKEN: 'token' },
    isTty: false,
    fetch: async (_, init) => {
      if (init?.body !== undefined) told = JSON.parse(String(init.body));
      return Response.json(
        { fix: 'FIX-1', version: 2, state: 'built', did: [], see: '', undo: '' },
        { status: 202 },
      );
    },
    now: () => instantOf(0),
    alone: {
      open: () => Promise.reject(new Error('no repository is read')),
      reports: async (paths) => readReports(paths),
    },
  });
  return { exit, told, err: String(stderr.read() ?? '') };
}

test('what passed is told with its counts, and flaky tests by name', async () => {
  expect(await attest([PASS + FLAKY, SKIP], '--note', 'on two clusters')).toMatchObject({
    exit: 0,
    told: {
      do: 'attest',
      gate: 'smoke',
      result: 'pass',
      note: 'on two clusters; 2 of 3 tests passed, 1 skipped, 1 flaky',
      counts: { tests: 3, failures: 0, skipped: 1, flaky: 1 },
      findings: [{ text: 'flaky: K > f' }],
    },
  });
});

test('what failed is told as that, with names, and flaky ones with them when they are to fail', async () => {
  expect((await attest([PASS + FAIL])).told).toMatchObject({
    result: 'fail',
    counts: { tests: 2, failures: 1 },
    findings: [{ text: 'failed: K > b' }],
  });
  expect((await attest([PASS + FLAKY], '--flaky', 'fails')).told).toMatchObject({ result: 'fail' });
});

test.each([
  [[PASS + FAIL], ['--result', 'pass'], 2, '--result pass: the reports say fail: 1 of 2 tests failed: K > b'],
  [[SKIP], [], 4, 'the reports are no verdict: no test ran: all 1 were skipped'],
  [[PASS], ['--flaky', 'maybe'], 2, '--flaky maybe: expected passes or fails'],
] as const)('reports %j with %j tell the hub nothing', async (reports, flags, exit, said) => {
  const done = await attest(reports, ...flags);
  expect([done.exit, done.told]).toEqual([exit, undefined]);
  expect(done.err).toContain(said);
});
