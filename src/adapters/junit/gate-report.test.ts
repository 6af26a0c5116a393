// Goal: what a gate learns of a report, from reports larger than memory should hold; the times of its tests as a verdict sees its runs.
import { appendFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { RUN_TESTS_KEPT } from '../../core/select/test-times.ts';
import { readReport } from './index.ts';

const dir = mkdtempSync(join(tmpdir(), 'fleetfix-times-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
/** The times alone. */
async function readTimes(
  path: string,
  homes: readonly string[],
  limits: Parameters<typeof readReport>[2] = {},
) {
  const report = await readReport(path, { homes, times: true }, limits);
  return report.ok ? ({ ok: true, value: report.value.times! } as const) : report;
}
const report = (name: string, text: string): string => {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
};

test('tries of one test are one, flaky when the last passed; skipped ones and broken suites are none', async () => {
  const path = report(
    'retried.xml',
    `<testsuites><testsuite name="pkg" file="${dir}/src/a.test.mjs">
      <testcase classname="c" name="tried" time="1"><failure/></testcase>
      <testcase classname="c" name="tried" time="2"/>
      <testcase classname="c" name="within" time="0.5"><flakyFailure/></testcase>
      <testcase classname="c" name="${dir}/x &gt; broken" time="1,000.5"><error/></testcase>
      <testcase classname="c" name="left"><skipped/></testcase>
      <error message="afterAll"/>
    </testsuite></testsuites>`,
  );
  const named = { suites: ['pkg'], file: 'src/a.test.mjs', classname: 'c' };
  expect(await readTimes(path, [dir])).toEqual({
    ok: true,
    value: {
      leftOut: 0,
      tests: [
        { ...named, name: 'tried', seconds: 3, result: 'flaky' },
        { ...named, name: 'within', seconds: 0.5, result: 'flaky' },
        { ...named, name: 'x > broken', seconds: 1_000.5, result: 'failed' },
      ],
    },
  });
});

test('names of any length are cut, and stay different', async () => {
  const long = 'x'.repeat(700);
  const path = report(
    'long.xml',
    `<testsuite name="s"><testcase name="${long}a"/><testcase name="${long}b"/></testsuite>`,
  );
  const found = await readTimes(path, [dir]);
  const names = found.ok ? found.value.tests.map(({ name }) => name) : [];
  expect(new Set(names).size).toBe(2);
  expect(names.every((name) => name.length === 400)).toBe(true);
});

test('a report of 200 MB is read without ever being whole in memory', async () => {
  const path = report('large.xml', '<testsuite name="s">');
  const output = 'all went well & nothing more is to be said\n'.repeat(25_000).replaceAll('&', '&amp;');
  for (let n = 0; n < 180; n += 1)
    appendFileSync(path, `<testcase name="t${n}" time="0.5"><system-out>${output}</system-out></testcase>`);
  appendFileSync(path, '</testsuite>');
  // A heap that could not hold a fourth of it.
  const found = await readTimes(path, [dir], { heapMbMax: 48, timeoutMs: 170_000 });
  expect(found).toMatchObject({ ok: true, value: { leftOut: 0 } });
  expect(found.ok && found.value.tests.length).toBe(180);
  rmSync(path);
});

test('tests past the most that are kept are counted', async () => {
  const cases = Array.from({ length: RUN_TESTS_KEPT + 3 }, (_, n) => `<testcase name="${n}"/>`).join('');
  const found = await readTimes(report('many.xml', `<testsuite name="s">${cases}</testsuite>`), [dir]);
  expect(found).toMatchObject({ ok: true, value: { leftOut: 3 } });
});

test('what cannot be read is told in one line', async () => {
  const link = join(dir, 'link.xml');
  symlinkSync(report('plain.xml', '<testsuite><testcase name="a"/></testsuite>'), link);
  for (const path of [report('bad.xml', 'PASS'), report('empty.xml', ''), link, join(dir, 'none.xml')])
    expect(await readTimes(path, [dir])).toEqual({ ok: false, error: expect.stringMatching(/^[^\n]+$/) });
  const large = report('slow.xml', `<testsuite>${' '.repeat(1024 * 1024)}<testcase name="a"/></testsuite>`);
  expect(await readTimes(large, [dir], { timeoutMs: 0 })).toMatchObject({ ok: false });
});
