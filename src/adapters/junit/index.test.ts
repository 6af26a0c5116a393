import { expect, it } from 'vitest';
import { readReport, readRuns } from './index.ts';

const cases = (count: number) =>
  Buffer.from(
    `<testsuite>${'<testcase name="a"/>'.repeat(count)}<testcase name="b"><failure/></testcase></testsuite>`,
  );

it.each([1, 100_000])('a report of %i tests and one that failed is read', async (count) => {
  const report = await readReport(cases(count));
  expect(report).toEqual({
    ok: true,
    value: { tests: count + 1, failures: 1, skipped: 0, failed: ['b'], claimedFailures: 0 },
  });
});

it.each([1, 20_000])('every run of %i and one that failed is read for a verdict', async (count) => {
  const report = await readRuns(cases(count));
  if (!report.ok) throw new Error(report.error);
  expect(report.value.runs).toHaveLength(count + 1);
  expect(report.value.runs.at(-1)).toMatchObject({ name: 'b', outcome: 'failed' });
  expect(await readRuns(Buffer.from('<testsuite>'))).toMatchObject({ ok: false });
});

it('other work goes on while a large report is read', async () => {
  const order: string[] = [];
  const reading = readReport(cases(100_000)).then(() => order.push('read'));
  await new Promise((resolve) => setImmediate(resolve)).then(() => order.push('other work'));
  await reading;
  expect(order).toEqual(['other work', 'read']);
});

it('a fault of a large report is told as that of a small one', async () => {
  const report = await readReport(Buffer.alloc(100_000, '<testsuite>'));
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
