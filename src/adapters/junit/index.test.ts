import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readReport as readOf } from './index.ts';

const dir = mkdtempSync(join(tmpdir(), 'fleetfix-report-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
let files = 0;
const readReport = (xml: string, limits: Parameters<typeof readOf>[2] = {}, asked: object = {}) => {
  files += 1;
  const path = join(dir, `${files}.xml`);
  writeFileSync(path, xml);
  return readOf(path, { homes: [dir], ...asked }, limits);
};

const cases = (count: number) =>
  `<testsuite>${'<testcase name="a"/>'.repeat(count)}<testcase name="b"><failure/></testcase></testsuite>`;

it.each([1, 100_000])('a report of %i tests and one that failed is read', async (count) => {
  const report = await readReport(cases(count));
  expect(report).toEqual({
    ok: true,
    value: { tests: count + 1, failures: 1, skipped: 0, failed: ['b'], claimedFailures: 0 },
  });
});

it.each([1, 20_000])(
  'of %i cases and one that failed, that one is named when it is asked for',
  async (count) => {
    const called = { file: '', classname: '', name: 'b' };
    expect(await readReport(cases(count), {}, { cases: { tell: 'failed' } })).toMatchObject({
      value: { tests: count + 1, cases: [called] },
    });
    const of = [called, { ...called, name: 'a' }];
    expect(await readReport(cases(count), {}, { cases: { tell: 'passed', of } })).toMatchObject({
      value: { cases: [of[1]] },
    });
  },
);

it('other work goes on while a large report is read', async () => {
  const order: string[] = [];
  const reading = readReport(cases(100_000)).then(() => order.push('read'));
  await new Promise((resolve) => setImmediate(resolve)).then(() => order.push('other work'));
  await reading;
  expect(order).toEqual(['other work', 'read']);
});

it('a fault of a large report is told as that of a small one', async () => {
  const report = await readReport('<testsuite>'.repeat(9_000));
  expect(report).toEqual({ ok: false, error: 'line 1, column 705: elements are nested deeper than 64' });
});

it('a report that takes too long or too much memory is given up', async () => {
  expect(await readReport(cases(200_000), { timeoutMs: 1 })).toEqual({
    ok: false,
    error: 'reading it took longer than 0.001 s',
  });
  const report = await readReport(cases(200_000), { heapMbMax: 24 });
  expect(report.ok ? '' : report.error).toMatch(/could not be read: .*memory/);
});
